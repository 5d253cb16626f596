// Rows of cells as aligned columns for a terminal: names give way where the lines would get too long.
import { fitted, widthOf } from "./text.ts";

export const maxWidth = 100;
const gap = "  ";
/** Names give way; below this they would no longer name anybody. */
const leastNameWidth = 12;

export interface GridColumn<Row> {
  /** One line, or two with a line break between them; those of one line stand on the lower. */
  readonly title: string;
  /** Written from the left, as names are, which may be shortened. */
  readonly left?: true;
  readonly cell: (row: Row) => string;
}

function heading(title: string): readonly [string, string] {
  const [upper, lower] = title.split("\n");
  return lower === undefined ? ["", title] : [upper ?? "", lower];
}

/** The widest name gives way first, sign by sign. */
function widthsOf(cells: readonly (readonly string[])[], names: ReadonlySet<number>): number[] {
  const widths = (cells[0] ?? []).map((_, place) =>
    Math.max(...cells.map((row) => widthOf(row[place] ?? ""))),
  );
  let excess = widths.reduce((sum, width) => sum + width, gap.length * (widths.length - 1)) - maxWidth;
  for (; excess > 0; excess -= 1) {
    const widest = Math.max(...[...names].map((place) => widths[place] ?? 0));
    if (widest <= leastNameWidth) break;
    const place = widths.findIndex((width, index) => names.has(index) && width === widest);
    widths[place] = widest - 1;
  }
  return widths;
}

/** Headings, a rule as wide as the longest line, and the rows; cells hold one line each, already harmless. */
export function grid<Row>(columns: readonly GridColumn<Row>[], rows: readonly Row[]): string[] {
  const titles = columns.map(({ title }) => heading(title));
  const cells = [
    titles.map(([upper]) => upper),
    titles.map(([, lower]) => lower),
    ...rows.map((row) => columns.map(({ cell }) => cell(row))),
  ];
  const names = columns.flatMap(({ left }, place) => (left === true ? [place] : []));
  const widths = widthsOf(cells, new Set(names));
  const lines = cells.map((row) =>
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
  const [upper = "", lower = "", ...body] = lines;
  const rule = "-".repeat(Math.max(...lines.map(widthOf)));
  return [...(upper === "" ? [] : [upper]), lower, rule, ...body];
}
