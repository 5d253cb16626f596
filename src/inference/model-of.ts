// From a contestant as written to a model that can be asked.
import { pairModel } from "./a1/a1-model.ts";
import type { Backend } from "./a1/backend.ts";
import { pairSettingsOf } from "./a1/configuration.ts";
import { contestantPair } from "./a1/contestant-pair.ts";
import type { Budget } from "./budget.ts";
import type { Clock } from "./clock.ts";
import type { Contestant } from "./contestants.ts";
import { defaultMaxAnswerBytes, endpointModel } from "./endpoint-model.ts";
import type { EndpointSlots } from "./endpoint-slots.ts";
import type { Model } from "./model.ts";
import { anthropicProvider } from "./providers/anthropic.ts";
import { googleProvider } from "./providers/google.ts";
import { openaiProvider } from "./providers/openai.ts";
import type { Provider, ProviderSettings } from "./providers/provider.ts";
import { defaultRetryPolicy, type RetryPolicy } from "./retry.ts";

const providers: Readonly<
  Record<Exclude<Contestant["provider"], "a1">, (settings: ProviderSettings) => Provider>
> = {
  openai: openaiProvider,
  anthropic: anthropicProvider,
  google: googleProvider,
};

function providerOf(
  provider: keyof typeof providers,
  { model, baseUrl, extra, outputLimitField }: Contestant,
  apiKey: string | undefined,
): Provider {
  return providers[provider]({
    model,
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(extra === undefined ? {} : { extra }),
    ...(outputLimitField === undefined ? {} : { outputLimitField }),
  });
}

export interface ModelDeps {
  /** The value of `keyEnv`, read by the caller; undefined for a server that asks for none. */
  readonly apiKey: string | undefined;
  readonly budget: Budget;
  readonly clock: Clock;
  readonly random: { next(): number };
  /** Two contestants of one endpoint share its slots; see {@link Endpoints}. */
  readonly slots: EndpointSlots;
  readonly policy?: Partial<RetryPolicy>;
  /** Of a contestant of provider a1: its draft and target; see {@link openPairs}. */
  readonly backend?: Backend | undefined;
}

export function modelOf(contestant: Contestant, deps: ModelDeps): Model {
  const { provider } = contestant;
  if (provider === "a1") return pairOf(contestant, deps);
  const { id, model, prices, requestTimeoutSeconds } = contestant;
  const timeout =
    requestTimeoutSeconds === undefined ? {} : { attemptTimeoutMs: requestTimeoutSeconds * 1000 };
  const { apiKey, budget, clock, random, slots } = deps;
  const settings = {
    id,
    model,
    prices,
    maxAnswerBytes: defaultMaxAnswerBytes,
    secrets: apiKey === undefined ? [] : [apiKey],
    policy: { ...defaultRetryPolicy, ...timeout, ...deps.policy },
  };
  return endpointModel(settings, {
    provider: providerOf(provider, contestant, apiKey),
    slots,
    budget,
    clock,
    random,
  });
}

function pairOf(contestant: Contestant, { backend, budget, clock }: ModelDeps): Model {
  const { id, model, prices } = contestant;
  const pair = contestantPair(contestant);
  if (pair === undefined || backend === undefined) throw new Error(`bug: the pair of ${id} was not opened`);
  const { samples, temperature } = pair;
  const settings = {
    ...{ id, model, prices, samples, temperature: contestant.temperature ?? temperature },
    pair: pairSettingsOf(pair),
  };
  return pairModel(settings, { backend, budget, clock });
}
