// The relay's Anthropic dialect: messages of one model, no tool that the provider itself runs.
import { z } from "zod";
import { officialAnthropic } from "../providers/anthropic.ts";
import { noKey } from "../providers/provider.ts";
import type { BilledUsage, Bounded, Bounds, Dialect, JsonObject, Rules } from "./dialect.ts";
import { limitIn, problemOf } from "./dialect.ts";

const known = new Set([
  ...["model", "messages", "system", "max_tokens", "stream", "stop_sequences", "metadata"],
  ...["temperature", "top_p", "top_k", "tools", "tool_choice", "thinking", "context_management"],
  ...["output_config", "cache_control"],
]);

/** Tools that the agent itself runs, by the beginnings of their dated types. */
const ownTool = /^(custom$|bash_|text_editor_|computer_|memory_)/;

/** `mcp_servers`, which the provider would talk to, is among the fields that nobody knows. */
const rules: Rules = {
  known,
  isOwnTool: ({ type }) => ownTool.test(String(type ?? "custom")),
  contents: ["messages", "system"],
};

const count = z.number().nonnegative();
const usage = z.object({
  input_tokens: count.nullish(),
  output_tokens: count.nullish(),
  cache_creation_input_tokens: count.nullish(),
  cache_read_input_tokens: count.nullish(),
});
/** A whole message, or the first and the last event of one that is streamed. */
const partSchema = z.union([
  z.object({ usage }).transform((part) => part.usage),
  z.object({ message: z.object({ usage }) }).transform((part) => part.message.usage),
]);

function bounded(asked: JsonObject, bounds: Bounds): Bounded {
  const problem = problemOf(asked, bounds, rules);
  if (problem !== undefined) return problem;
  const { maxOutputTokens, extra } = bounds;
  const limit = Math.min(maxOutputTokens, limitIn(asked, "max_tokens") ?? maxOutputTokens);
  return { ok: true, body: { ...extra, ...asked, max_tokens: limit }, maxOutputTokens: limit };
}

/** The last that is said of each: a stream's first event tells the input, its last the output. */
function usageOf(parts: readonly unknown[]): BilledUsage | undefined {
  const told = parts.flatMap((part) => partSchema.safeParse(part).data ?? []);
  const last = (name: keyof z.infer<typeof usage>) => told.flatMap((each) => each[name] ?? []).at(-1);
  const [input, outputTokens] = [last("input_tokens"), last("output_tokens")];
  if (input === undefined || outputTokens === undefined) return undefined;
  const read = last("cache_read_input_tokens");
  const inputTokens = input + (last("cache_creation_input_tokens") ?? 0) + (read ?? 0);
  return { inputTokens, outputTokens, ...(read === undefined ? {} : { cachedTokens: read }) };
}

export const anthropicDialect: Dialect = {
  path: "/v1/messages",
  modelsPath: "/v1/models",
  prefix: "",
  official: officialAnthropic,
  keyHeaders: (apiKey = noKey) => ({ "x-api-key": apiKey, "anthropic-version": "2023-06-01" }),
  bounded,
  usageOf,
  shownEvents: (text) => text,
  error: (message, code) => ({ type: "error", error: { type: code, message } }),
  models: (model) => ({
    data: [{ id: model, type: "model", display_name: model, created_at: "1970-01-01T00:00:00Z" }],
    has_more: false,
    first_id: model,
    last_id: model,
  }),
};
