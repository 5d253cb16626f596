// A Model behind an HTTP endpoint: a slot, a budget hold per request, one exchange, and the retry loop around it.
import type { Budget } from "./budget.ts";
import { type Failure, failureOf } from "./classify.ts";
import type { Clock } from "./clock.ts";
import { type EndpointSlots, failedRequest } from "./endpoint-slots.ts";
import { type Exchange, fetchInto, newExchange } from "./exchange.ts";
import {
  type AttemptHook,
  type Completion,
  type Finish,
  type Model,
  ModelFault,
  type Prompt,
  type Spend,
  totalCharged,
  type Usage,
} from "./model.ts";
import type { Answer, Provider } from "./providers/provider.ts";
import { redact } from "./redact.ts";
import { type RetryPolicy, type Tried, untilAnswered } from "./retry.ts";
import { estimatePromptTokens, estimateTokens, type Prices, spendOf, worstCaseOf } from "./tokens.ts";

/** Far above any honest answer (a million tokens is about 4 MB), far below what would hurt us. */
export const defaultMaxAnswerBytes = 8 * 1024 * 1024;

export interface EndpointSettings {
  /** The contestant's id. */
  readonly id: string;
  /** The name sent to the provider. */
  readonly model: string;
  readonly prices: Prices;
  readonly maxAnswerBytes: number;
  /** Whatever must never be seen in a message of ours. */
  readonly secrets: readonly string[];
  readonly policy: RetryPolicy;
}

export interface EndpointDeps {
  readonly provider: Provider;
  /** Shared by all models of one provider account. */
  readonly slots: EndpointSlots;
  readonly budget: Budget;
  readonly clock: Clock;
  readonly random: { next(): number };
}

interface Read {
  readonly text: string;
  readonly finish: Finish;
  readonly usage: Usage;
  readonly model: string;
}

const free: Spend = { usd: 0, tokens: 0 };

/** An abort of ours, so that it can be told from the caller's. */
class AttemptTimeout extends Error {}

export function endpointModel(settings: EndpointSettings, deps: EndpointDeps): Model {
  return new EndpointModel(settings, deps);
}

class EndpointModel implements Model {
  readonly id: string;
  readonly takes: Model["takes"];
  readonly #settings: EndpointSettings;
  readonly #deps: EndpointDeps;

  constructor(settings: EndpointSettings, deps: EndpointDeps) {
    this.id = settings.id;
    this.takes = deps.provider.takes;
    this.#settings = settings;
    this.#deps = deps;
  }

  worstCase(prompt: Prompt): Spend {
    return worstCaseOf(prompt, this.#settings.prices);
  }

  async generate(prompt: Prompt, signal: AbortSignal, hook?: AttemptHook): Promise<Completion> {
    this.#refuseUnknownSettings(prompt);
    const release = await this.#slot(signal);
    try {
      return await this.#ask(prompt, signal, hook);
    } finally {
      release();
    }
  }

  async #slot(signal: AbortSignal): Promise<() => void> {
    try {
      return await this.#deps.slots.acquire(signal, { party: this.id });
    } catch (cause) {
      const message = `${this.id}: the call was cancelled before it began`;
      throw new ModelFault("aborted", message, { retryable: true, cause });
    }
  }

