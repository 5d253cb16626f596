// Which instances of a set a run takes: all, those named or filtered, or those a file of answers is about.
import { UsageError } from "../domain/fault.ts";
import type { Instance, Language } from "../domain/instance.ts";
import { type Random, shuffled } from "../domain/random.ts";

export interface InstanceFilters {
  readonly languages?: readonly Language[];
  /** Issues of this day (UTC, `YYYY-MM-DD`) and later. */
  readonly createdAfter?: string;
  /** Issues of before this day. */
  readonly createdBefore?: string;
  /** So many of what is left, drawn from the seed. */
  readonly limit?: number;
}

export interface Choice {
  /** The set as it was written, for errors. */
  readonly set: string;
  /** Instance ids, comma separated; one that is not there is a mistake. */
  readonly only?: string;
  /** Instances to take, when the caller knows them; others are left out without a word. */
  readonly onlyKnown?: readonly string[];
  readonly filters?: InstanceFilters;
}

/** @throws UsageError for an id of `only` that the set does not hold, and when nothing is left to run */
export function chosenInstances(instances: readonly Instance[], choice: Choice): readonly Instance[] {
  const { set, only, onlyKnown } = choice;
  const wanted = onlyKnown ?? only?.split(",").map((id) => id.trim());
  const missing = wanted?.filter((id) => !instances.some((instance) => instance.instanceId === id)) ?? [];
  if (missing.length > 0 && onlyKnown === undefined) {
    throw new UsageError(`--only: no instance ${missing.join(", ")} in ${set}`);
  }
  const taken = instances.filter(({ instanceId }) => wanted?.includes(instanceId) ?? true);
  if (taken.length === 0) throw new UsageError(`${set} holds no instance to run`);
  return taken;
}

/** Day of an issue in UTC. Sets write a day, a day and a time, or a time with a zone; undefined for anything else. */
function dayOf({ createdAt }: Instance): string | undefined {
  const [, day, time = "00:00:00", zone = "Z"] =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?\s*(Z|[+-]\d{2}:?\d{2})?$/.exec(
      createdAt,
    ) ?? [];
  if (day === undefined) return undefined;
  const date = new Date(`${day}T${time}${zone}`);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().slice(0, 10);
}

interface Filtered {
  /** In the set's order. */
  readonly taken: readonly Instance[];
  /** What whoever asked should know. */
  readonly notes: readonly string[];
}

/** @throws UsageError when nothing is left to run */
export function filteredInstances(
  instances: readonly Instance[],
  { set, filters = {} }: Choice,
  random: Random,
): Filtered {
  const { languages, createdAfter: from, createdBefore: to, limit } = filters;
  const spoken = instances.filter(({ language }) => languages?.includes(language) ?? true);
  const isDated = from !== undefined || to !== undefined;
  const undated = isDated ? spoken.filter((instance) => dayOf(instance) === undefined) : [];
  const fitting = spoken.filter((instance) => {
    if (!isDated) return true;
    const day = dayOf(instance);
    return day !== undefined && (from === undefined || day >= from) && (to === undefined || day < to);
  });
  if (fitting.length === 0) {
    const asked = Object.entries(filters).map(([name, value]) => `${name} ${String(value)}`);
    throw new UsageError(
      `${set}: expected an instance that passes the filters (${asked.join("; ")}), found none among ${instances.length}`,
    );
  }
  const notes = [
    ...(undated.length === 0
      ? []
      : [`left out for want of a date: ${undated.length} of ${spoken.length} instances of ${set}`]),
    ...(limit === undefined || limit <= fitting.length
      ? []
      : [`filters.limit: expected ${limit} instances to draw, found ${fitting.length} left of ${set}`]),
  ];
  const drawn = new Set(limit === undefined ? fitting : shuffled(fitting, random).slice(0, limit));
  return { taken: fitting.filter((instance) => drawn.has(instance)), notes };
}
