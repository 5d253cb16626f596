// From rounds to a contestant's metrics: non-void rounds only, grouped by instance, with intervals over instances.
import { type Side, scoreOf } from "../domain/record.ts";
import type { RoundRow } from "../domain/run.ts";
import type { Bootstrap, Cluster, Estimate, Share } from "../rating/index.ts";
import { contextMetrics } from "./context-metrics.ts";
import { type MetricDefinition, scale } from "./metric-definition.ts";
import { reviewerMetrics } from "./reviewer-metrics.ts";
import { byInstance, type SeenRound } from "./seen.ts";
import { submitterMetrics } from "./submitter-metrics.ts";
import { overTries } from "./tries.ts";
import { usageMetrics } from "./usage-metrics.ts";

/** By metric name; a metric without a denominator is absent. Names and meanings: `metricGlossary`. */
export type Metrics = Readonly<Record<string, Estimate>>;

export interface Glossary {
  readonly role: Side | "both";
  readonly reading?: "paper" | "strict";
  readonly what: string;
}

export const definitions: Readonly<Record<string, MetricDefinition>> = {
  ...submitterMetrics,
  ...reviewerMetrics,
  ...usageMetrics("submitter"),
  ...usageMetrics("reviewer"),
  ...contextMetrics("submitter"),
  ...contextMetrics("reviewer"),
};

const tries = "independent tries (temperature above 0, a seed each, no feedback)";

const success = {
  submitter: "a valid resolved submission",
  reviewer: "a kill of a valid unresolved submission",
} as const;

/** What every metric is: name to role, reading and definition. */
export function metricGlossary(k: number): Readonly<Record<string, Glossary>> {
  const both = (reading: "paper" | "strict"): Glossary => ({
    role: "both",
    reading,
    what: "mean of the mean scores as submitter and as reviewer; absent until both were played",
  });
  const several = (role: Side): [string, Glossary][] => [
    [
      `${role}Best@${k}`,
      { role, what: `chance that one of ${k} ${tries} is ${success[role]} at the first attempt` },
    ],
    [
      `${role}Pass^${k}`,
      { role, what: `chance that all of ${k} ${tries} are ${success[role]} at the first attempt` },
    ],
  ];
  const single = Object.entries(definitions).map(([name, { role, reading, what }]): [string, Glossary] => [
    name,
    reading === undefined ? { role, what } : { role, reading, what },
  ]);
  return Object.fromEntries([
    ["scoreStrict", both("strict")],
    ["scorePaper", both("paper")],
    ...single,
    ...several("submitter"),
    ...several("reviewer"),
  ]);
}

type Group = readonly SeenRound[];

/** Rounds by instance. */
type Groups = readonly Group[];

/** `undefined`: no round of the instance has a say. "unknown": one has not, of a metric that needs all. */
type Counted = Share | undefined | "unknown";

function counted(group: Group, { of, wholeOnly }: MetricDefinition): Counted {
  let [numerator, denominator, isThere] = [0, 0, false];
  for (const { row } of group) {
    const share = of(row);
    if (share === undefined) {
      if (wholeOnly === true) return "unknown";
      continue;
    }
    numerator += share.numerator;
    denominator += share.denominator;
    isThere = true;
  }
  return isThere ? { numerator, denominator } : undefined;
}

/** What an instance's rounds come to, counted once for all parts of a board that show the same rounds. */
class Counts {
  readonly #known = new WeakMap<Group, Map<MetricDefinition, Counted>>();

  of(group: Group, definition: MetricDefinition): Counted {
    const own = this.#known.get(group) ?? new Map<MetricDefinition, Counted>();
    this.#known.set(group, own);
    if (!own.has(definition)) own.set(definition, counted(group, definition));
    return own.get(definition);
  }
}

/** @param groups rounds by instance, grouped once for all metrics */
function measured(
  groups: Groups,
  definition: MetricDefinition,
  { counts, bootstrap }: { readonly counts: Counts; readonly bootstrap: Bootstrap },
): Estimate | undefined {
  const clusters: Cluster[] = [];
  for (const group of groups) {
    const share = counts.of(group, definition);
    if (share === "unknown") return undefined;
    if (share !== undefined) clusters.push([share]);
  }
  return bootstrap.estimate(clusters, definition.range);
}

const sides = ["submitter", "reviewer"] as const;
type Sided = Readonly<Record<Side, Groups>>;

function scored(group: Group, side: Side, reading: "paper" | "strict"): Share {
  let [numerator, denominator] = [0, 0];
  for (const { row } of group) {
    const score = scoreOf(row.record, reading)?.[side];
    if (score === undefined) continue;
    numerator += score;
    denominator += 1;
  }
  return { numerator, denominator };
}

