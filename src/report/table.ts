// The board in a terminal: at most 100 columns, no colour, figures aligned.
import type { Reading } from "../domain/record.ts";
import type { Board, Standing } from "./board.ts";
import { evidenceTable } from "./evidence-text.ts";
import { type GridColumn, grid, maxWidth } from "./grid.ts";
import { scoreName } from "./ranking.ts";
import { eloInterval, strengthInterval, strengthValue } from "./rating-text.ts";
import { ratedOf } from "./ratings.ts";
import { boardNotes, boardTitle, rankText } from "./statement.ts";
import { absent, plain, score, scoreInterval, share, wrapped } from "./text.ts";

type Column = GridColumn<Standing>;

export const otherReading = (reading: Reading): Reading => (reading === "strict" ? "paper" : "strict");

const name: Column = { title: "contestant", left: true, cell: ({ id }) => plain(id) };

function instancesOf({ metrics }: Standing, reading: Reading): string {
  const n = metrics[scoreName[reading]]?.n ?? metrics.winRate?.n ?? metrics.reviewValidRate?.n;
  return n === undefined ? absent : String(n);
}

/** What ranks, with its interval, and the mean scores beside it. */
function leading({ reading, ranking, ratings }: Board): Column[] {
  const other = otherReading(reading);
  const paper: Column = {
    title: ranking.by === "score" ? other : `score\n${other}`,
    cell: ({ metrics }) => score(metrics[scoreName[other]]),
  };
  if (ranking.by === "score") {
    const cell = ({ metrics }: Standing) => scoreInterval(metrics[scoreName[reading]]);
    return [{ title: `score ${reading}`, cell }, paper];
  }
  return [
    { title: `Elo ${reading}`, cell: ({ id }) => eloInterval(ratedOf(ratings[reading], id)?.overall) },
    { title: `score\n${reading}`, cell: ({ metrics }) => score(metrics[scoreName[reading]]) },
    paper,
  ];
}

const columns = (board: Board): readonly Column[] => [
  { title: "rank", cell: ({ rank }) => rankText(rank) },
  name,
  ...leading(board),
  { title: "win\npaper", cell: ({ metrics }) => share(metrics.winRate) },
  { title: "win\nstrict", cell: ({ metrics }) => share(metrics.winRateStrict) },
  { title: "re-\nsolved", cell: ({ metrics }) => share(metrics.resolvedRate) },
  { title: "kills", cell: ({ metrics }) => share(metrics.killRateOnUnresolved) },
  { title: "false\nkills", cell: ({ metrics }) => share(metrics.falseRejection) },
  { title: "void", cell: ({ voids }) => String(voids.rounds) },
  { title: "n", cell: (standing) => instancesOf(standing, board.reading) },
];

/** Both roles in the board's reading, and the other reading's overall strength. */
function strengths({ reading, ranking, ratings, contestants }: Board): string[] {
  if (ranking.by === "score") return [];
  const other = otherReading(reading);
  const own = ({ id }: Standing) => ratedOf(ratings[reading], id);
  const placed: readonly Column[] = [
    { title: `submitter\n${reading}`, cell: (row) => strengthInterval(own(row)?.submitter) },
    { title: "\nrank", cell: (row) => rankText(own(row)?.submitter?.rank) },
    { title: `reviewer\n${reading}`, cell: (row) => strengthInterval(own(row)?.reviewer) },
    { title: "\nrank", cell: (row) => rankText(own(row)?.reviewer?.rank) },
    { title: `overall\n${reading}`, cell: (row) => strengthValue(own(row)?.overall) },
    { title: `overall\n${other}`, cell: ({ id }) => strengthValue(ratedOf(ratings[other], id)?.overall) },
    { title: "\nrank", cell: ({ id }) => rankText(ratedOf(ratings[other], id)?.overall?.rank) },
  ];
  return ["Strengths, in log-odds:", "", ...grid([name, ...placed], contestants), ""];
}

/** The board as a table for a terminal; test/golden/board.txt shows one. */
export function renderBoardTable(board: Board): string {
  const notes = boardNotes(board).map((note) => wrapped(note, maxWidth, "  "));
  return [
    wrapped(boardTitle(board), maxWidth),
    "",
    ...grid(columns(board), board.contestants),
    "",
    ...strengths(board),
    ...evidenceTable(board),
    ...notes,
    "",
  ].join("\n");
}
