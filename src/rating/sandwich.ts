// How far a strength may be off: variances from issues, which are independent, and not from rounds, which are not.
import { issuesByNode } from "./contrast.ts";
import type { Fit } from "./fit.ts";
import * as linear from "./linear.ts";
import { studentQuantile } from "./student.ts";

// Bound once: this is an inner loop, and a call through an import costs ten times as much where modules are wrapped.
const { at, dot, sideOf, eigenOf, forward, solve, times, whitened } = linear;

/** Below this many issues the plain sandwich is too narrow, and variances are corrected (CR2) with their own freedom. */
export const fewForSandwich = 30;

/** Up to this many issues degrees of freedom are worked out in full; above, what issues share of them is too little to see. */
const fullFreedomUpTo = 60;

export type Correction = "CR1" | "CR2";

export interface Spread {
  readonly standardError: number;
  /** Degrees of freedom of Student's t. */
  readonly freedom: number;
}

/** Score of one issue. */
const issueScore = ({ evaluation, theta }: Fit, issue: number): Float64Array =>
  evaluation.issueScores.subarray(issue * theta.length, (issue + 1) * theta.length);

/** Of the role that was played on the fewest. */
const fewestIssues = ({ design }: Fit): number =>
  issuesByNode(design).reduce(
    (least, count) => (count === 0 ? least : Math.min(least, count)),
    design.issues.length,
  );

const issuesOf = (fit: Fit): number => fit.design.issues.length;

/**
 * Variances of contrasts c of the strengths, clustered by issue. With A the information, s_g the score of issue g and
 * A_g its information:
 *   CR1: G / (G - 1) · Σ_g (cᵀ A⁻¹ s_g)², Student's t with G - 1 degrees of freedom (Liang and Zeger 1986, Biometrika 73)
 *   CR2: Σ_g (cᵀ A⁻¹ (I - A_g A⁻¹)^(-1/2) s_g)² (Bell and McCaffrey 2002, Survey Methodology 28; for estimating equations
 *        Kauermann and Carroll 2001, JASA 96), with Satterthwaite's degrees of freedom where issues spread as the model says.
 * CR2 where some role of some contestant was played on fewer than 30 issues, CR1 where all have more.
 */
export class Sandwich {
  readonly #fit: Fit;
  readonly correction: Correction;
  /** cᵀ A⁻¹ B_g by issue needs B_gᵀ; these are in the frame where A is the identity. */
  readonly #adjustments: readonly Float64Array[];
  readonly #whiteInformation: readonly Float64Array[];

  constructor(fit: Fit, correction: Correction = fewestIssues(fit) < fewForSandwich ? "CR2" : "CR1") {
    this.#fit = fit;
    this.correction = correction;
    const needed = correction === "CR2" ? fit.evaluation.issueInformation : [];
    this.#whiteInformation = needed.map((information) => whitened(fit.factor, information));
    this.#adjustments = this.#whiteInformation.map(inverseRootOfRest);
  }

  /** Σ over issues of these squares is the variance. */
  influences(contrast: Float64Array): Float64Array {
    const fit = this.#fit;
    const issues = issuesOf(fit);
    if (this.correction === "CR1") {
      const direction = solve(fit.factor, contrast);
      const widening = Math.sqrt(issues / Math.max(1, issues - 1));
      return Float64Array.from(
        { length: issues },
        (_, issue) => widening * dot(direction, issueScore(fit, issue)),
      );
    }
    const white = forward(fit.factor, contrast);
    return Float64Array.from({ length: issues }, (_, issue) =>
      dot(
        times(this.#adjustments[issue] ?? new Float64Array(0), white),
        forward(fit.factor, issueScore(fit, issue)),
      ),
    );
  }

  spread(contrast: Float64Array): Spread {
    const influences = this.influences(contrast);
    return { standardError: Math.sqrt(dot(influences, influences)), freedom: this.#freedom(contrast) };
  }

  /** Satterthwaite's: (tr P)² / tr P² for the covariance P of the influences, were issues to spread as the model says. */
  #freedom(contrast: Float64Array): number {
    const issues = issuesOf(this.#fit);
    if (this.correction === "CR1") return Math.max(1, issues - 1);
    const white = forward(this.#fit.factor, contrast);
    const adjusted = this.#adjustments.map((adjustment) => times(adjustment, white));
    const spread = adjusted.map((vector, issue) => times(this.#whiteInformation[issue] ?? vector, vector));
    if (issues > fullFreedomUpTo) {
      const own = spread.map((vector, issue) => dot(vector, adjusted[issue] ?? vector));
      const total = own.reduce((sum, value) => sum + value, 0);
      return Math.max(1, total ** 2 / own.reduce((sum, value) => sum + value ** 2, 0));
    }
    let [trace, square] = [0, 0];
    for (const [g, own] of spread.entries()) {
      for (const [h, other] of spread.entries()) {
        const same = g === h ? dot(own, adjusted[g] ?? own) : 0;
        const covariance = same - dot(own, other);
        if (g === h) trace += covariance;
        square += covariance * covariance;
      }
    }
    return square > 0 ? Math.max(1, (trace * trace) / square) : 1;
  }

  /** Were rounds of one issue independent given its effect: shown beside, and never used. */
  unclustered(contrast: Float64Array): number {
    const white = forward(this.#fit.factor, contrast);
    return Math.sqrt(dot(white, white));
  }
}

/** I + M/2 + 3 M²/8: within 5 M³/16 of (I - M)^(-1/2). */
function seriesOfRest(information: Float64Array, size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, index) => {
    const [row, column] = [Math.floor(index / size), index % size];
    const left = information.subarray(row * size, (row + 1) * size);
    const right = information.subarray(column * size, (column + 1) * size);
    return (row === column ? 1 : 0) + at(information, index) / 2 + (3 / 8) * dot(left, right);
  });
}

/** (I - M)^(-1/2); what an issue leaves to the others is taken for a hundredth at least, so that none is blown up. */
function inverseRootOfRest(information: Float64Array): Float64Array {
  const size = sideOf(information);
  let trace = 0;
  for (let i = 0; i < size; i += 1) trace += Math.abs(at(information, i * size + i));
  if (trace < 0.1) return seriesOfRest(information, size);
  const { values, vectors } = eigenOf(information);
  const scales = values.map((value) => 1 / Math.sqrt(Math.max(0.01, 1 - value)));
  const root = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j < size; j += 1) {
      let sum = 0;
      for (let k = 0; k < size; k += 1) {
        sum += at(scales, k) * at(vectors, k * size + i) * at(vectors, k * size + j);
      }
      root[i * size + j] = sum;
    }
  }
  return root;
}

export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** value ± t · standard error. */
export function boundsOf(value: number, spread: Spread, level: number): Bounds {
  const reach = studentQuantile(1 - (1 - level) / 2, spread.freedom) * spread.standardError;
  return { low: value - reach, high: value + reach };
}
