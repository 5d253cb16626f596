// Fits again what differs little from rounds that are fitted already: void rounds decided some way, or a few issues less.
import { type Comparability, comparabilityOf, type Meeting } from "./comparability.ts";
import { issuesByNode } from "./contrast.ts";
import { type Design, type DesignOptions, designOf } from "./design.ts";
import { type Estimated, type Fit, fitRounds, largestDeviation, leastDeviation } from "./fit.ts";
import { addTo, at, dot, solve, times, whole } from "./linear.ts";
import { marginOf, type RatedRound } from "./outcome.ts";
import { Scores } from "./score.ts";

/** Those that have a score already are never asked about; undefined leaves a void round out. */
export type Decide = (round: RatedRound) => RatedRound | undefined;

/** Played rounds as they are, void ones as they are decided. */
export function filled(rounds: readonly RatedRound[], decide: Decide): RatedRound[] {
  return rounds.flatMap((round) => (round.score === undefined ? (decide(round) ?? []) : [round]));
}

const tolerance = 1e-7;
const mostSteps = 25;
const longestStep = 1.5;

const longest = (vector: Float64Array): number =>
  vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** A placeholder: its cell is what is wanted. */
const anyScore = { submitter: 1, reviewer: -1 } as const;

/** A void round that somebody may have won. */
interface Gap {
  readonly round: RatedRound;
  readonly cell: number;
}

interface Ground {
  /** The base fit's design, with a cell for every void round too: a cell without rounds adds nothing to a score. */
  readonly design: Design;
  readonly gaps: readonly Gap[];
  readonly inverse: Float64Array;
}

function isSame(one: ArrayLike<unknown>, other: ArrayLike<unknown>): boolean {
  if (one.length !== other.length) return false;
  for (let place = 0; place < one.length; place += 1) if (one[place] !== other[place]) return false;
  return true;
}

