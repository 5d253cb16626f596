// The paper's first table: what each submitter did against each reviewer.
import type { RoundRow } from "../../domain/run.ts";
import { type Metrics, measuredBy, metricDefinitions } from "../metrics.ts";
import type { Counted } from "./paper.ts";

const names = ["winRate", "winRateStrict", "spr", "rpr"] as const;

/** One direction of a pair: `winRate` and `spr` are the submitter's, `rpr` the reviewer's. */
export interface PairFigures {
  readonly submitter: string;
  readonly reviewer: string;
  readonly rounds: number;
  /** Rounds beside these that are void. */
  readonly void: number;
  /** A metric without a denominator is absent. */
  readonly metrics: Metrics;
}

/** Pairs that met, by submitter and reviewer; those with void rounds only have no metric. */
export function pairFigures(
  { seen, contestants, bootstrap }: Counted,
  rows: readonly RoundRow[],
): PairFigures[] {
  const isPair = (submitter: string, reviewer: string) => (row: RoundRow) =>
    row.submitter === submitter && row.reviewer === reviewer;
  return contestants.flatMap((submitter) =>
    contestants.flatMap((reviewer) => {
      const met = isPair(submitter, reviewer);
      const all = rows.filter(met);
      if (all.length === 0) return [];
      const own = seen.filter(({ row }) => met(row));
      const metrics = measuredBy(metricDefinitions(names), own, bootstrap);
      return [{ submitter, reviewer, rounds: own.length, void: all.length - own.length, metrics }];
    }),
  );
}
