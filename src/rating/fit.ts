// Finds the strengths: Newton's method on the marginal likelihood, with a stated penalty only where there is no maximum.
import { minus, nodesOn, overParameters, type Scale, weightsOf } from "./contrast.ts";
import { type Design, type DesignOptions, designOf, reviewerNode } from "./design.ts";
import { type Evaluation, evaluate, startingPlacement } from "./evaluate.ts";
import type { Placement } from "./likelihood.ts";
import { addTo, at, cholesky, dot, solve, times } from "./linear.ts";
import type { RatedRound } from "./outcome.ts";

/**
 * Precision of the normal penalty on a strength that the rounds leave unbounded: a standard deviation of 3 around the
 * mean of the bounded ones, wide beside any gap that was ever measured. Bounded strengths are never penalised.
 */
export const separationPenalty = 1 / 9;

/** Issue effects that spread wider than this say that every issue is all or nothing. */
export const largestDeviation = 5;
/** Issues that spread less than this are alike for every figure. */
const leastDeviation = 0.02;
const startingDeviation = 0.8;
const mostIterations = 60;
const tolerance = 1e-6;
const longestStep = 1.5;

export interface Fit {
  readonly design: Design;
  readonly theta: Float64Array;
  readonly evaluation: Evaluation;
  /** Cholesky factor of information plus penalty. */
  readonly factor: Float64Array;
  readonly penalty: Float64Array;
  /** Where each issue's effect lies most likely. */
  readonly placement: Placement;
  readonly iterations: number;
  readonly isConverged: boolean;
  /** Standard deviation of issue effects; absent where none were fitted. */
  readonly issueDeviation?: number;
  /** The spread of issues ran into `largestDeviation`, and is held there. */
  readonly isDeviationHeld: boolean;
}

/** Every unbounded strength, against the mean of the bounded ones of its role and group. */
function penaltyVectors(design: Design): Float64Array[] {
  const { group, separation } = design.comparability;
  return design.contestants.flatMap((_, contestant) =>
    (design.roles === "one" ? (["submitter"] as const) : (["submitter", "reviewer"] as const)).flatMap(
      (scale: Scale) => {
        const node = nodesOn(design, scale, contestant)[0] ?? 0;
        if (separation[node] === undefined) return [];
        const others = design.contestants
          .map((__, other) => (scale === "submitter" ? other : reviewerNode(design, other)))
          .filter((other) => group[other] === group[node]);
        const bounded = others.filter((other) => separation[other] === undefined);
        const reference = bounded.length > 0 ? bounded : others;
        const mean = weightsOf(reference, design).map((weight) => weight / reference.length);
        return [overParameters(design, minus(weightsOf([node], design), mean))];
      },
    ),
  );
}

function penaltyOf(design: Design): Float64Array {
  const { size } = design;
  const penalty = new Float64Array(size * size);
  for (const vector of penaltyVectors(design)) {
    vector.forEach((left, i) => {
      vector.forEach((right, j) => {
        addTo(penalty, i * size + j, separationPenalty * left * right);
      });
    });
  }
  return penalty;
}

/** Away from the maximum the information may not be positive: then it gets just as much of a diagonal as it needs. */
function factorOf(information: Float64Array, size: number): Float64Array {
  const plain = cholesky(information);
  if (plain !== undefined) return plain;
  let most = 1e-6;
  for (let i = 0; i < size; i += 1) most = Math.max(most, Math.abs(at(information, i * size + i)));
  for (let share = 1e-8; share < 1e3; share *= 10) {
    const damped = Float64Array.from(information);
    for (let i = 0; i < size; i += 1) addTo(damped, i * size + i, share * most);
    const factor = cholesky(damped);
    if (factor !== undefined) return factor;
  }
  throw new RangeError(
    "expected finite rounds and weights; found an information matrix that no diagonal mends",
  );
}

const longest = (vector: Float64Array): number =>
  vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

interface Step {
  readonly factor: Float64Array;
  readonly change: Float64Array;
}

function stepAt(theta: Float64Array, evaluation: Evaluation, penalty: Float64Array): Step {
  const information = evaluation.information.map((value, index) => value + at(penalty, index));
  const pull = times(penalty, theta);
  const factor = factorOf(information, theta.length);
  const score = evaluation.score.map((value, i) => value - at(pull, i));
  return { factor, change: solve(factor, score) };
}

