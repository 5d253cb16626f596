// What metrics leave out and a board must still say: rounds lost to faults, and everything that was paid for.
import { type Side, scoreOf } from "../domain/record.ts";
import type { RoundRow, StoredCall } from "../domain/run.ts";

export interface VoidCount {
  readonly cause: string;
  /** Whose run it was. */
  readonly side: Side | "baseline";
  readonly rounds: number;
}

/** The win rate (paper) were every void round of the submitter lost, and were every one won. */
export interface WorstCase {
  readonly low: number;
  readonly high: number;
}

export interface Voids {
  /** Void rounds played in either role. */
  readonly rounds: number;
  readonly byCause: readonly VoidCount[];
  /** Absent where nothing was submitted at all. */
  readonly winRateBounds?: WorstCase;
}

/** Counts of void rounds, greatest first. */
export function voidCounts(rows: readonly RoundRow[]): readonly VoidCount[] {
  const counts = new Map<string, VoidCount>();
  for (const { record } of rows) {
    if (record.void === undefined) continue;
    const { cause, side } = record.void;
    const sofar = counts.get(`${side} ${cause}`)?.rounds ?? 0;
    counts.set(`${side} ${cause}`, { cause, side, rounds: sofar + 1 });
  }
  return [...counts.values()].sort((a, b) => b.rounds - a.rounds || (a.cause < b.cause ? -1 : 1));
}

export function voidsOf(contestant: string, rows: readonly RoundRow[]): Voids {
  const own = rows.filter((row) => row.submitter === contestant || row.reviewer === contestant);
  const submitted = own.filter((row) => row.submitter === contestant);
  const won = submitted.filter(({ record }) => scoreOf(record, "paper")?.submitter === 1).length;
  const lost = submitted.filter(({ record }) => record.void !== undefined).length;
  const counts = {
    rounds: own.filter(({ record }) => record.void !== undefined).length,
    byCause: voidCounts(own),
  };
  if (submitted.length === 0) return counts;
  const winRateBounds = { low: won / submitted.length, high: (won + lost) / submitted.length };
  return { ...counts, winRateBounds };
}

/** All paid calls of a contestant, those of void rounds, retries and dead processes too. */
export interface Spend {
  readonly calls: number;
  readonly faultCalls: number;
  /** Calls that were in flight when their process died: nobody knows what they cost, at worst this. */
  readonly inFlightCalls: number;
  readonly inFlightWorstCaseUsd?: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Calls whose token counts are estimates of ours. */
  readonly estimatedCalls: number;
  /** Of finished calls; absent when the price of any is unknown. */
  readonly costUsd?: number;
  readonly seconds: number;
}

function wholeSum(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length < values.length ? undefined : known.reduce((total, value) => total + value, 0);
}

export function spendOf(contestant: string, calls: readonly StoredCall[]): Spend {
  const own = calls.filter((call) => call.contestant === contestant);
  const finishes = own.flatMap((call) => (call.finish === undefined ? [] : [call.finish]));
  const inFlight = own.filter((call) => call.finish === undefined);
  const costUsd = wholeSum(finishes.map((finish) => finish.costUsd));
  const worstCases = inFlight.map(({ worstCaseUsd, lost }) =>
    worstCaseUsd === undefined ? undefined : worstCaseUsd + (lost?.usd ?? 0),
  );
  const inFlightWorstCaseUsd = wholeSum(worstCases);
  const total = (of: (finish: (typeof finishes)[number]) => number): number =>
    finishes.reduce((sum, finish) => sum + of(finish), 0);
  return {
    calls: own.length,
    faultCalls: finishes.filter((finish) => finish.status === "fault").length,
    inFlightCalls: inFlight.length,
    ...(inFlightWorstCaseUsd === undefined ? {} : { inFlightWorstCaseUsd }),
    inputTokens: total((finish) => finish.inputTokens),
    outputTokens: total((finish) => finish.outputTokens),
    estimatedCalls: finishes.filter((finish) => finish.estimated).length,
    ...(costUsd === undefined ? {} : { costUsd }),
    seconds: total((finish) => finish.seconds),
  };
}
