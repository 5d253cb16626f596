// How often a test may still change its mind, after so many repeats in which it did or did not.

export interface Flake {
  /** Repeats that came out as most did, and those that did not. */
  readonly passes: number;
  readonly fails: number;
  /** 95 % upper bound of the chance that the next run differs. */
  readonly upper: number;
}

const level = 0.95;

/** P(p <= x) of Beta(1 + differing, 1 + agreeing): for whole counts a sum of binomial terms (DLMF 8.17.5). */
function belief(x: number, differing: number, agreeing: number): number {
  const n = differing + agreeing + 1;
  let term = (1 - x) ** n;
  let below = 0;
  for (let j = 0; j <= differing; j += 1) {
    below += term;
    term *= ((n - j) / (j + 1)) * (x / (1 - x));
  }
  return 1 - below;
}

/** By a uniform prior; without a difference 1 - 0.05^(1/(n+1)). */
export function flakeOf(agreeing: number, differing: number): Flake {
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (belief(middle, differing, agreeing) < level) low = middle;
    else high = middle;
  }
  return { passes: agreeing, fails: differing, upper: Number(high.toFixed(6)) };
}
