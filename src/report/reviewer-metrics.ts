// What is counted of a reviewer: whether its tests run at all, whom they kill, and whom they should have spared.
import type { MutantResult, RoundRecord } from "../domain/record.ts";
import type { RoundRow } from "../domain/run.ts";
import type { Share } from "../rating/index.ts";
import {
  hasValidReview,
  isValid,
  type MetricDefinition,
  one,
  rate,
  reviews,
  scale,
  score,
  tallied,
  where,
} from "./metric-definition.ts";

const isKilled = ({ record }: RoundRow): boolean => record.effect === "killed";
function met(record: RoundRecord, label: "resolved" | "unresolved"): Share {
  const candidates = record.panel.filter((candidate) => candidate.label === label);
  const killed = candidates.filter((candidate) => candidate.effect === "killed");
  return { numerator: killed.length, denominator: candidates.length };
}

function killedMutants(
  { mutants }: RoundRecord,
  noticed: readonly MutantResult["noticedBy"][],
): Share | undefined {
  if (mutants === undefined) return undefined;
  const wanted = mutants.met.filter(({ noticedBy }) => noticed.includes(noticedBy));
  const killed = wanted.filter(({ effect }) => effect === "killed");
  return { numerator: killed.length, denominator: wanted.length };
}

const reaching =
  (changeOf: "submission" | "gold") =>
  ({ record: { review } }: RoundRow): Share | undefined =>
    review.reach?.changeOf === changeOf
      ? { numerator: review.reach.reached.length, denominator: review.reach.known }
      : undefined;

/** Tests that could not tell anything from anything; undefined where they met neither base nor a mutant. */
export function triviality({ review, mutants }: RoundRecord): boolean | undefined {
  if (review.status !== "valid" || review.failsOnBase === undefined) return undefined;
  if (mutants === undefined || mutants.met.length === 0) return undefined;
  return !review.failsOnBase && mutants.met.every(({ effect }) => effect === "survived");
}

export const reviewerMetrics = {
  reviewValidRate: {
    role: "reviewer",
    range: rate,
    what: `tests given and valid, over ${reviews}`,
    of: (row) => one(hasValidReview(row)),
  },
  reviewValidRateOnValidSubmission: {
    role: "reviewer",
    range: rate,
    what: `tests given and valid, over ${reviews} that met a valid submission`,
    of: where(isValid, (row) => one(hasValidReview(row))),
  },
  rpr: {
    role: "reviewer",
    range: rate,
    what: `mean share of CI jobs that pass on gold with the tests (none where there were no valid tests), over ${reviews}`,
    of: (row) => tallied(row.reviewerJobs, hasValidReview(row)),
  },
  killRate: {
    role: "reviewer",
    range: rate,
    what: `submission killed, over ${reviews} with a valid submission and valid tests`,
    of: where(
      (row) => row.record.effect !== "not-run",
      (row) => one(isKilled(row)),
    ),
  },
  killRateOnUnresolved: {
    role: "reviewer",
    range: rate,
    what: `submission killed, over ${reviews} that met a valid unresolved submission`,
    of: where(
      (row) => isValid(row) && row.record.label === "unresolved",
      (row) => one(isKilled(row)),
    ),
  },
  killRateOnResolved: {
    role: "reviewer",
    range: rate,
    what: `submission killed (contested), over ${reviews} that met a valid resolved submission`,
    of: where(
      (row) => isValid(row) && row.record.label === "resolved",
      (row) => one(isKilled(row)),
    ),
  },
  panelKillRate: {
    role: "reviewer",
    range: rate,
    what: "wrong panel candidates killed, over those the valid tests met",
    of: ({ record }) => met(record, "unresolved"),
  },
  falseRejection: {
    role: "reviewer",
    range: rate,
    what: "right panel candidates killed, over those the valid tests met",
    of: ({ record }) => met(record, "resolved"),
  },
  mutationScore: {
    role: "reviewer",
    range: rate,
    what: "mutants of gold killed, over those the valid tests met: seeded defects in the lines gold changes that a visible or a hidden test tells from gold",
    of: ({ record }) => killedMutants(record, ["visible", "hidden"]),
  },
  subtleMutationScore: {
    role: "reviewer",
    range: rate,
    what: "the same, over mutants that no visible test notices: those that CI needs a reviewer for",
    of: ({ record }) => killedMutants(record, ["hidden"]),
  },
  revealsIssue: {
    role: "reviewer",
    range: rate,
    what: `tests fail on the base tree, over ${reviews} with valid tests that were run there`,
    of: where(hasValidReview, ({ record: { review } }) =>
      review.failsOnBase === undefined ? undefined : one(review.failsOnBase),
    ),
  },
  executesChange: {
    role: "reviewer",
    range: rate,
    what: "checks of valid tests that execute a line the submission changed, over those that pass on it and of which it is known",
    of: reaching("submission"),
  },
  executesGoldChange: {
    role: "reviewer",
    range: rate,
    what: "checks of valid tests that execute a line gold changes, over those of which it is known",
    of: reaching("gold"),
  },
  trivialRate: {
    role: "reviewer",
    range: rate,
    what: "valid tests that pass on the base tree and kill no mutant, over those that were run on both",
    of: ({ record }) => {
      const isTrivial = triviality(record);
      return isTrivial === undefined ? undefined : one(isTrivial);
    },
  },
  overfitted: {
    role: "reviewer",
    range: rate,
    what: "contested kills settled as over-fitted, over those settled",
    of: ({ record }) =>
      record.settlement === undefined ? undefined : one(record.settlement.kind === "over-fitted"),
  },
  reviewerScorePaper: {
    role: "reviewer",
    reading: "paper",
    range: scale,
    what: `mean score (-1, 0 or +1) over ${reviews}`,
    of: score("reviewer", "paper"),
  },
  reviewerScoreStrict: {
    role: "reviewer",
    reading: "strict",
    range: scale,
    what: `mean score (-1, 0 or +1) over ${reviews}`,
    of: score("reviewer", "strict"),
  },
  reviewerScoreStrictOnValidSubmission: {
    role: "reviewer",
    reading: "strict",
    range: scale,
    what: `mean score over ${reviews} that met a valid submission`,
    of: where(isValid, score("reviewer", "strict")),
  },
} satisfies Record<string, MetricDefinition>;
