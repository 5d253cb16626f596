// What one question has cost on both engines, and whether it may cost more.
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

export class Spending {
  readonly #settings: SpendingSettings;
  #draftTokens = 0;
  #targetTokens = 0;
  #scoredTokens = 0;
  #cachedTokens: number | undefined;
  #usd = 0;

  constructor(settings: SpendingSettings) {
    this.#settings = settings;
  }

  mayDraft(): boolean {
    const { tokens = Infinity, usd = Infinity } = this.#settings.limits;
    return this.#draftTokens + this.#targetTokens < tokens && this.#usd < usd;
  }

  mayTakeOver(): boolean {
    return this.mayDraft() && this.#targetTokens < (this.#settings.limits.takeoverTokens ?? Infinity);
  }

  wrote(author: "draft" | "target", { tokens, promptTokens, cachedTokens }: Generated): void {
    if (author === "draft") this.#draftTokens += tokens;
    else this.#targetTokens += tokens;
    this.#pay(author, { promptTokens, cachedTokens, tokens });
  }

  read({ promptTokens, cachedTokens }: Scored): void {
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

  #pay(
    author: "draft" | "target",
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
