// Where in the base tree a patch changes something: what the `oracle` twin is shown first.
import type { Place } from "../../retriever/index.ts";

interface Hunk {
  /** Line of the old file the next old line is. */
  line: number;
  oldLeft: number;
  newLeft: number;
}

function hunkAt(line: string): Hunk | undefined {
  const found = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line);
  if (found === null) return undefined;
  const [, start = "1", old = "1", now = "1"] = found;
  return { line: Number(start), oldLeft: Number(old), newLeft: Number(now) };
}

/** The old line a line of a hunk touches: itself where it goes, the one before where something comes in. */
function step(hunk: Hunk, sign: string): number | undefined {
  const at = hunk.line;
  if (sign === "+") {
    hunk.newLeft -= 1;
    return Math.max(1, at - 1);
  }
  if (sign === "\\") return undefined;
  hunk.line += 1;
  hunk.oldLeft -= 1;
  if (sign === "-") return at;
  hunk.newLeft -= 1;
  return undefined;
}

function* touchedLines(patch: string): Generator<{ readonly path: string; readonly line: number }> {
  let path: string | undefined;
  let hunk: Hunk | undefined;
  for (const text of patch.split("\n")) {
    if (hunk === undefined || hunk.oldLeft + hunk.newLeft <= 0) {
      if (text.startsWith("--- ")) path = text.startsWith("--- a/") ? text.slice(6).trimEnd() : undefined;
      hunk = hunkAt(text);
      continue;
    }
    const line = step(hunk, text[0] ?? " ");
    if (line !== undefined && path !== undefined) yield { path, line };
  }
}

/** Places of the old files, in the order of the patch, neighbouring lines as one. Files it adds have none. */
export function changedPlaces(patch: string): Place[] {
  const places: { path: string; firstLine: number; lastLine: number }[] = [];
  for (const { path, line } of touchedLines(patch)) {
    const open = places.at(-1);
    if (open?.path === path && line <= open.lastLine + 1) open.lastLine = Math.max(open.lastLine, line);
    else places.push({ path, firstLine: line, lastLine: line });
  }
  return places;
}
