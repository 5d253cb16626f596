// Tables in Markdown, in which nothing that others wrote can become markup.
import { plain } from "./text.ts";

/** Names are others' words: nothing in them may become markup, a link, a mention or another cell. */
export function inert(text: string): string {
  return plain(text)
    .replace(/[\\`*_{}[\]<>#|~$]/g, (sign) => `\\${sign}`)
    .replace(/@/g, "&#64;");
}

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** Lines of a table; `left`: places of the columns that are written from the left. Cells are markup already. */
export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  left: readonly number[],
): string[] {
  const rule = header.map((_, place) => (left.includes(place) ? ":---" : "---:"));
  return [row(header), row(rule), ...rows.map(row)];
}
