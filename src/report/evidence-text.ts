// Evidence in words and rows: what is proven, how surely, what it took, and every pair's e-values and intervals.
import type { Bounds, PairEvidence } from "../rating/index.ts";
import type { Board } from "./board.ts";
import { type GridColumn, grid } from "./grid.ts";
import { inert, markdownTable } from "./markdown-table.ts";
import { absent, counted, percent, plain, signed } from "./text.ts";
import type { KnownEvidence } from "./tournament-evidence.ts";

/** A pair as it reads: whoever is ahead first. */
interface Row {
  readonly ahead: string;
  readonly behind: string;
  readonly issues: number;
  readonly mean?: number;
  readonly anytime: Bounds;
  readonly fixed?: Bounds;
  readonly eValue: number;
  readonly claim: "claimed" | "unless voids were lost" | "open";
}

const turned = ({ low, high }: Bounds): Bounds => ({ low: -high, high: -low });

function rowOf(pair: PairEvidence, { discoveries }: KnownEvidence): Row {
  const { one, other, issues, mean, anytime, fixed, eOne, eOther } = pair;
  const isTurned = eOther > eOne;
  const [ahead, behind] = isTurned ? [other, one] : [one, other];
  const found = discoveries.find(({ better, worse }) => better === ahead && worse === behind);
  const claim = found === undefined ? "open" : found.survivesVoids ? "claimed" : "unless voids were lost";
  return {
    ...{ ahead, behind, issues, eValue: Math.max(eOne, eOther), claim },
    anytime: isTurned ? turned(anytime) : anytime,
    ...(mean === undefined ? {} : { mean: isTurned ? -mean : mean }),
    ...(fixed === undefined ? {} : { fixed: isTurned ? turned(fixed) : fixed }),
  };
}

/** The strongest evidence first. */
const rowsOf = (evidence: KnownEvidence): Row[] =>
  evidence.pairs
    .map((pair) => rowOf(pair, evidence))
    .toSorted(
      (a, b) => b.eValue - a.eValue || (`${a.ahead} ${a.behind}` < `${b.ahead} ${b.behind}` ? -1 : 1),
    );

const eText = (value: number): string => (value < 1000 ? value.toPrecision(3) : value.toExponential(1));
const boundsText = (bounds: Bounds | undefined): string =>
  bounds === undefined ? absent : `[${signed(bounds.low)}, ${signed(bounds.high)}]`;
const meanText = ({ mean }: Row): string => (mean === undefined ? absent : signed(mean));

const columns: readonly GridColumn<Row>[] = [
  { title: "ahead", left: true, cell: ({ ahead }) => plain(ahead) },
  { title: "behind", left: true, cell: ({ behind }) => plain(behind) },
  { title: "payoff", cell: meanText },
  { title: "at any peek", cell: ({ anytime }) => boundsText(anytime) },
  { title: "fixed n", cell: ({ fixed }) => boundsText(fixed) },
  { title: "e-value", cell: ({ eValue }) => eText(eValue) },
  { title: "order", cell: ({ claim }) => claim },
  { title: "issues", cell: ({ issues }) => String(issues) },
];

/** Pairs that a terminal shows; Markdown and JSON have all. */
const shownPairs = 15;

/** For a terminal; nothing where there is no evidence. */
export function evidenceTable({ evidence }: Board): string[] {
  if (!evidence.known) return [];
  const rows = rowsOf(evidence);
  const rest = rows.length - shownPairs;
  const more = rest > 0 ? [`and ${counted(rest, "pair")} more, with less evidence (--json has all)`] : [];
  return [
    "Evidence for every pair, payoffs from -1 to +1:",
    "",
    ...grid(columns, rows.slice(0, shownPairs)),
    ...more,
    "",
  ];
}

export function evidenceMarkdown({ evidence }: Board): string[] {
  if (!evidence.known) return [];
  const header = ["ahead", "behind", "payoff", "at any peek", "fixed n", "e-value", "order", "issues"];
  const cells = rowsOf(evidence).map((row) => [
    ...[inert(row.ahead), inert(row.behind), meanText(row), boundsText(row.anytime), boundsText(row.fixed)],
    ...[eText(row.eValue), row.claim, String(row.issues)],
  ]);
  return ["", "### Evidence for every pair", "", ...markdownTable(header, cells, [0, 1])];
}

function placeText({ winner, leader, level, issues }: KnownEvidence): string {
  const on = `on ${counted(issues, "issue")}`;
  if (winner !== undefined)
    return `${plain(winner)} is proven to be first ${on}, wrong with chance ${percent(1 - level)} at most`;
  if (leader === undefined) return "no issue is played yet";
  return `nobody is proven to be first ${on}; payoffs put ${plain(leader)} there`;
}

const holdsText = ({ holdsAtAnyPeek }: KnownEvidence): string =>
  holdsAtAnyPeek ? "It holds whenever the run is looked at." : "It holds for the finished run.";

function drawnText({ pairing, battles, leastPropensity, stopsAt }: KnownEvidence): string[] {
  if (pairing === "everybody") return [];
  const { played, uniform } = battles;
  const share = uniform === 0 ? "" : ` (${percent(played / uniform)})`;
  const least =
    leastPropensity === undefined ? "" : `; no pair had a chance below ${leastPropensity.toPrecision(2)}`;
  const stop = stopsAt === undefined ? "" : "; the run ends once a winner is proven";
  return [
    `Pairs were drawn as results came: ${counted(played, "battle")} where everybody against everybody takes ${uniform}${share}${least}${stop}.`,
  ];
}

/** What is proven, or why nothing can be. */
export function evidenceNotes({ evidence, reading }: Board): string[] {
  if (!evidence.known) return [`No evidence for pairs: ${evidence.because}.`];
  const { discoveries, pairs, level, leftOut } = evidence;
  const without = leftOut === 0 ? "" : ` ${counted(leftOut, "issue")} left out.`;
  return [
    `Evidence (${reading}): ${placeText(evidence)}. Orders claimed: ${discoveries.length} of ${counted(pairs.length, "pair")}, ` +
      `the expected share of false ones ${percent(1 - level)} at most. ${holdsText(evidence)}${without}`,
    ...drawnText(evidence),
  ];
}
