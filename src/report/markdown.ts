// The board as Markdown, for a README or an issue: more columns than a terminal has room for.
import type { Board, Standing } from "./board.ts";
import { evidenceMarkdown } from "./evidence-text.ts";
import { inert, markdownTable } from "./markdown-table.ts";
import type { Metrics } from "./metrics.ts";
import { scoreName } from "./ranking.ts";
import { eloInterval, strengthInterval } from "./rating-text.ts";
import { ratedOf } from "./ratings.ts";
import { boardNotes, boardTitle, rankText } from "./statement.ts";
import { otherReading } from "./table.ts";
import { score, scoreInterval, share, shareInterval, whole } from "./text.ts";

function mainRow(standing: Standing, board: Board): string[] {
  const { metrics } = standing;
  const other = otherReading(board.reading);
  const strength = ratedOf(board.ratings[board.reading], standing.id)?.overall;
  return [
    rankText(standing.rank),
    inert(standing.id),
    ...(board.ranking.by === "strength" ? [eloInterval(strength)] : []),
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

function sliceRow(
  slice: string,
  id: string,
  { metrics, board }: { metrics: Metrics; board: Board },
): string[] {
  return [
    inert(slice),
    inert(id),
    scoreInterval(metrics[scoreName[board.reading]]),
    shareInterval(metrics.winRate),
    shareInterval(metrics.resolvedRate),
    shareInterval(metrics.killRateOnUnresolved),
    String(metrics.winRate?.n ?? metrics.reviewValidRate?.n ?? 0),
  ];
}

/** One row for each slice and contestant; a single slice would repeat the ranking. */
function bySlice(board: Board, by: "language" | "difficulty"): string[] {
  const rows = board.contestants.flatMap(({ id, languages, difficulties }) =>
    Object.entries(by === "language" ? languages : difficulties).map(([slice, metrics]) => ({
      id,
      slice,
      metrics,
    })),
  );
  const slices = [...new Set(rows.map(({ slice }) => slice))].sort();
  if (slices.length < 2) return [];
  const header = [by, "contestant", `score ${board.reading}`, "win (paper)", "resolved", "kills", "n"];
  const cells = slices.flatMap((slice) =>
    rows
      .filter((one) => one.slice === slice)
      .map(({ id, metrics }) => sliceRow(slice, id, { metrics, board })),
  );
  return ["", `### By ${by}`, "", ...markdownTable(header, cells, [1])];
}

/** Both readings, the board's first: whoever ranks elsewhere in the other shows it here. */
function strengths(board: Board): string[] {
  if (board.ranking.by === "score") return [];
  const header = [
    "reading",
    "contestant",
    "submitter",
    "rank",
    "reviewer",
    "rank",
    "overall",
    "rank",
    "issues",
  ];
  const rows = [board.reading, otherReading(board.reading)].flatMap((reading) =>
    board.contestants.flatMap(({ id }) => {
      const rated = ratedOf(board.ratings[reading], id);
      if (rated === undefined) return [];
      const cells = [rated.submitter, rated.reviewer, rated.overall].flatMap((strength) => [
        strengthInterval(strength),
        rankText(strength?.rank),
      ]);
      return [[reading, inert(id), ...cells, String(rated.issues)]];
    }),
  );
  return ["", "### Strengths in log-odds", "", ...markdownTable(header, rows, [1])];
}

/** The board as Markdown: the ranking, strengths, the same by language and difficulty, and what must be said with it. */
export function renderBoardMarkdown(board: Board): string {
  const other = otherReading(board.reading);
  const header = [
    "rank",
    "contestant",
    ...(board.ranking.by === "strength" ? [`Elo ${board.reading}`] : []),
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
    ...markdownTable(header, rows, [1]),
    ...strengths(board),
    ...evidenceMarkdown(board),
    ...bySlice(board, "language"),
    ...bySlice(board, "difficulty"),
    "",
    ...boardNotes(board).map((note) => `- ${inert(note)}`),
    "",
  ].join("\n");
}
