// What is left when a command cannot be taken apart: its exit status, with trust `weak` and the reason said.
import type { JobReport } from "../../../domain/report.ts";
import { type RunnerContext, type Step, type StepResult, workDirectory } from "../../program.ts";
import { Bench, incidentOf, succeeded } from "./bench.ts";

/** Runs the job's command as it stands, in a shell inside the sandbox. The job itself is the only check. */
export function* exitStatusOnly(context: RunnerContext, why: string): Generator<Step, JobReport, StepResult> {
  const { job } = context;
  const bench = new Bench(context);
  const result = yield* bench.run({ label: job.name, argv: ["sh", "-c", job.run], cwd: workDirectory });
  const passed = succeeded(result);
  const judged = result.outcome.kind === "exited";
  return {
    job: job.name,
    checks: [{ id: job.name, status: passed ? "passed" : judged ? "failed" : "error" }],
    trust: "weak",
    incidents: judged ? [] : [incidentOf(job.name, result, "crashed")],
    notes: [`only the exit status of "${job.run}" was judged: ${why}`],
    seconds: bench.seconds,
  };
}
