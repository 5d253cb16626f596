// Intervals for ratios over instances: rounds on one instance stand and fall together, so instances are what is drawn.
import type { Random } from "../domain/random.ts";
import { normalBelow, normalQuantile } from "./normal.ts";

/** What one instance adds to a ratio of sums, e.g. kills and rounds that could have been killed. */
export interface Share {
  readonly numerator: number;
  readonly denominator: number;
}

/** One instance: one share for a plain ratio, several for a mean of ratios (the score of both roles). */
export type Cluster = readonly Share[];

export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Instances that had something to say, never rounds. */
  readonly n: number;
}

/** The least and the greatest value one observation can have, where there are such. */
export interface Range {
  readonly least: number;
  readonly greatest: number;
}

export interface BootstrapOptions {
  readonly random: Random;
  readonly resamples?: number;
  /** Share of intervals that should cover the truth. */
  readonly level?: number;
}

/** Below this many instances an interval is shown, and said to rest on too few issues. */
export const fewInstances = 10;

export const defaultResamples = 2_000;
export const defaultLevel = 0.95;

const add = (sum: Share, share: Share): Share => ({
  numerator: sum.numerator + share.numerator,
  denominator: sum.denominator + share.denominator,
});
const nothing: Share = { numerator: 0, denominator: 0 };

function totals(clusters: readonly Cluster[]): readonly Share[] {
  const width = clusters[0]?.length ?? 0;
  return Array.from({ length: width }, (_, part) =>
    clusters.reduce((sum, cluster) => add(sum, cluster[part] ?? nothing), nothing),
  );
}

/** The mean of the ratios; undefined where one of them has no denominator: missing is neither 0 nor 1. */
function statistic(sums: readonly Share[]): number | undefined {
  if (sums.length === 0 || sums.some((sum) => sum.denominator === 0)) return undefined;
  return sums.reduce((total, sum) => total + sum.numerator / sum.denominator, 0) / sums.length;
}

/** True when every instance says the same, so that resampling can only repeat it. */
function allAlike(clusters: readonly Cluster[], sums: readonly Share[]): boolean {
  const alike = (share: Share, sum: Share) =>
    Math.abs(share.numerator * sum.denominator - sum.numerator * share.denominator) <
    1e-9 * sum.denominator * share.denominator;
  return clusters.every((cluster) =>
    cluster.every((share, part) => share.denominator === 0 || alike(share, sums[part] ?? nothing)),
  );
}

function quantile(sorted: Float64Array, p: number): number {
  const place = Math.min(sorted.length - 1, Math.max(0, p * (sorted.length + 1) - 1));
  const below = Math.floor(place);
  const [low, high] = [sorted[below] ?? 0, sorted[Math.min(sorted.length - 1, below + 1)] ?? 0];
  return low + (high - low) * (place - below);
}

/** Skewness of the leave-one-out values over six: how fast the spread changes with the value. */
function acceleration(clusters: readonly Cluster[], sums: readonly Share[]): number {
  const without = clusters.map((cluster) =>
    statistic(
      sums.map((sum, part) => ({
        numerator: sum.numerator - (cluster[part]?.numerator ?? 0),
        denominator: sum.denominator - (cluster[part]?.denominator ?? 0),
      })),
    ),
  );
  const values = without.filter((value) => value !== undefined);
  if (values.length < clusters.length) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const moment = (power: number) => values.reduce((sum, value) => sum + (mean - value) ** power, 0);
  const squares = moment(2);
  return squares === 0 ? 0 : moment(3) / (6 * squares ** 1.5);
}

