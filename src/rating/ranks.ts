// Which places the data leave open for each contestant, for all of them at once.
import { at, dot } from "./linear.ts";
import { normalQuantile } from "./normal.ts";
import { quantileOf, type Resamples } from "./resampling.ts";
import { fewForSandwich } from "./sandwich.ts";
import { studentQuantile } from "./student.ts";

/** 1 to 1 is a first place, 1 to 3 a claim to one of three. */
export interface Rank {
  readonly best: number;
  readonly worst: number;
}

/** A contestant on one scale. */
export interface Placed {
  readonly value: number;
  /** The contrast over the parameters. */
  readonly vector: Float64Array;
  /** By issue; the squares sum to the variance. */
  readonly influences: Float64Array;
  /** Bounds of a strength without a finite figure; absent for all others. */
  readonly unbounded?: { readonly low?: number; readonly high?: number };
}

export interface RankOptions {
  readonly level: number;
  readonly resamples: Resamples;
  /** Least of the contestants' degrees of freedom. */
  readonly freedom: number;
}

const gapOf = (one: Placed, other: Placed): Float64Array =>
  one.influences.map((influence, issue) => influence - at(other.influences, issue));

function errorOf(one: Placed, other: Placed): number {
  const gap = gapOf(one, other);
  return Math.sqrt(dot(gap, gap));
}

interface Pair {
  readonly one: number;
  readonly other: number;
  readonly error: number;
}

function pairsOf(placed: readonly Placed[]): readonly Pair[] {
  const finite = placed.flatMap(({ unbounded }, index) => (unbounded === undefined ? [index] : []));
  return finite.flatMap((one, k) =>
    finite.slice(k + 1).flatMap((other): Pair[] => {
      const [left, right] = [placed[one], placed[other]];
      if (left === undefined || right === undefined) return [];
      return [{ one, other, error: errorOf(left, right) }];
    }),
  );
}

/** Largest |change of a gap| / standard error, over all pairs, in each resample. */
function largestGaps(placed: readonly Placed[], pairs: readonly Pair[], resamples: Resamples): Float64Array {
  const largest = resamples.changes.map((change) => {
    const moved = Float64Array.from(placed, ({ vector }) => dot(vector, change));
    return pairs.reduce(
      (most, { one, other, error }) =>
        error > 0 ? Math.max(most, Math.abs(at(moved, one) - at(moved, other)) / error) : most,
      0,
    );
  });
  return Float64Array.from(largest).sort();
}

/**
 * Below 29 degrees of freedom, or without resamples, Bonferroni's with Student's t, which asks nothing of resamples; else the bootstrap's quantile of the
 * largest gap, never below that of a single comparison.
 */
function criticalValue(placed: readonly Placed[], pairs: readonly Pair[], options: RankOptions): number {
  const tail = (1 - options.level) / 2;
  const count = Math.max(1, pairs.length);
  const freedom = Math.max(1, options.freedom);
  const hasResamples = options.resamples.changes.length > 0;
  if (options.freedom < fewForSandwich - 1 || !hasResamples || pairs.length === 0)
    return studentQuantile(1 - tail / count, freedom);
  const largest = quantileOf(largestGaps(placed, pairs, options.resamples), options.level);
  return Math.max(largest, normalQuantile(1 - tail));
}

function ownBounds({ value, influences }: Placed, critical: number): { low: number; high: number } {
  const reach = critical * Math.sqrt(dot(influences, influences));
  return { low: value - reach, high: value + reach };
}

function isAhead(one: Placed, other: Placed, critical: number): boolean {
  if (one.unbounded === undefined && other.unbounded === undefined) {
    return one.value - other.value > critical * errorOf(one, other);
  }
  const { low } = one.unbounded ?? ownBounds(one, critical);
  const { high } = other.unbounded ?? ownBounds(other, critical);
  return low !== undefined && high !== undefined && low > high;
}

/**
 * Places that no order claimed at the level rules out, for all contestants at once: 1 + those surely ahead, up to all less
 * those surely behind (Mogstad, Romano, Shaikh and Wilhelm 2024, "Inference for Ranks with Applications to Mobility across
 * Neighbourhoods and Academic Achievement across Countries", Review of Economic Studies 91, section 3).
 */
export function ranksOf(placed: readonly Placed[], options: RankOptions): readonly Rank[] {
  const critical = criticalValue(placed, pairsOf(placed), options);
  return placed.map((own) => ({
    best: 1 + placed.filter((other) => isAhead(other, own, critical)).length,
    worst: placed.length - placed.filter((other) => isAhead(own, other, critical)).length,
  }));
}
