// How far annotators agree beyond chance: Krippendorff's alpha, with an interval over what they annotated.
import type { Random } from "../../domain/random.ts";

/** Of values: named apart, ordered, or with distances of their own. */
export type Metric = "nominal" | "ordinal" | "interval";

/** What one thing was given, by however many annotators; one value alone agrees with nobody. */
export type Unit = readonly number[];

interface Counts {
  /** Values in their order. */
  readonly values: readonly number[];
  /** How often each value was given, among what can be paired. */
  readonly given: ReadonlyMap<number, number>;
  readonly total: number;
}

function countsOf(units: readonly Unit[]): Counts {
  const given = new Map<number, number>();
  for (const value of units.flat()) given.set(value, (given.get(value) ?? 0) + 1);
  const values = [...given.keys()].sort((one, other) => one - other);
  return { values, given, total: units.flat().length };
}

/** Squared distances between values (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C to E). */
function distances(metric: Metric, { values, given }: Counts): (one: number, other: number) => number {
  if (metric === "nominal") return (one, other) => (one === other ? 0 : 1);
  if (metric === "interval") return (one, other) => (one - other) ** 2;
  const below = new Map<number, number>();
  let sum = 0;
  for (const value of values) {
    const own = given.get(value) ?? 0;
    below.set(value, sum + own / 2);
    sum += own;
  }
  return (one, other) => ((below.get(one) ?? 0) - (below.get(other) ?? 0)) ** 2;
}

/**
 * 1: they always agree; 0: as much as chance would; undefined where nobody annotated what another did, or all gave one
 * value alone, so that chance has nothing to disagree about.
 */
export function alpha(units: readonly Unit[], metric: Metric): number | undefined {
  const paired = units.filter((unit) => unit.length > 1);
  const counts = countsOf(paired);
  const distance = distances(metric, counts);
  let observed = 0;
  for (const unit of paired) {
    let own = 0;
    for (const one of unit) for (const other of unit) own += distance(one, other);
    observed += own / (unit.length - 1);
  }
  let expected = 0;
  for (const one of counts.values)
    for (const other of counts.values)
      expected += (counts.given.get(one) ?? 0) * (counts.given.get(other) ?? 0) * distance(one, other);
  if (expected === 0) return undefined;
  return 1 - ((counts.total - 1) * observed) / expected;
}

export interface Agreement {
  readonly alpha: number;
  /** 95 %, by resampling what was annotated; absent where too many resamples say nothing. */
  readonly low?: number;
  readonly high?: number;
  /** Things with two values or more. */
  readonly units: number;
}

const resamples = 2_000;

/** Seeded, so that the same annotations give the same interval. */
export function agreement(units: readonly Unit[], metric: Metric, random: Random): Agreement | undefined {
  const paired = units.filter((unit) => unit.length > 1);
  const value = alpha(paired, metric);
  if (value === undefined) return undefined;
  const drawn: number[] = [];
  for (let round = 0; round < resamples; round += 1) {
    const again = alpha(
      paired.map(() => paired[random.integer(paired.length)] ?? []),
      metric,
    );
    if (again !== undefined) drawn.push(again);
  }
  if (drawn.length < resamples / 2) return { alpha: value, units: paired.length };
  drawn.sort((one, other) => one - other);
  const at = (share: number): number => drawn[Math.round(share * (drawn.length - 1))] ?? value;
  return { alpha: value, low: at(0.025), high: at(0.975), units: paired.length };
}
