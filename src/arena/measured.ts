// What is counted in a round apart from its verdict, all of it from the round's evidence: so it can be counted again.
import { checksById, type RunReport } from "../domain/report.ts";
import type { RoundRow, Tally } from "../domain/run.ts";
import type { Baseline, RoundEvidence } from "../grading/index.ts";

export type Measured = Pick<RoundRow, "submitterJobs" | "reviewerJobs" | "failToPass" | "trust">;

function jobTally(report: RunReport): Tally {
  const passing = report.jobs.filter(
    (job) =>
      job.forged === undefined &&
      job.incidents.length === 0 &&
      job.checks.some((check) => check.status === "passed") &&
      job.checks.every((check) => check.status === "passed" || check.status === "skipped"),
  );
  return { passed: passing.length, total: report.jobs.length };
}

function fixedTally(baseline: Baseline, hidden: RunReport): Tally {
  const checks = checksById(hidden);
  const fixed = [...baseline.failToPass].filter((id) => checks.get(id)?.status === "passed");
  return { passed: fixed.length, total: baseline.failToPass.size };
}

function reportsOf({ submission, review }: RoundEvidence): RunReport[] {
  const reports: RunReport[] = [];
  if (submission.kind === "applied") reports.push(submission.visible.report);
  if (review.kind === "applied") reports.push(...review.onGold.map((run) => run.report));
  return reports;
}

/** Lint jobs have no tests to vouch for. */
function trustIn(evidence: RoundEvidence): RoundRow["trust"] {
  const test = reportsOf(evidence).flatMap((report) =>
    report.jobs.filter((job) => !job.checks.some((check) => check.lint)),
  );
  return test.some((job) => job.trust === "weak") ? "weak" : "canaried";
}

export function measuredIn(evidence: RoundEvidence): Measured {
  const { baseline, submission, review } = evidence;
  const { hidden } = submission;
  const gold = review.kind === "applied" ? review.onGold[0] : undefined;
  return {
    ...(submission.kind === "applied" ? { submitterJobs: jobTally(submission.visible.report) } : {}),
    ...(gold === undefined ? {} : { reviewerJobs: jobTally(gold.report) }),
    ...(hidden === undefined ? {} : { failToPass: fixedTally(baseline, hidden.report) }),
    trust: trustIn(evidence),
  };
}
