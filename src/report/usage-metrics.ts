// What a role's model use came to; an unknown price leaves the cost unknown.
import type { Side } from "../domain/record.ts";
import type { RoleUsage, RoundRow } from "../domain/run.ts";
import { amount, type MetricDefinition, reviews, rounds } from "./metric-definition.ts";

const usageOf = (row: RoundRow, role: Side): RoleUsage =>
  role === "submitter" ? row.submitterUsage : row.reviewerUsage;

/** What a role's model use came to per round. */
export function usageMetrics(role: Side): Readonly<Record<string, MetricDefinition>> {
  const mean = (what: string, of: (usage: RoleUsage) => number | undefined): MetricDefinition => ({
    role,
    what: `mean ${what} a round, over ${role === "submitter" ? rounds : reviews}`,
    wholeOnly: true,
    of: (row) => {
      const used = of(usageOf(row, role));
      return used === undefined ? undefined : amount(used);
    },
  });
  return {
    [`${role}Attempts`]: mean("attempts", (usage) => usage.attempts),
    [`${role}InputTokens`]: mean("input tokens", (usage) => usage.inputTokens),
    [`${role}OutputTokens`]: mean("output tokens", (usage) => usage.outputTokens),
    [`${role}CostUsd`]: mean("cost in US dollars (absent where any is unknown)", (usage) => usage.costUsd),
    [`${role}Seconds`]: mean("seconds of model time", (usage) => usage.seconds),
  };
}