/** Void rounds add cells, and nothing else that is new: no contestant or role, no issue, no margin. */
function addsOnlyCells(base: Design, wide: Design): boolean {
  const played = issuesByNode(base);
  const sides = [...wide.cells.submitter, ...wide.cells.reviewer];
  return (
    isSame(base.contestants, wide.contestants) &&
    isSame(base.issues, wide.issues) &&
    isSame(base.margins, wide.margins) &&
    sides.every((node) => whole(played, node) > 0)
  );
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

/** Undefined where the short way does not hold for these rounds. */
function groundOf(rounds: readonly RatedRound[], fit: Fit, options: DesignOptions): Ground | undefined {
  const { design: base, isConverged, factor, theta } = fit;
  if (!isConverged || base.isSeparated || base.deviationPlace < 0) return undefined;
  if (rounds.some(({ weight = 1 }) => weight !== 1)) return undefined;
  const lost = rounds.filter(
    ({ score, submitter, reviewer }) => score === undefined && submitter !== reviewer,
  );
  const wide = designOf(
    filled(rounds, (round) =>
      round.submitter === round.reviewer ? undefined : { ...round, score: anyScore },
    ),
    options,
  );
  if (wide === undefined || !addsOnlyCells(base, wide)) return undefined;
  const gaps = gapsIn(wide, lost);
  const counts = Float64Array.from(wide.cells.counts);
  const place = base.margins.indexOf(marginOf(anyScore));
  for (const { cell } of gaps) addTo(counts, cell * base.margins.length + place, -1);
  const design = { ...base, cells: { ...wide.cells, counts } };
  return { design, gaps, inverse: inverseOf(factor, theta.length) };
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

/** What is there at all: margins, languages, and more pairings than issues. */
function hasAll({ cells, margins, languages, languageOf, issues }: Design): boolean {
  const width = margins.length;
  const [byMargin, byLanguage] = [new Float64Array(width), new Float64Array(languages.length)];
  let [pairings, played] = [0, 0];
  for (let issue = 0; issue < issues.length; issue += 1) {
    let own = 0;
    for (let cell = whole(cells.starts, issue); cell < whole(cells.starts, issue + 1); cell += 1) {
      let rounds = 0;
      for (let k = 0; k < width; k += 1) {
        const count = at(cells.counts, cell * width + k);
        addTo(byMargin, k, count);
        rounds += count;
      }
      if (rounds > 0) own += 1;
    }
    addTo(byLanguage, whole(languageOf, issue), own);
    pairings += own;
    if (own > 0) played += 1;
  }
  return pairings > played && [...byMargin, ...byLanguage].every((count) => count > 0);
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

/** From the base fit's parameters on; undefined where they end nowhere, or at an edge of the deviation. */
function searched(design: Design, base: Fit, startingInverse: Float64Array): Float64Array | undefined {
  const scores = new Scores(design);
  const placement = {
    mean: Float64Array.from(base.placement.mean),
    spread: Float64Array.from(base.placement.spread),
  };
  const scoreAt = (theta: Float64Array): Float64Array => {
    const pull = times(base.penalty, theta);
    return scores.at(theta, placement).map((value, i) => value - at(pull, i));
  };
  const inverse = Float64Array.from(startingInverse);
  let theta = base.theta;
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

/**
 * Fits of rounds that differ little from `rounds`. Wherever the same parameters can be estimated, the search starts from the
 * fit of `rounds` and needs scores alone: the same maximum as `fitRounds`, to 1e-6, at a hundredth of the price. Where
 * something else is determined then (a strength without an end, a margin that never comes, issues without a spread), or the
 * search does not end, it is `fitRounds`.
 */
export class Refits {
  readonly rounds: readonly RatedRound[];
  readonly options: DesignOptions;
  readonly #ground: Ground | undefined;
  /** The fit of the rounds as they are; undefined where there is nothing to fit. */
  readonly base: Fit | undefined;

  constructor(rounds: readonly RatedRound[], options: DesignOptions) {
    this.rounds = rounds;
    this.options = options;
    this.base = fitRounds(rounds, options);
    this.#ground = this.base === undefined ? undefined : groundOf(rounds, this.base, options);
  }

  #near(counts: Float64Array): Estimated | undefined {
    const [base, ground] = [this.base, this.#ground];
    if (base === undefined || ground === undefined) return undefined;
    const design = { ...ground.design, cells: { ...ground.design.cells, counts } };
    if (!hasAll(design)) return undefined;
    const comparability = comparabilityOf(design.nodePlace.length, meetingsIn(design));
    if (!areAlike(comparability, design.comparability)) return undefined;
    const theta = searched(design, base, ground.inverse);
    return theta === undefined ? undefined : { design, theta };
  }

  #countsWith(decide: Decide): Float64Array | undefined {
    if (this.#ground === undefined) return undefined;
    const { design, gaps } = this.#ground;
    const counts = Float64Array.from(design.cells.counts);
    for (const { round, cell } of gaps) {
      const score = decide(round)?.score;
      if (score === undefined) continue;
      const margin = design.margins.indexOf(marginOf(score));
      if (margin < 0) return undefined;
      addTo(counts, cell * design.margins.length + margin, 1);
    }
    return counts;
  }

  /** With void rounds as they are decided. */
  decided(decide: Decide): Estimated | undefined {
    const counts = this.#countsWith(decide);
    const near = counts === undefined ? undefined : this.#near(counts);
    return near ?? fitRounds(filled(this.rounds, decide), this.options);
  }

  /** Without every round on these issues. */
  without(issues: ReadonlySet<string>): Estimated | undefined {
    const near =
      this.#ground === undefined ? undefined : this.#near(countsWithout(this.#ground.design, issues));
    return (
      near ??
      fitRounds(
        this.rounds.filter(({ instanceId }) => !issues.has(instanceId)),
        this.options,
      )
    );
  }
}

function countsWithout({ cells, issues, margins }: Design, dropped: ReadonlySet<string>): Float64Array {
  const counts = Float64Array.from(cells.counts);
  issues.forEach((name, issue) => {
    if (!dropped.has(name)) return;
    counts.fill(
      0,
      whole(cells.starts, issue) * margins.length,
      whole(cells.starts, issue + 1) * margins.length,
    );
  });
  return counts;
}
