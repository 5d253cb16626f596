// Cuts a stretch of lines that is too long for one chunk, where a reader would cut it.
import { bytesIn, indentOf, type SourceText } from "./text.ts";

/** Neighbours are merged up to this size: about 400 tokens. */
export const mergeBytes = 1_600;
/** No chunk is larger: about 1,000 to 1,200 tokens. */
export const largestChunkBytes = 4_000;

/** Lines are 0-based, `end` exclusive. */
export interface LineRange {
  readonly first: number;
  readonly end: number;
}

/** Small is good: shallow lines, then lines after a blank one. */
function costOf(source: SourceText, line: number): number {
  const indent = indentOf(source, line);
  const afterBlank = line > 0 && indentOf(source, line - 1) < 0;
  return (indent < 0 ? 1_000 : 2 * indent) - (afterBlank ? 3 : 0);
}

/**
 * Ranges of at most {@link mergeBytes} (a longer line stands alone), cut at the best line of each one's second half.
 * `wanted` are the lines where the syntax tree would cut, sorted; without any, every line may be cut at.
 */
export function splitLines(
  source: SourceText,
  { first, end }: LineRange,
  wanted: readonly number[] = [],
): LineRange[] {
  const ranges: LineRange[] = [];
  const cuts = wanted.filter((line) => line > first && line < end);
  let next = 0;
  for (let at = first; at < end; ) {
    let reach = at + 1;
    while (reach < end && bytesIn(source, at, reach + 1) <= mergeBytes) reach += 1;
    while (next < cuts.length && (cuts[next] ?? 0) <= at) next += 1;
    const cut = reach >= end ? end : bestCut(source, { at, reach }, cuts.slice(next, next + reach - at));
    ranges.push({ first: at, end: cut });
    at = cut;
  }
  return ranges;
}

function bestCut(
  source: SourceText,
  { at, reach }: { at: number; reach: number },
  cuts: readonly number[],
): number {
  let best = reach;
  let bestCost = Number.POSITIVE_INFINITY;
  const half = bytesIn(source, at, reach) / 2;
  const consider = (line: number): void => {
    if (line <= at || line > reach || bytesIn(source, at, line) < half) return;
    const cost = costOf(source, line);
    if (cost > bestCost) return;
    best = line;
    bestCost = cost;
  };
  for (const line of cuts) consider(line);
  if (bestCost === Number.POSITIVE_INFINITY) for (let line = at + 1; line <= reach; line += 1) consider(line);
  return best;
}

/** Bytes with the lines they stand in: 0-based, `last` inclusive; a range that is part of a line has that line only. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
  readonly first: number;
  readonly last: number;
}

/** A piece as it is, or, where it is too large for a chunk, whole lines together and overlong lines in parts. */
export function splitOverlong(source: SourceText, { first, end }: LineRange): ByteRange[] {
  const ranges: ByteRange[] = [];
  for (let at = first; at < end; ) {
    let next = at + 1;
    while (next < end && bytesIn(source, at, next + 1) <= largestChunkBytes) next += 1;
    const [from = 0, to = 0] = [source.byteStarts[at], source.byteStarts[next]];
    for (const part of splitBytes(source.bytes, from, to))
      ranges.push({ ...part, first: at, last: next - 1 });
    at = next;
  }
  return ranges;
}

/** Where the character begins that a byte belongs to; a byte that belongs to none is its own. */
function characterStart(bytes: Buffer, at: number): number {
  for (let back = 0; back <= 3; back += 1) if (((bytes[at - back] ?? 0) & 0xc0) !== 0x80) return at - back;
  return at;
}

/** Parts that fit, none cut in the middle of a UTF-8 sequence. */
function splitBytes(bytes: Buffer, start: number, end: number): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  for (let at = start; at < end; ) {
    const reach = at + largestChunkBytes;
    const cut = reach >= end ? end : characterStart(bytes, reach);
    ranges.push({ start: at, end: cut });
    at = cut;
  }
  return ranges;
}