  #refuseUnknownSettings(prompt: Prompt): void {
    for (const setting of ["temperature", "seed"] as const) {
      if (prompt[setting] === undefined || this.takes[setting]) continue;
      const message = `${this.id}: this provider takes no ${setting}; leave it out`;
      throw new ModelFault("bad-request", message, { retryable: false });
    }
  }

  async #ask(prompt: Prompt, signal: AbortSignal, hook: AttemptHook | undefined): Promise<Completion> {
    const { clock, random, slots } = this.#deps;
    const { answer, attempts, latencyMs } = await untilAnswered(() => this.#request(prompt, signal, hook), {
      policy: this.#settings.policy,
      clock,
      random,
      signal,
      onAttempt: (attempt) => hook?.ended(attempt),
      isDownSince: (ms) => !slots.hasAnsweredSince(ms),
    });
    return { ...answer, charged: totalCharged(attempts), latencyMs, attempts };
  }

  /** One request: paid for in advance, settled whatever happens. */
  async #request(prompt: Prompt, signal: AbortSignal, hook: AttemptHook | undefined): Promise<Tried<Read>> {
    const hold = await this.#deps.budget.reserve(this.id, this.worstCase(prompt), signal);
    let charged = free;
    try {
      hook?.started();
      const tried = await this.#tried(prompt, newExchange(), signal);
      charged = tried.charged;
      return tried;
    } finally {
      hold.settle(charged);
    }
  }

  async #tried(prompt: Prompt, exchange: Exchange, signal: AbortSignal): Promise<Tried<Read>> {
    const { provider, slots, clock } = this.#deps;
    const { maxAnswerBytes, policy, prices } = this.#settings;
    const ours = new AbortController();
    const cancel = clock.after(policy.attemptTimeoutMs, () => ours.abort(new AttemptTimeout()));
    try {
      const fetch = fetchInto(exchange, { maxBytes: maxAnswerBytes });
      const answer = await provider.ask(prompt, { fetch, signal: AbortSignal.any([signal, ours.signal]) });
      slots.answered();
      const read = this.#read(prompt, answer);
      return { ok: true, answer: read, charged: spendOf(read.usage, prices), ...statusOf(exchange) };
    } catch (error) {
      const stopped = signal.aborted ? "aborted" : ours.signal.aborted ? "timed-out" : undefined;
      const failure =
        stopped === undefined ? failureOf(exchange, error, clock.now()) : this.#stopped(stopped, exchange);
      return this.#failed(prompt, exchange, failure);
    } finally {
      cancel();
    }
  }

  #stopped(code: "aborted" | "timed-out", exchange: Exchange): Failure {
    const { attemptTimeoutMs } = this.#settings.policy;
    const detail = code === "aborted" ? "cancelled" : `no whole answer within ${attemptTimeoutMs} ms`;
    return { kind: "fault", code, retryable: true, billed: exchange.sent, detail };
  }

  #read(prompt: Prompt, answer: Answer): Read {
    const { text, finish, model = this.#settings.model } = answer;
    const usage: Usage =
      answer.usage === undefined
        ? {
            inputTokens: estimatePromptTokens(prompt),
            outputTokens: estimateTokens(text),
            estimated: true,
          }
        : { ...answer.usage, estimated: false };
    return { text, finish, usage, model };
  }

  #failed(prompt: Prompt, exchange: Exchange, failure: Failure): Tried<Read> {
    if (failure.kind === "outcome") return this.#outcome(prompt, exchange, failure);
    this.#deps.slots.failed(failedRequest(failure, exchange, this.#settings.policy));
    const detail = redact(`${this.id}: ${failure.detail}`, this.#settings.secrets);
    const charged = failure.billed ? this.worstCase(prompt) : free;
    return { ok: false, failure: { ...failure, detail }, charged, ...statusOf(exchange) };
  }

  #outcome(prompt: Prompt, exchange: Exchange, failure: Extract<Failure, { kind: "outcome" }>): Tried<Read> {
    const usage: Usage = failure.billed
      ? { inputTokens: estimatePromptTokens(prompt), outputTokens: prompt.maxOutputTokens, estimated: true }
      : { inputTokens: 0, outputTokens: 0, estimated: false };
    this.#deps.slots.heard();
    const answer: Read = { text: "", finish: failure.finish, usage, model: this.#settings.model };
    return { ok: true, answer, charged: spendOf(usage, this.#settings.prices), ...statusOf(exchange) };
  }
}

function statusOf({ status }: Exchange): { status?: number } {
  return status === undefined ? {} : { status };
}
