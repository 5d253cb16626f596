// One request of an agent at the real endpoint: paid for in advance, tried until answered, and told apart from a fault.
import { EventReader } from "../a1/engines/sse.ts";
import type { Budget } from "../budget.ts";
import { type Failure, failureOf } from "../classify.ts";
import type { Clock } from "../clock.ts";
import { type EndpointSlots, failedRequest } from "../endpoint-slots.ts";
import { type Exchange, fetchInto, newExchange } from "../exchange.ts";
import { type Attempt, ModelFault, type Spend, type Usage } from "../model.ts";
import { redact, withoutKeys } from "../redact.ts";
import { type RetryPolicy, type Tried, untilAnswered } from "../retry.ts";
import { estimateTokens, type Prices, spendOf } from "../tokens.ts";
import { type BilledUsage, type Dialect, isObject, type JsonObject } from "./dialect.ts";

export interface UpstreamSettings {
  /** The contestant's id. */
  readonly id: string;
  readonly dialect: Dialect;
  /** Without it the provider's own. */
  readonly baseUrl?: string | undefined;
  readonly apiKey: string | undefined;
  readonly prices: Prices;
  /** Prompt and answer together. */
  readonly contextTokens: number;
  readonly maxAnswerBytes: number;
  readonly policy: RetryPolicy;
}

export interface UpstreamDeps {
  readonly budget: Budget;
  /** Shared with everybody who asks this endpoint. */
  readonly slots: EndpointSlots;
  readonly clock: Clock;
  /** Jitter: uniform in [0, 1). */
  readonly random: { next(): number };
  /** Told of every try before its answer is used. */
  readonly onAttempt: (attempt: Attempt) => void;
  /** Told when a request no longer waits for a place, got or not: since when it did, milliseconds since 1970. */
  readonly onQueued: (sinceMs: number) => void;
}

export interface Sent {
  readonly body: JsonObject;
  readonly maxOutputTokens: number;
}

/** What the endpoint said, whole. An error that is about the request itself is an answer too. */
export interface Said {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** What was billed; absent for a request that was refused. */
  readonly usage?: Usage;
}

const free: Spend = { usd: 0, tokens: 0 };

class AttemptTimeout extends Error {}
class NoAnswer extends Error {}

export class Upstream {
  readonly #settings: UpstreamSettings;
  readonly #deps: UpstreamDeps;

  constructor(settings: UpstreamSettings, deps: UpstreamDeps) {
    this.#settings = settings;
    this.#deps = deps;
  }

  /** The most this request may cost: the endpoint takes no more input than its window holds. */
  worstCase({ body, maxOutputTokens }: Sent): Spend {
    const { contextTokens, prices } = this.#settings;
    const inputTokens = Math.min(contextTokens, estimateTokens(JSON.stringify(body)));
    return spendOf({ inputTokens, outputTokens: maxOutputTokens }, prices);
  }

