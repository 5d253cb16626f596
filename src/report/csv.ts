// The board as CSV (RFC 4180): one line a metric, so that new metrics move no column.
import type { Board } from "./board.ts";
import type { Metrics } from "./metrics.ts";
import { plain } from "./text.ts";

type Cell = string | number | boolean | undefined;

/** A spreadsheet would run a cell that begins like a formula; a leading quote keeps names of others text. */
function cell(value: Cell): string {
  if (value === undefined) return "";
  if (typeof value !== "string") return String(value);
  const inert = /^[=+\-@]/.test(value) ? `'${value}` : value;
  const text = plain(inert);
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

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
];

const joined = (texts: readonly string[]): string => [...new Set(texts)].join(" ");

function common(board: Board): Cell[] {
  return [
    joined(board.runs.map((run) => `${run.set}@${run.setHash}`)),
    joined(board.runs.map((run) => run.sandbox)),
    board.instances,
    board.rounds.recorded,
    board.rounds.void,
    board.weakShare,
    `${board.intervals.level} ${board.intervals.method}`,
  ];
}

function metricRows(board: Board, language: string, metrics: Metrics): Cell[][] {
  return Object.entries(metrics).map(([name, { value, low, high, n }]) => {
    const { role, reading } = board.glossary[name] ?? {};
    return [language, name, role, reading, value, low, high, n];
  });
}

/** The board as CSV: every metric of every contestant, over all languages (`all`) and by language. */
export function renderBoardCsv(board: Board): string {
  const start = common(board);
  const lines = board.contestants.flatMap((standing) => {
    const { id, rank, voids, tooFewIssues } = standing;
    const own: Cell[] = [id, rank?.best, rank?.worst, voids.rounds, tooFewIssues];
    const slices = Object.entries(standing.languages).flatMap(([language, metrics]) =>
      metricRows(board, language, metrics),
    );
    return [...metricRows(board, "all", standing.metrics), ...slices].map((row) => [
      ...start,
      ...own,
      ...row,
    ]);
  });
  return [header, ...lines].map((line) => `${line.map(cell).join(",")}\r\n`).join("");
}
