// Google's Gemini API through its own SDK.
import { GoogleGenAI } from "@google/genai";
import { z } from "zod";
import { type Answer, noKey, type Provider, type ProviderSettings } from "./provider.ts";
import { parseAnswer } from "./read.ts";

const official = "https://generativelanguage.googleapis.com";

const count = z.number().nonnegative().nullish();

const candidateSchema = z.object({
  finishReason: z.string().nullish(),
  content: z
    .object({
      parts: z.array(z.object({ text: z.string().optional(), thought: z.boolean().optional() })).nullish(),
    })
    .nullish(),
});

const answerSchema = z.object({
  modelVersion: z.string().nullish(),
  candidates: z.array(candidateSchema).nullish(),
  promptFeedback: z.object({ blockReason: z.string().nullish() }).nullish(),
  usageMetadata: z
    .object({
      promptTokenCount: count,
      candidatesTokenCount: count,
      thoughtsTokenCount: count,
      cachedContentTokenCount: count,
    })
    .nullish(),
});

type Raw = z.infer<typeof answerSchema>;

const refusals: readonly string[] = [
  "SAFETY",
  "RECITATION",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "LANGUAGE",
];

function finishOf(reason: string | null | undefined): Answer["finish"] {
  if (reason === "STOP") return "stop";
  if (reason === "MAX_TOKENS") return "length";
  return refusals.includes(reason ?? "") ? "refusal" : "other";
}

/** The output count is left out when nothing was written, so only the prompt's count must be there. */
function usageOf({ usageMetadata: usage }: Raw): Pick<Answer, "usage"> {
  if (usage?.promptTokenCount === null || usage?.promptTokenCount === undefined) return {};
  const outputTokens = (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0);
  const cached = usage.cachedContentTokenCount ?? undefined;
  const counts = { inputTokens: usage.promptTokenCount, outputTokens };
  return { usage: cached === undefined ? counts : { ...counts, cachedTokens: cached } };
}

function answerOf(json: unknown): Answer {
  const raw = parseAnswer(answerSchema, json);
  const about = { ...usageOf(raw), ...(raw.modelVersion ? { model: raw.modelVersion } : {}) };
  if (raw.promptFeedback?.blockReason) return { text: "", finish: "refusal", ...about };
  const candidate = raw.candidates?.[0];
  if (candidate === undefined) return parseAnswer(z.never(), "neither a candidate nor a reason for blocking");
  const parts = candidate.content?.parts ?? [];
  const text = parts.flatMap((part) => (part.thought === true ? [] : [part.text ?? ""])).join("");
  return { text, finish: finishOf(candidate.finishReason), ...about };
}

export function googleProvider(settings: ProviderSettings): Provider {
  const { model, extra, apiKey = noKey, baseUrl = official } = settings;
  return {
    takes: { temperature: true, seed: true },
    async ask(prompt, { fetch, signal }) {
      const client = new GoogleGenAI({ apiKey, vertexai: false, httpOptions: { baseUrl, fetch } });
      const response = await client.models.generateContent({
        model,
        contents: prompt.messages.map(({ role, content }) => ({
          role: role === "assistant" ? "model" : "user",
          parts: [{ text: content }],
        })),
        config: {
          ...extra,
          systemInstruction: prompt.system,
          maxOutputTokens: prompt.maxOutputTokens,
          abortSignal: signal,
          ...(prompt.temperature === undefined ? {} : { temperature: prompt.temperature }),
          ...(prompt.seed === undefined ? {} : { seed: prompt.seed }),
        },
      });
      return answerOf(response);
    },
  };
}
