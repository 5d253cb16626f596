// A plain metric of every two contestants on the issues that both played: is the difference more than the issues' luck?
import type { Random } from "../domain/random.ts";
import type { RoundRow } from "../domain/run.ts";
import {
  type Bootstrap,
  type ByIssue,
  holm,
  type PairedDifference,
  pairedDifference,
  type Share,
} from "../rating/index.ts";
import type { MetricDefinition } from "./metric-definition.ts";
import { metricDefinitions } from "./metrics.ts";

export interface PairedMetric extends PairedDifference {
  readonly metric: string;
  readonly one: string;
  readonly other: string;
  /** Holm's, over all pairs of this metric. */
  readonly adjustedP: number;
}

export interface PairedOptions {
  /** Names of metrics with a definition of their own (`metricGlossary`), all but both-role scores and Best@k. */
  readonly metrics: readonly string[];
  readonly bootstrap: Bootstrap;
  readonly random: Random;
}

/** A contestant's shares, issue by issue; rounds that the metric does not speak of, and void ones, are in none. */
export function issueShares(
  contestant: string,
  rows: readonly RoundRow[],
  definition: MetricDefinition,
): ByIssue {
  const shares = new Map<string, Share>();
  for (const row of rows) {
    if (row[definition.role] !== contestant || row.record.void !== undefined) continue;
    const share = definition.of(row);
    if (share === undefined) continue;
    const { numerator, denominator } = shares.get(row.instanceId) ?? { numerator: 0, denominator: 0 };
    shares.set(row.instanceId, {
      numerator: numerator + share.numerator,
      denominator: denominator + share.denominator,
    });
  }
  return shares;
}

function pairsOf(
  [metric, definition]: readonly [string, MetricDefinition],
  rows: readonly RoundRow[],
  options: PairedOptions,
): PairedMetric[] {
  const contestants = [...new Set(rows.map((row) => row[definition.role]))].sort();
  const shares = contestants.map((contestant) => issueShares(contestant, rows, definition));
  const { bootstrap, random } = options;
  const given =
    definition.range === undefined ? { bootstrap, random } : { bootstrap, random, range: definition.range };
  const found = contestants.flatMap((one, i) =>
    contestants.slice(i + 1).flatMap((other, k) => {
      const [left, right] = [shares[i], shares[i + 1 + k]];
      const difference = left && right ? pairedDifference(left, right, given) : undefined;
      return difference === undefined ? [] : [{ metric, one, other, ...difference }];
    }),
  );
  const adjusted = holm(found.map(({ p }) => p));
  return found.map((each, place) => ({ ...each, adjustedP: adjusted[place] ?? 1 }));
}

/**
 * Paired tests of plain metrics across contestants on the same issues. Pairs without a shared issue are absent.
 * @throws RangeError for a metric that has no definition
 */
export function pairedMetrics(rows: readonly RoundRow[], options: PairedOptions): readonly PairedMetric[] {
  return Object.entries(metricDefinitions(options.metrics)).flatMap((named) => pairsOf(named, rows, options));
}
