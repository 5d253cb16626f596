// Finds the strengths: Newton's method on the marginal likelihood, with a stated penalty only where there is no maximum.
import { type Design, type DesignOptions, designOf } from "./design.ts";
import { type Evaluation, evaluate, startingPlacement } from "./evaluate.ts";
import type { Placement } from "./likelihood.ts";
import { addTo, at, cholesky, dot, solve, times } from "./linear.ts";
import type { RatedRound } from "./outcome.ts";
import { penaltyOf } from "./penalty.ts";

/** Issue effects that spread wider than this say that every issue is all or nothing. */
export const largestDeviation = 5;
/** Issues that spread less than this are alike for every figure. */
export const leastDeviation = 0.02;
const startingDeviation = 0.8;
const mostIterations = 60;
const tolerance = 1e-6;
/** Flatter than a standard error of thirty log-odds: there is no maximum that anybody could walk to. */
const flattest = 1e-3;
/** Steps longer than this, for less than this of log likelihood, are not worth another. */
const endlessStep = 0.1;
const leastGain = 0.01;
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
  readonly score: Float64Array;
  readonly change: Float64Array;
}

function stepAt(theta: Float64Array, evaluation: Evaluation, penalty: Float64Array): Step {
  const information = evaluation.information.map((value, index) => value + at(penalty, index));
  const pull = times(penalty, theta);
  const factor = factorOf(information, theta.length);
  const score = evaluation.score.map((value, i) => value - at(pull, i));
  return { factor, score, change: solve(factor, score) };
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

/** Of a concave likelihood, which it is in all parameters but the deviation: hardly anything is left to gain, far away. */
function isEndless(score: Float64Array, change: Float64Array): boolean {
  const [gain, length] = [dot(score, change), longest(change)];
  return length > endlessStep && gain < leastGain && gain < flattest * length ** 2;
}

function search(design: Design, start?: Float64Array): Search {
  const penalty = penaltyOf(design);
  const placement = startingPlacement(design.issues.length);
  let theta = start ?? new Float64Array(design.size);
  for (let iterations = 1; iterations <= mostIterations; iterations += 1) {
    const evaluation = evaluate(design, theta, { placement, keepsInformation: false });
    const place = design.deviationPlace;
    const shaped = place < 0 ? evaluation : inLogarithm(evaluation, place, at(theta, place));
    const { change, score } = stepAt(theta, shaped, penalty);
    if (place < 0 && isEndless(score, change)) return { theta, placement, iterations, isConverged: false };
    theta = moved(theta, change, place);
    const deviation = place < 0 ? 1 : at(theta, place);
    const isAtEdge = deviation < leastDeviation || deviation > largestDeviation;
    if (longest(change) < tolerance || (isAtEdge && iterations > 3)) {
      return { theta, placement, iterations, isConverged: true };
    }
  }
  return { theta, placement, iterations: mostIterations, isConverged: false };
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

/** `comparabilityOf` asks whether strengths may run off while margins stay; here they run off together. */
function separatedDesign(design: Design): Design {
  const { comparability } = design;
  const separation = comparability.separation.map(() => "open" as const);
  return { ...design, comparability: { ...comparability, separation }, isSeparated: true };
}

/** The deviation is no parameter any more. */
function heldAt(design: Design, heldDeviation: number): Design {
  const size = design.deviationPlace < 0 ? design.size : design.size - 1;
  return { ...design, deviationPlace: -1, size, heldDeviation };
}

export function fitDesign(design: Design): Fit {
  // Issues alike first: concave, so that only a maximum at infinity keeps it from an end, and a good place to start from.
  const alike = heldAt(design, 0);
  const plain = search(alike);
  if (!plain.isConverged && !design.isSeparated) return fitDesign(separatedDesign(design));
  if (design.deviationPlace < 0) return finished(design, plain);
  const found = search(design, Float64Array.of(...plain.theta, startingDeviation));
  const deviation = at(found.theta, design.deviationPlace);
  if (deviation < leastDeviation) return finished(alike, plain, 0);
  if (deviation <= largestDeviation) return finished(design, found);
  const held = heldAt(design, largestDeviation);
  return finished(held, search(held, plain.theta), largestDeviation);
}

/** Strengths, and what their numbers stand for. */
export type Estimated = Pick<Fit, "design" | "theta">;

export const estimateOf = ({ theta }: Estimated, vector: Float64Array): number => dot(theta, vector);
