// Reports in, the four-part record out: the rules of DESIGN 4.1 to 4.6, pure, one function per rule.
import type { Instance } from "../domain/instance.ts";
import {
  type Effect,
  type Label,
  type PanelResult,
  type Reason,
  type RoundRecord,
  settle,
  type VoidRound,
} from "../domain/record.ts";
import { type Check, checksById, forgery, type Incident, type RunReport } from "../domain/report.ts";
import { type Baseline, passed } from "./baseline.ts";

/**
 * One judged run. `unjudgeable` is a run that showed nothing, with what its paired control (G or B, same image, same
 * host, run again) showed: only when the control failed too is it a fault of ours (DESIGN 4.6).
 */
export type JudgedRun =
  | { readonly kind: "ran"; readonly report: RunReport }
  | { readonly kind: "unjudgeable"; readonly report: RunReport; readonly control: "passed" | "failed" };

export type SubmissionEvidence =
  /** No tree to judge: no answer, no parse, does not apply, a protected path, nothing but comments. */
  | { readonly kind: "rejected"; readonly reasons: readonly Reason[]; readonly hidden?: JudgedRun }
  | { readonly kind: "applied"; readonly visible: JudgedRun; readonly hidden?: JudgedRun };

export type ReviewEvidence =
  | { readonly kind: "none" }
  | { readonly kind: "rejected"; readonly reasons: readonly Reason[] }
  | {
      readonly kind: "applied";
      /** Repository paths of the files the review adds or changes. */
      readonly files: readonly string[];
      /** G+T, n times. */
      readonly onGold: readonly JudgedRun[];
      /** P+T, n times; absent when there is no submission to meet. */
      readonly onSubmission?: readonly JudgedRun[];
      readonly onBase?: JudgedRun;
      readonly onPanel: readonly PanelRuns[];
    };

export interface PanelRuns {
  readonly candidate: string;
  readonly label: "resolved" | "unresolved";
  readonly runs: readonly JudgedRun[];
}

export interface RoundEvidence {
  readonly baseline: Baseline;
  readonly submission: SubmissionEvidence;
  readonly review: ReviewEvidence;
  /** Set when a fault ended the round before all runs were done. */
  readonly fault?: VoidRound;
}

const listed = (ids: readonly string[]): string =>
  ids.length > 5 ? `${ids.slice(0, 5).join(", ")} and ${ids.length - 5} more` : ids.join(", ");

function incidentsOf(report: RunReport): Incident[] {
  return report.jobs.flatMap((job) => job.incidents);
}

function explain(report: RunReport): string {
  const incidents = incidentsOf(report).map((incident) => `${incident.kind}: ${incident.detail}`);
  return incidents.length === 0 ? "" : ` (${incidents.join("; ").slice(0, 500)})`;
}

/** A run that showed no executed check at all: it needs its control before anybody is blamed. */
export function showsNothing(report: RunReport): boolean {
  return !report.jobs.some((job) => job.checks.some((check) => check.status !== "skipped"));
}

/** Checks that a skip leaves untouched and anything else but a pass breaks; only of jobs this run was asked to run. */
function broken(ids: Iterable<string>, report: RunReport): string[] {
  const jobs = new Set(report.jobs.map((job) => job.job));
  const checks = checksById(report);
  return [...ids].filter((id) => {
    const status = checks.get(id)?.status;
    return jobs.has(id.slice(0, id.indexOf("::"))) && status !== "passed" && status !== "skipped";
  });
}

function judgeSubmission(evidence: SubmissionEvidence, baseline: Baseline): RoundRecord["submission"] {
  if (evidence.kind === "rejected") return { status: "invalid", reasons: evidence.reasons };
  const report = evidence.visible.report;
  const reasons: Reason[] = [];
  const forged =
    forgery(report) ?? (evidence.hidden === undefined ? undefined : forgery(evidence.hidden.report));
  if (forged !== undefined) reasons.push({ code: "forged", detail: forged });
  const regressions = broken(baseline.stable, report);
  if (regressions.length > 0) {
    reasons.push({ code: "regression", detail: `${listed(regressions)}${explain(report)}` });
  } else if (evidence.visible.kind === "unjudgeable") {
    reasons.push({ code: "cannot-be-judged", detail: `no check was executed${explain(report)}` });
  }
  return { status: reasons.length === 0 ? "valid" : "invalid", reasons };
}

