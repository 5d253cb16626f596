// Who should meet on the next issue: the pairs whose battle tells most, per dollar, about who is first.
import type { Random } from "../domain/random.ts";
import { addTo, at, cholesky, solve } from "./linear.ts";
import { keyOf, type PairName, pairOf } from "./payoff.ts";

/** What a pair's battles came to so far. */
export interface PairHistory extends PairName {
  /** Issues that the pair played. */
  readonly issues: number;
  /** Sums over these issues of the payoff in favour of `one` (`payoffOf`) and of its square. */
  readonly sum: number;
  readonly sumOfSquares: number;
}

export interface PairingOptions {
  readonly contestants: readonly string[];
  readonly history: readonly PairHistory[];
  /** Battles that were drawn and whose results may not be known yet: nothing is drawn for what they will tell anyway. */
  readonly pending?: readonly PairName[];
  /** Battles on the issue that is opened next. */
  readonly battles: number;
  /** Expected cost of one battle of the pair; the unit is the same for all. */
  readonly costUsd: (pair: PairName) => number;
  /** Share of draws that take any pair: every propensity is at least floor / pairs. */
  readonly floor?: number;
  /**
   * Given where a winner shall be proven (`TournamentEvidence.isProven`): then only battles of the leader against those it is not
   * yet proven to beat are worth anything, and their worth is the expected growth of its wealth, in nats.
   */
  readonly isProven?: (better: string, worse: string) => boolean;
  /** Who plays no more: nobody meets them, and who is first is asked of the others. Their history still tells of those. */
  readonly out?: Pick<ReadonlySet<string>, "has">;
  readonly random: Random;
}

export interface DrawnPair extends PairName {
  /** Chance with which this pair was drawn, given the draws before it on the same issue; to be kept with its rounds. */
  readonly propensity: number;
  /** Expected information about who is first (where a winner is to be proven: growth of its wealth), in nats, per dollar. */
  readonly informationPerUsd: number;
}

export const defaultFloor = 0.1;

/** Worth of what is believed before any battle: strengths within about half a payoff of each other. */
const priorVariance = 0.25;
const priorNoise = 0.2;
/** Battles that the prior of the noise is worth. */
const priorBattles = 4;

interface Belief {
  readonly mean: Float64Array;
  /** Covariance of the strengths, row-major. */
  readonly covariance: Float64Array;
  readonly noise: number;
}

/** Variance of a payoff within a pair, pooled over pairs, with a few battles' worth of prior. */
function noiseOf(history: readonly PairHistory[]): number {
  let [squares, freedom] = [priorNoise * priorBattles, priorBattles];
  for (const { issues, sum, sumOfSquares } of history) {
    if (issues < 2) continue;
    squares += Math.max(0, sumOfSquares - (sum * sum) / issues);
    freedom += issues - 1;
  }
  return squares / freedom;
}

/** @throws RangeError for a pair that is not of the tournament */
function placesOf(contestants: readonly string[], { one, other }: PairName): readonly [number, number] {
  const places = [contestants.indexOf(one), contestants.indexOf(other)] as const;
  if (Math.min(...places) >= 0) return places;
  throw new RangeError(`expected contestants of the tournament; found ${one} and ${other}`);
}

/** Payoff = strength - strength + noise, all normal: least squares with a prior. */
function beliefOf(contestants: readonly string[], history: readonly PairHistory[]): Belief {
  const size = contestants.length;
  const noise = noiseOf(history);
  const precision = new Float64Array(size * size);
  const right = new Float64Array(size);
  for (let i = 0; i < size; i += 1) precision[i * size + i] = 1 / priorVariance;
  for (const { issues, sum, ...pair } of history) {
    const [i, j] = placesOf(contestants, pair);
    addTo(precision, i * size + i, issues / noise);
    addTo(precision, j * size + j, issues / noise);
    addTo(precision, i * size + j, -issues / noise);
    addTo(precision, j * size + i, -issues / noise);
    addTo(right, i, sum / noise);
    addTo(right, j, -sum / noise);
  }
  const factor = cholesky(precision);
  if (factor === undefined) throw new RangeError("expected finite payoffs; found sums that are not");
  const covariance = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    const unit = new Float64Array(size);
    unit[i] = 1;
    covariance.set(solve(factor, unit), i * size);
  }
  return { mean: solve(factor, right), covariance, noise };
}

