// The board as CSV (RFC 4180): one line a metric, so that new metrics move no column.
import type { Board } from "./board.ts";
import { type Cell, csvLines } from "./csv-cells.ts";
import type { Metrics } from "./metrics.ts";
import { type ReadingRatings, ratedOf, type ShownContestant, type ShownRatings } from "./ratings.ts";

const header = [
  "sets",
  "sandboxes",
  "instances",
  "rounds",
  "void_rounds",
  "weak_share",
  "interval",
  "contestant",
  "rank_best",
  "rank_worst",
  "contestant_void_rounds",
  "too_few_issues",
  "language",
  "metric",
  "role",
  "reading",
  "value",
  "low",
  "high",
  "n",
  "place_best",
  "place_worst",
  "difficulty",
];

const joined = (texts: readonly string[]): string => [...new Set(texts)].join(" ");

/** `interval`: how the line's bounds were found. */
function common(board: Board, interval: string): Cell[] {
  return [
    joined(board.runs.map((run) => `${run.set}@${run.setHash}`)),
    joined(board.runs.map((run) => run.sandbox)),
    board.instances,
    board.rounds.recorded,
    board.rounds.void,
    board.weakShare,
    interval,
  ];
}

interface Slice {
  readonly language: string;
  readonly difficulty: string;
}
const whole: Slice = { language: "all", difficulty: "all" };

function metricRows(board: Board, { language, difficulty }: Slice, metrics: Metrics): Cell[][] {
  return Object.entries(metrics).map(([name, { value, low, high, n }]) => {
    const { role, reading } = board.glossary[name] ?? {};
    return [language, name, role, reading, value, low, high, n, undefined, undefined, difficulty];
  });
}

const scales = ["submitter", "reviewer", "overall"] as const;

/** Strengths in log-odds and in Elo; a bound that is open, or not known, is an empty cell. */
function strengthRows(
  { language, reading }: { readonly language: string; readonly reading: string },
  rated: ShownContestant | undefined,
): Cell[][] {
  return scales.flatMap((scale) => {
    const strength = rated?.[scale];
    if (rated === undefined || strength === undefined) return [];
    const { value, low, high, elo, rank } = strength;
    const role = scale === "overall" ? "both" : scale;
    const end: Cell[] = [rated.issues, rank.best, rank.worst, "all"];
    return [
      [language, `${scale}Strength`, role, reading, value, low, high, ...end],
      [language, `${scale}Elo`, role, reading, elo.value, elo.low, elo.high, ...end],
    ];
  });
}

function allStrengthRows(id: string, { reading, byLanguage, ...all }: ReadingRatings): Cell[][] {
  const slices: (readonly [string, ShownRatings])[] = [["all", all], ...Object.entries(byLanguage)];
  return slices.flatMap(([language, of]) => strengthRows({ language, reading }, ratedOf(of, id)));
}

/** The board as CSV: every metric and strength of every contestant, over all issues (`all`), by language and by difficulty. */
export function renderBoardCsv(board: Board): string {
  const { intervals, ratings } = board;
  const measured = common(board, `${intervals.level} ${intervals.method}`);
  const rated = common(board, `${ratings.strict.level} clustered by issue`);
  const lines = board.contestants.flatMap((standing) => {
    const { id, rank, voids, tooFewIssues } = standing;
    const own: Cell[] = [id, rank?.best, rank?.worst, voids.rounds, tooFewIssues];
    const slices = Object.entries(standing.languages).flatMap(([language, metrics]) =>
      metricRows(board, { ...whole, language }, metrics),
    );
    const bands = Object.entries(standing.difficulties).flatMap(([difficulty, metrics]) =>
      metricRows(board, { ...whole, difficulty }, metrics),
    );
    const strengths = [ratings.strict, ratings.paper].flatMap((of) => allStrengthRows(id, of));
    return [
      ...[...metricRows(board, whole, standing.metrics), ...slices, ...bands].map((row) => [
        ...measured,
        ...own,
        ...row,
      ]),
      ...strengths.map((row) => [...rated, ...own, ...row]),
    ];
  });
  return csvLines([header, ...lines]);
}
