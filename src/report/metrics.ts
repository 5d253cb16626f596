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

const sum = (shares: readonly Share[]): Share => ({
  numerator: shares.reduce((total, share) => total + share.numerator, 0),
  denominator: shares.reduce((total, share) => total + share.denominator, 0),
});

type Groups = readonly (readonly SeenRound[])[];

/** @param groups rounds by instance, grouped once for all metrics */
function measured(groups: Groups, definition: MetricDefinition, bootstrap: Bootstrap): Estimate | undefined {
  const shares = groups.map((group) => group.map(({ row }) => definition.of(row)));
  if (definition.wholeOnly === true && shares.some((of) => of.includes(undefined))) return undefined;
  const clusters = shares.map((of) => [sum(of.filter((share) => share !== undefined))]);
  return bootstrap.estimate(clusters, definition.range);
}

type Sided = SeenRound & { readonly side: Side };

function bothRoles(
  seen: readonly Sided[],
  reading: "paper" | "strict",
  bootstrap: Bootstrap,
): Estimate | undefined {
  const scored = (group: readonly Sided[], side: Side): Share => {
    const scores = group
      .filter((one) => one.side === side)
      .map(({ row }) => scoreOf(row.record, reading)?.[side]);
    const known = scores.filter((value) => value !== undefined);
    return { numerator: known.reduce<number>((a, b) => a + b, 0), denominator: known.length };
  };
  const clusters = byInstance(seen).map(
    (group): Cluster => [scored(group, "submitter"), scored(group, "reviewer")],
  );
  return bootstrap.estimate(clusters, scale);
}

function severalTries(
  seen: readonly Sided[],
  k: number,
  bootstrap: Bootstrap,
): [string, Estimate | undefined][] {
  return (["submitter", "reviewer"] as const).flatMap((role) => {
    const { best, all } = overTries(
      seen.filter(({ side }) => side === role),
      { role, k, bootstrap },
    );
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
  return Object.fromEntries(
    Object.entries(chosen).flatMap(([name, definition]) => {
      const estimate = measured(groups, definition, bootstrap);
      return estimate === undefined ? [] : [[name, estimate]];
    }),
  );
}

export interface MetricOptions {
  readonly bootstrap: Bootstrap;
  /** Tries of Best@k and pass^k. */
  readonly k: number;
}

/**
 * All metrics of one contestant over the given rounds. Void rounds and rounds of others are left out here; a missing
 * answer is not: it is an invalid submission, or no review, and stays in every denominator.
 */
export function metricsOf(contestant: string, rounds: readonly SeenRound[], options: MetricOptions): Metrics {
  const { bootstrap, k } = options;
  const judged = rounds.filter(({ row }) => row.record.void === undefined);
  const sided = (["submitter", "reviewer"] as const).flatMap((side) =>
    judged.filter(({ row }) => row[side] === contestant).map((one): Sided => ({ ...one, side })),
  );
  const of = (side: Side) => byInstance(sided.filter((one) => one.side === side));
  const groups = { submitter: of("submitter"), reviewer: of("reviewer") };
  const found: [string, Estimate | undefined][] = [
    ["scoreStrict", bothRoles(sided, "strict", bootstrap)],
    ["scorePaper", bothRoles(sided, "paper", bootstrap)],
    ...Object.entries(definitions).map(([name, definition]): [string, Estimate | undefined] => [
      name,
      measured(groups[definition.role], definition, bootstrap),
    ]),
    ...severalTries(sided, k, bootstrap),
  ];
  const present = found.flatMap(([name, estimate]) => (estimate === undefined ? [] : [[name, estimate]]));
  return Object.fromEntries(present);
}

/** The same for each part of the rounds that has a key; rounds without one are in no part. */
export function metricsBy(
  keyOf: (row: RoundRow) => string | undefined,
  rounds: readonly SeenRound[],
  { contestant, ...options }: MetricOptions & { readonly contestant: string },
): Readonly<Record<string, Metrics>> {
  const keys = new Set(rounds.flatMap(({ row }) => keyOf(row) ?? []));
  return Object.fromEntries(
    [...keys].sort().map((key) => [
      key,
      metricsOf(
        contestant,
        rounds.filter(({ row }) => keyOf(row) === key),
        options,
      ),
    ]),
  );
}
