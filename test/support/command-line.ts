// Runs one command line, in this process or in one of its own, and keeps what it wrote: what end-to-end tests look at.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { main } from "../../src/cli/main.ts";
import { output } from "../../src/cli/output.ts";
import { root } from "./source.ts";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `arena <argv>`, as a person or a machine (`--json`) would type it. */
export async function arena(...argv: readonly string[]): Promise<Ran> {
  const written = { stdout: "", stderr: "" };
  const into = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const out = output({ stdout: into("stdout"), stderr: into("stderr") }, argv.includes("--json"));
  const code = await main(argv, { out, signal: new AbortController().signal });
  return { code, ...written };
}

/** The same as a process of its own, so that what it holds and how it ends are the process's. */
export async function arenaProcess(
  argv: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<Ran> {
  const child = spawn(process.execPath, [join(root, "bin", "arena.mjs"), ...argv], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      written[name] += text;
    });
  }
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (ended, signal) => {
      if (ended === null) reject(new Error(`arena ${argv.join(" ")} was ended by ${signal}`));
      else resolve(ended);
    });
  });
  return { code, ...written };
}
