// The board as Markdown, for a README or an issue: more columns than a terminal has room for.
import { type Board, type Standing, scoreName } from "./board.ts";
import type { Metrics } from "./metrics.ts";
import { hasReviewerFigures, reviewerCells, reviewersLegend } from "./reviewers.ts";
import { boardNotes, boardTitle, rankText } from "./statement.ts";
import { plain, score, scoreInterval, share, shareInterval, whole } from "./text.ts";

/** Names are others' words: nothing in them may become markup, a link, a mention or another cell. */
function inert(text: string): string {
  return plain(text)
    .replace(/[\\`*_{}[\]<>#|~$]/g, (sign) => `\\${sign}`)
    .replace(/@/g, "&#64;");
}

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function table(header: readonly string[], rows: readonly (readonly string[])[], left: number): string[] {
  const rule = header.map((_, place) => (place === left ? ":---" : "---:"));
  return [row(header), row(rule), ...rows.map(row)];
}

function mainRow(standing: Standing, board: Board): string[] {
  const { metrics } = standing;
  const other = board.reading === "strict" ? "paper" : "strict";
  return [
    rankText(standing.rank),
    inert(standing.id),
    scoreInterval(metrics[scoreName[board.reading]]),
    score(metrics[scoreName[other]]),
    shareInterval(metrics.winRate),
    shareInterval(metrics.winRateStrict),
    shareInterval(metrics.resolvedRate),
    shareInterval(metrics.killRateOnUnresolved),
    share(metrics.killRateOnResolved),
    shareInterval(metrics.falseRejection),
    whole(metrics.submitterContextTokens),
    share(metrics.submitterGoldRecall),
    share(metrics.spr),
    share(metrics.rpr),
    String(standing.voids.rounds),
    String(metrics[scoreName[board.reading]]?.n ?? metrics.winRate?.n ?? 0),
  ];
}

function languageRow(id: string, language: string, metrics: Metrics, board: Board): string[] {
  return [
    language,
    inert(id),
    scoreInterval(metrics[scoreName[board.reading]]),
    shareInterval(metrics.winRate),
    shareInterval(metrics.resolvedRate),
    shareInterval(metrics.killRateOnUnresolved),
    String(metrics.winRate?.n ?? metrics.reviewValidRate?.n ?? 0),
  ];
}

function byLanguage(board: Board): string[] {
  const rows = board.contestants.flatMap(({ id, languages }) =>
    Object.entries(languages).map(([language, metrics]) => ({ id, language, metrics })),
  );
  const languages = [...new Set(rows.map(({ language }) => language))].sort();
  if (languages.length < 2) return [];
  const header = [
    "language",
    "contestant",
    `score ${board.reading}`,
    "win (paper)",
    "resolved",
    "kills",
    "n",
  ];
  const cells = languages.flatMap((language) =>
    rows
      .filter((one) => one.language === language)
      .map(({ id, metrics }) => languageRow(id, language, metrics, board)),
  );
  return ["", "### By language", "", ...table(header, cells, 1)];
}

function byReviewer(board: Board): string[] {
  if (!hasReviewerFigures(board)) return [];
  const { names, header, rows } = reviewerCells(board);
  const cells = rows.map((each, at) => [inert(names[at] ?? ""), ...each]);
  return ["", "### Reviewers", "", ...table(["reviewer", ...header], cells, 0), "", reviewersLegend];
}

/** The board as Markdown: the ranking, the same by language, and what must be said with it. */
export function renderBoardMarkdown(board: Board): string {
  const other = board.reading === "strict" ? "paper" : "strict";
  const header = [
    "rank",
    "contestant",
    `score ${board.reading}`,
    other,
    "win (paper)",
    "win (strict)",
    "resolved",
    "kills",
    "contested kills",
    "false kills",
    "context tokens",
    "gold recall",
    "SPR",
    "RPR",
    "void",
    "n",
  ];
  const rows = board.contestants.map((standing) => mainRow(standing, board));
  return [
    inert(boardTitle(board)),
    "",
    ...table(header, rows, 1),
    ...byLanguage(board),
    ...byReviewer(board),
    "",
    ...boardNotes(board).map((note) => `- ${inert(note)}`),
    "",
  ].join("\n");
}
