// Intervals for ratios over instances: rounds on one instance stand and fall together, so instances are what is drawn.
import type { Random } from "../domain/random.ts";
import * as linear from "./linear.ts";
import { normalBelow, normalQuantile } from "./normal.ts";
import { studentQuantile } from "./student.ts";

// Bound once: this is an inner loop, and a call through an import costs ten times as much where modules are wrapped.
const { addTo, at, whole } = linear;

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

/** Four instances have 35 different resamples: too few for a 2.5 % tail. */
const leastToResample = 5;

export const defaultResamples = 2_000;
export const defaultLevel = 0.95;

/** Instances that have something to say, part by part: an array of numerators and one of denominators each. */
interface Table {
  readonly n: number;
  readonly parts: readonly { readonly numerators: Float64Array; readonly denominators: Float64Array }[];
}

function tableOf(clusters: readonly Cluster[]): Table {
  const n = clusters.length;
  const parts = (clusters[0] ?? []).map((_, part) => {
    const own = { numerators: new Float64Array(n), denominators: new Float64Array(n) };
    for (let place = 0; place < n; place += 1) {
      const share = clusters[place]?.[part];
      own.numerators[place] = share?.numerator ?? 0;
      own.denominators[place] = share?.denominator ?? 0;
    }
    return own;
  });
  return { n, parts };
}

function total(values: Float64Array): number {
  let sum = 0;
  for (let place = 0; place < values.length; place += 1) sum += at(values, place);
  return sum;
}

const totals = ({ parts }: Table): readonly Share[] =>
  parts.map(({ numerators, denominators }) => ({
    numerator: total(numerators),
    denominator: total(denominators),
  }));

/** The mean of the ratios; undefined where one of them has no denominator: missing is neither 0 nor 1. */
function statistic(sums: readonly Share[]): number | undefined {
  if (sums.length === 0 || sums.some((sum) => sum.denominator === 0)) return undefined;
  return sums.reduce((mean, sum) => mean + sum.numerator / sum.denominator, 0) / sums.length;
}

interface Extremes {
  readonly least: number;
  readonly greatest: number;
  readonly count: number;
}

/** Of the ratios of the instances that have one, share by share. */
function extremesOf({ n, parts }: Table): readonly Extremes[] {
  return parts.map(({ numerators, denominators }) => {
    let [least, greatest, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
    for (let place = 0; place < n; place += 1) {
      const denominator = at(denominators, place);
      if (denominator === 0) continue;
      const ratio = at(numerators, place) / denominator;
      least = Math.min(least, ratio);
      greatest = Math.max(greatest, ratio);
      count += 1;
    }
    return { least, greatest, count };
  });
}

const mean = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0) / values.length;

function quantile(sorted: Float64Array, p: number): number {
  const place = Math.min(sorted.length - 1, Math.max(0, p * (sorted.length + 1) - 1));
  const below = Math.floor(place);
  const [low, high] = [sorted[below] ?? 0, sorted[Math.min(sorted.length - 1, below + 1)] ?? 0];
  return low + (high - low) * (place - below);
}

