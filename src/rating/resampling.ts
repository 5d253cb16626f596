// Issues drawn again: intervals that lean on no normal shape, and a critical value for all comparisons at once.
import type { Random } from "../domain/random.ts";
import type { Fit } from "./fit.ts";
import * as linear from "./linear.ts";

// Bound once: this is an inner loop, and a call through an import costs ten times as much where modules are wrapped.
const { addTo, at, cholesky, solve, whole } = linear;

/** Up to this many issues every resample gets its own information matrix; above, that changes nothing one could see. */
const ownInformationUpTo = 200;

export interface Resamples {
  /** Change of all parameters, one row per resample. */
  readonly changes: readonly Float64Array[];
}

/** How often each issue is drawn. */
function drawCounts(issues: number, random: Random): Int32Array {
  const counts = new Int32Array(issues);
  for (let draw = 0; draw < issues; draw += 1) {
    const drawn = random.integer(issues);
    counts[drawn] = whole(counts, drawn) + 1;
  }
  return counts;
}

function weighted(counts: Int32Array, rows: (issue: number) => Float64Array, length: number): Float64Array {
  const sum = new Float64Array(length);
  counts.forEach((count, issue) => {
    if (count === 0) return;
    const row = rows(issue);
    for (let i = 0; i < length; i += 1) addTo(sum, i, count * at(row, i));
  });
  return sum;
}

/** Information of a resample, penalty included; the whole's where the resample determines less. */
function factorOf(fit: Fit, counts: Int32Array): Float64Array {
  const { issueInformation, information } = fit.evaluation;
  if (issueInformation.length > ownInformationUpTo) return fit.factor;
  const drawn = weighted(counts, (issue) => issueInformation[issue] ?? information, information.length);
  return cholesky(drawn.map((value, i) => value + at(fit.penalty, i))) ?? fit.factor;
}

/**
 * Bootstrap over issues, one Newton step each from the estimate: A_b⁻¹ Σ_g w_g s_g, where issue g is drawn w_g times and
 * A_b is the information of what was drawn (of everything above 200 issues). One step is first-order equal to fitting
 * anew (Shao and Tu 1995, "The Jackknife and Bootstrap", 4.3; Kline and Santos 2012 for the score bootstrap).
 */
export function resampled(fit: Fit, options: { random: Random; resamples: number }): Resamples {
  const { theta, evaluation, design } = fit;
  const size = theta.length;
  const changes = Array.from({ length: options.resamples }, () => {
    const counts = drawCounts(design.issues.length, options.random);
    const score = weighted(
      counts,
      (issue) => evaluation.issueScores.subarray(issue * size, (issue + 1) * size),
      size,
    );
    return solve(factorOf(fit, counts), score);
  });
  return { changes };
}

/** Value of a sorted list below which a share p lies. */
export function quantileOf(sorted: Float64Array, p: number): number {
  const place = Math.min(sorted.length - 1, Math.max(0, p * (sorted.length + 1) - 1));
  const below = Math.floor(place);
  const low = at(sorted, below);
  return low + (at(sorted, Math.min(sorted.length - 1, below + 1)) - low) * (place - below);
}
