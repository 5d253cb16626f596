// The score of all rounds without their information: what a fit that starts from another one needs, at a tenth of the price.
import type { Design } from "./design.ts";
import type { Placement } from "./likelihood.ts";
import * as linear from "./linear.ts";
import { mostPoints, ruleFor } from "./quadrature.ts";

// Bound once: this is an inner loop, and a call through an import costs ten times as much where modules are wrapped.
const { addTo, at, whole } = linear;

/** Margins are -2 to +2: five factors exp(α), 0 for one that never came. */
const levels = 5;
const greatestProduct = 1e200;

/** What stays the same however often a design is scored. */
interface CellSums {
  /** Of each cell: its rounds, and the sum of their half margins. */
  readonly rounds: Float64Array;
  readonly halves: Float64Array;
}

function cellSums({ cells, margins }: Design): CellSums {
  const count = cells.submitter.length;
  const sums = { rounds: new Float64Array(count), halves: new Float64Array(count) };
  for (let cell = 0; cell < count; cell += 1) {
    for (let k = 0; k < margins.length; k += 1) {
      const rounds = at(cells.counts, cell * margins.length + k);
      addTo(sums.rounds, cell, rounds);
      addTo(sums.halves, cell, (rounds * (margins[k] ?? 0)) / 2);
    }
  }
  return sums;
}

/**
 * The score of `IssueLikelihood`, issue effects integrated out by the same rule at the same places, for designs with a deviation
 * among their parameters and rounds that all weigh 1. With x = exp(η / 2) the chances are powers of x, and x is a product of a
 * factor for the submitter, the reviewer, the language and the point: no exponential is left in the loop.
 */
export class Scores {
  readonly #design: Design;
  readonly #sums: CellSums;
  /** Pairings of each issue: a cell without rounds is none. */
  readonly #pairings: Int32Array;
  /** Rounds by margin over all cells. */
  readonly #seen: Float64Array;
  /** Of the issue at hand: exp(η / 2) of its cells without the issue's effect, and their mean half margins by point. */
  readonly #roots: Float64Array;
  readonly #means: Float64Array;
  readonly #factors = new Float64Array(levels);
  /** By point: its effect, its posterior, the sum of all residuals, and rounds expected at each margin. */
  readonly #u = new Float64Array(mostPoints);
  readonly #posterior = new Float64Array(mostPoints);
  readonly #residuals = new Float64Array(mostPoints);
  readonly #expected = new Float64Array(mostPoints * levels);
  readonly #allExpected = new Float64Array(levels);

  constructor(design: Design) {
    this.#design = design;
    this.#sums = cellSums(design);
    const { margins, cells, issues } = design;
    this.#seen = new Float64Array(margins.length);
    cells.counts.forEach((count, index) => {
      addTo(this.#seen, index % margins.length, count);
    });
    this.#pairings = new Int32Array(issues.length);
    let widest = 0;
    for (let issue = 0; issue < issues.length; issue += 1) {
      const [first, last] = [whole(cells.starts, issue), whole(cells.starts, issue + 1)];
      widest = Math.max(widest, last - first);
      this.#pairings[issue] = this.#sums.rounds.subarray(first, last).filter((rounds) => rounds > 0).length;
    }
    this.#roots = new Float64Array(widest);
    this.#means = new Float64Array(widest * mostPoints);
  }

  /** Of every node, by the side that it plays: exp(s / 2) for submitters, exp(-r / 2) for reviewers. */
  #nodeRoots(theta: Float64Array, sign: 1 | -1): Float64Array {
    return Float64Array.from(this.#design.nodePlace, (place) =>
      place < 0 ? 1 : Math.exp((sign * at(theta, place)) / 2),
    );
  }

