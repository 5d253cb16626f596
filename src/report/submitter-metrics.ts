// What is counted of a submitter, by the reading that is named: `paper` where only validity and kills speak.
import { scoreOf } from "../domain/record.ts";
import type { RoundRow } from "../domain/run.ts";
import {
  hasValidReview,
  isLabelled,
  isValid,
  type MetricDefinition,
  one,
  rate,
  rounds,
  scale,
  score,
  tallied,
  where,
} from "./metric-definition.ts";

/** Reasons that leave no changed tree behind. */
const notApplied: ReadonlySet<string> = new Set([
  "no-answer",
  "unparseable",
  "refusal",
  "truncated",
  "context-overflow",
  "answer-too-large",
  "no-change",
  "does-not-apply",
  "unsafe-path",
]);

const paperWin = ({ record }: RoundRow): boolean => scoreOf(record, "paper")?.submitter === 1;
/** Strict: the patch stands in the strict score, is resolved, and valid tests have tried it. */
const strictWin = (row: RoundRow): boolean =>
  scoreOf(row.record, "strict")?.submitter === 1 && row.record.label === "resolved" && hasValidReview(row);

export const submitterMetrics = {
  winRate: {
    role: "submitter",
    reading: "paper",
    range: rate,
    what: `submission valid and not killed, over ${rounds}`,
    of: (row) => one(paperWin(row)),
  },
  winRateStrict: {
    role: "submitter",
    reading: "strict",
    range: rate,
    what: `submission valid, resolved, tried by valid tests and standing, over labelled ${rounds}`,
    of: where(isLabelled, (row) => one(strictWin(row))),
  },
  winRateOnValidReview: {
    role: "submitter",
    reading: "paper",
    range: rate,
    what: `submission valid and not killed, over ${rounds} that met valid tests`,
    of: where(hasValidReview, (row) => one(paperWin(row))),
  },
  winRateStrictOnValidReview: {
    role: "submitter",
    reading: "strict",
    range: rate,
    what: `submission valid, resolved and standing, over labelled ${rounds} that met valid tests`,
    of: where(
      (row) => isLabelled(row) && hasValidReview(row),
      (row) => one(strictWin(row)),
    ),
  },
  submitterScorePaper: {
    role: "submitter",
    reading: "paper",
    range: scale,
    what: `mean score (-1 or +1) over ${rounds}`,
    of: score("submitter", "paper"),
  },
  submitterScoreStrict: {
    role: "submitter",
    reading: "strict",
    range: scale,
    what: `mean score (-1, 0 or +1) over ${rounds}`,
    of: score("submitter", "strict"),
  },
  submitterScoreStrictOnValidReview: {
    role: "submitter",
    reading: "strict",
    range: scale,
    what: `mean score over ${rounds} that met valid tests`,
    of: where(hasValidReview, score("submitter", "strict")),
  },
  applyRate: {
    role: "submitter",
    range: rate,
    what: `a patch was given that changes something and applies, over ${rounds}`,
    of: ({ record }) => one(!record.submission.reasons.some(({ code }) => notApplied.has(code))),
  },
  validRate: {
    role: "submitter",
    range: rate,
    what: `submission valid, over ${rounds}`,
    of: (row) => one(isValid(row)),
  },
  resolvedRate: {
    role: "submitter",
    range: rate,
    what: `label resolved, over labelled ${rounds}`,
    of: where(isLabelled, ({ record }) => one(record.label === "resolved")),
  },
  spr: {
    role: "submitter",
    range: rate,
    what: `mean share of CI jobs that pass on the submission (none where nothing valid could run), over ${rounds}`,
    of: (row) => tallied(row.submitterJobs, isValid(row)),
  },
  failToPassShare: {
    role: "submitter",
    range: rate,
    what: `mean share of the hidden fail-to-pass tests that pass, over labelled ${rounds}`,
    of: where(isLabelled, (row) => tallied(row.failToPass, isValid(row))),
  },
} satisfies Record<string, MetricDefinition>;
