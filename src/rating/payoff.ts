// What one issue says about one pair: a number between -1 and 1, however many rounds the pair played on it.
import { marginOf, type RatedRound } from "./outcome.ts";

export interface PairName {
  readonly one: string;
  readonly other: string;
}

/** In name order, so that a pair has one name. */
export const pairOf = (a: string, b: string): PairName =>
  a < b ? { one: a, other: b } : { one: b, other: a };

export const keyOf = ({ one, other }: PairName): string => JSON.stringify([one, other]);

export interface Payoff {
  /** In favour of `one`; absent while a direction was not played, or every round of it is void. */
  readonly value?: number;
  /** Were every void round the worst for `one`, and the best; both are `value` where none is void. */
  readonly least?: number;
  readonly greatest?: number;
  readonly voids: number;
}

const mean = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Margins with `submitter` submitting; a void round counts as `filler`, or not at all. */
function margins(rounds: readonly RatedRound[], submitter: string, filler?: number): number | undefined {
  const own = rounds.filter((round) => round.submitter === submitter);
  return mean(
    own.flatMap(({ score }) => {
      if (score !== undefined) return [marginOf(score)];
      return filler === undefined ? [] : [filler];
    }),
  );
}

function difference(forth: number | undefined, back: number | undefined): number | undefined {
  return forth === undefined || back === undefined ? undefined : (forth - back) / 4;
}

/**
 * (mean margin with `one` submitting - mean margin with `other` submitting) / 4 over the pair's rounds on one issue. A battle
 * without its other direction says nothing: whoever submits has an edge of its own.
 */
export function payoffOf(rounds: readonly RatedRound[], { one, other }: PairName): Payoff {
  const own = rounds.filter(
    ({ submitter, reviewer }) =>
      (submitter === one && reviewer === other) || (submitter === other && reviewer === one),
  );
  const value = difference(margins(own, one), margins(own, other));
  const least = difference(margins(own, one, -2), margins(own, other, 2));
  const greatest = difference(margins(own, one, 2), margins(own, other, -2));
  return {
    ...(value === undefined ? {} : { value }),
    ...(least === undefined ? {} : { least }),
    ...(greatest === undefined ? {} : { greatest }),
    voids: own.filter(({ score }) => score === undefined).length,
  };
}
