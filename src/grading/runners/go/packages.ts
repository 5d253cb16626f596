// Reads `go list`: which packages there are and which of their files hold tests.
import { z } from "zod";
import { workDirectory } from "../../program.ts";

const packageSchema = z.object({
  ImportPath: z.string(),
  Dir: z.string().default(""),
  TestGoFiles: z.array(z.string()).nullish(),
  XTestGoFiles: z.array(z.string()).nullish(),
});

export interface GoPackage {
  readonly importPath: string;
  /** Absolute, inside the sandbox. */
  readonly folder: string;
  /** Repository paths of its test files, in the order their tests run in. */
  readonly testFiles: readonly string[];
}

function documents(stdout: string): string[] {
  return stdout.split(/^(?=\{)/m).filter((text) => text.startsWith("{"));
}

function packageOf(text: string): GoPackage | undefined {
  try {
    const { ImportPath, Dir, TestGoFiles, XTestGoFiles } = packageSchema.parse(JSON.parse(text));
    if (Dir !== workDirectory && !Dir.startsWith(`${workDirectory}/`)) return undefined;
    const prefix = Dir === workDirectory ? "" : `${Dir.slice(workDirectory.length + 1)}/`;
    const testFiles = [...(TestGoFiles ?? []), ...(XTestGoFiles ?? [])].map((name) => prefix + name);
    return { importPath: ImportPath, folder: Dir, testFiles };
  } catch {
    return undefined;
  }
}

/** The repository's packages that have test files. */
export function readPackages(stdout: string): GoPackage[] {
  return documents(stdout).flatMap((text) => {
    const found = packageOf(text);
    return found === undefined || found.testFiles.length === 0 ? [] : [found];
  });
}

/** Import paths that `go vet` objects to, with what it says of each. */
export function readVet(stderr: string): Map<string, string> {
  const problems = new Map<string, string>();
  let current: string | undefined;
  for (const line of stderr.split("\n")) {
    const header = /^# (?:\[)?([^\s\]]+)/.exec(line)?.[1];
    if (header !== undefined) current = header.replace(/_test$/, "");
    // A file that does not parse is the compiler's to report.
    else if (current !== undefined && line.trim() !== "" && !line.startsWith("vet: ")) {
      problems.set(current, `${problems.get(current) ?? ""}${line}\n`);
    }
  }
  return problems;
}
