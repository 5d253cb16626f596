// What a run's model calls have cost so far, and the most a plan may cost: budgets are restored and planned from it.
import type { RunStore, StoredCall } from "../domain/run.ts";
import { type Contestant, type Spend, windowWorstCase } from "../inference/index.ts";

const nothing: Spend = { usd: 0, tokens: 0 };

/** Known costs, and the worst case of every request that may have been billed without an answer. */
function chargedFor({ finish, lost = nothing, worstCaseUsd = 0, worstCaseTokens }: StoredCall): Spend {
  // In flight when its process died: the request that was open comes on top of those that had failed before it.
  if (finish === undefined) return { usd: lost.usd + worstCaseUsd, tokens: lost.tokens + worstCaseTokens };
  const tokens = finish.inputTokens + finish.outputTokens;
  // The cost of a finished call holds all its requests; so do the tokens of one that ended in a fault.
  const before = finish.status === "fault" ? 0 : lost.tokens;
  return { usd: finish.costUsd ?? 0, tokens: tokens + before };
}

/** By contestant. */
export function spentSoFar(store: Pick<RunStore, "calls">): Map<string, Spend> {
  const spent = new Map<string, Spend>();
  for (const call of store.calls()) {
    const before = spent.get(call.contestant) ?? nothing;
    const { usd, tokens } = chargedFor(call);
    spent.set(call.contestant, { usd: before.usd + usd, tokens: before.tokens + tokens });
  }
  return spent;
}

export interface PlannedSpend extends Spend {
  readonly calls: number;
}

/**
 * Every attempt of both roles in every round, with a full window each, at the dearest contestant's price; for a pair,
 * with all that its candidates may take.
 */
export function worstCaseOf(models: readonly Contestant[], rounds: number): PlannedSpend {
  const calls = rounds * 2 * Math.max(0, ...models.map((model) => model.attempts));
  const pairs = models.flatMap((model) => windowWorstCase(model) ?? []);
  const window = Math.max(0, ...models.map((model) => model.contextTokens));
  const tokens = calls * Math.max(window, ...pairs.map((pair) => pair.tokens));
  const prices = models.map((model) => Math.max(model.prices.inputPerMillion, model.prices.outputPerMillion));
  const usd = Math.max((window * Math.max(0, ...prices)) / 1_000_000, ...pairs.map((pair) => pair.usd));
  return { calls, tokens, usd: calls * usd };
}