const covariance = (
  belief: Belief,
  [a, b]: readonly [number, number],
  [c, d]: readonly [number, number],
): number => {
  const size = belief.mean.length;
  const of = (i: number, j: number) => at(belief.covariance, i * size + j);
  return of(a, c) - of(a, d) - of(b, c) + of(b, d);
};

/** Entropy in nats of a sign with z-score z; Φ by the logistic of 1.702 z, within 0.01 of it. */
function signEntropy(z: number): number {
  const p = 1 / (1 + Math.exp(-1.702 * z));
  return p <= 0 || p >= 1 ? 0 : -p * Math.log(p) - (1 - p) * Math.log1p(-p);
}

/** Three points of Gauss and Hermite for a standard normal. */
const points = [
  [-Math.sqrt(3), 1 / 6],
  [0, 2 / 3],
  [Math.sqrt(3), 1 / 6],
] as const;

/** Entropy of the sign of a normal less what is expected of it once a measurement takes `learnt` of its variance. */
function signInformation(mean: number, variance: number, learnt: number): number {
  const left = Math.sqrt(Math.max(1e-12, variance - learnt));
  const moved = Math.sqrt(learnt);
  const expected = points.reduce(
    (sum, [z, weight]) => sum + weight * signEntropy((mean + moved * z) / left),
    0,
  );
  return signEntropy(mean / Math.sqrt(variance)) - expected;
}

/** Expected information of one battle about whether the leader is ahead of each other contestant. */
function informationOf(
  belief: Belief,
  pair: readonly [number, number],
  { leader, playing }: { readonly leader: number; readonly playing: readonly number[] },
): number {
  const own = covariance(belief, pair, pair) + belief.noise;
  let total = 0;
  for (const other of playing) {
    if (other === leader) continue;
    const gap = [leader, other] as const;
    const shared = covariance(belief, gap, pair);
    const mean = at(belief.mean, leader) - at(belief.mean, other);
    total += signInformation(mean, covariance(belief, gap, gap), (shared * shared) / own);
  }
  return Math.max(0, total);
}

/** What is believed once the battle is played, whatever it shows: the spread alone moves. */
function afterBattle(belief: Belief, [i, j]: readonly [number, number]): Belief {
  const size = belief.mean.length;
  const column = Float64Array.from(
    { length: size },
    (_, k) => at(belief.covariance, k * size + i) - at(belief.covariance, k * size + j),
  );
  const own = at(column, i) - at(column, j) + belief.noise;
  const next = belief.covariance.map((value, index) => {
    return value - (at(column, Math.floor(index / size)) * at(column, index % size)) / own;
  });
  return { ...belief, covariance: next };
}

interface Candidate {
  readonly pair: PairName;
  readonly places: readonly [number, number];
  readonly costUsd: number;
}

/** Places of those who are not out. */
function placesPlaying({ contestants, out }: PairingOptions): readonly number[] {
  return contestants.flatMap((id, place) => (out?.has(id) === true ? [] : [place]));
}

function candidates(options: PairingOptions): Candidate[] {
  const { contestants, costUsd } = options;
  const playing = placesPlaying(options);
  return playing.flatMap((i, index) =>
    playing.slice(index + 1).map((j): Candidate => {
      const [one = "", other = ""] = [contestants[i], contestants[j]];
      const pair = pairOf(one, other);
      const cost = costUsd(pair);
      if (!(cost > 0 && Number.isFinite(cost))) {
        throw new RangeError(`expected a cost above 0 for ${keyOf(pair)}; found ${cost}`);
      }
      return { pair, places: [i, j], costUsd: cost };
    }),
  );
}

/**
 * Expected growth of the log wealth of a bet on the leader, at the best stake: mean² / (2 · mean square) of its payoffs (Kelly
 * 1956, to second order), where what is not known of the mean counts as mean.
 */
