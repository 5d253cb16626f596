// Where a command's words go: one JSON document or a text on stdout, everything said on the way on stderr.
import stringWidth from "string-width";
import { breaksAndTabs, spelledOut } from "../domain/unseen.ts";
import { type Line, Screen, type Size, type Terminal } from "./screen.ts";

export interface Output {
  /** True where what is said on the way is read on a terminal. */
  readonly isTerminal: boolean;
  /** The command's result; called once. */
  result(json: unknown, text: () => string): void;
  /** Something said on the way: a line in a pipe, a line that replaces itself on a terminal. */
  progress(line: string): void;
  /** A line that stays: a warning, a finished step. */
  note(line: string): void;
  /** Draws lines that stay below all notes until they are drawn anew; without any they go. A pipe gets none. */
  panel(draw?: Panel): void;
}

export interface Panel {
  readonly color: boolean;
  lines(size: Size): readonly Line[];
}

export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: Terminal & { readonly isTTY?: boolean; on?(event: "resize", action: () => void): unknown };
}

export function output(streams: Streams, json: boolean): Output {
  const isTerminal = streams.stderr.isTTY === true;
  const screen = new Screen(streams.stderr);
  let panel: Panel | undefined;
  let open = false;
  const clear = (): string => {
    const erase = open ? "\r\u001b[2K" : "";
    open = false;
    return erase;
  };
  const draw = (above?: string): void => {
    if (panel === undefined) return;
    const { color } = panel;
    screen.draw(panel.lines(screen.size), { color, ...(above === undefined ? {} : { above }) });
  };
  const take = (next: Panel | undefined): void => {
    if (!isTerminal) return;
    panel = next;
    if (next === undefined) screen.clear();
    else streams.stderr.write(clear());
    draw();
  };
  if (isTerminal) streams.stderr.on?.("resize", () => draw());
  return {
    isTerminal,
    result(value, text) {
      take(undefined);
      streams.stderr.write(clear());
      const body = json ? JSON.stringify(value, null, 2) : text();
      streams.stdout.write(body.endsWith("\n") ? body : `${body}\n`);
    },
    progress(line) {
      // No progress in a pipe: a log wants what was done, not what is being done.
      if (!isTerminal || panel !== undefined) return;
      streams.stderr.write(`${clear()}${oneLine(line).slice(0, 110)}`);
      open = true;
    },
    note(line) {
      // Messages quote what models and files named.
      const said = harmless(line);
      if (panel === undefined) streams.stderr.write(`${clear()}${said}\n`);
      else draw(said);
    },
    panel: take,
  };
}

/** Text of a repository, safe to print: breaks and tabs stay, other signs nobody sees are spelt out. */
export const harmless = (text: string): string => spelledOut(text, { ...breaksAndTabs, "\r": "" });

/** The same on a single line. */
export const oneLine = (text: string): string => harmless(text).replace(/[\n\t]+/g, " ");

export const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;

/** Columns aligned with two blanks between them; numbers are not special. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries())
      widths[column] = Math.max(widths[column] ?? 0, stringWidth(cell));
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - stringWidth(cell)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
