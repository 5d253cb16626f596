// Fits again what differs little from rounds that are fitted already: void rounds decided some way, or a few issues less.
import type { RoundScore, Side } from "../domain/record.ts";
import { type Comparability, comparabilityOf, type Meeting } from "./comparability.ts";
import { type Cells, type Design, type DesignOptions, designOf } from "./design.ts";
import { type Estimated, type Fit, fitRounds, largestDeviation, leastDeviation } from "./fit.ts";
import { addTo, at, dot, solve, times, whole } from "./linear.ts";
import { type Margin, marginOf, type RatedRound } from "./outcome.ts";
import { Scores } from "./score.ts";

/** Who is to have won a void round; undefined leaves it out. */
export type Decide = (round: RatedRound) => Side | undefined;

const won: Readonly<Record<Side, RoundScore>> = {
  submitter: { submitter: 1, reviewer: -1 },
  reviewer: { submitter: -1, reviewer: 1 },
};
const outcomes = Object.values(won);

/** Played rounds as they are, void ones as they are decided. */
export function filled(rounds: readonly RatedRound[], decide: Decide): RatedRound[] {
  return rounds.flatMap((round) => {
    if (round.score !== undefined) return [round];
    const winner = decide(round);
    return winner === undefined ? [] : [{ ...round, score: won[winner] }];
  });
}

const tolerance = 1e-7;
const mostSteps = 25;
const longestStep = 1.5;

const longest = (vector: Float64Array): number =>
  vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** A void round that somebody may have won. */
interface Gap {
  readonly round: RatedRound;
  readonly cell: number;
}

/** Cells of all rounds, void ones too, with a column for every margin that any of them may come to. */
interface Wide {
  readonly design: Design;
  /** Of the rounds that were played: a cell without rounds adds nothing to a score. */
  readonly counts: Float64Array;
  readonly gaps: readonly Gap[];
}

/** A fit that others may start from. */
interface Ground extends Pick<Fit, "design" | "theta" | "placement" | "penalty"> {
  readonly inverse: Float64Array;
}

function isSame(one: ArrayLike<unknown>, other: ArrayLike<unknown>): boolean {
  if (one.length !== other.length) return false;
  for (let place = 0; place < one.length; place += 1) if (one[place] !== other[place]) return false;
  return true;
}

function gapsIn(design: Design, lost: readonly RatedRound[]): Gap[] {
  const { cells, contestants, issues } = design;
  const issueOf = new Map(issues.map((name, issue) => [name, issue]));
  const isBetween = (cell: number, { submitter, reviewer }: RatedRound): boolean =>
    contestants[whole(cells.submitter, cell)] === submitter &&
    contestants[whole(cells.reviewer, cell) % contestants.length] === reviewer;
  return lost.flatMap((round): Gap[] => {
    const issue = issueOf.get(round.instanceId) ?? 0;
    for (let cell = whole(cells.starts, issue); cell < whole(cells.starts, issue + 1); cell += 1)
      if (isBetween(cell, round)) return [{ round, cell }];
    return [];
  });
}

function inverseOf(factor: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    const unit = new Float64Array(size);
    unit[row] = 1;
    inverse.set(solve(factor, unit), row * size);
  }
  return inverse;
}

/** Undefined where the short way does not hold for these rounds, however they are decided. */
function wideOf(rounds: readonly RatedRound[], options: DesignOptions): Wide | undefined {
  if (rounds.some(({ weight = 1 }) => weight !== 1)) return undefined;
  const played = rounds.filter(({ score }) => score !== undefined);
  const lost = rounds.filter(
    ({ score, submitter, reviewer }) => score === undefined && submitter !== reviewer,
  );
  const decided = outcomes.flatMap((score) => lost.map((round) => ({ ...round, score })));
  const design = designOf([...played, ...decided], options);
  if (design === undefined) return undefined;
  const gaps = gapsIn(design, lost);
  const counts = Float64Array.from(design.cells.counts);
  for (const { cell } of gaps) {
    for (const score of outcomes)
      addTo(counts, cell * design.margins.length + design.margins.indexOf(marginOf(score)), -1);
  }
  return { design, counts, gaps };
}

/** Undefined for a fit that nothing may start from: it ended at an edge, or is of other contestants, roles or issues. */
function groundOf(fit: Fit, wide: Design): Ground | undefined {
  const { design, theta, placement, penalty, factor } = fit;
  if (!fit.isConverged || design.isSeparated || design.deviationPlace < 0) return undefined;
  if (!isSame(design.contestants, wide.contestants) || !isSame(design.issues, wide.issues)) return undefined;
  return { design, theta, placement, penalty, inverse: inverseOf(factor, theta.length) };
}

