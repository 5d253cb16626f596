// What a run's model calls have cost so far, and the most a plan may cost: budgets are restored and planned from it.
import type { RunStore } from "../domain/run.ts";
import type { Contestant, Spend } from "../inference/index.ts";

/** By contestant. A call in flight when its process died is charged at its worst case. */
export function spentSoFar(store: Pick<RunStore, "calls">): Map<string, Spend> {
  const spent = new Map<string, Spend>();
  for (const call of store.calls()) {
    const before = spent.get(call.contestant) ?? { usd: 0, tokens: 0 };
    const { finish } = call;
    const usd = finish === undefined ? (call.worstCaseUsd ?? 0) : (finish.costUsd ?? 0);
    const tokens = finish === undefined ? call.worstCaseTokens : finish.inputTokens + finish.outputTokens;
    spent.set(call.contestant, { usd: before.usd + usd, tokens: before.tokens + tokens });
  }
  return spent;
}

export interface PlannedSpend extends Spend {
  readonly calls: number;
}

/** Every attempt of both roles in every round, with a full window each, at the dearest contestant's price. */
export function worstCaseOf(models: readonly Contestant[], rounds: number): PlannedSpend {
  const calls = rounds * 2 * Math.max(0, ...models.map((model) => model.attempts));
  const tokens = calls * Math.max(0, ...models.map((model) => model.contextTokens));
  const prices = models.map((model) => Math.max(model.prices.inputPerMillion, model.prices.outputPerMillion));
  return { calls, tokens, usd: (tokens * Math.max(0, ...prices)) / 1_000_000 };
}