function bothRoles(groups: Sided, reading: "paper" | "strict", bootstrap: Bootstrap): Estimate | undefined {
  const byId = (side: Side) => new Map(groups[side].map((group) => [group[0]?.row.instanceId ?? "", group]));
  const [submitted, reviewed] = [byId("submitter"), byId("reviewer")];
  const clusters = [...new Set([...submitted.keys(), ...reviewed.keys()])]
    .sort()
    .map(
      (id): Cluster => [
        scored(submitted.get(id) ?? [], "submitter", reading),
        scored(reviewed.get(id) ?? [], "reviewer", reading),
      ],
    );
  return bootstrap.estimate(clusters, scale);
}

function severalTries(groups: Sided, k: number, bootstrap: Bootstrap): [string, Estimate | undefined][] {
  return sides.flatMap((role) => {
    const { best, all } = overTries(groups[role].flat(), { role, k, bootstrap });
    return [[`${role}Best@${k}`, best] as [string, Estimate | undefined], [`${role}Pass^${k}`, all]];
  });
}

/**
 * The definition of each named metric; both-role scores, Best@k and pass^k have none.
 * @throws RangeError for a name that has no definition
 */
export function metricDefinitions(names: readonly string[]): Readonly<Record<string, MetricDefinition>> {
  return Object.fromEntries(
    names.map((name) => {
      const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
      if (definition !== undefined) return [name, definition];
      throw new RangeError(
        `expected one of ${Object.keys(definitions).join(", ")}; found ${JSON.stringify(name)}`,
      );
    }),
  );
}

/** Metrics over all the given rounds, whoever played them: void ones must have been left out. */
export function measuredBy(
  chosen: Readonly<Record<string, MetricDefinition>>,
  seen: readonly SeenRound[],
  bootstrap: Bootstrap,
): Metrics {
  const groups = byInstance(seen);
  const counts = new Counts();
  return Object.fromEntries(
    Object.entries(chosen).flatMap(([name, definition]) => {
      const estimate = measured(groups, definition, { counts, bootstrap });
      return estimate === undefined ? [] : [[name, estimate]];
    }),
  );
}

export interface MetricOptions {
  readonly bootstrap: Bootstrap;
  /** Tries of Best@k and pass^k. */
  readonly k: number;
}

type KeyOf = (row: RoundRow) => string | undefined;

/** Rounds of the instance that have the key; the same list where all have it. */
function partOf(group: Group, keyOf: KeyOf, key: string): Groups {
  const part = group.filter(({ row }) => keyOf(row) === key);
  return part.length === 0 ? [] : [part.length === group.length ? group : part];
}

/**
 * Metrics of one contestant over the given rounds and over parts of them. Void rounds and rounds of others are left out here; a
 * missing answer is not: it is an invalid submission, or no review, and stays in every denominator.
 */
export class ContestantMetrics {
  readonly #rounds: readonly SeenRound[];
  readonly #groups: Sided;
  readonly #options: MetricOptions;
  readonly #counts = new Counts();

  constructor(contestant: string, rounds: readonly SeenRound[], options: MetricOptions) {
    const judged = rounds.filter(({ row }) => row.record.void === undefined);
    const of = (side: Side) => byInstance(judged.filter(({ row }) => row[side] === contestant));
    this.#groups = { submitter: of("submitter"), reviewer: of("reviewer") };
    this.#rounds = rounds;
    this.#options = options;
  }

  #over(groups: Sided): Metrics {
    const { bootstrap, k } = this.#options;
    const counting = { counts: this.#counts, bootstrap };
    const found: [string, Estimate | undefined][] = [
      ["scoreStrict", bothRoles(groups, "strict", bootstrap)],
      ["scorePaper", bothRoles(groups, "paper", bootstrap)],
      ...Object.entries(definitions).map(([name, definition]): [string, Estimate | undefined] => [
        name,
        measured(groups[definition.role], definition, counting),
      ]),
      ...severalTries(groups, k, bootstrap),
    ];
    const present = found.flatMap(([name, estimate]) => (estimate === undefined ? [] : [[name, estimate]]));
    return Object.fromEntries(present);
  }

  all(): Metrics {
    return this.#over(this.#groups);
  }

  /** The same for each part of the rounds that has a key; rounds without one are in no part. */
  by(keyOf: KeyOf): Readonly<Record<string, Metrics>> {
    const { submitter, reviewer } = this.#groups;
    const keys = new Set(this.#rounds.flatMap(({ row }) => keyOf(row) ?? []));
    const part = (groups: Groups, key: string) => groups.flatMap((group) => partOf(group, keyOf, key));
    return Object.fromEntries(
      [...keys]
        .sort()
        .map((key) => [key, this.#over({ submitter: part(submitter, key), reviewer: part(reviewer, key) })]),
    );
  }
}

export const metricsOf = (
  contestant: string,
  rounds: readonly SeenRound[],
  options: MetricOptions,
): Metrics => new ContestantMetrics(contestant, rounds, options).all();