/** The same cells with a column for each of these margins alone. */
function narrowed({ design, counts }: Pick<Wide, "design" | "counts">, margins: readonly Margin[]): Cells {
  const columns = margins.map((margin) => design.margins.indexOf(margin));
  const [width, wide] = [margins.length, design.margins.length];
  const narrow = new Float64Array((counts.length / wide) * width);
  for (let cell = 0; cell * width < narrow.length; cell += 1) {
    for (let k = 0; k < width; k += 1) narrow[cell * width + k] = at(counts, cell * wide + (columns[k] ?? 0));
  }
  return { ...design.cells, counts: narrow };
}

/** Rounds by margin. */
function totalsOf({ cells, margins }: Design): Float64Array {
  const totals = new Float64Array(margins.length);
  cells.counts.forEach((count, index) => {
    addTo(totals, index % margins.length, count);
  });
  return totals;
}

/** Per pair of nodes that met, as `designOf` reads it from rounds; undefined where something has no rounds any more. */
function meetingsIn({ cells, margins, nodePlace }: Design): Meeting[] {
  const [nodes, width] = [nodePlace.length, margins.length];
  const [all, best, worst] = [0, 1, 2].map(() => new Float64Array(nodes * nodes));
  if (all === undefined || best === undefined || worst === undefined) return [];
  for (let cell = 0; cell < cells.submitter.length; cell += 1) {
    const pair = whole(cells.submitter, cell) * nodes + whole(cells.reviewer, cell);
    for (let k = 0; k < width; k += 1) addTo(all, pair, at(cells.counts, cell * width + k));
    addTo(worst, pair, at(cells.counts, cell * width));
    addTo(best, pair, at(cells.counts, cell * width + width - 1));
  }
  return [...all].flatMap((rounds, pair): Meeting[] => {
    if (rounds === 0) return [];
    return [
      {
        submitter: Math.floor(pair / nodes),
        reviewer: pair % nodes,
        isAlwaysBest: at(best, pair) === rounds,
        isAlwaysWorst: at(worst, pair) === rounds,
      },
    ];
  });
}

function areAlike(one: Comparability, other: Comparability): boolean {
  return isSame(one.group, other.group) && isSame(one.separation, other.separation);
}

/** Every language is there, and more pairings than issues. */
function hasAll({ cells, margins, languages, languageOf, issues }: Design): boolean {
  const byLanguage = new Float64Array(languages.length);
  const width = margins.length;
  let [pairings, played] = [0, 0];
  for (let issue = 0; issue < issues.length; issue += 1) {
    let own = 0;
    for (let cell = whole(cells.starts, issue); cell < whole(cells.starts, issue + 1); cell += 1) {
      let rounds = 0;
      for (let k = 0; k < width; k += 1) rounds += at(cells.counts, cell * width + k);
      if (rounds > 0) own += 1;
    }
    addTo(byLanguage, whole(languageOf, issue), own);
    pairings += own;
    if (own > 0) played += 1;
  }
  return pairings > played && byLanguage.every((count) => count > 0);
}

/** Symmetric rank one: the inverse learns what the last step has shown (Nocedal and Wright 2006, 6.2). */
function learn(inverse: Float64Array, step: Float64Array, drop: Float64Array): void {
  const size = step.length;
  const guess = times(inverse, drop);
  const off = step.map((value, i) => value - at(guess, i));
  const scale = dot(off, drop);
  if (Math.abs(scale) < 1e-8 * Math.sqrt(dot(off, off) * dot(drop, drop)) || scale === 0) return;
  for (let i = 0; i < size; i += 1)
    for (let j = 0; j < size; j += 1) addTo(inverse, i * size + j, (at(off, i) * at(off, j)) / scale);
}

/** The ground's parameters, those of margins moved by as much as these came more or less often: a rare one may have doubled. */
function startingAt(ground: Ground, design: Design): Float64Array {
  const theta = Float64Array.from(ground.theta);
  const [before, now] = [totalsOf(ground.design), totalsOf(design)];
  const shift = (k: number) => Math.log(at(now, k) / at(before, k));
  const reference = shift(design.marginPlace.indexOf(-1));
  const moved = new Set<number>();
  design.marginPlace.forEach((place, k) => {
    if (place < 0 || moved.has(place)) return;
    moved.add(place);
    addTo(theta, place, shift(k) - reference);
  });
  return theta;
}

