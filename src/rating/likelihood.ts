// The marginal likelihood of one issue's rounds, with its gradient and information: the inner loop of every rating.
import type { Design } from "./design.ts";
import * as linear from "./linear.ts";
import { MarginModel } from "./margin-model.ts";
import { mostPoints, type Rule, ruleFor, single } from "./quadrature.ts";

// Bound once: this is an inner loop, and a call through an import costs ten times as much where modules are wrapped.
const { addTo, at, whole } = linear;

/** Where the standardised effect of each issue lies, given its rounds: the quadrature follows it. */
export interface Placement {
  readonly mean: Float64Array;
  readonly spread: Float64Array;
}

export interface Sums {
  /** Of one issue; written. */
  readonly score: Float64Array;
  /** Minus the second derivative, lower triangle; added to. */
  readonly information: Float64Array;
}

/**
 * log Σ over issue effects of the rounds' chances. The chance of margin k in a round is
 *   P(k | η) = exp(α_k + k η / 2) / Σ_l exp(α_l + l η / 2),   η = s_submitter - r_reviewer + λ_language + σ u_issue,
 * the adjacent-categories model of ordinal paired comparisons (Agresti 1992, Applied Statistics 41, 287-297): Davidson's
 * model with ties (1970, JASA 65, 317-328) where margins are -1, 0 and +1, Bradley and Terry's (1952) where they are -1
 * and +1. u is standard normal and integrated out by adaptive Gauss-Hermite quadrature (Naylor and Smith 1982; Pinheiro
 * and Bates 1995). Gradient and information follow from posterior moments (Louis 1982, JRSS B 44, 226-233). An issue's weight
 * multiplies its whole likelihood, and weights within it are scaled to its number of rounds: weights inside the integral would
 * be taken for repeats, and widen the spread of issues (Rabe-Hesketh and Skrondal 2006, JRSS A 169, 805-827).
 */
export class IssueLikelihood {
  readonly #design: Design;
  readonly #theta: Float64Array;
  readonly #deviation: number;
  readonly #isIntegrated: boolean;
  readonly #model: MarginModel;
  #rule: Rule = single;
  #weight = 1;
  /** Of the issue at hand, by point. */
  readonly #u = new Float64Array(mostPoints);
  readonly #logs = new Float64Array(mostPoints);
  readonly #posterior = new Float64Array(mostPoints);
  readonly #residuals = new Float64Array(mostPoints);
  /** Of the issue at hand: scores by parameter and point, and the parameters that it touches. */
  readonly #scores: Float64Array;
  readonly #touched: Int32Array;
  #touches = 0;
  /** Of the issue at hand, by cell and point: chances of the margins, then their mean and variance. */
  #chances = new Float64Array(8);
  /** Of the cell at hand, by margin: covariance of margin and indicator, times u; of the issue, without and with u. */
  readonly #cross: Float64Array;
  readonly #issueCross: Float64Array;
  readonly #issueCrossU: Float64Array;
  readonly #issueBoth: Float64Array;
  readonly #moments = new Float64Array(3);
  readonly #cellMoments = new Float64Array(2);

  constructor(design: Design, theta: Float64Array) {
    this.#design = design;
    this.#theta = theta;
    const { margins, marginPlace, deviationPlace, heldDeviation } = design;
    this.#deviation = deviationPlace < 0 ? heldDeviation : at(theta, deviationPlace);
    this.#isIntegrated = deviationPlace >= 0 || heldDeviation > 0;
    this.#model = new MarginModel(
      margins,
      Float64Array.from(margins, (_, k) => this.#parameter(whole(marginPlace, k))),
    );
    this.#scores = new Float64Array(design.size * mostPoints);
    this.#touched = new Int32Array(design.size);
    const width = margins.length;
    this.#cross = new Float64Array(width);
    this.#issueCross = new Float64Array(width);
    this.#issueCrossU = new Float64Array(width);
    this.#issueBoth = new Float64Array(width * width);
  }

  #parameter(place: number): number {
    return place < 0 ? 0 : at(this.#theta, place);
  }

  /** η of a cell without its issue's effect. */
  baseOf(cell: number, issue: number): number {
    const { cells, nodePlace, languagePlace, languageOf } = this.#design;
    return (
      this.#parameter(whole(nodePlace, whole(cells.submitter, cell))) -
      this.#parameter(whole(nodePlace, whole(cells.reviewer, cell))) +
      this.#parameter(whole(languagePlace, whole(languageOf, issue)))
    );
  }