function growthOf(belief: Belief, pair: readonly [number, number]): number {
  const gap = at(belief.mean, pair[0]) - at(belief.mean, pair[1]);
  const square = gap * gap + covariance(belief, pair, pair);
  return square / (2 * (square + belief.noise));
}

/** What each candidate is worth, whatever it costs. */
function worthsOf(left: readonly Candidate[], belief: Belief, options: PairingOptions): readonly number[] {
  const playing = placesPlaying(options);
  const best = Math.max(...playing.map((place) => at(belief.mean, place)));
  const leader = playing.find((place) => at(belief.mean, place) === best) ?? 0;
  const { isProven, contestants } = options;
  if (isProven === undefined)
    return left.map(({ places }) => informationOf(belief, places, { leader, playing }));
  return left.map(({ places }) => {
    if (!places.includes(leader)) return 0;
    const other = places[0] === leader ? places[1] : places[0];
    return isProven(contestants[leader] ?? "", contestants[other] ?? "") ? 0 : growthOf(belief, places);
  });
}

/** One draw: the best pair, or with chance `floor` any. */
function draw(
  left: readonly Candidate[],
  belief: Belief,
  options: PairingOptions & { readonly floor: number },
) {
  const worth = worthsOf(left, belief, options).map((value, place) => value / (left[place]?.costUsd ?? 1));
  const best = worth.indexOf(Math.max(...worth));
  const isAny = options.random.next() < options.floor;
  const anyone = options.random.integer(left.length);
  const place = isAny ? anyone : best;
  const propensity = options.floor / left.length + (place === best ? 1 - options.floor : 0);
  return { place, propensity, informationPerUsd: worth[place] ?? 0 };
}

/**
 * Draws the battles of the next issue. Each draw takes the pair with the greatest expected information per dollar about who is
 * first: the entropy, in nats, of "the leader is ahead of j", summed over j, less what is expected of it after the battle
 * (expected information gain, Lindley 1956, "On a Measure of the Information Provided by an Experiment"), under a normal
 * model of payoffs; towards a proven winner (`isProven`), the expected growth of its wealth. With chance `floor` it takes any
 * pair, so that every pair of those who play on has a known propensity above 0. The normal model only steers: neither intervals nor bets lean on it.
 * @throws RangeError for unknown contestants in what was drawn before, costs that are not above 0, a floor outside of (0, 1]
 */
export function drawPairs(options: PairingOptions): readonly DrawnPair[] {
  const { contestants, history, battles, pending = [], floor = defaultFloor } = options;
  if (!(floor > 0 && floor <= 1)) throw new RangeError(`expected a floor above 0, at most 1; found ${floor}`);
  let belief = pending.reduce(
    (known, pair) => afterBattle(known, placesOf(contestants, pair)),
    beliefOf(contestants, history),
  );
  let left = candidates(options);
  const drawn: DrawnPair[] = [];
  while (drawn.length < battles && left.length > 0) {
    const { place, propensity, informationPerUsd } = draw(left, belief, { ...options, floor });
    const chosen = left[place];
    if (chosen === undefined) break;
    drawn.push({ ...chosen.pair, propensity, informationPerUsd });
    belief = afterBattle(belief, chosen.places);
    left = left.filter((candidate) => candidate !== chosen);
  }
  return drawn;
}

/** Whom the history puts first, by mean; ties by name order of `contestants`. */
export function leaderOf(
  contestants: readonly string[],
  history: readonly PairHistory[],
): string | undefined {
  const { mean } = beliefOf(contestants, history);
  return contestants[mean.indexOf(Math.max(...mean))];
}

/** The history with one more payoff. */
export function withPayoff(
  history: readonly PairHistory[],
  pair: PairName,
  payoff: number,
): readonly PairHistory[] {
  const known = history.find((each) => keyOf(each) === keyOf(pair)) ?? {
    ...pair,
    issues: 0,
    sum: 0,
    sumOfSquares: 0,
  };
  const grown = {
    ...known,
    issues: known.issues + 1,
    sum: known.sum + payoff,
    sumOfSquares: known.sumOfSquares + payoff * payoff,
  };
  return [...history.filter((each) => keyOf(each) !== keyOf(pair)), grown];
}