/** Undefined where the search ends nowhere, or at an edge of the deviation. */
function searched(ground: Ground, design: Design): Float64Array | undefined {
  const scores = new Scores(design);
  const placement = {
    mean: Float64Array.from(ground.placement.mean),
    spread: Float64Array.from(ground.placement.spread),
  };
  const scoreAt = (theta: Float64Array): Float64Array => {
    const pull = times(ground.penalty, theta);
    return scores.at(theta, placement).map((value, i) => value - at(pull, i));
  };
  const inverse = Float64Array.from(ground.inverse);
  let theta = startingAt(ground, design);
  let score = scoreAt(theta);
  for (let step = 0; step < mostSteps; step += 1) {
    const change = times(inverse, score);
    const length = longest(change);
    if (!(length < longestStep)) return undefined;
    theta = theta.map((value, i) => value + at(change, i));
    const deviation = at(theta, design.deviationPlace);
    if (!(deviation > leastDeviation && deviation < largestDeviation)) return undefined;
    if (length < tolerance) return theta;
    const next = scoreAt(theta);
    learn(
      inverse,
      change,
      score.map((value, i) => value - at(next, i)),
    );
    score = next;
  }
  return undefined;
}

function countsWithout({ design, counts }: Wide, dropped: ReadonlySet<string>): Float64Array {
  const { cells, issues, margins } = design;
  const left = Float64Array.from(counts);
  issues.forEach((name, issue) => {
    if (!dropped.has(name)) return;
    left.fill(
      0,
      whole(cells.starts, issue) * margins.length,
      whole(cells.starts, issue + 1) * margins.length,
    );
  });
  return left;
}

function countsWith({ design, counts, gaps }: Wide, decide: Decide): Float64Array {
  const more = Float64Array.from(counts);
  for (const { round, cell } of gaps) {
    const winner = decide(round);
    if (winner === undefined) continue;
    addTo(more, cell * design.margins.length + design.margins.indexOf(marginOf(won[winner])), 1);
  }
  return more;
}

/**
 * Fits of rounds that differ little from `rounds`. Where an earlier fit has estimated the same parameters, the search starts
 * from it and needs scores alone: the same maximum as `fitRounds`, to 1e-6, at a small part of the price. Where something else
 * is determined (a strength without an end, a margin that never came, issues without a spread), or the search does not end, it
 * is `fitRounds`, and a fit that others may start from.
 */
export class Refits {
  readonly rounds: readonly RatedRound[];
  readonly options: DesignOptions;
  readonly #wide: Wide | undefined;
  readonly #grounds: Ground[] = [];
  /** The fit of the rounds as they are; undefined where there is nothing to fit. */
  readonly base: Fit | undefined;

  constructor(rounds: readonly RatedRound[], options: DesignOptions) {
    this.rounds = rounds;
    this.options = options;
    this.#wide = wideOf(rounds, options);
    this.base = this.#anew(rounds);
  }

  #anew(rounds: readonly RatedRound[]): Fit | undefined {
    const fit = fitRounds(rounds, this.options);
    const ground =
      fit === undefined || this.#wide === undefined ? undefined : groundOf(fit, this.#wide.design);
    if (ground !== undefined) this.#grounds.push(ground);
    return fit;
  }

  #near(wide: Wide, counts: Float64Array): Estimated | undefined {
    const totals = totalsOf({ ...wide.design, cells: { ...wide.design.cells, counts } });
    const margins = wide.design.margins.filter((_, k) => at(totals, k) > 0);
    const grounds = this.#grounds.filter((ground) => isSame(ground.design.margins, margins));
    const [one] = grounds;
    if (one === undefined) return undefined;
    const cells = narrowed({ design: wide.design, counts }, margins);
    if (!hasAll({ ...one.design, cells })) return undefined;
    const comparability = comparabilityOf(one.design.nodePlace.length, meetingsIn({ ...one.design, cells }));
    const ground = grounds.find(({ design }) => areAlike(comparability, design.comparability));
    if (ground === undefined) return undefined;
    const design = { ...ground.design, cells };
    const theta = searched(ground, design);
    return theta === undefined ? undefined : { design, theta };
  }

  /** With void rounds as they are decided. */
  decided(decide: Decide): Estimated | undefined {
    const near =
      this.#wide === undefined ? undefined : this.#near(this.#wide, countsWith(this.#wide, decide));
    return near ?? this.#anew(filled(this.rounds, decide));
  }

  /** Without every round on these issues. */
  without(issues: ReadonlySet<string>): Estimated | undefined {
    const near =
      this.#wide === undefined ? undefined : this.#near(this.#wide, countsWithout(this.#wide, issues));
    return near ?? this.#anew(this.rounds.filter(({ instanceId }) => !issues.has(instanceId)));
  }
}
