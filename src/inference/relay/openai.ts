// The relay's OpenAI dialect: chat completions of one model, one answer each, no tool that the provider itself runs.
import { z } from "zod";
import { officialOpenai } from "../providers/openai.ts";
import { noKey } from "../providers/provider.ts";
import type { BilledUsage, Bounded, Bounds, Dialect, JsonObject, Rules } from "./dialect.ts";
import { isObject, limitIn, problemOf, refused } from "./dialect.ts";

const sampling = ["temperature", "top_p", "top_k", "min_p", "seed", "stop", "logit_bias", "logprobs"];
const penalties = ["presence_penalty", "frequency_penalty", "repetition_penalty"];
const thinking = ["reasoning_effort", "reasoning", "verbosity", "thinking", "chat_template_kwargs"];
const calling = ["tools", "tool_choice", "parallel_tool_calls", "functions", "function_call"];
const limits = ["max_tokens", "max_completion_tokens"] as const;
/** No `prediction`: what of it is not used is billed as output, beyond every limit. */
const rest = ["user", "metadata", "store", "safety_identifier", "prompt_cache_key"];
const known = new Set([
  ...["model", "messages", "stream", "stream_options", "n", "response_format", "top_logprobs"],
  ...[sampling, penalties, thinking, calling, limits, rest].flat(),
]);

/** Tools that the agent itself runs; all others would be run by the provider, with its own way to the world. */
const ownTools = new Set(["function", "custom"]);

const rules: Rules = {
  known,
  isOwnTool: ({ type }) => ownTools.has(String(type)),
  contents: ["messages"],
};

const usageSchema = z.object({
  usage: z.object({
    prompt_tokens: z.number().nonnegative(),
    completion_tokens: z.number().nonnegative(),
    prompt_tokens_details: z.object({ cached_tokens: z.number().nonnegative().nullish() }).nullish(),
  }),
});

function countProblemOf(body: JsonObject): Bounded | undefined {
  if (body.n !== undefined && body.n !== null && body.n !== 1) return refused("n", "expected 1 answer");
  const odd = limits.find((field) => body[field] !== undefined && limitIn(body, field) === undefined);
  if (odd !== undefined) return refused(odd, "expected a whole number of tokens, more than 0, or nothing");
  return undefined;
}

/** A limit above the contestant's is lowered to it. */
function withLimit(body: JsonObject, { maxOutputTokens, limitField }: Bounds): JsonObject {
  const named = limits.filter((field) => body[field] !== undefined);
  const fields = named.length === 0 ? [limitField] : named;
  const lowered = fields.map((field) => [
    field,
    Math.min(maxOutputTokens, limitIn(body, field) ?? maxOutputTokens),
  ]);
  return { ...body, ...Object.fromEntries(lowered) };
}

/** Clients write null for nothing. Any other limit that is no count is some servers' word for none. */
function withoutNoLimits(body: JsonObject): JsonObject {
  const isNoLimit = (field: string) => limits.some((limit) => limit === field) && body[field] === null;
  return Object.fromEntries(Object.entries(body).filter(([field]) => !isNoLimit(field)));
}

function bounded(wanted: JsonObject, bounds: Bounds): Bounded {
  const asked = withoutNoLimits(wanted);
  const problem = problemOf(asked, bounds, rules) ?? countProblemOf(asked);
  if (problem !== undefined) return problem;
  const limited = withLimit(asked, bounds);
  const lengths = limits.map((field) => limitIn(limited, field) ?? 0);
  const usage = asked.stream === true ? { stream_options: { include_usage: true } } : {};
  return {
    ok: true,
    body: { ...bounds.extra, ...limited, ...usage },
    maxOutputTokens: Math.max(...lengths),
  };
}

/** Of several the last: a stream may tell the count so far with every part. */
function usageOf(parts: readonly unknown[]): BilledUsage | undefined {
  const told = parts.flatMap((part) => usageSchema.safeParse(part).data?.usage ?? []).at(-1);
  if (told === undefined) return undefined;
  const {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    prompt_tokens_details: details,
  } = told;
  const cached = details?.cached_tokens ?? undefined;
  return { inputTokens, outputTokens, ...(cached === undefined ? {} : { cachedTokens: cached }) };
}

/** The event that holds nothing but the usage we asked for. */
function isUsageAlone(block: string): boolean {
  const data = /^data:\s*(\{.*\})\s*$/m.exec(block)?.[1];
  if (data === undefined) return false;
  try {
    const event: unknown = JSON.parse(data);
    return isObject(event) && Array.isArray(event.choices) && event.choices.length === 0;
  } catch {
    return false;
  }
}

function shownEvents(text: string, { stream_options: options }: JsonObject): string {
  if (isObject(options) && options.include_usage === true) return text;
  const blocks = text.split(/(?<=\r?\n\r?\n)/);
  return blocks.filter((block) => !isUsageAlone(block)).join("");
}

export const openaiDialect: Dialect = {
  path: "/chat/completions",
  modelsPath: "/models",
  prefix: "/v1",
  official: officialOpenai,
  keyHeaders: (apiKey = noKey) => ({ authorization: `Bearer ${apiKey}` }),
  bounded,
  usageOf,
  shownEvents,
  error: (message, code) => ({ error: { message, type: "arena", param: null, code } }),
  models: (model) => ({
    object: "list",
    data: [{ id: model, object: "model", created: 0, owned_by: "arena" }],
  }),
};
