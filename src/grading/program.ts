// The contract between a runner (pure: says what to run, reads what came out) and whoever owns a sandbox.
import type { Job } from "../domain/instance.ts";
import type { Random } from "../domain/random.ts";
import type { JobReport } from "../domain/report.ts";
import type { Variety } from "./variation.ts";

/** Where the tree under judgement lies inside every sandbox. */
export const workDirectory = "/work";

/**
 * One thing a runner asks of the sandbox. `exec` runs as the unprivileged user with nothing inherited but `env`;
 * when its main process ends every other process of that user is killed *before* the output is collected.
 */
export type Step =
  | {
      readonly kind: "exec";
      /** For people and evidence: `build`, `list`, `test tests/test_a.py`. */
      readonly label: string;
      readonly argv: readonly string[];
      /** Absolute path inside the sandbox. */
      readonly cwd: string;
      readonly env: Readonly<Record<string, string>>;
      readonly timeoutMs: number;
      /** Bytes kept of each of stdout and stderr; the rest is drained and counted. */
      readonly maxOutputBytes: number;
      readonly stdin?: string;
    }
  /** Written as the unprivileged user, never through a symbolic link. Parents are made. */
  | { readonly kind: "write"; readonly path: string; readonly content: string; readonly executable?: boolean }
  | { readonly kind: "read"; readonly path: string; readonly maxBytes: number }
  | { readonly kind: "remove"; readonly path: string };

export type ExecOutcome =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signaled"; readonly signal: number }
  | { readonly kind: "timed-out" }
  | { readonly kind: "out-of-memory" };

export type StepResult =
  | {
      readonly kind: "exec";
      readonly outcome: ExecOutcome;
      /** UTF-8, replacement characters for anything else. */
      readonly stdout: string;
      readonly stderr: string;
      readonly stdoutBytes: number;
      readonly stderrBytes: number;
      readonly truncated: boolean;
      readonly wallMs: number;
    }
  | { readonly kind: "write"; readonly ok: boolean; readonly error?: string }
  | { readonly kind: "read"; readonly content?: string; readonly error?: string }
  | { readonly kind: "remove"; readonly ok: boolean; readonly error?: string };

export type ExecStep = Extract<Step, { kind: "exec" }>;
export type ExecStepResult = Extract<StepResult, { kind: "exec" }>;

/**
 * A runner is a generator: it yields steps, is resumed with their results and returns the job's report.
 * It is pure, so stored results can be fed to it again (`arena rejudge`).
 */
export type RunnerProgram = Generator<Step, JobReport, StepResult>;

export interface RunnerContext {
  readonly job: Job;
  /** Repository-relative paths of every file of the tree under judgement. */
  readonly files: readonly string[];
  /** Test files that do not come from the submission (base, hidden tests or review): canaries may be put there. */
  readonly trustedTestFiles: readonly string[];
  /** Seeded per run; canary names and places are drawn from it. */
  readonly random: Random;
  /**
   * What turns each test into its twin is drawn from it. The same for every run on one instance, so that a twin which
   * does not fail on trusted trees is known before anybody is judged by it.
   */
  readonly twins: Random;
  /** Time left for the whole job, milliseconds. */
  readonly timeoutMs: number;
  /** Environment of the image and the preparation (PATH, CARGO_HOME, GOFLAGS, ...). */
  readonly env: Readonly<Record<string, string>>;
  /** What this run is to differ in from its repeats: curation's alone, absent wherever somebody is judged. */
  readonly variety?: Variety;
}

export interface Runner {
  readonly name: Job["runner"];
  program(context: RunnerContext): RunnerProgram;
}

/** Yields one exec step and returns its result; any other kind of answer is a bug of the driver. */
export function* exec(step: Omit<ExecStep, "kind">): Generator<Step, ExecStepResult, StepResult> {
  const result = yield { kind: "exec", ...step };
  if (result.kind !== "exec") throw new Error(`bug: exec step "${step.label}" answered with ${result.kind}`);
  return result;
}

export function* write(
  path: string,
  content: string,
  executable = false,
): Generator<Step, Extract<StepResult, { kind: "write" }>, StepResult> {
  const result = yield { kind: "write", path, content, executable };
  if (result.kind !== "write") throw new Error(`bug: write of ${path} answered with ${result.kind}`);
  return result;
}

/** The file's text, or undefined when it cannot be read. */
export function* read(path: string, maxBytes = 1_000_000): Generator<Step, string | undefined, StepResult> {
  const result = yield { kind: "read", path, maxBytes };
  if (result.kind !== "read") throw new Error(`bug: read of ${path} answered with ${result.kind}`);
  return result.content;
}

export function* remove(path: string): Generator<Step, void, StepResult> {
  const result = yield { kind: "remove", path };
  if (result.kind !== "remove") throw new Error(`bug: removal of ${path} answered with ${result.kind}`);
}
