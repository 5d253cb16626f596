// The temporal split: rows from a span of time alone, each labelled as before or after a cut-off.
import { UsageError } from "../../domain/fault.ts";
import type { Release, ValidatedRow } from "../pipeline/rows.ts";
import type { Rejection } from "../pipeline/stage.ts";

export const splitDates = ["issue", "merge"] as const;

export interface TemporalSplit {
  /** Which date of a row counts. */
  readonly by: (typeof splitDates)[number];
  /** ISO, UTC; a row at this moment is in. */
  readonly after?: string;
  /** A row at this moment is out. */
  readonly before?: string;
  /** What labels are told by. Absent: the two ends of a span are no cut-off. */
  readonly cutOff?: string;
}

export interface TemporalOptions {
  readonly after?: string;
  readonly before?: string;
  readonly cutOff?: string;
  readonly dateOf?: string;
}

/** A day is its first moment in UTC. */
function momentOf(option: string, text: string): string {
  const isTime = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text);
  const ms = isTime ? Date.parse(text) : Number.NaN;
  const isDay = Number.isFinite(ms) && (text.length > 10 || new Date(ms).toISOString().startsWith(text));
  if (isDay) return new Date(ms).toISOString();
  throw new UsageError(`${option}: expected a date such as 2025-03-31, found ${JSON.stringify(text)}`);
}

/** Undefined where no date was asked for. @throws UsageError for what is no date, or a span without a moment in it */
export function temporalSplit(options: TemporalOptions): TemporalSplit | undefined {
  const { dateOf = "issue" } = options;
  const by = splitDates.find((each) => each === dateOf);
  if (by === undefined)
    throw new UsageError(`--date-of: expected ${splitDates.join(" or ")}, found ${JSON.stringify(dateOf)}`);
  const read = (option: string, text: string | undefined) =>
    text === undefined ? undefined : momentOf(option, text);
  const after = read("--after", options.after);
  const before = read("--before", options.before);
  const named = read("--cut-off", options.cutOff);
  if (after !== undefined && before !== undefined && after >= before)
    throw new UsageError(`--before: expected a date later than ${after}, found ${before}`);
  const cutOff = named ?? (after === undefined ? before : before === undefined ? after : undefined);
  if (after === undefined && before === undefined && cutOff === undefined) {
    if (options.dateOf === undefined) return undefined;
    throw new UsageError("--date-of: expected --after, --before or --cut-off beside it, found none");
  }
  return {
    by,
    ...(after === undefined ? {} : { after }),
    ...(before === undefined ? {} : { before }),
    ...(cutOff === undefined ? {} : { cutOff }),
  };
}

function labelOf(at: string, cutOff: string | undefined): "before-cut-off" | "after-cut-off" | "within" {
  if (cutOff === undefined) return "within";
  return Date.parse(at) < Date.parse(cutOff) ? "before-cut-off" : "after-cut-off";
}

/** Without a date where none was asked for. */
type Side = Pick<Release, "dated"> | { readonly rejected: Rejection };

const rejected = (reason: string, detail: string): Side => ({ rejected: { reason, detail } });

/** On which side a row is, or why it is on none that is wanted. */
export function sideOf(
  { split, mined }: Pick<ValidatedRow, "split" | "mined">,
  temporal: TemporalSplit | undefined,
): Side {
  if (temporal === undefined) return {};
  const { by, after, before, cutOff } = temporal;
  const at = by === "issue" ? split.createdAt : mined?.mergedAt;
  if (at === undefined)
    return rejected("no-merge-date", "expected the date of the merge, found a row that names none");
  const found = `found ${at} (${by})`;
  if (after !== undefined && Date.parse(at) < Date.parse(after))
    return rejected("too-early", `expected a date from ${after} on, ${found}`);
  if (before !== undefined && Date.parse(at) >= Date.parse(before))
    return rejected("too-late", `expected a date before ${before}, ${found}`);
  return { dated: { by, at, label: labelOf(at, cutOff), ...(cutOff === undefined ? {} : { cutOff }) } };
}