/**
 * The deviation moves in its logarithm, where it cannot change its sign and 0 is no resting place: with x = ln σ the score
 * becomes σ times the score, the information σ² times the information less the new score.
 */
function inLogarithm(evaluation: Evaluation, place: number, deviation: number): Evaluation {
  const size = evaluation.score.length;
  const score = Float64Array.from(evaluation.score);
  const information = Float64Array.from(evaluation.information);
  score[place] = deviation * at(score, place);
  for (let i = 0; i < size; i += 1) {
    information[place * size + i] = deviation * at(information, place * size + i);
    information[i * size + place] = deviation * at(information, i * size + place);
  }
  addTo(information, place * size + place, -at(score, place));
  return { ...evaluation, score, information };
}

/** Steps are bounded, the deviation's apart from the others': one that is far off must not hold the strengths back. */
function moved(theta: Float64Array, change: Float64Array, deviationPlace: number): Float64Array {
  const others = change.map((value, i) => (i === deviationPlace ? 0 : value));
  const share = Math.min(1, longestStep / Math.max(longestStep, longest(others)));
  const next = theta.map((value, i) => value + share * at(others, i));
  if (deviationPlace >= 0) {
    const step = Math.max(-1, Math.min(1, at(change, deviationPlace)));
    next[deviationPlace] = at(theta, deviationPlace) * Math.exp(step);
  }
  return next;
}

interface Search {
  readonly theta: Float64Array;
  readonly placement: Placement;
  readonly iterations: number;
  readonly isConverged: boolean;
}

function search(design: Design, start: Float64Array, penalty: Float64Array): Search {
  const placement = startingPlacement(design.issues.length);
  let theta = start;
  for (let iterations = 1; iterations <= mostIterations; iterations += 1) {
    const evaluation = evaluate(design, theta, { placement, keepsInformation: false });
    const place = design.deviationPlace;
    const shaped = place < 0 ? evaluation : inLogarithm(evaluation, place, at(theta, place));
    const { change } = stepAt(theta, shaped, penalty);
    theta = moved(theta, change, place);
    const deviation = place < 0 ? 1 : at(theta, place);
    const isAtEdge = deviation < leastDeviation || deviation > largestDeviation;
    if (longest(change) < tolerance || (isAtEdge && iterations > 3)) {
      return { theta, placement, iterations, isConverged: true };
    }
  }
  return { theta, placement, iterations: mostIterations, isConverged: false };
}

function startOf(design: Design): Float64Array {
  const theta = new Float64Array(design.size);
  if (design.deviationPlace >= 0) theta[design.deviationPlace] = startingDeviation;
  return theta;
}

function finished(design: Design, found: Search, held?: number): Fit {
  const { theta, placement, iterations, isConverged } = found;
  const evaluation = evaluate(design, theta, { placement, keepsInformation: true });
  const issueDeviation = design.deviationPlace < 0 ? held : at(theta, design.deviationPlace);
  const penalty = penaltyOf(design);
  const { factor } = stepAt(theta, evaluation, penalty);
  return {
    penalty,
    placement,
    design,
    theta,
    evaluation,
    factor,
    iterations,
    isConverged,
    ...(issueDeviation === undefined ? {} : { issueDeviation }),
    isDeviationHeld: held !== undefined && held > 0,
  };
}

/** The model for these rounds; undefined when no played round or only one kind of outcome is left. */
export function fitRounds(rounds: readonly RatedRound[], options: DesignOptions): Fit | undefined {
  const design = designOf(rounds, options);
  return design === undefined ? undefined : fitDesign(design);
}

export function fitDesign(design: Design): Fit {
  const found = search(design, startOf(design), penaltyOf(design));
  if (design.deviationPlace < 0) return finished(design, found);
  const deviation = at(found.theta, design.deviationPlace);
  if (deviation >= leastDeviation && deviation <= largestDeviation) return finished(design, found);
  // At an edge the deviation is no parameter any more: it is held there, and the rest is fitted again.
  const heldDeviation = deviation < leastDeviation ? 0 : largestDeviation;
  const held: Design = { ...design, deviationPlace: -1, size: design.size - 1, heldDeviation };
  return finished(held, search(held, startOf(held), penaltyOf(held)), heldDeviation);
}

export const estimateOf = (fit: Fit, vector: Float64Array): number => dot(fit.theta, vector);
