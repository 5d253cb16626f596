// The board in a terminal: at most 100 columns, no colour, figures aligned.
import type { Reading } from "../domain/record.ts";
import { type Board, type Standing, scoreName } from "./board.ts";
import { boardNotes, boardTitle, rankText } from "./statement.ts";
import { absent, fitted, plain, score, scoreInterval, share, widthOf, wrapped } from "./text.ts";

const maxWidth = 100;
const gap = "  ";
/** The name gives way first; below this it would no longer name anybody. */
const leastNameWidth = 12;

interface Column {
  readonly title: (reading: Reading) => string;
  readonly left?: true;
  readonly cell: (standing: Standing, reading: Reading) => string;
}

const other = (reading: Reading): Reading => (reading === "strict" ? "paper" : "strict");

function instancesOf({ metrics }: Standing, reading: Reading): string {
  const n = metrics[scoreName[reading]]?.n ?? metrics.winRate?.n ?? metrics.reviewValidRate?.n;
  return n === undefined ? absent : String(n);
}

const columns: readonly Column[] = [
  { title: () => "rank", cell: ({ rank }) => rankText(rank) },
  { title: () => "contestant", left: true, cell: ({ id }) => plain(id) },
  {
    title: (reading) => `score ${reading}`,
    cell: ({ metrics }, reading) => scoreInterval(metrics[scoreName[reading]]),
  },
  {
    title: (reading) => other(reading),
    cell: ({ metrics }, reading) => score(metrics[scoreName[other(reading)]]),
  },
  { title: () => "win\npaper", cell: ({ metrics }) => share(metrics.winRate) },
  { title: () => "win\nstrict", cell: ({ metrics }) => share(metrics.winRateStrict) },
  { title: () => "re-\nsolved", cell: ({ metrics }) => share(metrics.resolvedRate) },
  { title: () => "\nkills", cell: ({ metrics }) => share(metrics.killRateOnUnresolved) },
  { title: () => "false\nkills", cell: ({ metrics }) => share(metrics.falseRejection) },
  { title: () => "\nvoid", cell: ({ voids }) => String(voids.rounds) },
  { title: () => "\nn", cell: instancesOf },
];

/** Titles of one line stand on the lower of the two heading lines. */
function heading(title: string): readonly [string, string] {
  const [upper, lower] = title.split("\n");
  return lower === undefined ? ["", title] : [upper ?? "", lower];
}

function grid(board: Board): string[][] {
  const titles = columns.map((column) => heading(column.title(board.reading)));
  const rows = board.contestants.map((standing) =>
    columns.map((column) => column.cell(standing, board.reading)),
  );
  return [titles.map(([upper]) => upper), titles.map(([, lower]) => lower), ...rows];
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map((_, place) => Math.max(...rows.map((row) => widthOf(row[place] ?? ""))));
  const name = columns.findIndex((column) => column.left === true);
  const total = widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1);
  const nameWidth = widths[name] ?? 0;
  widths[name] = Math.min(nameWidth, Math.max(leastNameWidth, nameWidth - (total - maxWidth)));
  return rows.map((row) =>
    row
      .map((cell, place) => {
        const width = widths[place] ?? 0;
        const text = fitted(cell, width);
        const padding = " ".repeat(width - widthOf(text));
        return columns[place]?.left === true ? `${text}${padding}` : `${padding}${text}`;
      })
      .join(gap)
      .trimEnd(),
  );
}

/** The board as a table for a terminal; test/golden/board.txt shows one. */
export function renderBoardTable(board: Board): string {
  const lines = aligned(grid(board));
  const width = Math.max(...lines.map(widthOf));
  const notes = boardNotes(board).map((note) => wrapped(note, maxWidth, "  "));
  const [upper = "", lower = "", ...rows] = lines;
  return [
    wrapped(boardTitle(board), maxWidth),
    "",
    upper,
    lower,
    "-".repeat(width),
    ...rows,
    "",
    ...notes,
    "",
  ].join("\n");
}
