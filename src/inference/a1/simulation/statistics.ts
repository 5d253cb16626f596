// Quantiles, and a test of uniformity that does not take siblings for independent.
import { uniformOf } from "../keyed-random.ts";

/** Between neighbours by their distance; undefined of nothing. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below === undefined || above === undefined ? undefined : below + (above - below) * (at % 1);
}

/** Greatest distance of the empirical distribution from the uniform one on [0, 1]. */
export function distanceFromUniform(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted.reduce(
    (most, value, at) =>
      Math.max(most, Math.abs(value - at / sorted.length), Math.abs((at + 1) / sorted.length - value)),
    0,
  );
}

/** Kolmogorov's: how likely independent uniform values are at least that far away; Stephens' correction for few. */
export function kolmogorovPValue(distance: number, count: number): number {
  const root = Math.sqrt(count);
  const scaled = (root + 0.12 + 0.11 / root) * distance;
  if (scaled < 0.2) return 1;
  let sum = 0;
  for (let term = 1; term <= 100; term += 1)
    sum += 2 * (term % 2 === 1 ? 1 : -1) * Math.exp(-2 * (term * scaled) ** 2);
  return Math.min(1, Math.max(0, sum));
}

export interface Uniformity {
  /** How many have values. */
  readonly clusters: number;
  readonly values: number;
  /** Middle one of the draws. */
  readonly distance: number;
  readonly pValue: number;
}

/** Draws of one value a cluster: enough for a steady median. */
const draws = 99;

/**
 * Whether values are uniform that come in clusters, as siblings' do. One value of each cluster is drawn and tested; that
 * again and again, and twice the median of those p-values is a p-value whatever their dependence (Rüger's combination,
 * see Vovk and Wang, arXiv 1212.4966). Tens of siblings count as one, as they must.
 */
export function clusteredUniformity(
  clusters: ReadonlyMap<string, readonly number[]>,
  seed: string,
): Uniformity {
  const filled = [...clusters].filter(([, values]) => values.length > 0);
  const values = filled.reduce((sum, [, own]) => sum + own.length, 0);
  if (filled.length === 0) return { clusters: 0, values: 0, distance: 0, pValue: 1 };
  const drawn = Array.from({ length: draws }, (_, draw) => {
    const one = filled.flatMap(
      ([name, own]) => own[Math.floor(uniformOf(seed, draw, name) * own.length)] ?? [],
    );
    const distance = distanceFromUniform(one);
    return { distance, pValue: kolmogorovPValue(distance, one.length) };
  });
  const median = (of: (each: { distance: number; pValue: number }) => number) =>
    quantile(drawn.map(of), 0.5) ?? 0;
  return {
    ...{ clusters: filled.length, values, distance: median(({ distance }) => distance) },
    pValue: Math.min(1, 2 * median(({ pValue }) => pValue)),
  };
}
