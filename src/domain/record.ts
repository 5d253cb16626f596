// The four-part record of a round (DESIGN 4.5) and its two projections for people: a verdict and a score.

export type SubmissionStatus = "valid" | "invalid";
export type Label = "resolved" | "unresolved" | "unlabelled";
export type ReviewStatus = "none" | "invalid" | "valid";
export type Effect = "killed" | "survived" | "flaky" | "not-run";
export type Verdict = "patch-stands" | "patch-broken" | "patch-invalid" | "test-invalid" | "void";
export type Reading = "paper" | "strict";
export type Side = "submitter" | "reviewer";

/** Why a submission or a review is not valid. Codes are closed. */
export const reasonCodes = [
  "no-answer",
  "unparseable",
  "refusal",
  "truncated",
  "context-overflow",
  "answer-too-large",
  "no-change",
  "only-comments",
  "does-not-apply",
  "unsafe-path",
  "protected-path",
  "regression",
  "forged",
  "cannot-be-judged",
  "not-a-test-path",
  "too-large",
  "lint-failed",
  "breaks-visible",
  "no-executed-check",
  "fails-on-gold",
] as const;
export type ReasonCode = (typeof reasonCodes)[number];

export interface Reason {
  readonly code: ReasonCode;
  /** For people, and for the contestant whose answer it was: it may be fed back. */
  readonly detail: string;
  /** For people only: words of runs that held gold or hidden tests. */
  readonly undisclosed?: string;
}

/** A reason in full, as people see it. */
export const reasonText = ({ code, detail, undisclosed = "" }: Reason): string =>
  `${code}: ${detail}${undisclosed}`;

/** How the tests of a review fared against one hidden candidate (DESIGN 4.8). */
export interface PanelResult {
  readonly candidate: string;
  readonly label: "resolved" | "unresolved";
  readonly effect: "killed" | "survived" | "flaky";
}

export type MutantNotice = "visible" | "hidden";

/** How the tests of a review fared against one mutant of gold: a seeded defect that some check tells from gold. */
export interface MutantResult {
  /** Path, place and change: `src/day.py:12:8 boundary: < -> <=`. */
  readonly mutant: string;
  /** Who tells it from gold: a visible check, so that CI needs no reviewer for it, or H alone. */
  readonly noticedBy: MutantNotice;
  readonly effect: "killed" | "survived" | "flaky";
}

/** Mutants that no review meets, and why. */
export interface LeftOutMutants {
  readonly notCompiling: number;
  /** Visible checks are gone: tests that share a process or a load with those would end too, whatever they look at. */
  readonly endsOthers: number;
  /** No check changes, H included: equivalent, or beyond H. Nobody here can tell which. */
  readonly notShownToDiffer: number;
}

/** Which checks of a review execute a changed line: those that an abort there ends. */
export interface Reach {
  /** Whose changed lines. */
  readonly changeOf: "submission" | "gold";
  readonly reached: readonly string[];
  /** Checks of which it is known; the rest were ended by something else. */
  readonly known: number;
}

/** A contested kill after the panel of resolved patches has spoken (DESIGN 4.7). */
export interface Settlement {
  readonly rejected: number;
  readonly of: number;
  readonly kind: "over-fitted" | "true-kill";
}

/** A fault of ours that keeps a round from being judged. */
export interface VoidRound {
  /** The fault's code, or `control-failed` when the paired control could not be judged either. */
  readonly cause: string;
  /** Whose run it was. */
  readonly side: Side | "baseline";
  readonly detail: string;
}

export interface RoundRecord {
  readonly submission: { readonly status: SubmissionStatus; readonly reasons: readonly Reason[] };
  readonly label: Label;
  readonly review: {
    readonly status: ReviewStatus;
    readonly reasons: readonly Reason[];
    /** Checks of the review that pass n/n on gold: only these can kill. */
    readonly eligible: readonly string[];
    /** Whether one of them fails on the base tree (reveals the issue); absent when not run. */
    readonly failsOnBase?: boolean;
    /** Absent where nothing that a call runs was changed, or where it could not be found out. */
    readonly reach?: Reach;
  };
  readonly effect: Effect;
  /** Checks that passed n/n on gold and failed n/n on the submission. */
  readonly killedBy: readonly string[];
  /** A kill of a resolved submission: one of the two oracles must be wrong. */
  readonly contested: boolean;
  readonly settlement?: Settlement;
  readonly panel: readonly PanelResult[];
  /** Absent unless the run lets reviews meet mutants, and for a review that is not valid. */
  readonly mutants?: { readonly met: readonly MutantResult[]; readonly leftOut: LeftOutMutants };
  readonly void?: VoidRound;
}

/** The projection of a record for people. */
export function verdictOf(record: RoundRecord): Verdict {
  if (record.void !== undefined) return "void";
  if (record.submission.status === "invalid") return "patch-invalid";
  if (record.effect === "killed") return "patch-broken";
  if (record.review.status === "invalid") return "test-invalid";
  return "patch-stands";
}

export interface RoundScore {
  readonly submitter: -1 | 0 | 1;
  readonly reviewer: -1 | 0 | 1;
}

/** DESIGN 4.7, `paper`: a valid submission that is not killed stands, whatever its label. */
function paperScore(record: RoundRecord): RoundScore {
  const stands = record.submission.status === "valid" && record.effect !== "killed";
  const reviewer = record.effect === "killed" ? 1 : record.review.status === "invalid" ? -1 : 0;
  return { submitter: stands ? 1 : -1, reviewer };
}

/** DESIGN 4.7, `strict`: an unresolved submission never stands, and a contested kill waits for its settlement. */
function strictScore(record: RoundRecord): RoundScore {
  if (record.contested) {
    if (record.settlement === undefined) return { submitter: 0, reviewer: 0 };
    return record.settlement.kind === "over-fitted"
      ? { submitter: 1, reviewer: -1 }
      : { submitter: -1, reviewer: 1 };
  }
  const paper = paperScore(record);
  return record.label === "unresolved" ? { submitter: -1, reviewer: paper.reviewer } : paper;
}

/** Score of a round in one reading; undefined for a void round, which is never a zero. */
export function scoreOf(record: RoundRecord, reading: Reading): RoundScore | undefined {
  if (record.void !== undefined) return undefined;
  return reading === "paper" ? paperScore(record) : strictScore(record);
}

/** DESIGN 4.7: most of at least three independent resolved patches rejected means the tests are over-fitted. */
export function settle(rejected: number, of: number): Settlement | undefined {
  if (of < 3) return undefined;
  return { rejected, of, kind: rejected * 2 > of ? "over-fitted" : "true-kill" };
}
