// From a contestant that is an agent to the relay of one of its runs, and to what its environment says of it.
import { requestsOf } from "../agents.ts";
import type { Budget } from "../budget.ts";
import type { Clock } from "../clock.ts";
import type { Contestant } from "../contestants.ts";
import { defaultMaxAnswerBytes } from "../endpoint-model.ts";
import type { EndpointSlots } from "../endpoint-slots.ts";
import type { Spend } from "../model.ts";
import { defaultRetryPolicy, type RetryPolicy } from "../retry.ts";
import { anthropicDialect } from "./anthropic.ts";
import type { Dialect } from "./dialect.ts";
import { openaiDialect } from "./openai.ts";
import { openRelay, type Relay } from "./relay.ts";

export interface AgentRelayDeps {
  readonly apiKey: string | undefined;
  readonly budget: Budget;
  readonly clock: Clock;
  readonly random: { next(): number };
  /** Two contestants of one account share its slots. */
  readonly slots: EndpointSlots;
  readonly policy: Partial<RetryPolicy>;
  /** A folder of this run's own, for the socket. */
  readonly folder: string;
  /** What the sandbox knows in the place of a key. */
  readonly token: string;
  readonly onCharged: (spend: Spend) => void;
  readonly onFault: (fault: unknown) => void;
  readonly signal: AbortSignal;
}

function dialectOf({ id, provider }: Contestant): Dialect {
  if (provider === "openai") return openaiDialect;
  if (provider === "anthropic") return anthropicDialect;
  throw new Error(`bug: the agent ${id} has provider ${provider}`);
}

/** @throws nothing of the agent's; the folder's own errors */
export function agentRelay(contestant: Contestant, deps: AgentRelayDeps): Promise<Relay> {
  const { id, model, prices, contextTokens, maxOutputTokens, baseUrl, extra } = contestant;
  const { apiKey, policy, token, folder, ...rest } = deps;
  const dialect = dialectOf(contestant);
  const timeout = contestant.requestTimeoutSeconds;
  const attempt = timeout === undefined ? {} : { attemptTimeoutMs: timeout * 1000 };
  const limitField =
    contestant.outputLimitField ?? (baseUrl === undefined ? "max_completion_tokens" : "max_tokens");
  const settings = {
    ...{ id, dialect, baseUrl, apiKey, token, folder, model, prices, contextTokens, maxOutputTokens },
    ...{ limitField, extra, maxRequests: requestsOf(contestant) },
    maxAnswerBytes: defaultMaxAnswerBytes,
    policy: { ...defaultRetryPolicy, ...attempt, ...policy },
  } as const;
  return openRelay(settings, rest);
}

/** By the names that clients of the protocol look for. */
export function relayEnvironment(
  contestant: Contestant,
  { port, token }: { readonly port: number; readonly token: string },
): Readonly<Record<string, string>> {
  const { prefix } = dialectOf(contestant);
  const address = `http://127.0.0.1:${port}${prefix}`;
  const common = { ARENA_MODEL: contestant.model, ARENA_BASE_URL: address, ARENA_API_KEY: token };
  if (contestant.provider === "anthropic")
    return { ...common, ANTHROPIC_BASE_URL: address, ANTHROPIC_API_KEY: token };
  return { ...common, OPENAI_BASE_URL: address, OPENAI_API_BASE: address, OPENAI_API_KEY: token };
}
