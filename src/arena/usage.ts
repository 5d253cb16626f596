// What a side of a round has used: the sum of the answers it was given, each counted as it was asked for.
import type { CallFinish, RoleUsage } from "../domain/run.ts";

/** @param finishes in the order they were asked for: sums of cents depend on it */
export function usageOf(finishes: readonly Omit<CallFinish, "text">[]): RoleUsage {
  const sum = (of: (finish: Omit<CallFinish, "text">) => number): number =>
    finishes.reduce((total, finish) => total + of(finish), 0);
  return {
    attempts: finishes.length,
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    costUsd: sum(({ costUsd }) => costUsd ?? 0),
    seconds: sum(({ seconds }) => seconds),
  };
}
