// Lines of a text and of a diff: which offsets a line holds, and which lines a change added.

/** Offsets at which lines begin, ascending from 0. */
function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** Where a text's offsets lie, and which of them lie on wanted lines. */
export interface Lines {
  /** 1-based number of the line an offset lies in. */
  at(offset: number): number;
  /** Offset of a line's first character. */
  startOf(line: number): number;
  /** How many of the wanted lines lie between two, both included. */
  wantedWithin(from: number, to: number): number;
  /** Whether a range of offsets, its end excluded, touches a wanted line. */
  isTouched(range: { readonly startIndex: number; readonly endIndex: number }): boolean;
}

export function linesOf(text: string, wanted: ReadonlySet<number>): Lines {
  const starts = lineStarts(text);
  const count = wantedWithin(wanted, starts.length);
  const at = (offset: number): number => lineAt(starts, offset);
  return {
    at,
    startOf: (line) => starts[line - 1] ?? 0,
    wantedWithin: count,
    isTouched: ({ startIndex, endIndex }) =>
      count(at(startIndex), at(Math.max(startIndex, endIndex - 1))) > 0,
  };
}

/** 1-based number of the line an offset lies in. */
function lineAt(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** How many of the wanted lines lie between two, both included: asked for every node of a tree. */
function wantedWithin(lines: ReadonlySet<number>, last: number): (from: number, to: number) => number {
  const upTo = new Uint32Array(last + 1);
  for (let line = 1; line <= last; line += 1) upTo[line] = (upTo[line - 1] ?? 0) + (lines.has(line) ? 1 : 0);
  return (from, to) => (upTo[to] ?? 0) - (upTo[from - 1] ?? 0);
}

const hunkHead = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** Lines that one hunk adds, and where in the diff it ends: its head says how many lines it has. */
function hunkAt(diff: readonly string[], at: number): { added: number[]; end: number } | undefined {
  const head = hunkHead.exec(diff[at] ?? "");
  if (head === null) return undefined;
  let [oldLeft, next, newLeft] = [Number(head[1] ?? 1), Number(head[2]), Number(head[3] ?? 1)];
  const added: number[] = [];
  let end = at + 1;
  for (; end < diff.length && (oldLeft > 0 || newLeft > 0); end += 1) {
    const sign = diff[end]?.[0];
    if (sign === "\\") continue;
    if (sign === "+") added.push(next);
    if (sign !== "+") oldLeft -= 1;
    if (sign === "-") continue;
    newLeft -= 1;
    next += 1;
  }
  return { added, end };
}

/** Lines that a unified diff adds, 1-based in the new file, by path; names that git quotes are left out. */
export function addedLines(diff: string): Map<string, Set<number>> {
  const found = new Map<string, Set<number>>();
  const text = diff.split("\n");
  let path: string | undefined;
  for (let at = 0; at < text.length; ) {
    const line = text[at] ?? "";
    if (line.startsWith("diff ")) path = undefined;
    path = /^\+\+\+ b\/(.+?)\t?$/.exec(line)?.[1] ?? path;
    const hunk = hunkAt(text, at);
    if (hunk !== undefined && path !== undefined)
      found.set(path, new Set([...(found.get(path) ?? []), ...hunk.added]));
    at = hunk?.end ?? at + 1;
  }
  return found;
}
