// The rules of DESIGN 4.3, 4.4 and 4.8: which reviews are valid, what they kill, and who forged a shared run.
import type { Effect, PanelResult, Reason, RoundRecord } from "../domain/record.ts";
import { type Check, checksById, deafChecks } from "../domain/report.ts";
import { type Baseline, passed } from "./baseline.ts";
import {
  type AppliedReview,
  broken,
  type Expected,
  explain,
  firstForgery,
  incidentKinds,
  isSound,
  type JudgedRun,
  listed,
  type PanelRuns,
  type ReviewEvidence,
  reportsOf,
} from "./evidence.ts";

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

/** Visible checks, lint among them, that the review breaks on gold. */
function visibleReasons(evidence: AppliedReview, owned: readonly string[], expected: Expected): Reason[] {
  const reasons: Reason[] = [];
  const { goldPassing } = expected.baseline;
  const brokenIds = [...new Set(evidence.onGold.flatMap((run) => broken(goldPassing, run.report, expected)))];
  const lint = lintChecks(evidence.onGold);
  const brokenLint = brokenIds.filter((id) => lint.has(id));
  if (brokenLint.length > 0) reasons.push({ code: "lint-failed", detail: listed(brokenLint) });
  // A check the review itself rewrites may fail on gold; that costs the check, not the visible suite.
  const brokenVisible = brokenIds.filter((id) => !lint.has(id) && !owned.includes(id));
  if (brokenVisible.length > 0) {
    reasons.push({
      code: "breaks-visible",
      detail: listed(brokenVisible),
      ...explained(evidence.onGold),
    });
  }
  return reasons;
}

/** Why none of the review's checks may kill: none was executed on gold, or those that were do not pass there. */
function ineligible(evidence: AppliedReview, owned: readonly string[]): Reason {
  const wasExecuted = (check: Check | undefined): boolean =>
    check !== undefined && check.status !== "skipped";
  const onGold = reportsOf(evidence.onGold);
  const executed = owned.filter((id) => onGold.some((checks) => wasExecuted(checks.get(id))));
  if (executed.length > 0) return { code: "fails-on-gold", detail: listed(executed) };
  const kinds = new Set(evidence.onGold.flatMap((run) => incidentKinds(run.report)));
  const told = kinds.size === 0 ? "" : ` (${[...kinds].join(", ")})`;
  const detail = `no new check was executed on the gold tree${told}`;
  return { code: "no-executed-check", detail, ...explained(evidence.onGold) };
}

/** Words of a run that held gold: compilers and tracebacks quote its source. */
function explained(runs: readonly JudgedRun[]): Pick<Reason, "undisclosed"> {
  const text = runs[0] === undefined ? "" : explain(runs[0].report);
  return text === "" ? {} : { undisclosed: text };
}

export function judgeReview(evidence: ReviewEvidence, expected: Expected): RoundRecord["review"] {
  if (evidence.kind === "none") return { status: "none", reasons: [], eligible: [] };
  if (evidence.kind === "rejected") return { status: "invalid", reasons: evidence.reasons, eligible: [] };
  const reasons: Reason[] = [];
  const forged = forgedByReview(evidence, expected);
  if (forged !== undefined) reasons.push({ code: "forged", detail: forged });
  const owned = ownedChecks(evidence.onGold, evidence.files, expected.baseline);
  reasons.push(...visibleReasons(evidence, owned, expected));
  const onGold = reportsOf(evidence.onGold);
  const deaf = deafOnGold(evidence, owned);
  const passing = owned.filter((id) => onGold.every((checks) => passed(checks.get(id))));
  // A check that cannot fail, even when it is made to, shows nothing by passing on gold.
  const eligible = passing.filter((id) => !deaf.has(id));
  if (passing.length === 0) reasons.push(ineligible(evidence, owned));
  else if (eligible.length === 0) reasons.push({ code: "forged", detail: cannotFail(passing) });
  const status = reasons.length === 0 ? "valid" : "invalid";
  if (
    evidence.onBase === undefined ||
    !isSound(evidence.onBase, expected.baseline, excusedOf(evidence, expected))
  )
    return { status, reasons, eligible };
  const onBase = checksById(evidence.onBase.report);
  return { status, reasons, eligible, failsOnBase: eligible.some((id) => fails(onBase.get(id))) };
}

/** An absent check counts as failed; a skip is no failure. */
function fails(check: Check | undefined): boolean {
  return check === undefined || check.status === "failed" || check.status === "error";
}

const cannotFail = (ids: readonly string[]): string =>
  `the tests pass on the gold tree even where they are made to fail: ${listed(ids)}`;

