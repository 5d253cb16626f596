// A prompt's size before it is paid for; the true figure comes back with the answer.
import type { Prompt, Spend, Usage } from "./model.ts";

/** UTF-8 bytes per token. Code runs at 3 to 4; 3.5 is a little above the usual count, not a bound. */
const bytesPerToken = 3.5;

/** Role marks and separators that chat templates add around one message. */
const tokensPerMessage = 8;

/**
 * An approximation: UTF-8 bytes / 3.5, rounded up. A tokenizer of the contestant's own may count up to about a
 * third more for dense code and fewer for prose; whatever rests on it is marked `estimated`.
 */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken);
}

export function estimatePromptTokens(prompt: Prompt): number {
  const texts = [prompt.system, ...prompt.messages.map((message) => message.content)];
  return texts.reduce((sum, text) => sum + estimateTokens(text) + tokensPerMessage, 0);
}

/** US dollars per million tokens. */
export interface Prices {
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
  /** Left out: cached input costs what other input costs. */
  readonly cachedInputPerMillion?: number;
}

export function spendOf(usage: Omit<Usage, "estimated">, prices: Prices): Spend {
  const cached = Math.min(usage.cachedTokens ?? 0, usage.inputTokens);
  const cachedPrice = prices.cachedInputPerMillion ?? prices.inputPerMillion;
  const millionths =
    (usage.inputTokens - cached) * prices.inputPerMillion +
    cached * cachedPrice +
    usage.outputTokens * prices.outputPerMillion;
  return { usd: millionths / 1_000_000, tokens: usage.inputTokens + usage.outputTokens };
}

/** Estimated input plus every output token the prompt allows. */
export function worstCaseOf(prompt: Prompt, prices: Prices): Spend {
  return spendOf({ inputTokens: estimatePromptTokens(prompt), outputTokens: prompt.maxOutputTokens }, prices);
}
