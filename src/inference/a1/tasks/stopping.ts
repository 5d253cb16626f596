// When the answers of some samples are enough: rules that look at the votes so far and at how many are still to come.

export interface StopState {
  /** Votes of each distinct answer, the largest first. */
  readonly counts: readonly number[];
  /** Samples that ended without an answer: they vote for nobody. */
  readonly unanswered: number;
  /** Samples that have not ended. */
  readonly remaining: number;
}

/** True: what the other samples would say is not waited for. Pure. */
export type StopRule = (state: StopState) => boolean;

/** Every sample is waited for. */
export const waitForAll: StopRule = () => false;

/** One answer is enough. */
export const atFirst: StopRule = ({ counts }) => (counts[0] ?? 0) >= 1;

/**
 * Nothing that is still to come can change who leads. A lead that could be levelled is none: ties go to the first
 * sample, which may be one of those.
 */
export const whenDecided: StopRule = ({ counts: [leader = 0, second = 0], remaining }) =>
  leader - second > remaining;

/** @throws RangeError for fewer than one */
export function whenAgreed(votes: number): StopRule {
  if (!Number.isInteger(votes) || votes < 1)
    throw new RangeError(`expected a whole number of equal answers from 1 on, found ${votes}`);
  return ({ counts }) => (counts[0] ?? 0) >= votes;
}

/**
 * The leader is ahead of the second for good with more than this probability (Aggarwal, Madaan, Yang and Mausam 2023,
 * "Let's Sample Step by Step: Adaptive-Consistency", arXiv 2305.11860, whose rule for two answers this is, at .95).
 * @throws RangeError for a confidence outside (0, 1)
 */
export function whenConfident(confidence: number = defaultConfidence): StopRule {
  if (!(confidence > 0 && confidence < 1))
    throw new RangeError(`expected a confidence between 0 and 1, found ${confidence}`);
  return ({ counts: [leader = 0, second = 0] }) =>
    leader > 0 && leaderProbability(leader, second) > confidence;
}

export const defaultConfidence = 0.95;

/**
 * P(share > 1/2) where `leader` of `leader + second` votes were the leader's and every share was as likely before: the
 * upper half of Beta(leader + 1, second + 1). For whole numbers that is a binomial sum (Abramowitz and Stegun 26.5.24):
 * P(Binomial(leader + second + 1, 1/2) <= leader).
 */
export function leaderProbability(leader: number, second: number): number {
  const tosses = leader + second + 1;
  // The shorter tail, so that what is summed is small and what is left exact.
  let logTerm = -tosses * Math.LN2;
  let tail = 0;
  for (let heads = 0; heads <= Math.min(leader, second); heads += 1) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((tosses - heads) / (heads + 1));
  }
  return leader >= second ? 1 - tail : tail;
}

const named: ReadonlyMap<string, StopRule> = new Map([
  ["all", waitForAll],
  ["first", atFirst],
  ["decided", whenDecided],
  ["beta", whenConfident()],
]);
const agreement = /^agree-([1-9]\d{0,3})$/;

/**
 * The rule of a name: `all`, `first`, `decided`, `beta`, or `agree-4`.
 * @throws RangeError for another
 */
export function stopRuleNamed(name: string): StopRule {
  const votes = agreement.exec(name)?.[1];
  const rule = votes === undefined ? named.get(name) : whenAgreed(Number(votes));
  if (rule !== undefined) return rule;
  throw new RangeError(
    `expected a stop rule (${[...named.keys()].join(", ")}, agree-<votes>), found ${name}`,
  );
}