  #setFactors(theta: Float64Array): void {
    this.#factors.fill(0);
    this.#design.margins.forEach((margin, k) => {
      const place = whole(this.#design.marginPlace, k);
      this.#factors[margin + 2] = place < 0 ? 1 : Math.exp(at(theta, place));
    });
  }

  /** Newton's method to the most likely effect of an issue, as `IssueLikelihood` goes about it. */
  #centre(issue: number, placement: Placement, deviation: number): void {
    const { starts } = this.#design.cells;
    const [first, last] = [whole(starts, issue), whole(starts, issue + 1)];
    const [roots, { rounds, halves }] = [this.#roots, this.#sums];
    const [f0, f1, f2, f3, f4] = this.#factorList();
    let u = at(placement.mean, issue);
    for (let step = 0; step < 20; step += 1) {
      const effect = Math.exp((deviation * u) / 2);
      let [residual, variance] = [0, 0];
      for (let cell = first; cell < last; cell += 1) {
        const x = at(roots, cell - first) * effect;
        const y = 1 / x;
        const [worst, worse, better, best] = [f0 * y * y, f1 * y, f3 * x, f4 * x * x];
        const share = 1 / (worst + worse + f2 + better + best);
        const mean = (best - worst + (better - worse) / 2) * share;
        const second = (best + worst + (better + worse) / 4) * share;
        const count = at(rounds, cell);
        residual += at(halves, cell) - count * mean;
        variance += count * (second - mean * mean);
      }
      const curvature = 1 + deviation * deviation * variance;
      const change = Math.max(-2, Math.min(2, (deviation * residual - u) / curvature));
      u += change;
      placement.mean[issue] = u;
      placement.spread[issue] = 1 / Math.sqrt(curvature);
      if (Math.abs(change) < 1e-3) return;
    }
  }

  #factorList(): readonly [number, number, number, number, number] {
    const factors = this.#factors;
    return [at(factors, 0), at(factors, 1), at(factors, 2), at(factors, 3), at(factors, 4)];
  }

  /** One point of an issue's effect: means of its cells, what is left over, and the log likelihood but for a constant. */
  #visit(issue: number, q: number, deviation: number): number {
    const { starts } = this.#design.cells;
    const [first, last] = [whole(starts, issue), whole(starts, issue + 1)];
    const [roots, means, { rounds, halves }] = [this.#roots, this.#means, this.#sums];
    const [f0, f1, f2, f3, f4] = this.#factorList();
    const u = at(this.#u, q);
    const effect = Math.exp((deviation * u) / 2);
    let [residual, slope, logs, product] = [0, 0, 0, 1];
    let [e0, e1, e2, e3, e4] = [0, 0, 0, 0, 0];
    for (let cell = first; cell < last; cell += 1) {
      const x = at(roots, cell - first) * effect;
      const y = 1 / x;
      const [worst, worse, better, best] = [f0 * y * y, f1 * y, f3 * x, f4 * x * x];
      const sum = worst + worse + f2 + better + best;
      const count = at(rounds, cell);
      const share = 1 / sum;
      const mean = (best - worst + (better - worse) / 2) * share;
      means[(cell - first) * mostPoints + q] = mean;
      const part = count * share;
      e0 += part * worst;
      e1 += part * worse;
      e2 += part * f2;
      e3 += part * better;
      e4 += part * best;
      slope += at(halves, cell);
      residual += at(halves, cell) - count * mean;
      // One logarithm for many cells, as far as their product is a number.
      if (count === 1 && sum < greatestProduct) product *= sum;
      else logs += count * Math.log(sum);
      if (product > greatestProduct || product < 1 / greatestProduct) {
        logs += Math.log(product);
        product = 1;
      }
    }
    this.#residuals[q] = residual;
    const [expected, start] = [this.#expected, q * levels];
    expected[start] = e0;
    expected[start + 1] = e1;
    expected[start + 2] = e2;
    expected[start + 3] = e3;
    expected[start + 4] = e4;
    return slope * deviation * u - logs - Math.log(product);
  }

  /** The points' posterior; their effects are in `u` then. */
  #weigh(issue: number, placement: Placement, deviation: number): number {
    const rule = ruleFor(whole(this.#pairings, issue));
    const [mean, spread] = [at(placement.mean, issue), at(placement.spread, issue)];
    let top = Number.NEGATIVE_INFINITY;
    for (let q = 0; q < rule.points; q += 1) {
      const u = mean + spread * at(rule.reach, q);
      this.#u[q] = u;
      const log = at(rule.logWeights, q) - (u * u) / 2 + this.#visit(issue, q, deviation);
      this.#posterior[q] = log;
      top = Math.max(top, log);
    }
    let sum = 0;
    for (let q = 0; q < rule.points; q += 1) {
      this.#posterior[q] = Math.exp(at(this.#posterior, q) - top);
      sum += at(this.#posterior, q);
    }
    for (let q = 0; q < rule.points; q += 1) this.#posterior[q] = at(this.#posterior, q) / sum;
    return rule.points;
  }

  /** Residuals of an issue's cells, by their posterior means, into the score of both sides. */
  #scatter(issue: number, points: number, score: Float64Array): void {
    const { cells, nodePlace } = this.#design;
    const [first, last] = [whole(cells.starts, issue), whole(cells.starts, issue + 1)];
    for (let cell = first; cell < last; cell += 1) {
      let mean = 0;
      const start = (cell - first) * mostPoints;
      for (let q = 0; q < points; q += 1) mean += at(this.#posterior, q) * at(this.#means, start + q);
      const residual = at(this.#sums.halves, cell) - at(this.#sums.rounds, cell) * mean;
      const submitter = whole(nodePlace, whole(cells.submitter, cell));
      const reviewer = whole(nodePlace, whole(cells.reviewer, cell));
      if (submitter >= 0) addTo(score, submitter, residual);
      if (reviewer >= 0) addTo(score, reviewer, -residual);
    }
  }

  #scatterShared(issue: number, points: number, score: Float64Array): void {
    const { languagePlace, languageOf, deviationPlace } = this.#design;
    let [plain, timesEffect] = [0, 0];
    for (let q = 0; q < points; q += 1) {
      const own = at(this.#posterior, q);
      plain += own * at(this.#residuals, q);
      timesEffect += own * at(this.#residuals, q) * at(this.#u, q);
      for (let k = 0; k < levels; k += 1)
        addTo(this.#allExpected, k, own * at(this.#expected, q * levels + k));
    }
    const language = whole(languagePlace, whole(languageOf, issue));
    if (language >= 0) addTo(score, language, plain);
    addTo(score, deviationPlace, timesEffect);
  }

  /** Gradient of the log likelihood; `placement` moves to where the issues' effects are found to lie. */
  at(theta: Float64Array, placement: Placement): Float64Array {
    const { cells, issues, languagePlace, languageOf, deviationPlace, margins, marginPlace } = this.#design;
    const score = new Float64Array(theta.length);
    const [submitters, reviewers] = [this.#nodeRoots(theta, 1), this.#nodeRoots(theta, -1)];
    const deviation = at(theta, deviationPlace);
    this.#setFactors(theta);
    this.#allExpected.fill(0);
    for (let issue = 0; issue < issues.length; issue += 1) {
      const [first, last] = [whole(cells.starts, issue), whole(cells.starts, issue + 1)];
      const place = whole(languagePlace, whole(languageOf, issue));
      const language = place < 0 ? 1 : Math.exp(at(theta, place) / 2);
      for (let cell = first; cell < last; cell += 1) {
        const both =
          at(submitters, whole(cells.submitter, cell)) * at(reviewers, whole(cells.reviewer, cell));
        this.#roots[cell - first] = language * both;
      }
      this.#centre(issue, placement, deviation);
      const points = this.#weigh(issue, placement, deviation);
      this.#scatter(issue, points, score);
      this.#scatterShared(issue, points, score);
    }
    margins.forEach((margin, k) => {
      const place = whole(marginPlace, k);
      if (place >= 0) addTo(score, place, at(this.#seen, k) - at(this.#allExpected, margin + 2));
    });
    return score;
  }
}