  /** @throws ModelFault when the endpoint gave no answer in the time for trying; `aborted`, `budget-exhausted` */
  async ask(sent: Sent, signal: AbortSignal): Promise<Said> {
    const { clock, random, slots, onAttempt, onQueued } = this.#deps;
    const { id, policy } = this.#settings;
    const askedMs = clock.monotonicMs();
    const release = await slots.acquire(signal, { party: id }).finally(() => onQueued(askedMs));
    try {
      const isDownSince = (ms: number): boolean => !slots.hasAnsweredSince(ms);
      const context = { policy, clock, random, signal, onAttempt, isDownSince };
      return (await untilAnswered(() => this.#request(sent, signal), context)).answer;
    } finally {
      release();
    }
  }

  async #request(sent: Sent, signal: AbortSignal): Promise<Tried<Said>> {
    const { budget } = this.#deps;
    const hold = await budget.reserve(this.#settings.id, this.worstCase(sent), signal);
    let charged = free;
    try {
      const tried = await this.#tried(sent, newExchange(), signal);
      charged = tried.charged;
      return tried;
    } finally {
      hold.settle(charged);
    }
  }

  async #tried(sent: Sent, exchange: Exchange, signal: AbortSignal): Promise<Tried<Said>> {
    const { policy } = this.#settings;
    const { clock, slots } = this.#deps;
    const ours = new AbortController();
    const cancel = clock.after(policy.attemptTimeoutMs, () => ours.abort(new AttemptTimeout()));
    try {
      await this.#send(sent, exchange, AbortSignal.any([signal, ours.signal]));
      const usage = this.#read(sent, exchange);
      slots.answered();
      const said = this.#said(exchange);
      return { ok: true, answer: { ...said, usage }, charged: spendOf(usage, this.#settings.prices) };
    } catch (error) {
      if (signal.aborted) return this.#failed(sent, exchange, stopped("aborted", "cancelled", exchange));
      const late = `no whole answer within ${policy.attemptTimeoutMs} ms`;
      const failure = ours.signal.aborted
        ? stopped("timed-out", late, exchange)
        : failureOf(exchange, error, clock.now());
      return this.#failed(sent, exchange, failure);
    } finally {
      cancel();
    }
  }

  async #send({ body }: Sent, exchange: Exchange, signal: AbortSignal): Promise<void> {
    const { dialect, baseUrl = dialect.official, apiKey, maxAnswerBytes } = this.#settings;
    const url = new URL(baseUrl);
    url.pathname = `${url.pathname.replace(/\/$/, "")}${dialect.path}`;
    const headers = { "content-type": "application/json", ...dialect.keyHeaders(apiKey) };
    const fetch = fetchInto(exchange, { maxBytes: maxAnswerBytes });
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), signal });
    if (!response.ok) throw new NoAnswer(`HTTP ${response.status}`);
  }

  /** @throws NoAnswer for what is neither JSON nor a stream of events, or holds an error */
  #read({ body }: Sent, exchange: Exchange): Usage {
    const parts = partsOf(exchange);
    const told: BilledUsage | undefined = this.#settings.dialect.usageOf(parts);
    if (told !== undefined) return { ...told, estimated: false };
    const inputTokens = estimateTokens(JSON.stringify(body));
    return { inputTokens, outputTokens: estimateTokens(exchange.body), estimated: true };
  }

  #said({ status = 0, headers, body }: Exchange): Said {
    const clean = status < 300 ? withoutKeys(body, this.#secrets) : redact(body, this.#secrets);
    return { status, contentType: headers.get("content-type") ?? "application/json", body: clean };
  }

  get #secrets(): readonly string[] {
    const { apiKey } = this.#settings;
    return apiKey === undefined ? [] : [apiKey];
  }

  #failed(sent: Sent, exchange: Exchange, failure: Failure): Tried<Said> {
    const charged = failure.billed ? this.worstCase(sent) : free;
    const { status } = exchange;
    const told = status === undefined ? {} : { status };
    if (isAboutRequest(failure, exchange)) {
      this.#deps.slots.heard();
      const answer = exchange.tooLarge ? tooLarge(this.#settings) : this.#said(exchange);
      const usage = { inputTokens: charged.tokens, outputTokens: 0, estimated: true };
      return { ok: true, answer: failure.billed ? { ...answer, usage } : answer, charged, ...told };
    }
    this.#deps.slots.failed(failedRequest(failure, exchange, this.#settings.policy));
    const detail = redact(`${this.#settings.id}: ${failure.detail}`, this.#secrets);
    return { ok: false, failure: { ...failure, detail }, charged, ...told };
  }
}

function stopped(code: "aborted" | "timed-out", detail: string, { sent }: Exchange) {
  return { kind: "fault", code, retryable: true, billed: sent, detail } as const;
}

/**
 * The agent wrote it, so that what is wrong with it is the agent's to hear. 404 is about the model or the address, and an
 * error that comes as a success may be about anything.
 */
function isAboutRequest(
  failure: Failure,
  { status = 0 }: Exchange,
): failure is Extract<Failure, { kind: "outcome" }> {
  return failure.kind === "outcome" || (failure.code === "bad-request" && status >= 400 && status !== 404);
}

function tooLarge({ dialect, maxAnswerBytes }: UpstreamSettings): Said {
  const message = `the answer had more than ${maxAnswerBytes} bytes`;
  const body = JSON.stringify(dialect.error(message, "answer_too_large"));
  return { status: 502, contentType: "application/json", body };
}

function partsOf({ body, headers }: Exchange): unknown[] {
  const parts: unknown[] = [];
  const add = (text: string): void => {
    if (text.trim() === "[DONE]") return;
    parts.push(JSON.parse(text));
  };
  try {
    if (headers.get("content-type")?.includes("text/event-stream") === true) {
      const reader = new EventReader(add);
      reader.push(Buffer.from(`${body}\n\n`));
    } else add(body);
  } catch (cause) {
    throw new NoAnswer("neither JSON nor events of JSON", { cause });
  }
  if (parts.length === 0 || !parts.every(isObject)) throw new NoAnswer("no JSON object");
  // Routers say 200 and mean an error, and streams break off with one.
  if (parts.some(({ error = null }) => error !== null))
    throw new NoAnswer("an error in the place of an answer");
  return parts;
}

/** For the caller that must know whose failure it was. */
export const isWorldly = (error: unknown): error is ModelFault =>
  error instanceof ModelFault && error.code !== "budget-exhausted" && error.code !== "aborted";
