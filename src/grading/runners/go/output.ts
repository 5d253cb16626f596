// Reads what a Go test binary printed under -test.v=test2json, believing it only where it agrees with itself.
import type { CheckStatus, Incident } from "../../../domain/report.ts";
import type { ExecStepResult } from "../../program.ts";
import { ending, incidentOf } from "../compiled/bench.ts";
import type { Phase } from "../compiled/phases.ts";

export interface PackageResults {
  readonly phase: Phase;
  /** By test name, subtests with their whole name. */
  readonly tests: ReadonlyMap<string, CheckStatus>;
  /** The process said PASS or FAIL last and ended with the status that belongs to it. */
  readonly complete: boolean;
  readonly succeeded: boolean;
  readonly incidents: readonly Incident[];
  readonly forged?: string;
}

// SYN (0x16) opens every line of the testing package's own; what tests print may stand before it on the same line.
const syn = "\u0016";
const frame = new RegExp(
  String.raw`${syn}(?:=== RUN {3}(?<run>\S+)|\s*--- (?<result>PASS|FAIL|SKIP): (?<name>\S+) \([\d.]+s\)|(?<verdict>PASS|FAIL)$)`,
  "gm",
);
const statusOf: Readonly<Record<string, CheckStatus>> = { PASS: "passed", FAIL: "failed", SKIP: "skipped" };

class Frames {
  readonly started = new Set<string>();
  readonly tests = new Map<string, CheckStatus>();
  readonly verdicts: string[] = [];
  problem: string | undefined;

  constructor(stdout: string) {
    for (const { groups = {} } of stdout.matchAll(frame)) {
      const { run, name, result = "", verdict } = groups;
      if (run !== undefined) this.#start(run);
      if (name !== undefined) this.#end(name, statusOf[result] ?? "error");
      if (verdict !== undefined) this.verdicts.push(verdict);
    }
    if (this.verdicts.length > 1) this.problem ??= "the package's verdict is given more than once";
  }

  #start(name: string): void {
    if (this.started.has(name)) this.problem ??= `${name} is started twice`;
    this.started.add(name);
  }

  #end(name: string, status: CheckStatus): void {
    if (this.tests.has(name)) this.problem ??= `${name} is reported twice`;
    if (!this.started.has(name)) this.problem ??= `${name} is reported and was never started`;
    if (this.verdicts.length > 0) this.problem ??= `${name} is reported after the verdict of its package`;
    this.tests.set(name, status);
  }
}

function contradiction({ tests, verdicts, problem }: Frames, result: ExecStepResult): string | undefined {
  if (problem !== undefined) return problem;
  const code = result.outcome.kind === "exited" ? result.outcome.code : undefined;
  const failed = [...tests].find(([, status]) => status === "failed")?.[0];
  if (code === 0 && failed !== undefined) return `${failed} failed and the process ended in success`;
  if (verdicts[0] === "PASS" && failed !== undefined)
    return `${failed} failed and the package's verdict is PASS`;
  if (verdicts.length === 1 && code !== (verdicts[0] === "PASS" ? 0 : 1)) {
    // A race report or a leak check may turn a pass into status 66 or the like, never a failure into success.
    return code === 0 ? "the package's verdict is FAIL and the process ended in success" : undefined;
  }
  return undefined;
}

function detailOf(result: ExecStepResult): string {
  const text = `${result.stdout}\n${result.stderr}`;
  const at = text.search(/^(panic: |fatal error: |--- FAIL)/m);
  return (at === -1 ? text.slice(-600) : text.slice(at, at + 600)).trim();
}

/** Reads one process of one package. A test that was started and never ended has crashed: status `error`. */
export function readPackage(phase: Phase, importPath: string, result: ExecStepResult): PackageResults {
  const frames = new Frames(result.stdout);
  const code = result.outcome.kind === "exited" ? result.outcome.code : undefined;
  const complete = frames.verdicts.length === 1 && (code === 0 || code === 1);
  const tests = new Map(frames.tests);
  for (const name of frames.started) if (!tests.has(name)) tests.set(name, "error");
  const forged = contradiction(frames, result);
  const incidents: Incident[] = [];
  if (!complete) {
    const incident = incidentOf(`the tests of ${importPath}`, result, "crashed");
    const detail = `the tests of ${importPath} ${ending(result.outcome)} before all were run: ${detailOf(result)}`;
    // The binary keeps its own time, a moment less than ours.
    const late =
      result.stderr.startsWith("panic: test timed out") || result.stdout.includes("panic: test timed out");
    incidents.push({ kind: late ? "timed-out" : incident.kind, detail });
  }
  return {
    phase,
    tests,
    complete,
    succeeded: code === 0,
    incidents,
    ...(forged === undefined ? {} : { forged }),
  };
}