/** The review's own checks whose twins did not fail on the gold tree. */
function deafOnGold(evidence: AppliedReview, owned: readonly string[]): Set<string> {
  const deaf = new Set(evidence.onGold.flatMap((run) => deafChecks(run.report)));
  return new Set(owned.filter((id) => deaf.has(id)));
}

/** Checks whose twins accuse nobody: they do not fail on trusted trees, or, brought by the review, not on gold. */
export function excusedOf(evidence: AppliedReview, { baseline }: Expected): ReadonlySet<string> {
  const owned = ownedChecks(evidence.onGold, evidence.files, baseline);
  return new Set([...baseline.deaf, ...deafOnGold(evidence, owned)]);
}

interface Kill {
  readonly effect: Exclude<Effect, "not-run">;
  readonly killedBy: readonly string[];
}

/** n/n failures of a check that passes n/n on gold kill; anything in between, or fewer than n runs, does not. */
function meet(eligible: readonly string[], runs: readonly JudgedRun[], repeats: number): Kill {
  const reports = reportsOf(runs);
  const killedBy =
    reports.length < repeats ? [] : eligible.filter((id) => reports.every((checks) => fails(checks.get(id))));
  if (killedBy.length > 0) return { effect: "killed", killedBy };
  const wavering = eligible.some((id) => reports.some((checks) => fails(checks.get(id))));
  return { effect: wavering ? "flaky" : "survived", killedBy: [] };
}

export function judgePanel(
  evidence: ReviewEvidence,
  review: RoundRecord["review"],
  expected: Expected,
): PanelResult[] {
  return evidence.kind === "applied" ? judgeCandidates(evidence, evidence.onPanel, { review, expected }) : [];
}

/** How the tests fared against candidates that stand beside the submission: the panel's, or a jury's. */
export function judgeCandidates(
  evidence: AppliedReview,
  candidates: readonly PanelRuns[],
  { review, expected }: { readonly review: RoundRecord["review"]; readonly expected: Expected },
): PanelResult[] {
  return effectsOn(evidence, candidates, { review, expected }).map(({ candidate, label, effect }) => ({
    candidate,
    label,
    effect,
  }));
}

/** What the tests did to each tree that they met beside the submission. */
export function effectsOn<T extends { readonly runs: readonly JudgedRun[] }>(
  evidence: AppliedReview,
  candidates: readonly T[],
  { review, expected }: { readonly review: RoundRecord["review"]; readonly expected: Expected },
): (T & Pick<Kill, "effect">)[] {
  if (review.status !== "valid") return [];
  // A candidate whose runs were lost or forged met nothing: it is left out, neither killed nor spared.
  const excused = excusedOf(evidence, expected);
  const met = candidates.filter(
    ({ runs }) => runs.length > 0 && runs.every((run) => isSound(run, expected.baseline, excused)),
  );
  return met.map((candidate) => ({
    ...candidate,
    effect: meet(review.eligible, candidate.runs, evidence.onGold.length).effect,
  }));
}

export interface Meeting extends Pick<RoundRecord, "submission" | "review"> {
  readonly excused: ReadonlySet<string>;
}

/** DESIGN 4.4: only a valid review can kill, and only a valid submission can be killed. */
export function judgeMeeting(
  evidence: ReviewEvidence,
  { submission, review, excused }: Meeting,
): { readonly effect: Effect; readonly killedBy: readonly string[] } {
  const notRun = { effect: "not-run", killedBy: [] } as const;
  if (evidence.kind !== "applied" || submission.status !== "valid" || review.status !== "valid")
    return notRun;
  const runs = evidence.onSubmission ?? [];
  // A forged run of a submission that stays valid shows nothing of either side.
  const isForged = firstForgery(runs, excused) !== undefined;
  return runs.length === 0 || isForged ? notRun : meet(review.eligible, runs, evidence.onGold.length);
}

/**
 * A forged run is the review's when no code but the review's could have forged it: G+T; or P+T, when the same tests
 * also forge on the base tree or on a hidden candidate, neither of which a contestant wrote.
 */
export function forgedByReview(evidence: AppliedReview, expected: Expected): string | undefined {
  const excused = excusedOf(evidence, expected);
  const onGold = firstForgery(evidence.onGold, excused);
  if (onGold !== undefined || firstForgery(evidence.onSubmission ?? [], excused) === undefined) return onGold;
  const trusted = [...(evidence.onBase === undefined ? [] : [evidence.onBase])];
  return firstForgery([...trusted, ...evidence.onPanel.flatMap(({ runs }) => runs)], excused);
}
