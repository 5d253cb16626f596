// Two runs side by side: the same contestants on the same issues, so that what differs is what was changed between them.
import { seededRandom } from "../domain/random.ts";
import type { RoundRow } from "../domain/run.ts";
import {
  Bootstrap,
  defaultResamples,
  holm,
  type PairedDifference,
  pairedDifference,
} from "../rating/index.ts";
import { type BoardRun, type BoardSource, runOf } from "./board.ts";
import type { MetricDefinition } from "./metric-definition.ts";
import { type Glossary, metricDefinitions, metricGlossary } from "./metrics.ts";
import { issueShares } from "./paired-metrics.ts";

/** What two runs, or two contestants, are compared in unless other metrics are named. */
export const comparedMetrics = [
  ...["winRate", "winRateStrict", "validRate", "resolvedRate", "submitterScoreStrict"],
  ...["reviewValidRate", "killRateOnUnresolved", "reviewerScoreStrict"],
] as const;

/** A contestant's metric in the second run less the same in the first, over the issues that it played in both. */
export interface ComparedMetric extends PairedDifference {
  readonly metric: string;
  /** Means over these issues. */
  readonly first: number;
  readonly second: number;
  /** Holm's, over all contestants in this metric. */
  readonly adjustedP: number;
}

export interface ComparedContestant {
  readonly id: string;
  /** Metrics without a shared issue are absent. */
  readonly metrics: readonly ComparedMetric[];
  /** Issues resolved more often in the second run than in the first, and less often. */
  readonly gained: readonly string[];
  readonly lost: readonly string[];
}

/** A setting in which the two runs differ: differences may be its doing. */
export interface ChangedSetting {
  readonly setting: string;
  readonly first: string;
  readonly second: string;
}

export interface Comparison {
  readonly first: BoardRun;
  readonly second: BoardRun;
  readonly changed: readonly ChangedSetting[];
  readonly onlyInFirst: readonly string[];
  readonly onlyInSecond: readonly string[];
  readonly contestants: readonly ComparedContestant[];
  readonly intervals: { readonly method: string; readonly level: number; readonly seed: string };
  readonly glossary: Readonly<Record<string, Glossary>>;
}

export interface CompareOptions {
  /** `comparedMetrics` unless said otherwise. */
  readonly metrics?: readonly string[];
  readonly resamples?: number;
  readonly seed?: string;
}

function changedSettings(first: BoardSource, second: BoardSource): ChangedSetting[] {
  const told = ({ settings, sandbox }: BoardSource): Readonly<Record<string, unknown>> => ({
    ...{ set: settings.set, setHash: settings.setHash, sandbox, contestants: settings.contestants },
    ...{ seed: settings.seed, rounds: settings.rounds, feedback: settings.feedback },
    ...{ hintMode: settings.hintMode, repeats: settings.repeats, panel: settings.panel },
    ...{ retrieval: settings.retrieval, pairing: settings.pairing ?? "planned" },
  });
  const [left, right] = [told(first), told(second)];
  const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  return Object.keys(left).flatMap((setting) => {
    const pair = { first: text(left[setting]), second: text(right[setting]) };
    return pair.first === pair.second ? [] : [{ setting, ...pair }];
  });
}

const playersOf = (rows: readonly RoundRow[]): ReadonlySet<string> =>
  new Set(rows.flatMap(({ submitter, reviewer }) => [submitter, reviewer]));

const meanOf = (ratios: readonly number[]): number =>
  ratios.reduce((sum, one) => sum + one, 0) / ratios.length;

type Runs = readonly [readonly RoundRow[], readonly RoundRow[]];

/** By issue that both runs have: the ratio in each. */
function ratiosOf(id: string, [first, second]: Runs, definition: MetricDefinition) {
  const [left, right] = [issueShares(id, first, definition), issueShares(id, second, definition)];
  return [...left].flatMap(([instanceId, one]) => {
    const other = right.get(instanceId);
    if (other === undefined || one.denominator === 0 || other.denominator === 0) return [];
    return [
      { instanceId, first: one.numerator / one.denominator, second: other.numerator / other.denominator },
    ];
  });
}

function comparedIn(
  [metric, definition]: readonly [string, MetricDefinition],
  ids: readonly string[],
  of: { readonly runs: Runs; readonly bootstrap: Bootstrap; readonly seed: string },
): ReadonlyMap<string, ComparedMetric> {
  const [first, second] = of.runs;
  const random = seededRandom(of.seed).fork("compare");
  const range = definition.range === undefined ? {} : { range: definition.range };
  const found = ids.flatMap((id) => {
    const [left, right] = [issueShares(id, second, definition), issueShares(id, first, definition)];
    const difference = pairedDifference(left, right, { bootstrap: of.bootstrap, random, ...range });
    if (difference === undefined) return [];
    const ratios = ratiosOf(id, of.runs, definition);
    const means = {
      first: meanOf(ratios.map((one) => one.first)),
      second: meanOf(ratios.map((one) => one.second)),
    };
    return [{ id, metric, ...means, ...difference }];
  });
  const adjusted = holm(found.map(({ p }) => p));
  return new Map(found.map(({ id, ...each }, place) => [id, { ...each, adjustedP: adjusted[place] ?? 1 }]));
}

/** Pure. Void rounds are in no figure; issues that one run has alone are left out, never counted as 0. */
export function compareRuns(
  first: BoardSource,
  second: BoardSource,
  options: CompareOptions = {},
): Comparison {
  const { metrics = comparedMetrics, resamples = defaultResamples, seed = "board" } = options;
  const bootstrap = new Bootstrap({ random: seededRandom(seed), resamples });
  const runs: Runs = [first.rounds, second.rounds];
  const [left, right] = [playersOf(first.rounds), playersOf(second.rounds)];
  const shared = [...left].filter((id) => right.has(id)).sort();
  const definitions = Object.entries(metricDefinitions(metrics));
  const tables = definitions.map((named) => comparedIn(named, shared, { runs, bootstrap, seed }));
  const { resolvedRate } = metricDefinitions(["resolvedRate"]);
  const all = metricGlossary(3);
  return {
    first: runOf(first),
    second: runOf(second),
    changed: changedSettings(first, second),
    onlyInFirst: [...left].filter((id) => !right.has(id)).sort(),
    onlyInSecond: [...right].filter((id) => !left.has(id)).sort(),
    contestants: shared.map((id) => {
      const resolved = resolvedRate === undefined ? [] : ratiosOf(id, runs, resolvedRate);
      return {
        id,
        metrics: tables.flatMap((table) => table.get(id) ?? []),
        gained: resolved
          .filter((one) => one.second > one.first)
          .map(({ instanceId }) => instanceId)
          .sort(),
        lost: resolved
          .filter((one) => one.second < one.first)
          .map(({ instanceId }) => instanceId)
          .sort(),
      };
    }),
    intervals: { method: "BCa bootstrap over shared issues", level: bootstrap.level, seed },
    glossary: Object.fromEntries(
      definitions.flatMap(([name]) => (all[name] === undefined ? [] : [[name, all[name]]])),
    ),
  };
}
