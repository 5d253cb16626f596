// Turns rounds into numbered cells and parameters: what the likelihood loops over, and what each number stands for.
import type { Language } from "../domain/instance.ts";
import { type Comparability, comparabilityOf, type Meeting } from "./comparability.ts";
import { addTo, at, whole } from "./linear.ts";
import { type Margin, marginOf, type RatedRound } from "./outcome.ts";

/** `two`: a strength for each role. `one`: a single strength, as in the classic Bradley-Terry model. */
export type Roles = "two" | "one";

/** Rounds of one issue with the same submitter and reviewer, added up; in issue order. */
export interface Cells {
  /** Cells of issue g are `starts[g]` up to `starts[g + 1]`. */
  readonly starts: Int32Array;
  readonly submitter: Int32Array;
  readonly reviewer: Int32Array;
  /** Rounds of the cell, by margin: `counts[cell * margins + k]`; weighted so that an issue's rounds keep their number. */
  readonly counts: Float64Array;
  /** Mean weight of each issue's rounds: what its likelihood counts for. */
  readonly weights: Float64Array;
}

export interface Design {
  readonly roles: Roles;
  readonly contestants: readonly string[];
  readonly issues: readonly string[];
  readonly languages: readonly Language[];
  readonly languageOf: Int32Array;
  /** Margins that occurred, ascending. */
  readonly margins: readonly Margin[];
  readonly cells: Cells;
  readonly comparability: Comparability;
  /** The margins' parameters have no maximum either: then no strength has, and everything is penalised. */
  readonly isSeparated: boolean;
  /** Place of each strength among the parameters; -1 for those held at zero, which only differences depend on. */
  readonly nodePlace: Int32Array;
  /** Place of each margin's parameter; -1 for the most frequent one. */
  readonly marginPlace: Int32Array;
  /** Place of each language's effect; -1 for the first language, and for all where effects are left out. */
  readonly languagePlace: Int32Array;
  /** Place of the standard deviation of issue effects; -1 where there are none. */
  readonly deviationPlace: number;
  /** The deviation where it is no parameter: 0 without issue effects. */
  readonly heldDeviation: number;
  readonly size: number;
}

export interface DesignOptions {
  readonly roles: Roles;
  readonly issueEffects: boolean;
}

/** A played round, numbered. */
interface Numbered {
  readonly issue: number;
  readonly submitter: number;
  readonly reviewer: number;
  readonly margin: Margin;
  readonly weight: number;
}

const sortedDistinct = <T extends string>(names: Iterable<T>): T[] => [...new Set(names)].sort();
const numbersOf = (names: readonly string[]): ReadonlyMap<string, number> =>
  new Map(names.map((name, index) => [name, index]));

/** Nodes: submitters first, then reviewers; the same nodes where roles are one. */
export const reviewerNode = (design: { roles: Roles; contestants: readonly string[] }, contestant: number) =>
  design.roles === "one" ? contestant : design.contestants.length + contestant;

function weightOf({ weight = 1, instanceId }: RatedRound): number {
  if (Number.isFinite(weight) && weight > 0) return weight;
  throw new RangeError(`expected a weight above 0 for a round on ${instanceId}; found ${weight}`);
}

function meanWeights(rounds: readonly Numbered[], issues: number): Float64Array {
  const [sums, counts] = [new Float64Array(issues), new Float64Array(issues)];
  for (const { issue, weight } of rounds) {
    addTo(sums, issue, weight);
    addTo(counts, issue, 1);
  }
  return sums.map((sum, issue) => sum / at(counts, issue));
}

