// What a run's model calls have cost so far, and the most a plan may cost: budgets are restored and planned from it.
import type { RunStore, StoredCall } from "../domain/run.ts";
import { type Contestant, requestsOf, type Spend, windowWorstCase } from "../inference/index.ts";

const nothing: Spend = { usd: 0, tokens: 0 };

/** Known costs, and the worst case of every request that may have been billed without an answer. */
function chargedFor({ finish, lost = nothing, charged = nothing, ...call }: StoredCall): Spend {
  // In flight when its process died: the request that was open comes on top of those that had ended before it.
  if (finish === undefined) {
    const { worstCaseUsd = 0, worstCaseTokens } = call;
    return {
      usd: lost.usd + charged.usd + worstCaseUsd,
      tokens: lost.tokens + charged.tokens + worstCaseTokens,
    };
  }
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
 * One call that fills the contestant's window, the answer as long as it may be where that is the dearer part; of a pair
 * all that its candidates may take.
 */
export function worstCall(contestant: Contestant): Spend {
  const { contextTokens: tokens, maxOutputTokens, prices } = contestant;
  const { inputPerMillion, outputPerMillion, cachedInputPerMillion = inputPerMillion } = prices;
  const input = Math.max(inputPerMillion, cachedInputPerMillion);
  const usd = (tokens * input + maxOutputTokens * Math.max(0, outputPerMillion - input)) / 1_000_000;
  return windowWorstCase(contestant) ?? { tokens, usd };
}

/**
 * Every attempt, and every request an agent may make in one, in so many turns (a turn is one role in one round), with a full window each. A request that is billed
 * without an answer comes on top: nobody can plan for it, budgets count it.
 */
export function worstCaseOf(contestant: Contestant, turns: number): PlannedSpend {
  const calls = turns * contestant.attempts * requestsOf(contestant);
  const { usd, tokens } = worstCall(contestant);
  return { calls, tokens: calls * tokens, usd: calls * usd };
}
