// Where a command's words go: one JSON document or a text on stdout, everything said on the way on stderr.

export interface Output {
  /** The command's result; called once. */
  result(json: unknown, text: () => string): void;
  /** Something said on the way: a line in a pipe, a line that replaces itself on a terminal. */
  progress(line: string): void;
  /** A line that stays: a warning, a finished step. */
  note(line: string): void;
}

export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
}

export function output(streams: Streams, json: boolean): Output {
  const terminal = streams.stderr.isTTY === true;
  let open = false;
  const clear = (): string => {
    const erase = open ? "\r\u001b[2K" : "";
    open = false;
    return erase;
  };
  return {
    result(value, text) {
      streams.stderr.write(clear());
      const body = json ? JSON.stringify(value, null, 2) : text();
      streams.stdout.write(body.endsWith("\n") ? body : `${body}\n`);
    },
    progress(line) {
      // No progress in a pipe: a log wants what was done, not what is being done.
      if (!terminal) return;
      streams.stderr.write(`${clear()}${line.slice(0, 110)}`);
      open = true;
    },
    note(line) {
      streams.stderr.write(`${clear()}${line}\n`);
    },
  };
}

/** Text of a repository, safe to print: breaks and tabs stay, other signs nobody sees are spelt out. */
export function harmless(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) => {
    return sign === "\r" ? "" : `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

export const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;

/** Columns aligned with two blanks between them; numbers are not special. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
