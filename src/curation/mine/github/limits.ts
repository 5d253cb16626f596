// How often GitHub lets itself be asked: what its answers say of it, and who has to wait until when.
import type { Clock } from "../../../inference/index.ts";

export type Headers = Readonly<Record<string, string | undefined>>;

/** What is left of one of GitHub's limits. */
export interface RateBudget {
  /** `core`, `search`, `graphql`: as GitHub calls it. */
  readonly resource: string;
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds since 1970, by this machine's clock. */
  readonly resetsAt: number;
}

export interface RateWait {
  /** `primary`: the budget is spent; `secondary`: too much at once. */
  readonly kind: "primary" | "secondary";
  readonly resource: string;
  readonly ms: number;
}

export interface LimitListeners {
  readonly onBudget?: (budget: RateBudget) => void;
  readonly onWait?: (wait: RateWait) => void;
}

export interface LimitedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly data: unknown;
}

/** Where GitHub names no time, as its papers tell. */
const secondaryMs = 60_000;
const longestSecondaryMs = 3_600_000;
/** A reset is told to the second. */
const marginMs = 1000;

const countIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined;

/** Whether GraphQL says among its errors that the budget is spent: its status is 200. */
function saysLimited(data: unknown): boolean {
  if (typeof data !== "object" || data === null || !("errors" in data) || !Array.isArray(data.errors))
    return false;
  return data.errors.some(
    (error: unknown) =>
      typeof error === "object" && error !== null && "type" in error && error.type === "RATE_LIMITED",
  );
}

/** Of an answer that is none. */
export const messageOf = (data: unknown): string =>
  typeof data === "object" && data !== null && "message" in data ? String(data.message).slice(0, 500) : "";

export class LimitGate {
  readonly #clock: Pick<Clock, "now" | "sleep">;
  readonly #listeners: LimitListeners;
  /** By resource; `all` holds everybody. */
  readonly #closed = new Map<string, { readonly until: number; readonly kind: RateWait["kind"] }>();
  readonly #told = new Set<number>();

  constructor(clock: Pick<Clock, "now" | "sleep">, listeners: LimitListeners) {
    this.#clock = clock;
    this.#listeners = listeners;
  }

  /** Ends when the resource may be asked. @throws the signal's reason as soon as it is aborted */
  async pass(resource: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const now = this.#clock.now();
      const held = [this.#closed.get(resource), this.#closed.get("all")].filter((each) => each !== undefined);
      const last = held.sort((one, other) => other.until - one.until)[0];
      if (last === undefined || last.until <= now) return;
      const ms = last.until - now;
      if (!this.#told.has(last.until)) this.#listeners.onWait?.({ kind: last.kind, resource, ms });
      this.#told.add(last.until);
      await this.#clock.sleep(ms, signal);
    }
  }

  /** Milliseconds from now to the reset, by the server's own clock where it tells it. */
  #resetsIn(headers: Headers): number | undefined {
    const reset = countIn(headers["x-ratelimit-reset"]);
    if (reset === undefined) return undefined;
    const there = Date.parse(headers.date ?? "");
    return reset * 1000 - (Number.isNaN(there) ? this.#clock.now() : there);
  }

  #close(resource: string, kind: RateWait["kind"], ms: number): void {
    const until = this.#clock.now() + Math.max(ms, 0) + marginMs;
    const before = this.#closed.get(resource);
    if (before === undefined || before.until < until) this.#closed.set(resource, { until, kind });
  }

  /** What an answer's headers say of the budget: one that is spent is waited for before anybody asks again. */
  learn({ headers }: LimitedAnswer, asked: string): void {
    const [limit, remaining] = [
      countIn(headers["x-ratelimit-limit"]),
      countIn(headers["x-ratelimit-remaining"]),
    ];
    const ms = this.#resetsIn(headers);
    if (limit === undefined || remaining === undefined || ms === undefined) return;
    const resource = headers["x-ratelimit-resource"] ?? asked;
    this.#listeners.onBudget?.({ resource, limit, remaining, resetsAt: this.#clock.now() + ms });
    if (remaining === 0) this.#close(asked, "primary", ms);
  }

  /**
   * Whether an answer is none, for a limit kept it back; the gate is closed then for as long as GitHub says.
   * @param before refusals in a row for the same question: each that names no time waits longer
   */
  refuses(answer: LimitedAnswer, asked: string, before: number): boolean {
    const { status, headers, data } = answer;
    const limited = saysLimited(data);
    if (status !== 403 && status !== 429 && !limited) return false;
    const ms = this.#resetsIn(headers);
    const after = countIn(headers["retry-after"]);
    if (after === undefined && (headers["x-ratelimit-remaining"] === "0" || limited) && ms !== undefined) {
      this.#close(asked, "primary", ms);
      return true;
    }
    const isSecondary = after !== undefined || status === 429 || limited;
    if (!isSecondary && !/\b(?:secondary rate|abuse detection)\b/i.test(messageOf(data))) return false;
    const unnamed = Math.min(secondaryMs * 2 ** before, longestSecondaryMs);
    this.#close("all", "secondary", after === undefined ? unnamed : after * 1000);
    return true;
  }
}
