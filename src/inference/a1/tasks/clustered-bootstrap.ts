// Intervals for figures over samples: samples of one question stand and fall together, so questions are what is drawn.

export interface Draws {
  /** Uniform in [0, 1). */
  readonly random: { next(): number };
  readonly resamples?: number;
  /** Share of intervals that should hold the truth. */
  readonly level?: number;
}

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Questions. */
  readonly n: number;
}

export const defaultResamples = 2_000;
export const defaultLevel = 0.95;

/**
 * Percentile bootstrap over clusters (Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13; Davison
 * and Hinkley 1997, 3.8, for clusters). Undefined where the figure is, on all questions; draws on which it is are left
 * out, and an interval that fewer than half of them support is not given.
 * @param figure of the questions, each counted as often as its weight says
 */
export function clusteredInterval(
  n: number,
  figure: (weights: Uint32Array) => number | undefined,
  { random, resamples = defaultResamples, level = defaultLevel }: Draws,
): Interval | undefined {
  const value = figure(new Uint32Array(n).fill(1));
  if (value === undefined) return undefined;
  const values: number[] = [];
  for (let resample = 0; resample < resamples; resample += 1) {
    const drawn = figure(weightsOf(n, random));
    if (drawn !== undefined) values.push(drawn);
  }
  if (values.length < resamples / 2) return undefined;
  const sorted = Float64Array.from(values).sort();
  const tail = (1 - level) / 2;
  return { value, low: quantile(sorted, tail), high: quantile(sorted, 1 - tail), n };
}

function weightsOf(n: number, random: { next(): number }): Uint32Array {
  const weights = new Uint32Array(n);
  for (let draw = 0; draw < n; draw += 1) {
    const at = Math.floor(random.next() * n);
    weights[at] = (weights[at] ?? 0) + 1;
  }
  return weights;
}

function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
  return low + (high - low) * (place - Math.floor(place));
}
