// What one question has cost on both engines, and what of its limits is left for the next call.
import { whenAborted } from "../abort.ts";
import type { PairUsage } from "./backend.ts";
import type { Generated, Scored } from "./engine.ts";

/** US dollars per million tokens. */
export interface EnginePrices {
  readonly inputPerMillion: number;
  readonly cachedInputPerMillion?: number;
  readonly outputPerMillion: number;
}

/** Of one question and all its candidates; a missing limit is no limit. */
export interface QuestionLimits {
  readonly takeoverTokens?: number;
  /** Written by both. */
  readonly tokens?: number;
  readonly usd?: number;
}

/** Of each the smaller one. */
export function narrower(one: QuestionLimits, other: QuestionLimits): QuestionLimits {
  const least = (name: keyof QuestionLimits): QuestionLimits => {
    const limit = Math.min(one[name] ?? Infinity, other[name] ?? Infinity);
    return limit === Infinity ? {} : { [name]: limit };
  };
  return { ...least("takeoverTokens"), ...least("tokens"), ...least("usd") };
}

export interface SpendingSettings {
  readonly limits: QuestionLimits;
  readonly prices?: { readonly draft: EnginePrices; readonly target: EnginePrices };
}

type Author = "draft" | "target";

/** What a call is about to use. */
export interface Wish {
  readonly author: Author;
  /** To be written at most; 0 where it only reads. */
  readonly tokens: number;
  readonly promptTokens: number;
}

/** A call's share of what was left: nobody else may have it until it is released. */
export interface Hold {
  /** What the call may write at most: what it wished for, or all that is left. */
  readonly maxTokens: number;
  /** The call has ended, and what it cost has been told. */
  release(): void;
}

/** What is held for work that cannot be written down is free again: others may wait for it. */
export function releasedIfThrown<T>(hold: Hold | undefined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    hold?.release();
    throw error;
  }
}

interface Waiting {
  readonly wish: Wish;
  readonly go: (hold: Hold | undefined) => void;
}

/**
 * Nothing is spent that was not reserved, so that many candidates at once keep within a limit as one does. Whoever
 * wishes for more than is left waits while calls under way may give some back: most write less than they may.
 */
export class Spending {
  readonly #settings: SpendingSettings;
  /** As granted: no longer what was wished for. */
  readonly #held = new Set<Wish>();
  #waiting: readonly Waiting[] = [];
  #draftTokens = 0;
  #targetTokens = 0;
  #scoredTokens = 0;
  #cachedTokens: number | undefined;
  #usd = 0;

  constructor(settings: SpendingSettings) {
    this.#settings = settings;
  }

