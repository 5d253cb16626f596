// What a ranking is worth: places of the gold files, and how much of the gold lines a budget shows. Pure.
import type { Snippet } from "../packing/snippet.ts";
import type { Span } from "./rows.ts";

export const cutoffs = [1, 5, 10, 20] as const;

/** Of one row. A rate of a set of rows is the mean of these. */
export interface FileMetrics {
  /** 1 or 0 at each of `cutoffs`: at least one gold file among the first k; every gold file among them. */
  readonly any: readonly number[];
  readonly all: readonly number[];
  /** 1 over the place of the best-placed gold file; 0 when none is ranked. */
  readonly reciprocalRank: number;
}

/** Place of each gold file from 1, in the order of `gold`; undefined for one that is not ranked. */
export function placesOf(
  ranked: readonly string[],
  gold: readonly string[],
): readonly (number | undefined)[] {
  const places = new Map(ranked.map((path, index) => [path, index + 1]));
  return gold.map((path) => places.get(path));
}

/** @throws RangeError without gold files: such a row says nothing and must not be counted */
export function fileMetrics(places: readonly (number | undefined)[]): FileMetrics {
  if (places.length === 0) throw new RangeError("expected at least one gold file");
  const within = (k: number) => (place: number | undefined) => place !== undefined && place <= k;
  const best = Math.min(...places.map((place) => place ?? Number.POSITIVE_INFINITY));
  return {
    any: cutoffs.map((k) => Number(places.some(within(k)))),
    all: cutoffs.map((k) => Number(places.every(within(k)))),
    reciprocalRank: 1 / best,
  };
}

export interface LineTally {
  readonly shown: number;
  readonly gold: number;
}

/** Gold lines, each once, and those of them that a snippet shows in full; a signature shows none. */
export function lineTally(
  spans: readonly Span[],
  snippets: readonly Pick<Snippet, "path" | "firstLine" | "lastLine" | "form">[],
): LineTally {
  const shownIn = (path: string, line: number): boolean =>
    snippets.some(
      (each) =>
        each.form === "whole" && each.path === path && each.firstLine <= line && line <= each.lastLine,
    );
  const lines = new Map<string, boolean>();
  for (const { path, firstLine, lastLine } of spans) {
    for (let line = firstLine; line <= lastLine; line += 1) lines.set(`${line} ${path}`, shownIn(path, line));
  }
  return { shown: [...lines.values()].filter(Boolean).length, gold: lines.size };
}
