// Issues drawn again: intervals that lean on no normal shape, and a critical value for all comparisons at once.
import type { Random } from "../domain/random.ts";
import type { Fit } from "./fit.ts";
import * as linear from "./linear.ts";

// Bound once: this is an inner loop, and a call through an import costs ten times as much where modules are wrapped.
const { at, cholesky, solve, whole } = linear;

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

/** Σ over issues of what lies there for each, times how often it was drawn; `rows` has `length` numbers an issue. */
function weighted(counts: Int32Array, rows: Float64Array, length: number): Float64Array {
  const sum = new Float64Array(length);
  for (let issue = 0; issue < counts.length; issue += 1) {
    const count = whole(counts, issue);
    if (count === 0) continue;
    const start = issue * length;
    for (let i = 0; i < length; i += 1) sum[i] = at(sum, i) + count * at(rows, start + i);
  }
  return sum;
}

/** Row by row the places on and below the diagonal of a square matrix: all there is to a symmetric one. */
function trianglePlaces(size: number): Int32Array {
  const places = Array.from({ length: size }, (_, row) =>
    Array.from({ length: row + 1 }, (__, column) => row * size + column),
  );
  return Int32Array.from(places.flat());
}

/** Factors of the information of resamples, penalty included; the whole's where a resample determines less. */
class Factors {
  readonly #fit: Fit;
  readonly #places: Int32Array;
  /** By issue, the lower triangle of its information; nothing where there are too many issues to need it. */
  readonly #triangles: Float64Array;

  constructor(fit: Fit) {
    this.#fit = fit;
    const { issueInformation } = fit.evaluation;
    const isNeeded = issueInformation.length <= ownInformationUpTo;
    this.#places = isNeeded ? trianglePlaces(fit.theta.length) : new Int32Array(0);
    this.#triangles = new Float64Array(issueInformation.length * this.#places.length);
    for (const [issue, information] of issueInformation.entries()) {
      const start = issue * this.#places.length;
      this.#places.forEach((place, i) => {
        this.#triangles[start + i] = at(information, place);
      });
    }
  }

  of(counts: Int32Array): Float64Array {
    const { factor, penalty } = this.#fit;
    if (this.#places.length === 0) return factor;
    const drawn = weighted(counts, this.#triangles, this.#places.length);
    const lower = Float64Array.from(penalty);
    for (let i = 0; i < drawn.length; i += 1) {
      const place = whole(this.#places, i);
      lower[place] = at(drawn, i) + at(penalty, place);
    }
    return cholesky(lower) ?? factor;
  }
}

/**
 * Bootstrap over issues, one Newton step each from the estimate: A_b⁻¹ Σ_g w_g s_g, where issue g is drawn w_g times and
 * A_b is the information of what was drawn (of everything above 200 issues). One step is first-order equal to fitting
 * anew (Shao and Tu 1995, "The Jackknife and Bootstrap", 4.3; Kline and Santos 2012 for the score bootstrap).
 */
export function resampled(fit: Fit, options: { random: Random; resamples: number }): Resamples {
  const { theta, evaluation, design } = fit;
  const factors = new Factors(fit);
  const changes = Array.from({ length: options.resamples }, () => {
    const counts = drawCounts(design.issues.length, options.random);
    return solve(factors.of(counts), weighted(counts, evaluation.issueScores, theta.length));
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
