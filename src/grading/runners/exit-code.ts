/**
 * A job whose only result is whether its command succeeded: the job itself is the check, trust is `weak`.
 *
 * Judged code can end its own process with any status it likes, so nothing vouches for this; boards show the word.
 * A job tagged `lint` runs the same way and its check says so.
 */
import type { Check, CheckStatus, JobReport } from "../../domain/report.ts";
import {
  type Runner,
  type RunnerContext,
  type RunnerProgram,
  type Step,
  type StepResult,
  workDirectory,
} from "../program.ts";
import { Bench, incidentOf, succeeded } from "./compiled/bench.ts";

/** Id of a job that is its own check. */
export const jobCheckId = (job: string): string => `${job}::(job)`;

/**
 * Runs the job's command as it stands, by `sh -e -c` inside the sandbox. `why` says, for people, why a runner that
 * reads single tests had to fall back to this.
 */
export function* runWhole(context: RunnerContext, why?: string): Generator<Step, JobReport, StepResult> {
  const { job } = context;
  const bench = new Bench(context);
  const argv = ["sh", "-e", "-c", job.run];
  context.variety?.cannot("order", "a job that is read by its exit status orders its tests itself");
  const result = yield* bench.run({ label: job.name, argv, cwd: workDirectory, runsTests: true });
  const judged = result.outcome.kind === "exited";
  const status: CheckStatus = succeeded(result) ? "passed" : judged ? "failed" : "error";
  const id = jobCheckId(job.name);
  const check: Check = job.tags.includes("lint") ? { id, status, lint: true } : { id, status };
  return {
    job: job.name,
    checks: [check],
    trust: "weak",
    incidents: judged ? [] : [incidentOf(job.name, result, "crashed")],
    ...(why === undefined ? {} : { notes: [`only the exit status of "${job.run}" was judged: ${why}`] }),
    seconds: bench.seconds,
  };
}

function* program(context: RunnerContext): RunnerProgram {
  return yield* runWhole(context);
}

export const exitCode: Runner = { name: "exit-code", program };