/**
 * Bias-corrected and accelerated (BCa) bootstrap of ratios of sums, over instances (clusters).
 *
 * value = Σ numerator / Σ denominator (the mean of such ratios where a cluster has several shares). For each of
 * `resamples` draws of n instances with replacement the value is taken again; the interval is the quantiles
 * Φ(z0 + (z0 + z) / (1 - a (z0 + z))) of these at z = Φ⁻¹(α/2) and Φ⁻¹(1 - α/2), with z0 from the share of resamples
 * below the value and a from the jackknife (Efron 1987, "Better Bootstrap Confidence Intervals"; Davison and Hinkley
 * 1997, 5.3.2).
 *
 * Where every instance says the same value v, resampling shows no spread at all, and 8 of 8 would read as certainty.
 * There the exact bound is used: n equal observations happen with probability at most α/2 unless a share
 * p ≥ (α/2)^(1/n) of the population says v; the rest may lie anywhere in the range. For v at an end of the range
 * this is the bound of Clopper and Pearson (1934). Without a range the interval is the value alone.
 */
export class Bootstrap {
  readonly #random: Random;
  readonly resamples: number;
  readonly level: number;
  readonly #draws = new Map<number, Uint32Array>();

  constructor(options: BootstrapOptions) {
    this.#random = options.random;
    this.resamples = options.resamples ?? defaultResamples;
    this.level = options.level ?? defaultLevel;
  }

  /** The same draws serve every estimate over n instances: a board compares rows, not the luck of their draws. */
  #drawsOf(n: number): Uint32Array {
    const known = this.#draws.get(n);
    if (known !== undefined) return known;
    const random = this.#random.fork(`bootstrap of ${n}`);
    const made = new Uint32Array(n * this.resamples).map(() => random.integer(n));
    this.#draws.set(n, made);
    return made;
  }

  #resampled(clusters: readonly Cluster[], width: number): Float64Array {
    const n = clusters.length;
    const draws = this.#drawsOf(n);
    const parts = Array.from({ length: width }, (_, part) => ({
      numerators: Float64Array.from(clusters, (cluster) => cluster[part]?.numerator ?? 0),
      denominators: Float64Array.from(clusters, (cluster) => cluster[part]?.denominator ?? 0),
    }));
    const values: number[] = [];
    for (let resample = 0; resample < this.resamples; resample += 1) {
      const sums = parts.map(({ numerators, denominators }) => {
        let [numerator, denominator] = [0, 0];
        for (let place = resample * n; place < (resample + 1) * n; place += 1) {
          const drawn = draws[place] ?? 0;
          numerator += numerators[drawn] ?? 0;
          denominator += denominators[drawn] ?? 0;
        }
        return { numerator, denominator };
      });
      const value = statistic(sums);
      if (value !== undefined) values.push(value);
    }
    return Float64Array.from(values).sort();
  }

  #bca(clusters: readonly Cluster[], sums: readonly Share[], value: number): readonly [number, number] {
    const sorted = this.#resampled(clusters, sums.length);
    const below = sorted.reduce((count, one) => count + (one < value ? 1 : one === value ? 0.5 : 0), 0);
    const share = Math.min(1 - 1e-6, Math.max(1e-6, below / sorted.length));
    const bias = normalQuantile(share);
    const slope = acceleration(clusters, sums);
    const end = (p: number): number => {
      const shifted = bias + normalQuantile(p);
      return quantile(sorted, normalBelow(bias + shifted / (1 - slope * shifted)));
    };
    const tail = (1 - this.level) / 2;
    return [end(tail), end(1 - tail)];
  }

  /**
   * Undefined when there is no denominator. `clusters` must come in an order of their own (by instance id), for the
   * same interval whatever order the rounds were played in. With a range, the interval stays inside it.
   */
  estimate(clusters: readonly Cluster[], range?: Range): Estimate | undefined {
    const counted = clusters.filter((cluster) => cluster.some((share) => share.denominator !== 0));
    const sums = totals(counted);
    const value = statistic(sums);
    if (value === undefined) return undefined;
    const n = counted.length;
    if (!allAlike(counted, sums)) {
      const [low, high] = this.#bca(counted, sums, value);
      return { value, low: Math.min(low, value), high: Math.max(high, value), n };
    }
    if (range === undefined) return { value, low: value, high: value, n };
    const share = ((1 - this.level) / 2) ** (1 / n);
    const reach = (end: number) => share * value + (1 - share) * end;
    return { value, low: reach(range.least), high: reach(range.greatest), n };
  }
}