  /** Undefined where nothing is left, and nothing will be. Rejects with the signal's reason while it waits. */
  reserve(wish: Wish, signal: AbortSignal): Promise<Hold | undefined> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const now = this.#granted(wish);
    if (now !== "later") return Promise.resolve(now);
    return new Promise((resolve, reject) => {
      const waiting = {
        wish,
        go: (hold: Hold | undefined): void => {
          stay();
          resolve(hold);
        },
      };
      const stay = whenAborted(signal, () => {
        this.#waiting = this.#waiting.filter((each) => each !== waiting);
        reject(signal.reason);
      });
      this.#waiting = [...this.#waiting, waiting];
    });
  }

  /** Makes a call with what is left for it; undefined where nothing is. Throws what the call throws. */
  async within<T>(
    wish: Wish,
    signal: AbortSignal,
    call: (maxTokens: number) => Promise<T>,
  ): Promise<T | undefined> {
    const hold = await this.reserve(wish, signal);
    if (hold === undefined) return undefined;
    try {
      return await call(hold.maxTokens);
    } finally {
      hold.release();
    }
  }

  wrote(author: Author, { tokens, promptTokens, cachedTokens }: Generated): void {
    if (author === "draft") this.#draftTokens += tokens;
    else this.#targetTokens += tokens;
    this.#pay(author, { promptTokens, cachedTokens, tokens });
  }

  read({ promptTokens, cachedTokens }: Omit<Scored, "logprobs">): void {
    this.#scoredTokens += promptTokens - (cachedTokens ?? 0);
    this.#pay("target", { promptTokens, cachedTokens, tokens: 0 });
  }

  usage(promptTokens: number): PairUsage {
    const cached = this.#cachedTokens === undefined ? {} : { cachedTokens: this.#cachedTokens };
    return {
      ...{ promptTokens, draftTokens: this.#draftTokens, targetTokens: this.#targetTokens },
      ...{ scoredTokens: this.#scoredTokens, ...cached },
      ...(this.#settings.prices === undefined ? {} : { usd: this.#usd }),
    };
  }

  #granted(wish: Wish): Hold | undefined | "later" {
    const room = this.#roomFor(wish, this.#held);
    if (room >= wish.tokens) return this.#hold(wish);
    if (this.#roomFor(wish, []) < Math.min(1, wish.tokens)) return undefined;
    // Only what others may give back is worth waiting for: drafts hold nothing that a takeover could write.
    return this.#roomFor(wish, []) > room ? "later" : this.#hold({ ...wish, tokens: room });
  }

  #hold(granted: Wish): Hold {
    this.#held.add(granted);
    return {
      maxTokens: granted.tokens,
      release: () => {
        if (this.#held.delete(granted)) this.#wake();
      },
    };
  }

  #wake(): void {
    for (const each of this.#waiting) {
      const now = this.#granted(each.wish);
      if (now === "later") continue;
      this.#waiting = this.#waiting.filter((other) => other !== each);
      each.go(now);
    }
  }

  /** Tokens that such a call could write beside those that are `held`; below 0 where not even its prompt can be read. */
  #roomFor(wish: Wish, held: Iterable<Wish>): number {
    const { tokens, takeoverTokens, usd } = this.#settings.limits;
    const others = [...held];
    const heldBy = (own: readonly Wish[]): number => own.reduce((sum, each) => sum + each.tokens, 0);
    const rooms = [Infinity];
    if (tokens !== undefined && wish.tokens > 0)
      rooms.push(tokens - this.#draftTokens - this.#targetTokens - heldBy(others));
    if (takeoverTokens !== undefined && wish.tokens > 0 && wish.author === "target")
      rooms.push(
        takeoverTokens - this.#targetTokens - heldBy(others.filter(({ author }) => author === "target")),
      );
    if (usd !== undefined)
      rooms.push(
        this.#payable(wish, usd - this.#usd - others.reduce((sum, each) => sum + this.#cost(each), 0)),
      );
    return Math.min(...rooms);
  }

  /** At the price of a prompt that no cache holds. */
  #cost({ author, tokens, promptTokens }: Wish): number {
    const prices = this.#settings.prices?.[author];
    if (prices === undefined) return 0;
    return (promptTokens * prices.inputPerMillion + tokens * prices.outputPerMillion) / 1e6;
  }

  #payable({ author, promptTokens }: Wish, leftUsd: number): number {
    const { outputPerMillion = 0 } = this.#settings.prices?.[author] ?? {};
    const forTokens = leftUsd - this.#cost({ author, promptTokens, tokens: 0 });
    if (outputPerMillion === 0) return forTokens < 0 ? -1 : Infinity;
    // Sums of money are a hair beside the whole token that is meant.
    return Math.floor((forTokens * 1e6) / outputPerMillion + 1e-6);
  }

  #pay(
    author: Author,
    used: { promptTokens: number; cachedTokens: number | undefined; tokens: number },
  ): void {
    const { promptTokens, cachedTokens, tokens } = used;
    if (cachedTokens !== undefined) this.#cachedTokens = (this.#cachedTokens ?? 0) + cachedTokens;
    const prices = this.#settings.prices?.[author];
    if (prices === undefined) return;
    const { inputPerMillion, cachedInputPerMillion = inputPerMillion, outputPerMillion } = prices;
    const cached = cachedTokens ?? 0;
    const input = (promptTokens - cached) * inputPerMillion + cached * cachedInputPerMillion;
    this.#usd += (input + tokens * outputPerMillion) / 1e6;
  }
}
