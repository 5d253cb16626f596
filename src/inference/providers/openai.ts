// The OpenAI chat-completions protocol: OpenAI itself, vLLM, SGLang, llama.cpp, Ollama, and most routers.
import OpenAI from "openai";
import { z } from "zod";
import { type Answer, noKey, noSdkTimeoutMs, type Provider, type ProviderSettings } from "./provider.ts";
import { parseAnswer } from "./read.ts";

export const officialOpenai = "https://api.openai.com/v1";

/** The SDK does not check what servers send; this much of it must be there. */
const answerSchema = z.object({
  model: z.string().nullish(),
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
      }),
    )
    .min(1),
  usage: z
    .object({
      prompt_tokens: z.number().nonnegative(),
      completion_tokens: z.number().nonnegative(),
      prompt_tokens_details: z.object({ cached_tokens: z.number().nonnegative().nullish() }).nullish(),
    })
    .nullish(),
});

type Raw = z.infer<typeof answerSchema>;

function finishOf(choice: Raw["choices"][number] | undefined): Answer["finish"] {
  const reason = choice?.finish_reason;
  if (choice?.message.refusal || reason === "content_filter") return "refusal";
  return reason === "stop" || reason === "length" ? reason : "other";
}

function usageOf({ usage }: Raw): Pick<Answer, "usage"> {
  if (usage === null || usage === undefined) return {};
  const cached = usage.prompt_tokens_details?.cached_tokens ?? undefined;
  const counts = { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens };
  return { usage: cached === undefined ? counts : { ...counts, cachedTokens: cached } };
}

function answerOf(json: unknown): Answer {
  const raw = parseAnswer(answerSchema, json);
  const choice = raw.choices[0];
  const text = choice?.message.content ?? choice?.message.refusal ?? "";
  return { text, finish: finishOf(choice), ...usageOf(raw), ...(raw.model ? { model: raw.model } : {}) };
}

export function openaiProvider(settings: ProviderSettings): Provider {
  const { model, extra, apiKey = noKey, baseUrl = officialOpenai } = settings;
  const limitField =
    settings.outputLimitField ?? (baseUrl === officialOpenai ? "max_completion_tokens" : "max_tokens");
  return {
    takes: { temperature: true, seed: true },
    async ask(prompt, { fetch, signal }) {
      const client = new OpenAI({
        apiKey,
        adminAPIKey: null,
        organization: null,
        project: null,
        webhookSecret: null,
        baseURL: baseUrl,
        maxRetries: 0,
        timeout: noSdkTimeoutMs,
        logLevel: "off",
        fetch,
      });
      const body = {
        ...extra,
        model,
        messages: [{ role: "system" as const, content: prompt.system }, ...prompt.messages],
        stream: false as const,
        [limitField]: prompt.maxOutputTokens,
        ...(prompt.temperature === undefined ? {} : { temperature: prompt.temperature }),
        ...(prompt.seed === undefined ? {} : { seed: prompt.seed }),
      };
      return answerOf(await client.chat.completions.create(body, { signal }));
    },
  };
}
