// One job's time and environment: every step a compiled language's runner takes goes through here.
import type { Incident } from "../../../domain/report.ts";
import {
  type ExecOutcome,
  type ExecStepResult,
  exec,
  type RunnerContext,
  type Step,
  type StepResult,
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
}

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
  readonly #env: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;
  #spentMs = 0;

  constructor(context: RunnerContext) {
    this.#env = context.env;
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
  }: Request): Steps<ExecStepResult> {
    const timeoutMs = Math.floor(Math.min(this.leftMs, limitMs));
    if (timeoutMs < 1) return nothingRan;
    const input = stdin === undefined ? {} : { stdin };
    const step = { label, argv, cwd, env: { ...this.#env, ...env }, timeoutMs, maxOutputBytes, ...input };
    const result = yield* exec(step);
    this.#spentMs += result.wallMs;
    return result;
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