  /** Mean margin of a cell's round where the issue's standardised effect is u. */
  meanMargin(base: number, u: number): number {
    this.#model.fill(this.#chances, base + this.#deviation * u, 0);
    return 2 * at(this.#chances, this.#model.halves.length);
  }

  /** Slope and curvature of the log posterior of an issue's standardised effect at u. */
  #slopeAt(issue: number, u: number): { readonly slope: number; readonly curvature: number } {
    const { cells } = this.#design;
    const width = this.#model.halves.length;
    let [slope, curvature] = [-u, 1];
    for (let cell = whole(cells.starts, issue); cell < whole(cells.starts, issue + 1); cell += 1) {
      this.#model.fill(this.#chances, this.baseOf(cell, issue) + this.#deviation * u, 0);
      const [mean, variance] = [at(this.#chances, width), at(this.#chances, width + 1)];
      for (let k = 0; k < width; k += 1) {
        const count = at(cells.counts, cell * width + k);
        slope += this.#deviation * count * (at(this.#model.halves, k) - mean);
        curvature += this.#deviation ** 2 * count * variance;
      }
    }
    return { slope, curvature };
  }

  /** The points stand around the most likely effect, as wide as the posterior is there. */
  #centre(issue: number, placement: Placement): void {
    let u = at(placement.mean, issue);
    for (let step = 0; step < 20; step += 1) {
      const { slope, curvature } = this.#slopeAt(issue, u);
      const change = Math.max(-2, Math.min(2, slope / curvature));
      u += change;
      placement.mean[issue] = u;
      placement.spread[issue] = 1 / Math.sqrt(curvature);
      if (Math.abs(change) < 1e-3) return;
    }
  }

  #begin(issue: number, placement: Placement): void {
    const { cells, margins } = this.#design;
    this.#weight = at(cells.weights, issue);
    const count = whole(cells.starts, issue + 1) - whole(cells.starts, issue);
    this.#rule = this.#isIntegrated ? ruleFor(count) : single;
    if (this.#isIntegrated) this.#centre(issue, placement);
    const needed = count * this.#rule.points * (margins.length + 2);
    if (this.#chances.length < needed) this.#chances = new Float64Array(needed);
    const [mean, spread] = [at(placement.mean, issue), at(placement.spread, issue)];
    for (let q = 0; q < this.#rule.points; q += 1) {
      const u = this.#isIntegrated ? mean + spread * at(this.#rule.reach, q) : 0;
      this.#u[q] = u;
      this.#logs[q] = at(this.#rule.logWeights, q) + Math.log(spread) - (u * u) / 2;
    }
    for (const sums of [
      this.#residuals,
      this.#issueCross,
      this.#issueCrossU,
      this.#issueBoth,
      this.#moments,
    ]) {
      sums.fill(0);
    }
    this.#touches = 0;
  }

  /** First pass over a cell: what its rounds add to the log likelihood at every point. */
  #weigh(cell: number, issue: number): void {
    const { cells } = this.#design;
    const [logs, points, width] = [this.#logs, this.#rule.points, this.#model.halves.length];
    const base = this.baseOf(cell, issue);
    let [slope, level, total] = [0, 0, 0];
    for (let k = 0; k < width; k += 1) {
      const count = at(cells.counts, cell * width + k);
      total += count;
      slope += count * at(this.#model.halves, k);
      level += count * at(this.#model.levels, k);
    }
    const start = (cell - whole(cells.starts, issue)) * points * (width + 2);
    for (let q = 0; q < points; q += 1) {
      const eta = base + this.#deviation * at(this.#u, q);
      const log = this.#model.fill(this.#chances, eta, start + q * (width + 2));
      addTo(logs, q, slope * eta + level - total * log);
    }
  }

  /** Turns the points' log weights into their posterior; gives the issue's log likelihood. */
  #normalise(): number {
    const [logs, posterior, points] = [this.#logs, this.#posterior, this.#rule.points];
    let top = Number.NEGATIVE_INFINITY;
    for (let q = 0; q < points; q += 1) top = Math.max(top, at(logs, q));
    let sum = 0;
    for (let q = 0; q < points; q += 1) {
      posterior[q] = Math.exp(at(logs, q) - top);
      sum += at(posterior, q);
    }
    for (let q = 0; q < points; q += 1) posterior[q] = at(posterior, q) / sum;
    return top + Math.log(sum);
  }

  /** Row of a parameter's scores, emptied the first time an issue touches it; -1 for what is no parameter. */
  #rowOf(place: number): number {
    if (place < 0) return -1;
    for (let i = 0; i < this.#touches; i += 1) {
      if (whole(this.#touched, i) === place) return place * mostPoints;
    }
    this.#touched[this.#touches] = place;
    this.#touches += 1;
    this.#scores.fill(0, place * mostPoints, (place + 1) * mostPoints);
    return place * mostPoints;
  }

  /** Covariances of margin and indicators at one point of a cell; `own` is its weight. */
  #addCross(place: number, own: number, u: number): void {
    const [chances, halves, cross] = [this.#chances, this.#model.halves, this.#cross];
    const [crossU, both] = [this.#issueCrossU, this.#issueBoth];
    const width = halves.length;
    const mean = at(chances, place + width);
    for (let k = 0; k < width; k += 1) {
      const chance = own * at(chances, place + k);
      const value = chance * (at(halves, k) - mean);
      addTo(cross, k, value);
      addTo(crossU, k, value * u);
      for (let l = 0; l < k; l += 1) addTo(both, k * width + l, -chance * at(chances, place + l));
      addTo(both, k * width + k, chance * (1 - at(chances, place + k)));
    }
  }

  /** Second pass over a cell: scores by point, and moments for the information. */
  #gather(cell: number, issue: number): void {
    const { cells, nodePlace } = this.#design;
    const [scores, points, width] = [this.#scores, this.#rule.points, this.#model.halves.length];
    const submitter = this.#rowOf(whole(nodePlace, whole(cells.submitter, cell)));
    const reviewer = this.#rowOf(whole(nodePlace, whole(cells.reviewer, cell)));
    let [slope, total] = [0, 0];
    for (let k = 0; k < width; k += 1) {
      total += at(cells.counts, cell * width + k);
      slope += at(cells.counts, cell * width + k) * at(this.#model.halves, k);
    }
    this.#cross.fill(0);
    let [plain, once, twice] = [0, 0, 0];
    const start = (cell - whole(cells.starts, issue)) * points * (width + 2);
    for (let q = 0; q < points; q += 1) {
      const place = start + q * (width + 2);
      const [u, own] = [at(this.#u, q), total * at(this.#posterior, q)];
      const residual = slope - total * at(this.#chances, place + width);
      if (submitter >= 0) addTo(scores, submitter + q, residual);
      if (reviewer >= 0) addTo(scores, reviewer + q, -residual);
      addTo(this.#residuals, q, residual);
      const variance = own * at(this.#chances, place + width + 1);
      plain += variance;
      once += variance * u;
      twice += variance * u * u;
      this.#addCross(place, own, u);
    }
    this.#cellMoments[0] = plain;
    this.#cellMoments[1] = once;
    addTo(this.#moments, 0, plain);
    addTo(this.#moments, 1, once);
    addTo(this.#moments, 2, twice);
  }

  /** Scores of the margins' parameters, which all cells share. */
  #gatherMargins(issue: number): void {
    const { cells, marginPlace } = this.#design;
    const [scores, chances, posteriorPoints] = [this.#scores, this.#chances, this.#rule.points];
    const width = this.#model.halves.length;
    const first = whole(cells.starts, issue);
    for (let k = 0; k < width; k += 1) {
      const row = this.#rowOf(whole(marginPlace, k));
      if (row < 0) continue;
      for (let cell = first; cell < whole(cells.starts, issue + 1); cell += 1) {
        let total = 0;
        for (let l = 0; l < width; l += 1) total += at(cells.counts, cell * width + l);
        const start = (cell - first) * posteriorPoints * (width + 2) + k;
        const count = at(cells.counts, cell * width + k);
        for (let q = 0; q < posteriorPoints; q += 1) {
          addTo(scores, row + q, count - total * at(chances, start + q * (width + 2)));
        }
      }
    }
  }

  #gatherShared(issue: number): void {
    const { languagePlace, languageOf, deviationPlace } = this.#design;
    const language = this.#rowOf(whole(languagePlace, whole(languageOf, issue)));
    const deviation = this.#rowOf(deviationPlace);
    for (let q = 0; q < this.#rule.points; q += 1) {
      const residual = at(this.#residuals, q);
      if (language >= 0) addTo(this.#scores, language + q, residual);
      if (deviation >= 0) addTo(this.#scores, deviation + q, residual * at(this.#u, q));
    }
  }

  #add(information: Float64Array, one: number, other: number, amount: number): void {
    if (one < 0 || other < 0) return;
    const { size } = this.#design;
    addTo(information, one > other ? one * size + other : other * size + one, this.#weight * amount);
  }

  /** Information of a cell's two strengths, with each other and with what all cells share. */
  #scatterCell(cell: number, issue: number, information: Float64Array): void {
    const { cells, nodePlace, marginPlace, languagePlace, languageOf, deviationPlace } = this.#design;
    const submitter = whole(nodePlace, whole(cells.submitter, cell));
    const reviewer = whole(nodePlace, whole(cells.reviewer, cell));
    const [plain, once] = [at(this.#cellMoments, 0), at(this.#cellMoments, 1)];
    const language = whole(languagePlace, whole(languageOf, issue));
    this.#add(information, submitter, submitter, plain);
    this.#add(information, reviewer, reviewer, plain);
    // One role, and a contestant that meets itself: both strengths are one parameter, and cancel.
    this.#add(information, submitter, reviewer, submitter === reviewer ? -2 * plain : -plain);
    this.#add(information, submitter, language, plain);
    this.#add(information, reviewer, language, -plain);
    this.#add(information, submitter, deviationPlace, once);
    this.#add(information, reviewer, deviationPlace, -once);
    for (let k = 0; k < this.#cross.length; k += 1) {
      const margin = whole(marginPlace, k);
      this.#add(information, submitter, margin, at(this.#cross, k));
      this.#add(information, reviewer, margin, -at(this.#cross, k));
      addTo(this.#issueCross, k, at(this.#cross, k));
    }
  }

  /** Information of the parameters that all cells of the issue share. */
  #scatterShared(issue: number, information: Float64Array): void {
    const { marginPlace, languagePlace, languageOf, deviationPlace } = this.#design;
    const language = whole(languagePlace, whole(languageOf, issue));
    const width = this.#model.halves.length;
    this.#add(information, language, language, at(this.#moments, 0));
    this.#add(information, language, deviationPlace, at(this.#moments, 1));
    this.#add(information, deviationPlace, deviationPlace, at(this.#moments, 2));
    for (let k = 0; k < width; k += 1) {
      const margin = whole(marginPlace, k);
      this.#add(information, margin, language, at(this.#issueCross, k));
      this.#add(information, margin, deviationPlace, at(this.#issueCrossU, k));
      for (let l = 0; l <= k; l += 1) {
        // One role: a margin and its mirror image are one parameter, and their covariance counts both ways.
        const isMirrored = l < k && whole(marginPlace, l) === margin;
        const both = at(this.#issueBoth, k * width + l);
        this.#add(information, margin, whole(marginPlace, l), isMirrored ? 2 * both : both);
      }
    }
  }

  /** Posterior mean of the points' scores into `score`; their covariance leaves the information (Louis 1982). */
  #close({ score, information }: Sums): void {
    const [scores, posterior, points] = [this.#scores, this.#posterior, this.#rule.points];
    for (let i = 0; i < this.#touches; i += 1) {
      const place = whole(this.#touched, i);
      let mean = 0;
      for (let q = 0; q < points; q += 1) mean += at(posterior, q) * at(scores, place * mostPoints + q);
      score[place] = this.#weight * mean;
      for (let q = 0; q < points; q += 1) addTo(scores, place * mostPoints + q, -mean);
    }
    if (points === 1) return;
    for (let i = 0; i < this.#touches; i += 1) {
      for (let j = 0; j <= i; j += 1) {
        const [one, other] = [whole(this.#touched, i), whole(this.#touched, j)];
        let covariance = 0;
        for (let q = 0; q < points; q += 1) {
          const left = at(scores, one * mostPoints + q);
          covariance += at(posterior, q) * left * at(scores, other * mostPoints + q);
        }
        this.#add(information, one, other, -covariance);
      }
    }
  }

  /** Log likelihood of one issue, its score and information; moves its placement. */
  addIssue(issue: number, placement: Placement, sums: Sums): number {
    const { starts } = this.#design.cells;
    const [first, last] = [whole(starts, issue), whole(starts, issue + 1)];
    this.#begin(issue, placement);
    for (let cell = first; cell < last; cell += 1) this.#weigh(cell, issue);
    const logLikelihood = this.#weight * this.#normalise();
    for (let cell = first; cell < last; cell += 1) {
      this.#gather(cell, issue);
      this.#scatterCell(cell, issue, sums.information);
    }
    this.#gatherMargins(issue);
    this.#gatherShared(issue);
    this.#scatterShared(issue, sums.information);
    this.#close(sums);
    return logLikelihood;
  }
}
