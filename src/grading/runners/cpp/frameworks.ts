// How gtest, Catch2 and doctest programs list their cases, run one of them, and say how it ended.
import type { ExecOutcome } from "../../program.ts";
import { ending } from "../compiled/bench.ts";
import type { TestEnd } from "../compiled/phases.ts";
import type { CtestEntry } from "./cmake.ts";
import type { Framework } from "./scan.ts";

export type CaseFramework = Exclude<Framework, "plain">;

/** Arguments that make a program list its cases; the first that gives a list is used. */
export const listArguments: Readonly<Record<CaseFramework, readonly (readonly string[])[]>> = {
  gtest: [["--gtest_list_tests"]],
  catch2: [["--list-test-names-only"], ["--list-tests", "--verbosity", "quiet"]],
  doctest: [["--list-test-cases", "--no-intro", "--no-version"]],
};

function readGtestList(stdout: string): string[] {
  const names: string[] = [];
  let suite = "";
  for (const line of stdout.split("\n")) {
    const text = line.replace(/\s+#.*$/, "").trimEnd();
    if (/^[A-Za-z_][\w/]*\.$/.test(text)) suite = text;
    else if (suite !== "" && /^ {2}[\w/]+$/.test(text)) names.push(suite + text.trim());
  }
  return names;
}

/** Names in the order the program lists them; what is no name of a case is left out. */
export function readCaseList(framework: CaseFramework, stdout: string): string[] {
  if (framework === "gtest") return readGtestList(stdout);
  const lines = stdout.split("\n").map((line) => line.trimEnd());
  return lines
    .filter(
      (line) => line !== "" && !/^\[doctest\]|^=+$|^\d+ (?:matching )?test cases?$|^All available/.test(line),
    )
    .map((line) => line.trim());
}

/** The name of the source's case a listed one comes from: parameters add a prefix and a number. */
export function sourceCase(framework: CaseFramework, listed: string): string {
  if (framework !== "gtest") return listed;
  const [suite = "", name = ""] = listed.split(".");
  const parts = suite.split("/");
  // Instantiation/Suite of value parameters, Suite/0 of type parameters.
  const owner = parts.length > 1 && /^\d+$/.test(parts.at(-1) ?? "") ? parts.at(-2) : parts.at(-1);
  return `${owner}.${name.split("/")[0]}`;
}

/** Commands of which one runs the case alone, the likeliest first; none for a name that no filter can express. */
export function caseCommands(
  framework: CaseFramework,
  command: readonly string[],
  listed: string,
): readonly (readonly string[])[] {
  if (framework === "gtest") return [[...command, `--gtest_filter=${listed}`]];
  const [program = "", ...rest] = command;
  if (/[*[\]"\\~]/.test(listed)) return [];
  const options = rest.filter((word) => word.startsWith("-") && !/^(?:-tc|--test-case)=/.test(word));
  const escaped = listed.replaceAll(",", "\\,");
  if (framework === "doctest") return [[program, ...options, `--test-case=${escaped}`]];
  // Catch 1 takes words apart that stand in no quotes, and knows no escapes; later ones want commas escaped in quotes too.
  return [...new Set([escaped, listed])].map((name) => [program, ...options, `"${name}"`]);
}

/** Ends of a gtest process that ran one case; the program must have come to its last line. */
export function readGtest(outcome: ExecOutcome, stdout: string, maySkip: boolean): TestEnd {
  const code = outcome.kind === "exited" ? outcome.code : undefined;
  const passed = /^\[ {2}PASSED {2}\] 1 test\.$/m.test(stdout);
  const skipped = /^\[ {2}SKIPPED \] 1 test/m.test(stdout);
  const failed = /^\[ {2}FAILED {2}\] 1 test/m.test(stdout);
  if (code === 0 && skipped && maySkip) return { kind: "skipped" };
  if (code === 0 && passed && !failed && !skipped) return { kind: "passed" };
  if (code === 1 && failed) return { kind: "failed" };
  const why = `it ${ending(outcome)} without the result gtest prints beside it`;
  return { kind: "broken", why, contradicts: code === 0 && failed };
}

const abortSignal = 6;

/** Ends of any other program: its status, by the rules of the ctest entry. */
export function readProgram(entry: CtestEntry, outcome: ExecOutcome, output: string): TestEnd {
  // What a failed assert() does; not an accident.
  if (outcome.kind === "signaled" && outcome.signal === abortSignal) return { kind: "failed" };
  if (outcome.kind !== "exited") return { kind: "broken", why: `it ${ending(outcome)}`, contradicts: false };
  if (entry.skipCode !== undefined && outcome.code === entry.skipCode) return { kind: "skipped" };
  const matches = (pattern: string): boolean => {
    try {
      return new RegExp(pattern, "m").test(output);
    } catch {
      return false;
    }
  };
  const byStatus = entry.passPatterns.length > 0 ? entry.passPatterns.some(matches) : outcome.code === 0;
  const passed = byStatus && !entry.failPatterns.some(matches);
  return { kind: passed !== entry.willFail ? "passed" : "failed" };
}
