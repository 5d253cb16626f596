// Quotas: how many rows of a language, or of one difficulty in it, a set may hold, and which are drawn where there are more.
import { parse } from "yaml";
import { z } from "zod";
import { difficultyBand, difficultyBands } from "../../domain/difficulty.ts";
import { UsageError } from "../../domain/fault.ts";
import { type Language, languages } from "../../domain/instance.ts";
import { seededRandom } from "../../domain/random.ts";
import type { FreezableRow } from "../pipeline/rows.ts";

/** `unrated`: nobody has said. */
export const quotaBands = [...difficultyBands, "unrated"] as const;
export type QuotaBand = (typeof quotaBands)[number];

/** In one word, as quotas name it: `very-hard`. */
export const bandName = (band: QuotaBand): string => band.replace(" ", "-");

export interface Quota {
  readonly language: Language;
  /** Absent: of all difficulties. */
  readonly band?: QuotaBand;
  readonly most: number;
}

/** Drawn again from the same seed, whatever other rows there are: a larger quota holds all of a smaller one. */
export interface Quotas {
  readonly seed: string;
  readonly quotas: readonly Quota[];
}

/** What came of one quota. */
export interface QuotaResult {
  readonly of: string;
  readonly most: number;
  readonly came: number;
  readonly taken: number;
}

export const quotaName = ({ language, band }: Omit<Quota, "most">): string =>
  band === undefined ? language : `${language}:${bandName(band)}`;

const expected = `expected ${languages.join(", ")}, maybe with ${quotaBands.map((band) => `:${bandName(band)}`).join(", ")}, and how many at most`;

function quotaOf(name: string, most: number): Quota {
  const [word, bandWord, ...rest] = name.split(":");
  const language = languages.find((each) => each === word);
  const band = quotaBands.find((each) => bandName(each) === bandWord);
  const isStrange = rest.length > 0 || (bandWord !== undefined && band === undefined);
  if (language === undefined || isStrange)
    throw new UsageError(`quota: ${expected}, found ${JSON.stringify(name)}`);
  return { language, most, ...(band === undefined ? {} : { band }) };
}

/** `python=50` or `python:hard=10`. @throws UsageError */
export function quotaIn(text: string): Quota {
  const [, name = "", most = ""] = /^([^=]*)=(\d{1,9})$/.exec(text) ?? [];
  if (name !== "") return quotaOf(name, Number(most));
  throw new UsageError(`quota: ${expected}, such as python=50, found ${JSON.stringify(text)}`);
}

/** A map of the same names and numbers. @throws UsageError naming the file */
export function quotasInYaml(path: string, text: string): Quota[] {
  let json: unknown;
  try {
    json = parse(text, { maxAliasCount: 0 });
  } catch (cause) {
    throw new UsageError(`${path}: expected YAML such as \`python: 50\`, found something else`, { cause });
  }
  const read = z.record(z.string(), z.int().nonnegative().max(999_999_999)).safeParse(json);
  if (read.success) return Object.entries(read.data).map(([name, most]) => quotaOf(name, most));
  throw new UsageError(`${path}: expected lines such as \`python: 50\` or \`python:hard: 10\`, found others`);
}

/** @throws UsageError for a quota named twice, and for parts of a language that are more than it */
export function soundQuotas(quotas: readonly Quota[]): readonly Quota[] {
  const named = quotas.map(quotaName);
  const twice = named.find((name, index) => named.indexOf(name) !== index);
  if (twice !== undefined) throw new UsageError(`quota: expected each name once, found ${twice} twice`);
  for (const { language, band, most } of quotas) {
    if (band !== undefined) continue;
    const parts = quotas.filter((each) => each.language === language && each.band !== undefined);
    const sum = parts.reduce((all, each) => all + each.most, 0);
    if (sum > most)
      throw new UsageError(`quota: expected the parts of ${language} to be at most ${most}, found ${sum}`);
  }
  return [...quotas].sort((one, other) => (quotaName(one) < quotaName(other) ? -1 : 1));
}

type Rated = Pick<FreezableRow, "judgement" | "annotation">;

/** People's word stands above a model's; undefined where neither has said. */
export const difficultyOf = ({ judgement, annotation }: Rated): number | undefined =>
  annotation?.difficulty ?? judgement?.difficulty;

export function bandOf(row: Rated): QuotaBand {
  const difficulty = difficultyOf(row);
  return difficulty === undefined ? "unrated" : difficultyBand(difficulty);
}

type Counted = Rated & Pick<FreezableRow, "id" | "split">;

export interface Drawn {
  /** Ids left out, each with the quota that had no place for it. */
  readonly leftOut: ReadonlyMap<string, string>;
  readonly results: readonly QuotaResult[];
}

/** Those of the language that have a place: what has a quota of its own first, then the others up to the language's. */
function placesIn(rows: readonly Counted[], quotas: readonly Quota[]): ReadonlyMap<string, string> {
  const leftOut = new Map<string, string>();
  const whole = quotas.find(({ band }) => band === undefined);
  const taken = new Map<QuotaBand, number>();
  const parts = new Map(quotas.flatMap((each) => (each.band === undefined ? [] : [[each.band, each]])));
  let places = whole?.most ?? Number.POSITIVE_INFINITY;
  for (const row of rows) {
    const part = parts.get(bandOf(row));
    if (part === undefined) continue;
    const count = taken.get(bandOf(row)) ?? 0;
    if (count >= part.most) {
      leftOut.set(row.id, quotaName(part));
      continue;
    }
    taken.set(bandOf(row), count + 1);
    places -= 1;
  }
  for (const row of rows.filter((each) => !parts.has(bandOf(each)))) {
    if (places <= 0 && whole !== undefined) leftOut.set(row.id, quotaName(whole));
    places -= 1;
  }
  return leftOut;
}

/** Which rows have no place. Rows of a language without a quota all have one. Pure: the order of rows does not matter. */
export function drawn(rows: readonly Counted[], { seed, quotas }: Quotas): Drawn {
  const random = seededRandom(`quota ${seed}`);
  const rank = new Map(rows.map(({ id }) => [id, random.fork(id).next()]));
  const rankOf = ({ id }: Counted): number => rank.get(id) ?? 0;
  const ranked = [...rows].sort((a, b) => rankOf(a) - rankOf(b) || (a.id < b.id ? -1 : 1));
  const leftOut = new Map<string, string>();
  for (const language of languages) {
    const own = ranked.filter(({ split }) => split.language === language);
    const asked = quotas.filter((each) => each.language === language);
    for (const [id, quota] of placesIn(own, asked)) leftOut.set(id, quota);
  }
  const results = quotas.map((quota) => {
    const { language, band, most } = quota;
    const came = ranked.filter(
      (row) => row.split.language === language && (band === undefined || bandOf(row) === band),
    );
    return {
      of: quotaName(quota),
      most,
      came: came.length,
      taken: came.filter(({ id }) => !leftOut.has(id)).length,
    };
  });
  return { leftOut, results };
}
