// Reports in, the four-part record out: the rules of DESIGN 4.1 to 4.6, pure, one function per rule.
import type { Instance } from "../domain/instance.ts";
import {
  type Label,
  type PanelResult,
  type Reason,
  type RoundRecord,
  settle,
  type VoidRound,
} from "../domain/record.ts";
import { checksById } from "../domain/report.ts";
import { passed } from "./baseline.ts";
import {
  type AppliedSubmission,
  broken,
  type Expected,
  expectedOf,
  explain,
  firstForgery,
  isLost,
  type JudgedRun,
  listed,
  type RoundEvidence,
  type SubmissionEvidence,
  showsNothing,
} from "./evidence.ts";
import { judgeMutants, judgeReach } from "./judge-quality.ts";
import {
  excusedOf,
  forgedByReview,
  judgeCandidates,
  judgeMeeting,
  judgePanel,
  judgeReview,
} from "./judge-review.ts";

function judgeSubmission(evidence: SubmissionEvidence, expected: Expected): RoundRecord["submission"] {
  const { deaf } = expected.baseline;
  if (evidence.kind === "rejected") return { status: "invalid", reasons: evidence.reasons };
  const { visible, again } = evidence;
  const report = visible.report;
  const reasons: Reason[] = [];
  const inVisible = firstForgery(again === undefined ? [visible] : [visible, again], deaf);
  const inHidden = firstForgery(evidence.hidden === undefined ? [] : [evidence.hidden], deaf);
  if (inVisible !== undefined) reasons.push({ code: "forged", detail: inVisible });
  else if (inHidden !== undefined) reasons.push({ ...forgedUnseen, undisclosed: `: ${inHidden}` });
  const regressions = regressionsOf(evidence, expected);
  if (regressions.length > 0) {
    reasons.push({ code: "regression", detail: `${listed(regressions)}${explain(report)}` });
  } else if (showsNothing(report)) {
    reasons.push({ code: "cannot-be-judged", detail: `no check was executed${explain(report)}` });
  }
  return { status: reasons.length === 0 ? "valid" : "invalid", reasons };
}

/** Stable checks that a submission breaks, in both runs where there are two (decision 0010). */
export function regressionsOf(
  { visible, again }: Pick<AppliedSubmission, "visible" | "again">,
  expected: Expected,
): string[] {
  const once = broken(expected.baseline.stable, visible.report, expected);
  return again === undefined ? once : broken(once, again.report, expected);
}

/** A forgery in a run the contestant may know nothing of. */
const forgedUnseen = { code: "forged", detail: "its tests do not end as they must" } as const;

/** A forged submission resolves nothing, whichever of its runs gave it away. */
function judgeLabel(
  { hidden }: SubmissionEvidence,
  submission: RoundRecord["submission"],
  expected: Expected,
): Exclude<Label, "unlabelled"> {
  const { failToPass, passToPass, deaf } = expected.baseline;
  if (hidden === undefined || submission.reasons.some(({ code }) => code === "forged")) return "unresolved";
  if (firstForgery([hidden], deaf) !== undefined) return "unresolved";
  const checks = checksById(hidden.report);
  const fixed = failToPass.size > 0 && [...failToPass].every((id) => passed(checks.get(id)));
  const kept = broken(passToPass, hidden.report, expected).length === 0;
  return fixed && kept ? "resolved" : "unresolved";
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
    runs.some((run) => run !== undefined && isLost(run, evidence.baseline));
  const { submission, review } = evidence;
  const detail = "the run could not be judged, and neither could its paired control on the same host";
  const visible = submission.kind === "applied" ? [submission.visible, submission.again] : [];
  if (lost([...visible, submission.hidden])) {
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
  const expected = expectedOf(instance, evidence.baseline);
  const submission = judgeForgedLater(evidence, judgeSubmission(evidence.submission, expected), expected);
  const label =
    instance.oracle === "tests" ? judgeLabel(evidence.submission, submission, expected) : "unlabelled";
  const review = judgeReview(evidence.review, expected);
  const excused =
    evidence.review.kind === "applied" ? excusedOf(evidence.review, expected) : expected.baseline.deaf;
  const met = judgeMeeting(evidence.review, { submission, review, excused });
  const contested = met.effect === "killed" && label === "resolved";
  const panel = judgePanel(evidence.review, review, expected);
  const jury =
    evidence.review.kind === "applied"
      ? judgeCandidates(evidence.review, evidence.jury ?? [], { review, expected })
      : [];
  const mutants = judgeMutants(evidence.review, review, expected);
  const settlement = contested ? settlementOf([...panel, ...jury]) : undefined;
  const nothing = voided(evidence);
  const reach = judgeReach(evidence.review, review, expected);
  return {
    submission,
    label,
    review: reach === undefined ? review : { ...review, reach },
    ...met,
    contested,
    panel,
    ...(mutants === undefined ? {} : { mutants }),
    ...(settlement === undefined ? {} : { settlement }),
    ...(nothing === undefined ? {} : { void: nothing }),
  };
}

/** The review forges nowhere else but its canaries fail on the submission: the submission forged that run. */
function judgeForgedLater(
  evidence: RoundEvidence,
  submission: RoundRecord["submission"],
  expected: Expected,
): RoundRecord["submission"] {
  const { review } = evidence;
  if (review.kind !== "applied" || submission.reasons.some(({ code }) => code === "forged"))
    return submission;
  const met = firstForgery(review.onSubmission ?? [], excusedOf(review, expected));
  const forged = forgedByReview(review, expected) === undefined ? met : undefined;
  // Who has read the submission can write tests that forge beside it and nowhere else: nobody is condemned.
  if (forged === undefined || review.sawSubmission === true) return submission;
  const reason: Reason = { ...forgedUnseen, undisclosed: ` beside the review: ${forged}` };
  return { status: "invalid", reasons: [...submission.reasons, reason] };
}