function cellsOf(rounds: readonly Numbered[], issues: number, margins: readonly Margin[]): Cells {
  const widest = 1 + rounds.reduce((most, { submitter, reviewer }) => Math.max(most, submitter, reviewer), 0);
  const keys = rounds.map(
    ({ issue, submitter, reviewer }) => (issue * widest + submitter) * widest + reviewer,
  );
  const order = Float64Array.from(new Set(keys)).sort();
  const places = new Map<number, number>();
  const cells = {
    starts: new Int32Array(issues + 1),
    submitter: new Int32Array(order.length),
    reviewer: new Int32Array(order.length),
    counts: new Float64Array(order.length * margins.length),
    weights: meanWeights(rounds, issues),
  };
  order.forEach((key, cell) => {
    places.set(key, cell);
    cells.reviewer[cell] = key % widest;
    cells.submitter[cell] = Math.floor(key / widest) % widest;
    cells.starts[Math.floor(key / widest / widest) + 1] = cell + 1;
  });
  rounds.forEach(({ issue, margin, weight }, index) => {
    const cell = places.get(keys[index] ?? -1) ?? 0;
    addTo(cells.counts, cell * margins.length + margins.indexOf(margin), weight / at(cells.weights, issue));
  });
  return cells;
}

/** Per pair of nodes that met. */
function meetingsOf(rounds: readonly Numbered[], margins: readonly Margin[]): Meeting[] {
  const [worst, best] = [margins[0], margins.at(-1)];
  const met = new Map<string, Meeting>();
  for (const { submitter, reviewer, margin } of rounds) {
    const key = `${submitter} ${reviewer}`;
    const { isAlwaysBest = true, isAlwaysWorst = true } = met.get(key) ?? {};
    met.set(key, {
      submitter,
      reviewer,
      isAlwaysBest: isAlwaysBest && margin === best,
      isAlwaysWorst: isAlwaysWorst && margin === worst,
    });
  }
  return [...met.values()];
}

/**
 * Adding a number to every strength of a group changes nothing, so one node of each group is held at zero; with two
 * roles, neither does adding it to all submitters and taking it from the margins' parameters, so one more is.
 */
function nodePlaces(
  nodes: number,
  played: ReadonlySet<number>,
  of: { group: Int32Array; roles: Roles; submitters: number },
) {
  const held = new Set<number>();
  const seen = new Set<number>();
  for (const node of [...played].sort((a, b) => a - b)) {
    const group = whole(of.group, node);
    if (!seen.has(group)) held.add(node);
    seen.add(group);
  }
  const second = [...played]
    .sort((a, b) => a - b)
    .find((node) => node >= of.submitters && whole(of.group, node) === Math.min(...seen));
  if (of.roles === "two" && second !== undefined) held.add(second);
  let next = 0;
  return Int32Array.from({ length: nodes }, (_, node) => {
    if (!played.has(node) || held.has(node)) return -1;
    next += 1;
    return next - 1;
  });
}

/** Numbers from `first` on for all but one of `count` things. */
function placesBut(omitted: number, count: number, first: number): Int32Array {
  let next = first;
  return Int32Array.from({ length: count }, (_, index) => {
    if (index === omitted) return -1;
    next += 1;
    return next - 1;
  });
}

/** One role has no sides: a margin and its mirror image share a parameter. */
const marginKeyOf = (roles: Roles, margin: Margin): number => (roles === "one" ? Math.abs(margin) : margin);

/** Places from `first` on, by the parameter that margins stand for; -1 for the most frequent one, the others' measure. */
function marginPlaces(counts: Float64Array, of: { margins: readonly Margin[]; roles: Roles; first: number }) {
  const keys = of.margins.map((margin) => marginKeyOf(of.roles, margin));
  const totals = new Map<number, number>();
  counts.forEach((count, index) => {
    const key = keys[index % keys.length] ?? 0;
    totals.set(key, (totals.get(key) ?? 0) + count);
  });
  const most = Math.max(...totals.values());
  const reference = [...totals].find(([, total]) => total === most)?.[0];
  const own = [...new Set(keys)].sort((a, b) => a - b).filter((key) => key !== reference);
  return {
    places: Int32Array.from(keys, (key) => (key === reference ? -1 : of.first + own.indexOf(key))),
    count: own.length,
  };
}

const countOf = (places: Int32Array): number => places.filter((place) => place >= 0).length;

/** @throws RangeError where rounds disagree about an issue's language */
function languagesByIssue(rounds: readonly RatedRound[]): ReadonlyMap<string, Language> {
  const spoken = new Map<string, Language>();
  for (const { instanceId, language } of rounds) {
    const known = spoken.get(instanceId) ?? language;
    if (known !== language) {
      throw new RangeError(`expected one language for issue ${instanceId}; found ${known} and ${language}`);
    }
    spoken.set(instanceId, language);
  }
  return spoken;
}