/** A forged submission resolves nothing, whichever of its runs gave it away. */
function judgeLabel(
  instance: Instance,
  evidence: RoundEvidence,
  submission: RoundRecord["submission"],
): Label {
  if (instance.oracle !== "tests") return "unlabelled";
  const { baseline } = evidence;
  const hidden = evidence.submission.hidden;
  if (hidden === undefined || submission.reasons.some((reason) => reason.code === "forged"))
    return "unresolved";
  const checks = checksById(hidden.report);
  const fixed = [...baseline.failToPass].every((id) => passed(checks.get(id)));
  const kept = broken(baseline.passToPass, hidden.report).length === 0;
  return baseline.failToPass.size > 0 && fixed && kept ? "resolved" : "unresolved";
}

function reportsOf(runs: readonly JudgedRun[]): ReadonlyMap<string, Check>[] {
  return runs.map((run) => checksById(run.report));
}

/** Checks a review owns: new ones, and those in a file it changes. */
function ownedChecks(runs: readonly JudgedRun[], files: readonly string[], baseline: Baseline): string[] {
  const changed = new Set(files);
  const owned = new Set<string>();
  for (const run of runs) {
    for (const [id, check] of checksById(run.report)) {
      const isNew = !baseline.goldKnown.has(id);
      if (check.lint !== true && (isNew || (check.file !== undefined && changed.has(check.file))))
        owned.add(id);
    }
  }
  return [...owned].sort();
}

function lintChecks(runs: readonly JudgedRun[]): Set<string> {
  const lint = runs.flatMap((run) =>
    [...checksById(run.report).values()].filter((check) => check.lint === true),
  );
  return new Set(lint.map((check) => check.id));
}

function judgeReview(evidence: ReviewEvidence, baseline: Baseline): RoundRecord["review"] {
  if (evidence.kind === "none") return { status: "none", reasons: [], eligible: [] };
  if (evidence.kind === "rejected") return { status: "invalid", reasons: evidence.reasons, eligible: [] };
  const reasons: Reason[] = [];
  const onGold = reportsOf(evidence.onGold);
  const forged = evidence.onGold.map((run) => forgery(run.report)).find((why) => why !== undefined);
  if (forged !== undefined) reasons.push({ code: "forged", detail: forged });
  const brokenIds = [...new Set(evidence.onGold.flatMap((run) => broken(baseline.goldPassing, run.report)))];
  const lint = lintChecks(evidence.onGold);
  const brokenLint = brokenIds.filter((id) => lint.has(id));
  const why = evidence.onGold[0] === undefined ? "" : explain(evidence.onGold[0].report);
  if (brokenLint.length > 0) reasons.push({ code: "lint-failed", detail: listed(brokenLint) });
  const owned = ownedChecks(evidence.onGold, evidence.files, baseline);
  // A check the review itself rewrites may fail on gold; that costs the check, not the visible suite.
  const brokenVisible = brokenIds.filter((id) => !lint.has(id) && !owned.includes(id));
  if (brokenVisible.length > 0) {
    reasons.push({ code: "breaks-visible", detail: `${listed(brokenVisible)}${why}` });
  }
  const eligible = owned.filter((id) => onGold.every((checks) => passed(checks.get(id))));
  if (eligible.length === 0) {
    const executed = owned.filter((id) => onGold.some((checks) => checks.get(id)?.status !== "skipped"));
    reasons.push(
      executed.length === 0
        ? { code: "no-executed-check", detail: `no new check was executed on the gold tree${why}` }
        : { code: "fails-on-gold", detail: listed(executed) },
    );
  }
  const status = reasons.length === 0 ? "valid" : "invalid";
  const onBase = evidence.onBase === undefined ? undefined : checksById(evidence.onBase.report);
  if (onBase === undefined) return { status, reasons, eligible };
  return { status, reasons, eligible, failsOnBase: eligible.some((id) => fails(onBase.get(id))) };
}

