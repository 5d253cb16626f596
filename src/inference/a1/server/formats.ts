// How OpenAI's two protocols write answers: whole, or as the chunks of a stream.
import type { Reply, ReplyToken } from "./replies.ts";

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details?: { readonly cached_tokens: number };
}

/** The prompt is counted once however many answers it has; all tokens written for them are counted. */
export function usageOf(replies: readonly Reply[]): Usage {
  const prompt = Math.max(0, ...replies.map(({ promptTokens }) => promptTokens));
  const written = replies.reduce((sum, { draftTokens, targetTokens }) => sum + draftTokens + targetTokens, 0);
  const cached = replies[0]?.cachedTokens;
  return {
    ...{ prompt_tokens: prompt, completion_tokens: written, total_tokens: prompt + written },
    // The pair reads a prompt many times; of the one that is counted no more than all of it was cached.
    ...(cached !== undefined && { prompt_tokens_details: { cached_tokens: Math.min(cached, prompt) } }),
  };
}

export interface Format {
  /** What stands before a choice's text, if anything does. */
  begin(choice: number): unknown;
  piece(choice: number, text: string): unknown;
  logprobs(choice: number, tokens: readonly ReplyToken[]): unknown;
  last(choice: number, reply: Reply): unknown;
  usage(usage: Usage): unknown;
  whole(replies: readonly Reply[]): unknown;
}

export interface Naming {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
  /** Chunks say `usage: null` where one with the usage will follow. */
  readonly tellsUsage: boolean;
}

function bytesOf(text: string): number[] | null {
  // Half a character was decoded to U+FFFD: its bytes are not known here.
  return text.includes("\ufffd") ? null : [...Buffer.from(text)];
}

function chatLogprobs(tokens: readonly ReplyToken[]) {
  const told = ({ text, logprob }: { text: string; logprob: number }) => ({
    ...{ token: text, logprob, bytes: bytesOf(text) },
  });
  const content = tokens.map((token) => ({ ...told(token), top_logprobs: token.likeliest.map(told) }));
  return { content, refusal: null };
}

export function chatFormat({ id, created, model, tellsUsage }: Naming): Format {
  const chunk = (choices: readonly unknown[], usage: Usage | null = null) => ({
    ...{ id, object: "chat.completion.chunk", created, model, choices },
    ...(tellsUsage && { usage }),
  });
  const delta = (index: number, delta: object, logprobs: unknown = null) =>
    chunk([{ index, delta, logprobs, finish_reason: null }]);
  return {
    begin: (choice) => delta(choice, { role: "assistant", content: "", refusal: null }),
    piece: (choice, content) => delta(choice, { content }),
    logprobs: (choice, tokens) => delta(choice, {}, chatLogprobs(tokens)),
    last: (index, { finish, a1 }) =>
      chunk([{ index, delta: {}, logprobs: null, finish_reason: finish, ...(a1 && { a1 }) }]),
    usage: (usage) => chunk([], usage),
    whole: (replies) => ({
      ...{ id, object: "chat.completion", created, model },
      choices: replies.map(({ text, finish, tokens, a1 }, index) => ({
        ...{ index, message: { role: "assistant", content: text, refusal: null } },
        ...{ logprobs: tokens ? chatLogprobs(tokens) : null, finish_reason: finish },
        ...(a1 && { a1 }),
      })),
      usage: usageOf(replies),
    }),
  };
}

function completionLogprobs(tokens: readonly ReplyToken[]) {
  let end = 0;
  const offsets = tokens.map(({ text }) => {
    end += text.length;
    return end - text.length;
  });
  return {
    tokens: tokens.map(({ text }) => text),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tokens.map(({ likeliest }) =>
      Object.fromEntries(likeliest.map(({ text, logprob }) => [text, logprob])),
    ),
    text_offset: offsets,
  };
}

export function completionFormat({ id, created, model, tellsUsage }: Naming): Format {
  const chunk = (choices: readonly unknown[], usage: Usage | null = null) => ({
    ...{ id, object: "text_completion", created, model, choices },
    ...(tellsUsage && { usage }),
  });
  const choice = (index: number, text: string, logprobs: unknown = null, finish: string | null = null) => ({
    ...{ index, text, logprobs, finish_reason: finish },
  });
  return {
    begin: () => undefined,
    piece: (index, text) => chunk([choice(index, text)]),
    logprobs: (index, tokens) => chunk([choice(index, "", completionLogprobs(tokens))]),
    last: (index, { finish }) => chunk([choice(index, "", null, finish)]),
    usage: (usage) => chunk([], usage),
    whole: (replies) => ({
      ...{ id, object: "text_completion", created, model },
      choices: replies.map(({ text, finish, tokens }, index) =>
        choice(index, text, tokens ? completionLogprobs(tokens) : null, finish),
      ),
      usage: usageOf(replies),
    }),
  };
}
