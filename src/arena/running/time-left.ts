// How long a run will take yet, from the battles it has played: an interval, and unknown until enough is seen. Pure.
import { studentQuantile } from "../../rating/index.ts";

/** One whole battle of this session. The first on an instance prepares it, the others find that done. */
export interface TimedBattle {
  readonly instanceId: string;
  readonly isFirst: boolean;
  readonly seconds: number;
}

export interface TimeLeftQuestion {
  readonly timed: readonly TimedBattle[];
  /** Being played: for so long by now. */
  readonly inPlay: readonly TimedBattle[];
  /** Battles that have not begun, by instance. */
  readonly waiting: ReadonlyMap<string, number>;
  /** Instances on which a battle has begun in this session. */
  readonly opened: ReadonlySet<string>;
  readonly workers: number;
}

export type TimeLeft =
  | { readonly kind: "unknown"; readonly because: string }
  | {
      readonly kind: "about";
      readonly seconds: number;
      readonly lowSeconds: number;
      readonly highSeconds: number;
      /** Of the interval. */
      readonly level: number;
    };

const level = 0.8;
/** Fewer say too little of how much battles differ. */
const fewest = { battles: 5, instances: 3 };

/** Battles of one kind: durations seen and battles to come, both by instance. */
interface Kind {
  readonly seen: ReadonlyMap<string, readonly number[]>;
  readonly toCome: ReadonlyMap<string, number>;
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const squares = (values: readonly number[], around: number): number =>
  sum(values.map((value) => (value - around) ** 2));

interface Spread {
  readonly overall: number;
  /** Variance between instances, and of battles on one. */
  readonly between: number;
  readonly within: number;
  readonly instances: number;
}

/** One-way random effects by the method of moments (Searle, Casella and McCulloch 1992, 3.3), unequal group sizes. */
function spreadOf(groups: readonly (readonly number[])[]): Spread {
  const n = sum(groups.map(({ length }) => length));
  const k = groups.length;
  const overall = mean(groups.flat());
  const within = n > k ? sum(groups.map((group) => squares(group, mean(group)))) / (n - k) : 0;
  if (k < 2) return { overall, between: 0, within, instances: k };
  const size = (n - sum(groups.map(({ length }) => length ** 2)) / n) / (k - 1);
  const betweenSquares = sum(groups.map((group) => group.length * (mean(group) - overall) ** 2)) / (k - 1);
  return { overall, between: Math.max(0, (betweenSquares - within) / size), within, instances: k };
}

interface Sum {
  readonly mean: number;
  readonly variance: number;
}

/**
 * The sum of all battles to come: an instance's own mean is drawn to the overall one by how little was seen of it
 * (best linear prediction); the error of the overall mean is shared by all that lean on it.
 */
function predicted({ seen, toCome }: Kind): Sum {
  if (toCome.size === 0) return { mean: 0, variance: 0 };
  const { overall, between, within, instances } = spreadOf([...seen.values()]);
  let total = 0;
  let variance = 0;
  let leaning = 0;
  for (const [instanceId, count] of toCome) {
    const own = seen.get(instanceId);
    const weight = own === undefined || between === 0 ? 0 : between / (between + within / own.length);
    total += count * (weight * (own === undefined ? overall : mean(own)) + (1 - weight) * overall);
    variance += count ** 2 * (1 - weight) * between + count * within;
    leaning += count * (1 - weight);
  }
  const perInstance = mean([...seen.values()].map(({ length }) => length));
  return { mean: total, variance: variance + (leaning ** 2 * (between + within / perInstance)) / instances };
}

function grouped(timed: readonly TimedBattle[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const { instanceId, seconds } of timed)
    groups.set(instanceId, [...(groups.get(instanceId) ?? []), seconds]);
  return groups;
}

function counted(instanceIds: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of instanceIds) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** First battles and others, each with what was seen of it and what is to come. */
function kinds({ timed, inPlay, waiting, opened }: TimeLeftQuestion): { first: Kind; others: Kind } {
  const unopened = [...waiting.keys()].filter((id) => !opened.has(id) && (waiting.get(id) ?? 0) > 0);
  const isNew = new Set(unopened);
  const others = counted(inPlay.filter(({ isFirst }) => !isFirst).map(({ instanceId }) => instanceId));
  for (const [id, count] of waiting) {
    const more = count - (isNew.has(id) ? 1 : 0);
    if (more > 0) others.set(id, (others.get(id) ?? 0) + more);
  }
  const firstInPlay = inPlay.filter(({ isFirst }) => isFirst).map(({ instanceId }) => instanceId);
  return {
    first: {
      seen: grouped(timed.filter(({ isFirst }) => isFirst)),
      toCome: counted([...unopened, ...firstInPlay]),
    },
    others: { seen: grouped(timed.filter(({ isFirst }) => !isFirst)), toCome: others },
  };
}

function lacking(
  { first, others }: { first: Kind; others: Kind },
  timed: readonly TimedBattle[],
): string | undefined {
  if (timed.length < fewest.battles) return `${timed.length} of ${fewest.battles} battles seen`;
  const isStrange = [...first.toCome.keys(), ...others.toCome.keys()].some(
    (id) => !first.seen.has(id) && !others.seen.has(id),
  );
  const instances = new Set(timed.map(({ instanceId }) => instanceId)).size;
  if (isStrange && instances < fewest.instances) return `${instances} of ${fewest.instances} instances seen`;
  if (first.toCome.size > 0 && first.seen.size === 0) return "no first battle on an instance seen";
  if (others.toCome.size > 0 && others.seen.size === 0) return "no further battle on an instance seen";
  return undefined;
}

/**
 * Of the battles in play what they have taken is taken off, up to all of it. Workers share the rest; the last of them to
 * end is later than their mean by half a battle. The interval is log-normal, as sums of durations are skewed, with
 * Student's quantile for the few instances seen.
 */
export function timeLeft(question: TimeLeftQuestion): TimeLeft {
  const { timed, inPlay, workers } = question;
  const both = kinds(question);
  const count = sum(both.first.toCome.values()) + sum(both.others.toCome.values());
  if (count === 0) return { kind: "about", seconds: 0, lowSeconds: 0, highSeconds: 0, level };
  const because = lacking(both, timed);
  if (because !== undefined) return { kind: "unknown", because };
  const [first, others] = [predicted(both.first), predicted(both.others)];
  const total = first.mean + others.mean;
  const single = total / count;
  const taken = sum(inPlay.map(({ seconds }) => Math.min(seconds, single)));
  const atOnce = Math.max(1, Math.min(workers, count));
  const seconds = Math.max(0, total - taken) / atOnce + (single * (atOnce - 1)) / (2 * atOnce);
  // A slow instance is slow in its first battle and in the others: the two errors add up, they do not cancel.
  const error = Math.sqrt(first.variance) + Math.sqrt(others.variance);
  const spread = Math.log(1 + (error / total) ** 2) || 0;
  const instances = new Set(timed.map(({ instanceId }) => instanceId)).size;
  const freedom = instances > 1 ? instances - 1 : timed.length - 1;
  const reach = studentQuantile((1 + level) / 2, freedom) * Math.sqrt(spread);
  const about = { kind: "about", seconds, level } as const;
  return { ...about, lowSeconds: seconds * Math.exp(-reach), highSeconds: seconds * Math.exp(reach) };
}
