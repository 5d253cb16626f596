// Cells and lines of CSV (RFC 4180) that no spreadsheet will run.
import { plain } from "./text.ts";

export type Cell = string | number | boolean | undefined;

/** A spreadsheet would run a cell that begins like a formula; a leading quote keeps names of others text. */
function written(value: Cell): string {
  if (value === undefined) return "";
  if (typeof value !== "string") return String(value);
  const inert = /^[=+\-@]/.test(value) ? `'${value}` : value;
  const text = plain(inert);
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const csvLines = (lines: readonly (readonly Cell[])[]): string =>
  lines.map((line) => `${line.map(written).join(",")}\r\n`).join("");
