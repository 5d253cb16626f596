// The likelihood of all rounds at one set of parameters, kept issue by issue: issues are what intervals rest on.
import type { Design } from "./design.ts";
import { IssueLikelihood, type Placement } from "./likelihood.ts";
import * as linear from "./linear.ts";

// Bound once: this is an inner loop, and a call through an import costs ten times as much where modules are wrapped.
const { addTo, at } = linear;

export interface Evaluation {
  readonly logLikelihood: number;
  readonly score: Float64Array;
  /** Minus the second derivative. */
  readonly information: Float64Array;
  /** By issue, row after row. */
  readonly issueScores: Float64Array;
  /** By issue, where it was asked for; else empty. */
  readonly issueInformation: readonly Float64Array[];
}

export function startingPlacement(issues: number): Placement {
  return { mean: new Float64Array(issues), spread: new Float64Array(issues).fill(1) };
}

function mirror(lower: Float64Array, size: number): void {
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j < i; j += 1) lower[j * size + i] = at(lower, i * size + j);
  }
}

function columnSums(rows: Float64Array, size: number): Float64Array {
  const sums = new Float64Array(size);
  for (let start = 0; start < rows.length; start += size) {
    for (let i = 0; i < size; i += 1) addTo(sums, i, at(rows, start + i));
  }
  return sums;
}

/** `placement` is where the quadrature stands; it moves to where the issues' effects are found to lie. */
export function evaluate(
  design: Design,
  theta: Float64Array,
  options: { readonly placement: Placement; readonly keepsInformation: boolean },
): Evaluation {
  const { size, issues } = design;
  const likelihood = new IssueLikelihood(design, theta);
  const information = new Float64Array(size * size);
  const issueScores = new Float64Array(issues.length * size);
  const issueInformation: Float64Array[] = [];
  let logLikelihood = 0;
  for (let issue = 0; issue < issues.length; issue += 1) {
    const own = options.keepsInformation ? new Float64Array(size * size) : information;
    const score = issueScores.subarray(issue * size, (issue + 1) * size);
    logLikelihood += likelihood.addIssue(issue, options.placement, { score, information: own });
    if (!options.keepsInformation) continue;
    mirror(own, size);
    issueInformation.push(own);
    for (let i = 0; i < own.length; i += 1) addTo(information, i, at(own, i));
  }
  if (!options.keepsInformation) mirror(information, size);
  return { logLikelihood, score: columnSums(issueScores, size), information, issueScores, issueInformation };
}
