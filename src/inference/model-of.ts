// From a contestant as written to a model that can be asked.
import { pairModel } from "./a1/a1-model.ts";
import type { Backend } from "./a1/backend.ts";
import type { PairConfiguration } from "./a1/configuration.ts";
import type { Budget } from "./budget.ts";
import type { Clock } from "./clock.ts";
import type { Contestant } from "./contestants.ts";
import { defaultMaxAnswerBytes, endpointModel } from "./endpoint-model.ts";
import type { Model } from "./model.ts";
import { anthropicProvider } from "./providers/anthropic.ts";
import { googleProvider } from "./providers/google.ts";
import { openaiProvider } from "./providers/openai.ts";
import type { Provider, ProviderSettings } from "./providers/provider.ts";
import { defaultRetryPolicy, type RetryPolicy } from "./retry.ts";
import { defaultSlotLimits, type SlotLimits, Slots } from "./slots.ts";

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
  /** Two contestants of one account share its slots; see {@link slotsFor}. */
  readonly slots: Slots;
  readonly policy?: Partial<RetryPolicy>;
}

/** @throws Error for a contestant of provider a1, whose engines must be opened first: see {@link openModel} */
export function modelOf(contestant: Contestant, deps: ModelDeps): Model {
  const { provider } = contestant;
  if (provider === "a1") throw new Error(`bug: the pair of ${contestant.id} was not opened`);
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

/** A model that can be asked, and what it holds open until it is closed. */
export interface OpenModel {
  readonly model: Model;
  close(): Promise<void>;
}

export interface OpenModelDeps extends ModelDeps {
  /** Opens draft and target of a contestant of provider a1. */
  readonly openPair: (configuration: PairConfiguration) => Promise<Backend>;
}

/** @throws EngineFault where an engine of a pair cannot be opened */
export async function openModel(contestant: Contestant, deps: OpenModelDeps): Promise<OpenModel> {
  const { a1, id, model, prices, temperature } = contestant;
  if (a1 === undefined) return { model: modelOf(contestant, deps), close: async () => {} };
  const backend = await deps.openPair(a1);
  const { budget, clock } = deps;
  const settings = { id, model, prices, samples: a1.samples, temperature: temperature ?? a1.temperature };
  return { model: pairModel(settings, { backend, budget, clock }), close: () => backend.close() };
}

/** Hands out one {@link Slots} per provider account: provider, address and key variable. */
export function slotsFor(clock: Clock): (contestant: Contestant) => Slots {
  const accounts = new Map<string, Slots>();
  return ({ provider, baseUrl = "", keyEnv = "", maxConcurrent }) => {
    const account = JSON.stringify([provider, baseUrl, keyEnv]);
    const known = accounts.get(account);
    if (known !== undefined) return known;
    const slots = new Slots(limitsOf(maxConcurrent), clock);
    accounts.set(account, slots);
    return slots;
  };
}

function limitsOf(maxConcurrent: number | undefined): SlotLimits {
  if (maxConcurrent === undefined) return defaultSlotLimits;
  return { initial: Math.min(defaultSlotLimits.initial, maxConcurrent), max: maxConcurrent };
}
