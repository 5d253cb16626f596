// Rounds as metrics look at them: each with what is known of its answers, grouped by the issue they stand and fall with.
import type { RoundRow } from "../domain/run.ts";
import { independentIn, type SampledRun } from "./independence.ts";

/** A round, and the contestants whose answers in it are independent samples. */
export interface SeenRound {
  readonly row: RoundRow;
  readonly independent: ReadonlySet<string>;
}

/** In instance order, so that intervals do not depend on the order of play. */
export function byInstance<T extends SeenRound>(seen: readonly T[]): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const one of seen) {
    const group = groups.get(one.row.instanceId);
    if (group === undefined) groups.set(one.row.instanceId, [one]);
    else group.push(one);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

/** The rounds of several runs as one list. */
export function seenIn(
  runs: readonly (SampledRun & { readonly rounds: readonly RoundRow[] })[],
): SeenRound[] {
  const independent = independentIn(runs);
  return runs.flatMap(({ rounds }, index) =>
    rounds.map((row) => ({ row, independent: independent[index] ?? new Set<string>() })),
  );
}