/** An absent check counts as failed; a skip is no failure. */
function fails(check: Check | undefined): boolean {
  return check === undefined || check.status === "failed" || check.status === "error";
}

interface Kill {
  readonly effect: Exclude<Effect, "not-run">;
  readonly killedBy: readonly string[];
}

/** n/n failures of a check that passes n/n on gold kill; anything in between is flaky and does not. */
function meet(eligible: readonly string[], runs: readonly JudgedRun[]): Kill {
  const reports = reportsOf(runs);
  const killedBy = eligible.filter((id) => reports.every((checks) => fails(checks.get(id))));
  if (killedBy.length > 0) return { effect: "killed", killedBy };
  const wavering = eligible.some((id) => reports.some((checks) => fails(checks.get(id))));
  return { effect: wavering ? "flaky" : "survived", killedBy: [] };
}

function judgePanel(evidence: ReviewEvidence, review: RoundRecord["review"]): PanelResult[] {
  if (evidence.kind !== "applied" || review.status !== "valid") return [];
  return evidence.onPanel.map(({ candidate, label, runs }) => ({
    candidate,
    label,
    effect: meet(review.eligible, runs).effect,
  }));
}

/** Gold passes every eligible check by construction, so it counts as one resolved patch that was not rejected. */
function settlementOf(panel: readonly PanelResult[]) {
  const resolved = panel.filter((result) => result.label === "resolved");
  const rejected = resolved.filter((result) => result.effect === "killed").length;
  return settle(rejected, resolved.length + 1);
}

function voided(evidence: RoundEvidence): VoidRound | undefined {
  if (evidence.fault !== undefined) return evidence.fault;
  const lost = (runs: readonly (JudgedRun | undefined)[]): boolean =>
    runs.some((run) => run?.kind === "unjudgeable" && run.control === "failed");
  const { submission, review } = evidence;
  const detail = "the run could not be judged, and neither could its paired control on the same host";
  if (submission.kind === "applied" && lost([submission.visible, submission.hidden])) {
    return { cause: "control-failed", side: "submitter", detail };
  }
  if (review.kind === "applied" && lost([...review.onGold, ...(review.onSubmission ?? [])])) {
    return { cause: "control-failed", side: "reviewer", detail };
  }
  return undefined;
}

/**
 * Judges one round. Pure: the same evidence always gives the same record, so stored evidence can be judged again
 * under new rules.
 */
export function judge(instance: Instance, evidence: RoundEvidence): RoundRecord {
  const { baseline } = evidence;
  const submission = judgeForgedLater(evidence, judgeSubmission(evidence.submission, baseline));
  const label = judgeLabel(instance, evidence, submission);
  const review = judgeReview(evidence.review, baseline);
  const met =
    submission.status === "valid" &&
    review.status === "valid" &&
    evidence.review.kind === "applied" &&
    evidence.review.onSubmission !== undefined
      ? meet(review.eligible, evidence.review.onSubmission)
      : { effect: "not-run" as const, killedBy: [] };
  const contested = met.effect === "killed" && label === "resolved";
  const panel = judgePanel(evidence.review, review);
  const settlement = contested ? settlementOf(panel) : undefined;
  const nothing = voided(evidence);
  return {
    submission,
    label,
    review,
    ...met,
    contested,
    panel,
    ...(settlement === undefined ? {} : { settlement }),
    ...(nothing === undefined ? {} : { void: nothing }),
  };
}

/** The review ran clean on gold but its canaries fail on the submission: the submission forged that run. */
function judgeForgedLater(
  evidence: RoundEvidence,
  submission: RoundRecord["submission"],
): RoundRecord["submission"] {
  if (evidence.review.kind !== "applied" || submission.reasons.some((reason) => reason.code === "forged")) {
    return submission;
  }
  if (evidence.review.onGold.some((run) => forgery(run.report) !== undefined)) return submission;
  const forged = evidence.review.onSubmission
    ?.map((run) => forgery(run.report))
    .find((why) => why !== undefined);
  if (forged === undefined) return submission;
  return { status: "invalid", reasons: [...submission.reasons, { code: "forged", detail: forged }] };
}
