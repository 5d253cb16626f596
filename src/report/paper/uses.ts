// What each role's answers took: attempts, tokens, money, seconds, and the source that was shown for them.
import type { Role } from "../../domain/run.ts";
import { contextMetrics } from "../context-metrics.ts";
import { type Metrics, measuredBy } from "../metrics.ts";
import { usageMetrics } from "../usage-metrics.ts";
import type { Counted } from "./paper.ts";

export interface RoleUse {
  readonly contestant: string;
  readonly role: Role;
  readonly rounds: number;
  /** Means of a round, by the boards' names; what was paid in all stands on the board (`spend`). */
  readonly metrics: Metrics;
}

export function usesOf({ seen, contestants, bootstrap }: Counted): RoleUse[] {
  return contestants.flatMap((contestant) =>
    (["submitter", "reviewer"] as const).flatMap((role) => {
      const own = seen.filter(({ row }) => row[role] === contestant);
      if (own.length === 0) return [];
      const metrics = measuredBy({ ...usageMetrics(role), ...contextMetrics(role) }, own, bootstrap);
      return [{ contestant, role, rounds: own.length, metrics }];
    }),
  );
}
