// Anthropic's Messages API, in the version its SDK speaks: no temperature, no seed.
import Anthropic from "@anthropic-ai/sdk";
import { z } from "zod";
import { type Answer, noKey, noSdkTimeoutMs, type Provider, type ProviderSettings } from "./provider.ts";
import { parseAnswer } from "./read.ts";

export const officialAnthropic = "https://api.anthropic.com";

const count = z.number().nonnegative();

const answerSchema = z.object({
  model: z.string().nullish(),
  stop_reason: z.string().nullish(),
  content: z.array(z.object({ type: z.string(), text: z.string().optional() })),
  usage: z
    .object({
      input_tokens: count,
      output_tokens: count,
      cache_creation_input_tokens: count.nullish(),
      cache_read_input_tokens: count.nullish(),
    })
    .nullish(),
});

type Raw = z.infer<typeof answerSchema>;

const finishes: Readonly<Record<string, Answer["finish"]>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  refusal: "refusal",
};

/** `input_tokens` leaves out what went through the cache, so the parts are added up. */
function usageOf({ usage }: Raw): Pick<Answer, "usage"> {
  if (usage === null || usage === undefined) return {};
  const read = usage.cache_read_input_tokens ?? undefined;
  const inputTokens = usage.input_tokens + (usage.cache_creation_input_tokens ?? 0) + (read ?? 0);
  const counts = { inputTokens, outputTokens: usage.output_tokens };
  return { usage: read === undefined ? counts : { ...counts, cachedTokens: read } };
}

function answerOf(json: unknown): Answer {
  const raw = parseAnswer(answerSchema, json);
  const text = raw.content.flatMap((block) => (block.type === "text" ? [block.text ?? ""] : [])).join("");
  const finish = finishes[raw.stop_reason ?? ""] ?? "other";
  return { text, finish, ...usageOf(raw), ...(raw.model ? { model: raw.model } : {}) };
}

export function anthropicProvider(settings: ProviderSettings): Provider {
  const { model, extra, apiKey = noKey, baseUrl = officialAnthropic } = settings;
  return {
    takes: { temperature: false, seed: false },
    async ask(prompt, { fetch, signal }) {
      const client = new Anthropic({
        apiKey,
        webhookKey: null,
        baseURL: baseUrl,
        maxRetries: 0,
        timeout: noSdkTimeoutMs,
        logLevel: "off",
        fetch,
      });
      const body = {
        ...extra,
        model,
        system: prompt.system,
        messages: prompt.messages.map(({ role, content }) => ({ role, content })),
        max_tokens: prompt.maxOutputTokens,
        stream: false as const,
      };
      return answerOf(await client.messages.create(body, { signal }));
    },
  };
}
