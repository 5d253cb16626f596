// What one provider must know: how to put a prompt to its API, and how to read its answer. Nothing about trying again.
import type { Fetch } from "../exchange.ts";
import type { Finish, Prompt, Usage } from "../model.ts";

export interface Answer {
  readonly text: string;
  readonly finish: Exclude<Finish, "context-overflow" | "answer-too-large">;
  /** Absent when the provider does not report it: then it is estimated, and marked so. */
  readonly usage?: Omit<Usage, "estimated">;
  readonly model?: string;
}

export interface Provider {
  readonly takes: { readonly temperature: boolean; readonly seed: boolean };
  /** One request through `fetch`, no retries. Whatever it throws is read together with the exchange. */
  ask(prompt: Prompt, via: { fetch: Fetch; signal: AbortSignal }): Promise<Answer>;
}

export interface ProviderSettings {
  readonly model: string;
  readonly baseUrl?: string;
  /** Absent for servers that ask for none. */
  readonly apiKey?: string;
  /** Merged into the request body first, so it adds but never replaces what the arena says. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** OpenAI protocol only: the name under which the output limit is sent. */
  readonly outputLimitField?: "max_tokens" | "max_completion_tokens";
}

/** Sent where an SDK insists on a key and the server does not. */
export const noKey = "no-key-needed";

/** SDKs have deadlines of their own; ours are the only ones that count. */
export const noSdkTimeoutMs = 2 ** 31 - 1;

export class UnreadableAnswer extends Error {}