/** Skewness of the leave-one-out values over six: how fast the spread changes with the value. */
function acceleration({ n, parts }: Table, sums: readonly Share[]): number {
  const values = new Float64Array(n);
  for (const [part, { numerators, denominators }] of parts.entries()) {
    const { numerator, denominator } = sums[part] ?? { numerator: 0, denominator: 0 };
    for (let place = 0; place < n; place += 1) {
      const rest = denominator - at(denominators, place);
      if (rest === 0) return 0;
      addTo(values, place, (numerator - at(numerators, place)) / rest);
    }
  }
  if (parts.length > 1)
    for (let place = 0; place < n; place += 1) values[place] = at(values, place) / parts.length;
  const middle = total(values) / n;
  let [squares, cubes] = [0, 0];
  for (let place = 0; place < n; place += 1) {
    const off = middle - at(values, place);
    squares += off ** 2;
    cubes += off ** 3;
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}

/** One sum for each resample of as many draws as there are values. */
function sumsOver(draws: Int32Array, values: Float64Array): Float64Array {
  const n = values.length;
  const sums = new Float64Array(draws.length / n);
  const [first] = values;
  // Whole numbers add up to the same in any order: where all are alike, they need not be drawn.
  if (first !== undefined && Number.isInteger(first) && values.every((value) => value === first))
    return sums.fill(n * first);
  let place = 0;
  for (let resample = 0; resample < sums.length; resample += 1) {
    let sum = 0;
    for (const end = place + n; place < end; place += 1) sum += at(values, whole(draws, place));
    sums[resample] = sum;
  }
  return sums;
}

/**
 * Bias-corrected and accelerated (BCa) bootstrap of ratios of sums, over instances (clusters).
 *
 * value = Σ numerator / Σ denominator (the mean of such ratios where a cluster has several shares). For each of
 * `resamples` draws of n instances with replacement the value is taken again; the interval is the quantiles
 * Φ(z0 + (z0 + z) / (1 - a (z0 + z))) of these at z for α/2 and 1 - α/2, with z0 from the share of resamples
 * below the value and a from the jackknife (Efron 1987, "Better Bootstrap Confidence Intervals"; Davison and Hinkley
 * 1997, 5.3.2). A bootstrap of few instances is too narrow by √((n-1)/n) and by taking Φ for Student's t, so z is
 * √(n/(n-1)) · t⁻¹(·; n-1) instead of Φ⁻¹(·) (Hesterberg 2015, "What Teachers Should Know About the Bootstrap").
 *
 * Where all instances say the same, resampling shows no spread at all and 8 of 8 would read as certainty; with fewer
 * than five it has too few different draws. There the exact bound is used, which asks nothing of the distribution: with
 * p = (α/2)^(1/n), all n values lie above the point that a share p of the population exceeds with probability α/2 at
 * most, so the mean is at least p · (least value seen) + (1 - p) · (end of the range); above, the same. For n equal
 * values at an end of the range this is the bound of Clopper and Pearson (1934). Without a range (tokens, seconds) the
 * bootstrap is all there is.
 */
export class Bootstrap {
  readonly #random: Random;
  readonly resamples: number;
  readonly level: number;
  readonly #draws = new Map<number, Int32Array>();
  readonly #reaches = new Map<number, readonly [number, number]>();

  constructor(options: BootstrapOptions) {
    this.#random = options.random;
    this.resamples = options.resamples ?? defaultResamples;
    this.level = options.level ?? defaultLevel;
  }

  /** The same draws serve every estimate over n instances: a board compares rows, not the luck of their draws. */
  #drawsOf(n: number): Int32Array {
    const known = this.#draws.get(n);
    if (known !== undefined) return known;
    const random = this.#random.fork(`bootstrap of ${n}`);
    const made = new Int32Array(n * this.resamples).map(() => random.integer(n));
    this.#draws.set(n, made);
    return made;
  }

  /** In ascending order; resamples that have no value are left out. */
  #resampled({ n, parts }: Table): Float64Array {
    const draws = this.#drawsOf(n);
    const values = new Float64Array(this.resamples);
    const isMissing = new Uint8Array(this.resamples);
    for (const { numerators, denominators } of parts) {
      const [over, under] = [sumsOver(draws, numerators), sumsOver(draws, denominators)];
      for (let resample = 0; resample < values.length; resample += 1) {
        if (at(under, resample) === 0) isMissing[resample] = 1;
        else addTo(values, resample, at(over, resample) / at(under, resample));
      }
    }
    const means = parts.length > 1 ? values.map((value) => value / parts.length) : values;
    return (isMissing.includes(1) ? means.filter((_, place) => isMissing[place] === 0) : means).sort();
  }

  /** Student's quantiles for the two ends of an interval over n instances, widened: they are costly, and few. */
  #reachOf(n: number): readonly [number, number] {
    const known = this.#reaches.get(n);
    if (known !== undefined) return known;
    const widening = Math.sqrt(n / (n - 1));
    const tail = (1 - this.level) / 2;
    const reach = [
      widening * studentQuantile(tail, n - 1),
      widening * studentQuantile(1 - tail, n - 1),
    ] as const;
    this.#reaches.set(n, reach);
    return reach;
  }

  #bca(table: Table, sums: readonly Share[], value: number): readonly [number, number] {
    const sorted = this.#resampled(table);
    let below = 0;
    for (let place = 0; place < sorted.length; place += 1) {
      const one = at(sorted, place);
      below += one < value ? 1 : one === value ? 0.5 : 0;
    }
    const share = Math.min(1 - 1e-6, Math.max(1e-6, below / sorted.length));
    const bias = normalQuantile(share);
    const slope = acceleration(table, sums);
    const end = (reach: number): number => {
      const shifted = bias + reach;
      return quantile(sorted, normalBelow(bias + shifted / (1 - slope * shifted)));
    };
    const [low, high] = this.#reachOf(table.n);
    return [end(low), end(high)];
  }

  #exact(extremes: readonly Extremes[], range: Range): { readonly low: number; readonly high: number } {
    const reach = (seen: number, end: number, count: number): number => {
      const share = ((1 - this.level) / 2) ** (1 / count);
      return share * seen + (1 - share) * end;
    };
    return {
      low: mean(extremes.map(({ least, count }) => reach(least, range.least, count))),
      high: mean(extremes.map(({ greatest, count }) => reach(greatest, range.greatest, count))),
    };
  }

  /**
   * Undefined when there is no denominator. `clusters` must come in an order of their own (by instance id), for the
   * same interval whatever order the rounds were played in. With a range, the interval stays inside it.
   */
  estimate(clusters: readonly Cluster[], range?: Range): Estimate | undefined {
    const table = tableOf(clusters.filter((cluster) => cluster.some((share) => share.denominator !== 0)));
    const sums = totals(table);
    const value = statistic(sums);
    if (value === undefined) return undefined;
    const { n } = table;
    const extremes = extremesOf(table);
    const areAlike = extremes.every(({ least, greatest }) => greatest - least < 1e-9);
    if (range !== undefined && (areAlike || n < leastToResample)) {
      return { value, ...this.#exact(extremes, range), n };
    }
    if (areAlike) return { value, low: value, high: value, n };
    const [low, high] = this.#bca(table, sums, value);
    return { value, low: Math.min(low, value), high: Math.max(high, value), n };
  }
}
