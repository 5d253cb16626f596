// Reads the fields that published sets spell in different ways, and keeps those that only some of them have.
import { shown } from "../domain/instance.ts";

export interface ReadTime {
  readonly text: string;
  readonly repaired: readonly string[];
  readonly unrepaired: readonly string[];
}

/** How many of a unit are in a millisecond: exports of data frames hold any of the four. */
const perMillisecond = [1e-3, 1, 1e3, 1e6];

/** No issue of GitHub is older, and none that we read is much younger. */
const earliestMs = Date.UTC(2000, 0);
const latestMs = Date.UTC(2100, 0);

function isoOf(count: number): string | undefined {
  const inMs = perMillisecond.map((unit) => count / unit);
  const time = inMs.find((each) => each >= earliestMs && each < latestMs);
  return time === undefined ? undefined : new Date(time).toISOString();
}

/** A time as text stays as it is; one that is a count since 1970 becomes ISO; anything else is left out, and said. */
export function readTime(value: unknown): ReadTime {
  if (value === undefined || value === null) return { text: "", repaired: [], unrepaired: [] };
  const isCount = typeof value === "number" || (typeof value === "string" && /^\d{9,}$/.test(value));
  if (typeof value === "string" && !isCount) return { text: value, repaired: [], unrepaired: [] };
  const iso = isCount ? isoOf(Number(value)) : undefined;
  if (iso !== undefined) {
    return { text: iso, repaired: [`created_at ${value} read as ${iso}`], unrepaired: [] };
  }
  const why = `created_at: expected a date, found ${shown(value)}: left empty`;
  return { text: "", repaired: [], unrepaired: [why] };
}

/** Longer than this as JSON, a field is results or a log, not where a row comes from. */
const maxKeptLength = 1000;

export interface OtherFields {
  /** For `provenance`: nothing when the row has no other field that says something. */
  readonly kept: { readonly otherFields?: Readonly<Record<string, unknown>> };
  readonly unrepaired: readonly string[];
}

/** What a row holds beyond the fields an importer knows: kept when it is short, named when it is not. */
export function otherFields(json: unknown, known: Readonly<Record<string, unknown>>): OtherFields {
  const entries = Object.entries(typeof json === "object" && json !== null ? json : {}).filter(
    ([name, value]) => !Object.hasOwn(known, name) && value !== null && value !== "",
  );
  const isShort = ([, value]: [string, unknown]): boolean => JSON.stringify(value).length <= maxKeptLength;
  const short = entries.filter(isShort);
  const long = entries.filter((entry) => !isShort(entry)).map(([name]) => name);
  return {
    kept: short.length === 0 ? {} : { otherFields: Object.fromEntries(short) },
    unrepaired: long.length === 0 ? [] : [`fields too long to keep were left out: ${long.join(", ")}`],
  };
}
