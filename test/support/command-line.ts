// Runs one command line in this process and keeps what it wrote: what end-to-end tests look at.
import { main } from "../../src/cli/main.ts";
import { output } from "../../src/cli/output.ts";

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
