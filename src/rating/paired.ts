// Two contestants on the same issues, metric by metric: the hardness of an issue is the same for both, and drops out.
import type { Random } from "../domain/random.ts";
import type { Bootstrap, Range, Share } from "./bootstrap.ts";

/** A metric of one contestant, by issue (instance id). */
export type ByIssue = ReadonlyMap<string, Share>;

export interface PairedDifference {
  /** Mean over shared issues of (one's ratio - other's ratio). */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** Issues on which both have something to say. */
  readonly n: number;
  /** Two-sided. */
  readonly p: number;
  /** All sign patterns were looked at, instead of a sample of them. */
  readonly isExact: boolean;
}

/** 2^16 sign patterns are looked at in full. */
const exactUpTo = 16;
const drawn = 9_999;
const tolerance = 1e-9;

function signFlips(differences: readonly number[], random: Random): { p: number; isExact: boolean } {
  const moving = differences.filter((difference) => difference !== 0);
  const seen = Math.abs(moving.reduce((sum, value) => sum + value, 0)) - tolerance;
  const isExact = moving.length <= exactUpTo;
  const total = isExact ? 2 ** moving.length : drawn;
  let extreme = 0;
  for (let pattern = 0; pattern < total; pattern += 1) {
    const sum = moving.reduce((rest, value, bit) => {
      const isFlipped = isExact ? ((pattern >> bit) & 1) === 1 : random.next() < 0.5;
      return rest + (isFlipped ? -value : value);
    }, 0);
    if (Math.abs(sum) >= seen) extreme += 1;
  }
  // What was seen is one of the patterns: a sampled p is never 0 (Phipson and Smyth 2010).
  return { p: isExact ? extreme / total : (extreme + 1) / (total + 1), isExact };
}

/** A difference of two ratios reaches as far as the ratios' range is wide. */
function doubled(range: Range | undefined): Range | undefined {
  if (range === undefined) return undefined;
  const width = range.greatest - range.least;
  return { least: -width, greatest: width };
}

/**
 * The paired sign-flip test over issues (Fisher 1935, "The Design of Experiments", 21; Good 2005, "Permutation, Parametric and
 * Bootstrap Tests", 3.2), exact up to 16 issues that differ, beside the BCa interval of the mean difference. With one round an
 * issue and a yes-or-no metric it is McNemar's exact test. Issues that only one contestant has are left out, never counted as 0;
 * undefined where no issue is shared. `random` is drawn from where patterns are sampled.
 */
export function pairedDifference(
  one: ByIssue,
  other: ByIssue,
  options: { readonly bootstrap: Bootstrap; readonly random: Random; readonly range?: Range },
): PairedDifference | undefined {
  const shared = [...one.keys()].filter((issue) => other.has(issue)).sort();
  const differences = shared.flatMap((issue) => {
    const [left, right] = [one.get(issue), other.get(issue)];
    if (!left?.denominator || !right?.denominator) return [];
    return [left.numerator / left.denominator - right.numerator / right.denominator];
  });
  const clusters = differences.map((difference) => [{ numerator: difference, denominator: 1 }]);
  const estimate = options.bootstrap.estimate(clusters, doubled(options.range));
  if (estimate === undefined) return undefined;
  const { value: difference, low, high, n } = estimate;
  return { difference, low, high, n, ...signFlips(differences, options.random.fork("sign flips")) };
}

/** Holm's adjusted p-values, in the order given: the chance of any false claim among all stays below the level (Holm 1979). */
export function holm(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((_, place) => place).sort((a, b) => (pValues[a] ?? 1) - (pValues[b] ?? 1));
  const adjusted = pValues.map(() => 1);
  let most = 0;
  order.forEach((place, rank) => {
    most = Math.max(most, Math.min(1, (pValues.length - rank) * (pValues[place] ?? 1)));
    adjusted[place] = most;
  });
  return adjusted;
}