interface Names {
  readonly roles: Roles;
  readonly contestants: readonly string[];
  readonly issues: readonly string[];
}

function numberedRounds(rounds: readonly RatedRound[], names: Names): Numbered[] {
  const [contestantOf, issueOf] = [numbersOf(names.contestants), numbersOf(names.issues)];
  return rounds.flatMap((round): Numbered[] => {
    const { instanceId, submitter, reviewer, score } = round;
    if (score === undefined) return [];
    return [
      {
        issue: issueOf.get(instanceId) ?? 0,
        submitter: contestantOf.get(submitter) ?? 0,
        reviewer: reviewerNode(names, contestantOf.get(reviewer) ?? 0),
        margin: marginOf(score),
        weight: weightOf(round),
      },
    ];
  });
}

interface Numbering {
  readonly names: Names;
  readonly cells: Cells;
  readonly comparability: Comparability;
  readonly played: ReadonlySet<number>;
  readonly margins: readonly Margin[];
  readonly languages: number;
  readonly issueEffects: boolean;
}

type Places = Pick<
  Design,
  "nodePlace" | "marginPlace" | "languagePlace" | "deviationPlace" | "heldDeviation" | "size"
>;

function placesOf({ names, cells, comparability, played, ...of }: Numbering): Places {
  const { roles, contestants, issues } = names;
  const { group } = comparability;
  const nodePlace = nodePlaces(group.length, played, { group, roles, submitters: contestants.length });
  const strengths = countOf(nodePlace);
  const levels = marginPlaces(cells.counts, { margins: of.margins, roles, first: strengths });
  const groups = new Set([...played].map((node) => whole(group, node)));
  // Where groups were never compared, a language may be all that differs between them: then it has no effect of its own.
  const hasLanguages = of.issueEffects && (groups.size === 1 || contestants.length === 2);
  const beforeLanguages = strengths + levels.count;
  const languagePlace = hasLanguages
    ? placesBut(0, of.languages, beforeLanguages)
    : new Int32Array(of.languages).fill(-1);
  const size = beforeLanguages + countOf(languagePlace);
  const deviates = of.issueEffects && cells.submitter.length > issues.length;
  return {
    nodePlace,
    marginPlace: levels.places,
    languagePlace,
    deviationPlace: deviates ? size : -1,
    heldDeviation: 0,
    size: size + (deviates ? 1 : 0),
  };
}

/** Numbers everything. Void rounds are left out here; undefined when nothing is left or all margins are alike. */
export function designOf(all: readonly RatedRound[], options: DesignOptions): Design | undefined {
  const rounds = all.filter((round) => round.score !== undefined);
  const contestants = sortedDistinct(rounds.flatMap(({ submitter, reviewer }) => [submitter, reviewer]));
  const spoken = languagesByIssue(rounds);
  const issues = sortedDistinct(spoken.keys());
  const languages = sortedDistinct(spoken.values());
  const languageNumber = numbersOf(languages);
  const names = { roles: options.roles, contestants, issues };
  const numbered = numberedRounds(rounds, names);
  const margins = [...new Set(numbered.map(({ margin }) => margin))].sort((a, b) => a - b);
  if (margins.length < 2) return undefined;
  const cells = cellsOf(numbered, issues.length, margins);
  const nodes = contestants.length * (options.roles === "one" ? 1 : 2);
  const comparability = comparabilityOf(nodes, meetingsOf(numbered, margins));
  const played = new Set(numbered.flatMap(({ submitter, reviewer }) => [submitter, reviewer]));
  const counts = { margins, languages: languages.length, issueEffects: options.issueEffects };
  return {
    ...names,
    languages,
    languageOf: Int32Array.from(issues, (issue) => languageNumber.get(spoken.get(issue) ?? "") ?? 0),
    margins,
    cells,
    comparability,
    isSeparated: false,
    ...placesOf({ names, cells, comparability, played, ...counts }),
  };
}
