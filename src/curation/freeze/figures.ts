// What a datasheet counts: every figure is taken from the rows that are frozen.
import { sizeOf } from "../judge/prompt.ts";
import type { FrozenRow } from "../pipeline/rows.ts";
import { bandName, bandOf, quotaBands } from "./quotas.ts";

export type Counts = readonly (readonly [string, number])[];

/** By name, in the names' order. */
export function countsOf(names: readonly string[]): Counts {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([one], [other]) => (one < other ? -1 : 1));
}

export interface Spread {
  readonly least: number;
  /** The lower of two in the middle. */
  readonly median: number;
  readonly most: number;
}

/** Undefined of nothing. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = [...values].sort((one, other) => one - other);
  const [least, median, most] = [sorted[0], sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)];
  if (least === undefined || median === undefined || most === undefined) return undefined;
  return { least, median, most };
}

/** The first and the last day, UTC; undefined where there is none. */
export function daysOf(times: readonly string[]): readonly [string, string] | undefined {
  const days = times.map((time) => new Date(Date.parse(time)).toISOString().slice(0, 10)).sort();
  const [first, last] = [days[0], days.at(-1)];
  return first === undefined || last === undefined ? undefined : [first, last];
}

/** By language: instances, repositories, and how many of each difficulty. */
export function languageRows(rows: readonly FrozenRow[]): string[][] {
  const head = ["language", "instances", "repositories", ...quotaBands.map(bandName)];
  const lines = countsOf(rows.map(({ split }) => split.language)).map(([language, count]) => {
    const own = rows.filter(({ split }) => split.language === language);
    const repos = new Set(own.map(({ repo }) => repo)).size;
    const bands = quotaBands.map((band) => own.filter((row) => bandOf(row) === band).length);
    return [language, ...[count, repos, ...bands].map(String)];
  });
  return [head, ...lines];
}

/** Of patches and tests: least, median, most. */
export function sizeRows(rows: readonly FrozenRow[]): string[][] {
  const sizes = rows.map(({ split }) => sizeOf(split.goldPatch));
  const measures: readonly (readonly [string, readonly number[]])[] = [
    ["files of the fix", sizes.map(({ files }) => files)],
    ["lines of the fix", sizes.map(({ lines }) => lines)],
    ["characters of the statement", rows.map(({ split }) => split.problemStatement.length)],
    ["fail-to-pass tests", rows.map(({ validation }) => validation.failToPass.length)],
    ["pass-to-pass tests", rows.map(({ validation }) => validation.passToPass.length)],
  ];
  const lines = measures.flatMap(([name, values]) => {
    const spread = spreadOf(values);
    return spread === undefined ? [] : [[name, ...[spread.least, spread.median, spread.most].map(String)]];
  });
  return [["", "least", "median", "most"], ...lines];
}
