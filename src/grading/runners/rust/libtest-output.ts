// Reads what a libtest binary printed, believing it only where lines, counts and the exit status say the same.
import type { ExecOutcome } from "../../program.ts";
import { ending } from "../compiled/bench.ts";
import type { TestEnd } from "../compiled/phases.ts";

const listed = /^(.+): (test|benchmark)$/;

/** Names of `--list --format terse`; undefined when the text is no such list, as with a harness of its own. */
export function readTestList(stdout: string): string[] | undefined {
  const lines = stdout.split("\n").filter((line) => line.trim() !== "");
  const names: string[] = [];
  for (const line of lines) {
    const match = listed.exec(line);
    if (match?.[1] === undefined) return undefined;
    if (match[2] === "test") names.push(match[1]);
  }
  return new Set(names).size === names.length ? names : undefined;
}

const summary =
  /^test result: (ok|FAILED)\. (\d+) passed; (\d+) failed; (\d+) ignored; \d+ measured; \d+ filtered out/gm;
/** libtest's status of a run with a failed test. */
export const failureCode = 101;

function statuses(stdout: string, name: string): Set<string> {
  const found = new Set<string>();
  for (const line of stdout.split("\n")) {
    if (!line.startsWith(`test ${name} `)) continue;
    const status = / \.\.\. (ok|FAILED|ignored)\b[^.]*$/.exec(line)?.[1];
    if (status !== undefined) found.add(status);
  }
  return found;
}

function saidBy(stdout: string): string | undefined {
  const [, verdict, passed, failed, ignored] = [...stdout.matchAll(summary)].at(-1) ?? [];
  const counts = `${passed} ${failed} ${ignored}`;
  if (verdict === "ok" && counts === "1 0 0") return "passed";
  if (verdict === "ok" && counts === "0 0 1") return "ignored";
  if (verdict === "FAILED" && counts === "0 1 0") return "failed";
  return undefined;
}

/** Reads a process that ran exactly one test. */
export function readSingleTest(name: string, outcome: ExecOutcome, stdout: string): TestEnd {
  const lines = statuses(stdout, name);
  if (lines.has("ok") && lines.has("FAILED")) {
    return { kind: "broken", why: `${name} is reported both passed and failed`, contradicts: true };
  }
  const said = saidBy(stdout);
  const code = outcome.kind === "exited" ? outcome.code : undefined;
  if (code === 0 && said === "passed") return { kind: "passed" };
  if (code === 0 && said === "ignored") return { kind: "skipped" };
  if (code === failureCode && said === "failed") return { kind: "failed" };
  const reported = said === undefined ? "reported no result" : `reported "${said}"`;
  // A crash says nothing; a reported failure beside a clean status is a lie.
  const contradicts = code === 0 && said === "failed";
  return { kind: "broken", why: `${name} ${ending(outcome)} and ${reported}`, contradicts };
}
