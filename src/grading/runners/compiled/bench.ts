// One job's time and environment: every step a compiled language's runner takes goes through here.
import type { Incident } from "../../../domain/report.ts";
import {
  type ExecOutcome,
  type ExecStep,
  type ExecStepResult,
  exec,
  type RunnerContext,
  type Step,
  type StepResult,
  workDirectory,
} from "../../program.ts";

export type Steps<T> = Generator<Step, T, StepResult>;

/** Enough for any honest test's words; what comes after is counted, not kept. */
const usualOutputBytes = 4_000_000;

export interface Request {
  readonly label: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Ends the step earlier than the job's own time does. */
  readonly limitMs?: number;
  /** More than the usual bound, for a step whose output is ours and grows with the repository. */
  readonly maxOutputBytes?: number;
  /** It runs the tests themselves: what repeats differ in is laid on it. */
  readonly runsTests?: boolean;
}

/** Where Debian's libfaketime lies: the first line of its output, none where an image has none. */
const findClock = "ls /usr/lib/*/faketime/libfaketimeMT.so.1 2>/dev/null || true";

const nothingRan: ExecStepResult = {
  kind: "exec",
  outcome: { kind: "timed-out" },
  stdout: "",
  stderr: "",
  stdoutBytes: 0,
  stderrBytes: 0,
  truncated: false,
  wallMs: 0,
};

export class Bench {
  readonly #context: RunnerContext;
  readonly #timeoutMs: number;
  #spentMs = 0;
  #clockLibrary: string | undefined;

  constructor(context: RunnerContext) {
    this.#context = context;
    this.#timeoutMs = context.timeoutMs;
  }

  get leftMs(): number {
    return Math.max(0, this.#timeoutMs - this.#spentMs);
  }

  get seconds(): number {
    return this.#spentMs / 1000;
  }

  /** Runs one command in what is left of the job's time; with none left it answers `timed-out` and runs nothing. */
  *run({
    label,
    argv,
    cwd,
    env = {},
    stdin,
    limitMs = Number.POSITIVE_INFINITY,
    maxOutputBytes = usualOutputBytes,
    runsTests = false,
  }: Request): Steps<ExecStepResult> {
    const timeoutMs = Math.floor(Math.min(this.leftMs, limitMs));
    if (timeoutMs < 1) return nothingRan;
    const input = stdin === undefined ? {} : { stdin };
    const varied = runsTests ? yield* this.#varied(argv) : { argv, env: this.#context.env };
    const given = { ...varied.env, ...env };
    const step = { label, argv: varied.argv, cwd, env: given, timeoutMs, maxOutputBytes, ...input };
    const result = yield* exec(step);
    this.#spentMs += result.wallMs;
    return result;
  }

  /** What the job itself sets stays as it is. */
  *#varied(argv: readonly string[]): Steps<Pick<ExecStep, "argv" | "env">> {
    const { env, job, variety } = this.#context;
    if (variety === undefined) return { argv, env };
    if (variety.wantsClock && this.#clockLibrary === undefined) {
      const look = { argv: ["sh", "-c", findClock], cwd: workDirectory, env, timeoutMs: 10_000 };
      const { stdout } = yield* exec({ label: "clock library", ...look, maxOutputBytes: 10_000 });
      const [found = ""] = stdout.split("\n");
      if (found === "") variety.cannot("clock", "the image holds no libfaketime");
      else this.#clockLibrary = found;
    }
    const laid = variety.env(this.#clockLibrary);
    return { argv: variety.argv(argv), env: { ...env, ...laid, ...job.env } };
  }
}

export function succeeded(result: ExecStepResult): boolean {
  return result.outcome.kind === "exited" && result.outcome.code === 0;
}

/** "ended with status 1", "was ended by signal 6", ... */
export function ending(outcome: ExecOutcome): string {
  switch (outcome.kind) {
    case "exited":
      return `ended with status ${outcome.code}`;
    case "signaled":
      return `was ended by signal ${outcome.signal}`;
    case "timed-out":
      return "ran out of time";
    case "out-of-memory":
      return "ran out of memory";
  }
}

const diskFull = /No space left on device|Disk quota exceeded/;

/** The incident a process that did not end as it should stands for. */
export function incidentOf(label: string, result: ExecStepResult, otherwise: Incident["kind"]): Incident {
  const detail = `${label} ${ending(result.outcome)}`;
  if (result.outcome.kind === "timed-out") return { kind: "timed-out", detail };
  if (result.outcome.kind === "out-of-memory") return { kind: "out-of-memory", detail };
  if (diskFull.test(result.stderr) || diskFull.test(result.stdout)) return { kind: "disk-full", detail };
  if (result.truncated) return { kind: "output-overflow", detail };
  return { kind: otherwise, detail };
}
