// Evidence that may be looked at any time: what a gambler would own who bets, issue after issue, that one side is better.
import { at } from "./linear.ts";
import type { Bounds } from "./sandwich.ts";

/** Shares of the wealth that are staked; each starts with the same part of it. */
const stakes = Float64Array.from({ length: 20 }, (_, k) => (k + 0.5) / 20);

/** log of the mean of exp. */
function logMean(logs: Float64Array): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < logs.length; k += 1) top = Math.max(top, at(logs, k));
  if (top === Number.NEGATIVE_INFINITY) return top;
  let sum = 0;
  for (let k = 0; k < logs.length; k += 1) sum += Math.exp(at(logs, k) - top);
  return top + Math.log(sum / logs.length);
}

function refuse(payoff: number): void {
  if (payoff >= -1 && payoff <= 1) return;
  throw new RangeError(`expected a payoff between -1 and 1; found ${payoff}: divide margins by 4`);
}

/**
 * The e-process of "the mean payoff is at most 0": Σ_k (1/20) Π_t (1 + λ_k x_t) with λ_k = 0.025, 0.075, ..., 0.975.
 * Where every payoff's mean given all that was seen before is at most 0, it is a non-negative supermartingale that starts at 1,
 * so it ever reaches 1 / α with chance α at most (Ville 1939): at any peek, under any rule of stopping, and whichever pair plays
 * next (Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables by betting", JRSS B 86, sections 3-4;
 * the mixture over stakes is Cover's universal portfolio 1991).
 */
export class Bet {
  readonly #logs = new Float64Array(stakes.length);

  /** @throws RangeError for a payoff outside of [-1, 1] */
  add(payoff: number): void {
    refuse(payoff);
    for (let k = 0; k < stakes.length; k += 1) {
      this.#logs[k] = at(this.#logs, k) + Math.log1p(at(stakes, k) * payoff);
    }
  }

  get logWealth(): number {
    return logMean(this.#logs);
  }

  /** The e-value: 20 is evidence at the 5 % level. At most the largest finite number, so that it can be written down. */
  get wealth(): number {
    return Math.min(Number.MAX_VALUE, Math.exp(this.logWealth));
  }
}

/** How often each payoff came: of many issues there are few different ones, and their order says nothing. */
type Tally = ReadonlyMap<number, number>;

function tallied(payoffs: readonly number[]): Tally {
  const tally = new Map<number, number>();
  for (const payoff of payoffs) tally.set(payoff, (tally.get(payoff) ?? 0) + 1);
  return tally;
}

/** log wealth of bets that the mean of payoffs is above `mean`: stakes shrink with what can be lost. */
function logWealthAgainst(payoffs: Tally, mean: number, sign: 1 | -1): number {
  const reach = 1 + sign * mean;
  if (reach <= 0) return Number.POSITIVE_INFINITY;
  const logs = stakes.map((stake) => {
    let log = 0;
    for (const [payoff, times] of payoffs)
      log += times * Math.log1p((stake * sign * (payoff - mean)) / reach);
    return log;
  });
  return logMean(logs);
}

/** The end of the interval below (`sign` 1) or above (-1) the mean, by bisection: wealth falls as the mean rises. */
function endOf(payoffs: Tally, limit: number, sign: 1 | -1): number {
  let [refuted, open] = [-1, 1];
  if (logWealthAgainst(payoffs, sign * (refuted + 1e-9), sign) < limit) return -sign;
  for (let step = 0; step < 40; step += 1) {
    const middle = (refuted + open) / 2;
    if (logWealthAgainst(payoffs, sign * middle, sign) >= limit) refuted = middle;
    else open = middle;
  }
  return sign * refuted;
}

/**
 * Means of payoffs that no bet has refuted: an interval that holds the true mean at all times at once with chance `level` (a
 * confidence sequence; same source, section 4). Wider than a fixed-n interval: that is the price of looking.
 */
export function anytimeInterval(payoffs: readonly number[], level: number): Bounds {
  for (const payoff of payoffs) refuse(payoff);
  const limit = Math.log(2 / (1 - level));
  if (payoffs.length === 0) return { low: -1, high: 1 };
  const tally = tallied(payoffs);
  return { low: endOf(tally, limit, 1), high: endOf(tally, limit, -1) };
}

/**
 * e-BH: of m e-values the k largest are discoveries, for the largest k with e_(k) >= m / (level k). The expected share of
 * false ones among them is at most `level`, however the e-values depend on each other (Wang and Ramdas 2022, "False discovery
 * rate control with e-values", JRSS B 84). Gives the places of the discoveries.
 */
export function eBenjaminiHochberg(eValues: readonly number[], level: number): readonly number[] {
  const order = eValues.map((_, place) => place).sort((a, b) => (eValues[b] ?? 0) - (eValues[a] ?? 0));
  const isEnough = (place: number, rank: number) =>
    (eValues[place] ?? 0) >= eValues.length / (level * (rank + 1));
  const last = order.findLastIndex(isEnough);
  return order.slice(0, last + 1);
}
