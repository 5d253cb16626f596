// A blob as text and as bytes at once: lines are the places where both kinds of offset are known.

/** The text keeps a BOM and carriage returns; each malformed sequence is U+FFFD. A line ends after its `\n`. */
export interface SourceText {
  readonly bytes: Buffer;
  readonly text: string;
  readonly lines: number;
  /** Byte offset of each line's start, and the end of the blob: `lines + 1` entries. */
  readonly byteStarts: Uint32Array;
  /** The same in UTF-16 units of `text`. */
  readonly unitStarts: Uint32Array;
}

function byteLineStarts(bytes: Buffer): Uint32Array {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  if (bytes.length > 0 && bytes[bytes.length - 1] !== 10) count += 1;
  const starts = new Uint32Array(count + 1);
  let line = 1;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) starts[line++] = at + 1;
  starts[count] = bytes.length;
  return starts;
}

function unitLineStarts(text: string, lines: number): Uint32Array {
  const starts = new Uint32Array(lines + 1);
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts[line++] = at + 1;
  starts[lines] = text.length;
  return starts;
}

export function sourceText(bytes: Buffer): SourceText {
  // Decoding never takes a `\n` into a malformed sequence, so both tables have the same lines.
  const text = bytes.toString("utf8");
  const byteStarts = byteLineStarts(bytes);
  const lines = byteStarts.length - 1;
  // As many units as bytes: then every byte is a unit, and the tables are one.
  const unitStarts = text.length === bytes.length ? byteStarts : unitLineStarts(text, lines);
  return { bytes, text, lines, byteStarts, unitStarts };
}

/** The 0-based line that holds an offset of either kind; the last line for the end of the text. */
export function lineAt(starts: Uint32Array, offset: number): number {
  let low = 0;
  let high = Math.max(0, starts.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Lines `first` up to `end`, exclusive. */
export function textOf({ text, unitStarts }: SourceText, first: number, end: number): string {
  return text.slice(unitStarts[first], unitStarts[end]);
}

export function bytesIn({ byteStarts }: SourceText, first: number, end: number): number {
  return (byteStarts[end] ?? 0) - (byteStarts[first] ?? 0);
}

/** Blank columns before the first visible character, a tab counting as four; -1 for a blank line. */
export function indentOf({ text, unitStarts }: SourceText, line: number): number {
  let indent = 0;
  const end = unitStarts[line + 1] ?? text.length;
  for (let at = unitStarts[line] ?? 0; at < end; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === 32) indent += 1;
    else if (unit === 9) indent += 4;
    else if (unit !== 10 && unit !== 13 && unit !== 0xfeff && unit !== 12) return indent;
  }
  return -1;
}

/** Whether nothing visible stands before the offset (in units) on its line. */
export function isFirstOnLine({ text, unitStarts }: SourceText, line: number, unit: number): boolean {
  for (let at = unitStarts[line] ?? 0; at < unit; at += 1) {
    const each = text.charCodeAt(at);
    if (each !== 32 && each !== 9 && each !== 0xfeff) return false;
  }
  return true;
}

/** Whether nothing visible stands on its line from the offset (in units) on. */
export function isLastOnLine({ text, unitStarts }: SourceText, line: number, unit: number): boolean {
  return text.slice(unit, Math.max(unit, unitStarts[line + 1] ?? text.length)).trim() === "";
}
