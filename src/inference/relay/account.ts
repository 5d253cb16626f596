// What one run of an agent asked for and was charged: totals for the call's record, and every request for evidence.
import type { Attempt, Usage } from "../model.ts";

/** One request as evidence has it. */
export interface Relayed {
  /** From 1. */
  readonly number: number;
  readonly status: number;
  /** Why it was not carried. */
  readonly problem?: string;
  readonly usage?: Usage;
  readonly milliseconds: number;
  readonly request?: string;
  readonly answer?: string;
}

export interface RelayTotals extends Usage {
  /** Carried, one of ours that told a broken endpoint from a breaking request among them. */
  readonly requests: number;
  readonly refused: number;
  readonly usd: number;
  /** Before the end: that failures of the endpoint took from requests it answered at last, and waits for a place there. */
  readonly lostMs: number;
}

/** Of all requests and answers together; what comes after is counted and not kept. */
const maxLogBytes = 4 * 1024 * 1024;
/** A loop of refusals is no evidence either. */
const maxLogLines = 5_000;

const isSuccess = ({ status = 0, error }: Attempt): boolean => error === undefined && status < 300;

export class RelayAccount {
  readonly log: Relayed[] = [];
  /** The latest try failed, and whatever is done about it is not done yet. */
  isFailing = false;
  requests = 0;
  #refused = 0;
  #input = 0;
  #output = 0;
  #usd = 0;
  #estimated = false;
  #bytes = 0;
  #lostMs = 0;
  #losingSinceMs: number | undefined;
  #endedMs = Number.POSITIVE_INFINITY;
  /** Milliseconds of a clock that nobody sets. */
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  attempted(attempt: Attempt): void {
    const { charged, error, durationMs } = attempt;
    const startedMs = this.#now() - durationMs;
    this.isFailing = error !== undefined;
    this.#usd += charged.usd;
    if (error === undefined) {
      if (isSuccess(attempt) && this.#losingSinceMs !== undefined) this.#lost(this.#losingSinceMs, startedMs);
      this.#losingSinceMs = undefined;
      return;
    }
    this.#losingSinceMs ??= startedMs;
    this.#input += charged.tokens;
    this.#estimated ||= charged.tokens > 0;
  }

  /** Nothing more is tried for the request under way: what it took is its own doing, unless the endpoint fails still. */
  gaveUp(): void {
    this.#losingSinceMs = undefined;
  }

  /** For a place at the endpoint, since then. */
  queued(sinceMs: number): void {
    this.#lost(sinceMs, this.#now());
  }

  /** What is lost from now on is lost to nobody. */
  ended(): void {
    this.#endedMs = Math.min(this.#endedMs, this.#now());
  }

  #lost(fromMs: number, toMs: number): void {
    this.#lostMs += Math.max(0, Math.min(toMs, this.#endedMs) - fromMs);
  }

  used(usage: Usage | undefined): void {
    if (usage === undefined) return;
    this.#input += usage.inputTokens;
    this.#output += usage.outputTokens;
    this.#estimated ||= usage.estimated;
  }

  refused(): void {
    this.#refused += 1;
  }

  note(seen: Omit<Relayed, "number">): void {
    if (this.log.length >= maxLogLines) return;
    const { request, answer, ...rest } = seen;
    const texts = {
      ...(request === undefined ? {} : { request }),
      ...(answer === undefined ? {} : { answer }),
    };
    this.#bytes += (request?.length ?? 0) + (answer?.length ?? 0);
    this.log.push({ number: this.log.length + 1, ...rest, ...(this.#bytes > maxLogBytes ? {} : texts) });
  }

  totals(): RelayTotals {
    return {
      ...{ requests: this.requests, refused: this.#refused, usd: this.#usd, lostMs: this.#lostMs },
      ...{ inputTokens: this.#input, outputTokens: this.#output, estimated: this.#estimated },
    };
  }
}
