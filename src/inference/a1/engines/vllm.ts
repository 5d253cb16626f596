// vLLM's completions door with token ids: scores by `prompt_logprobs`, from a token on where the server can.
// Shapes: vLLM's OpenAI-compatible server (protocol.py, serving_completion.py) as research section 3.2 has them; never
// run here.
import { z } from "zod";
import type { Codec, ScoreRequest, TokenLogprob } from "../engine.ts";
import { badResponse, parseAs } from "./faults.ts";
import type { Call, HttpClient } from "./http.ts";
import { textCodec } from "./http-codec.ts";
import { loadOf } from "./metrics.ts";
import type { RawGeneration, RawScore, RawToken, Wire, WireRequest } from "./wire.ts";

const logprobsSchema = z.object({
  tokens: z.array(z.string()),
  token_logprobs: z.array(z.number().nullable()),
  top_logprobs: z.array(z.record(z.string(), z.number()).nullable()).nullish(),
});

const usageSchema = z.object({
  prompt_tokens: z.int().nonnegative(),
  completion_tokens: z.int().nonnegative().default(0),
  prompt_tokens_details: z.object({ cached_tokens: z.int().nonnegative().nullish() }).nullish(),
});

/** Of each token the likeliest ids and the token's own, with their logarithms. */
const promptLogprobsSchema = z.array(
  z.record(z.string(), z.object({ logprob: z.number().nullable() })).nullable(),
);

const choiceSchema = z.object({
  text: z.string().default(""),
  finish_reason: z.string().nullish(),
  stop_reason: z.union([z.string(), z.int()]).nullish(),
  logprobs: logprobsSchema.nullish(),
  token_ids: z.array(z.int()).nullish(),
  prompt_logprobs: promptLogprobsSchema.nullish(),
});

const answerSchema = z.object({ choices: z.array(choiceSchema), usage: usageSchema.nullish() });

type Choice = z.infer<typeof choiceSchema>;
type Usage = z.infer<typeof usageSchema>;

/** -1 is any: what the model's own generation_config.json says would otherwise be used. */
const plainSampling = { top_p: 1, top_k: -1, min_p: 0, repetition_penalty: 1 };

export interface VllmTraits {
  /** How it tells the ids of its tokens: in a field of their own, as `token_id:7` in place of their text, or not. */
  readonly tokenIds: "field" | "named" | "none";
  /** It computes log-probabilities of the prompt from a token on. */
  readonly scoresFromOffset: boolean;
}

const named = /^token_id:(\d+)$/;

function idsOf(choices: readonly Choice[]): readonly number[] | undefined {
  if (choices.some(({ token_ids }) => token_ids)) return choices.flatMap(({ token_ids }) => token_ids ?? []);
  const ids = choices
    .flatMap(({ logprobs }) => logprobs?.tokens ?? [])
    .map((token) => named.exec(token)?.[1]);
  const all = ids.flatMap((id) => (id === undefined ? [] : [Number(id)]));
  return all.length > 0 && all.length === ids.length ? all : undefined;
}

/** Those of the token drawn may stand behind the asked-for number. */
function likeliest(top: Readonly<Record<string, number>> | null, count: number): [string, number][] {
  return Object.entries(top ?? {})
    .sort(([, a], [, b]) => b - a)
    .slice(0, count);
}

function usageOf(usage: Usage | undefined): Pick<RawGeneration, "tokens" | "promptTokens" | "cachedTokens"> {
  if (usage === undefined) return {};
  const cached = usage.prompt_tokens_details?.cached_tokens ?? undefined;
  return {
    tokens: usage.completion_tokens,
    promptTokens: usage.prompt_tokens,
    ...(cached === undefined ? {} : { cachedTokens: cached }),
  };
}

function scoreOf(choice: Choice | undefined, usage: Usage | undefined, request: ScoreRequest): RawScore {
  const all = choice?.prompt_logprobs ?? [];
  const { ids } = request.context;
  const asked = ids.slice(request.from);
  // Shorter by what was not asked for, or as long with nothing in those places: the end is what we asked.
  const isExpected = all.length === ids.length || all.length === asked.length;
  const isWhole = all.slice(1, Math.max(1, all.length - asked.length)).some((entry) => entry !== null);
  const told = isExpected ? all.slice(-asked.length) : all;
  const tokens = told.map((entry, index): RawToken => {
    const id = asked[index];
    return { logprob: id === undefined ? null : entry?.[String(id)]?.logprob };
  });
  const { promptTokens, cachedTokens } = usageOf(usage);
  return {
    tokens,
    isWhole,
    ...(promptTokens === undefined ? {} : { promptTokens }),
    ...(cachedTokens === undefined ? {} : { cachedTokens }),
  };
}

export function vllmWire(http: HttpClient, model: string, traits: VllmTraits, codec: Codec): Wire {
  const completions = (body: Readonly<Record<string, unknown>>): Call => ({
    method: "POST",
    path: "/v1/completions",
    body: { model, ...body },
  });

  /** Its likeliest tokens stand under their texts, where two of the same text would be one; under names none is lost. */
  const namesTokens = ({ topLogprobs = 0 }: WireRequest): boolean =>
    traits.tokenIds === "named" || (traits.tokenIds === "field" && topLogprobs > 0);

  const callOf = (request: WireRequest): Call =>
    completions({
      ...plainSampling,
      prompt: request.context.ids,
      max_tokens: request.maxTokens,
      temperature: request.temperature,
      seed: request.seed,
      logprobs: request.topLogprobs ?? 0,
      ...(request.stop === undefined || request.stop.length === 0 ? {} : { stop: request.stop }),
      ...(traits.tokenIds === "field" ? { return_token_ids: true } : {}),
      ...(namesTokens(request) ? { return_tokens_as_token_ids: true } : {}),
      ...(request.ignoresEnd === true ? { ignore_eos: true } : {}),
      ...(request.pieces === undefined
        ? { stream: false }
        : { stream: true, stream_options: { include_usage: true } }),
    });

  async function topOf(
    choices: readonly Choice[],
    count: number,
  ): Promise<readonly (readonly TokenLogprob[])[]> {
    const lists = choices.flatMap(({ logprobs }) => logprobs?.top_logprobs ?? []);
    return await Promise.all(
      lists.map((list) =>
        Promise.all(
          likeliest(list, count).map(async ([token, logprob]) => {
            const id = named.exec(token)?.[1];
            return { text: id === undefined ? token : await codec.decode([Number(id)]), logprob };
          }),
        ),
      ),
    );
  }

  async function generationOf(request: WireRequest, choices: readonly Choice[], usage: Usage | undefined) {
    const end = choices.findLast(({ finish_reason }) => finish_reason);
    const text = choices.map((choice) => choice.text).join("");
    const logprobs = choices.flatMap(({ logprobs }) => logprobs?.token_logprobs ?? []);
    const stoppedBy = typeof end?.stop_reason === "string" ? end.stop_reason : undefined;
    const told = idsOf(choices);
    const ids = told ?? (await codec.encode(text.replace(/\u{FFFD}+$/u, ""), request.context.answer));
    const generation: RawGeneration = {
      text,
      ids,
      ...(told === undefined ? { areIdsGuessed: true } : {}),
      ...(logprobs.length === 0 ? {} : { logprobs }),
      ...(request.topLogprobs === undefined
        ? {}
        : { topLogprobs: await topOf(choices, request.topLogprobs) }),
      finish: end?.finish_reason === "length" ? "length" : "stop",
      ...(stoppedBy === undefined ? {} : { stoppedBy }),
      ...usageOf(usage),
    };
    return generation;
  }

  return {
    takesIds: true,
    continuesAnswers: true,
    async generate(request, signal) {
      const call = callOf(request);
      const choices: Choice[] = [];
      let usage: Usage | undefined;
      const take = (json: unknown): boolean => {
        const isEnded = choices.some(({ finish_reason }) => finish_reason);
        if (json === undefined) return isEnded;
        const answer = parseAs(answerSchema, json, http.place(call));
        usage = answer.usage ?? usage;
        choices.push(...answer.choices);
        for (const { text } of answer.choices) request.pieces?.add(text);
        return isEnded && answer.choices.length === 0;
      };
      if (request.pieces === undefined) take(await http.json(call, signal));
      else await http.events(call, take, signal);
      if (!choices.some(({ finish_reason }) => finish_reason === "stop" || finish_reason === "length")) {
        const found = choices.map(({ finish_reason }) => String(finish_reason)).at(-1) ?? "no choice";
        throw badResponse("finish_reason stop or length", found, http.place(call));
      }
      return generationOf(request, choices, usage);
    },
    async score(request, signal) {
      const call = completions({
        prompt: request.context.ids,
        max_tokens: 1,
        temperature: 0,
        prompt_logprobs: 0,
        ...(traits.scoresFromOffset ? { prompt_logprob_start: request.from } : {}),
        stream: false,
      });
      const answer = parseAs(answerSchema, await http.json(call, signal), http.place(call));
      return scoreOf(answer.choices[0], answer.usage ?? undefined, request);
    },
    async load(signal) {
      const answer = await http.whole({ method: "GET", path: "/metrics" }, signal);
      if (answer.status !== 200) return undefined;
      const names = { running: "vllm:num_requests_running", queued: "vllm:num_requests_waiting" };
      return loadOf(answer.body, {
        ...names,
        cache: ["vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"],
      });
    },
    close: () => http.close(),
  };
}

const tokenized = z.object({ tokens: z.array(z.int()) });

/** Its own tokenizer and template, by the way of its own doors. */
export function vllmCodec(http: HttpClient, model: string): Codec {
  // It outlives whatever it was opened for.
  const signal = new AbortController().signal;
  const ask = async <T>(path: string, body: object, schema: z.ZodType<T>): Promise<T> => {
    const call = { method: "POST", path, body: { model, ...body } } as const;
    return parseAs(schema, await http.json(call, signal), http.place(call));
  };
  return textCodec({
    prompt: async (messages) => {
      const body = { messages, add_generation_prompt: true, add_special_tokens: false };
      return (await ask("/tokenize", body, tokenized)).tokens;
    },
    tokenize: async (prompt) =>
      (await ask("/tokenize", { prompt, add_special_tokens: false }, tokenized)).tokens,
    detokenize: async (tokens) =>
      (await ask("/detokenize", { tokens }, z.object({ prompt: z.string() }))).prompt,
  });
}

const modelsSchema = z.object({
  data: z.array(z.object({ id: z.string(), max_model_len: z.int().positive().nullish() })),
});

/** Undefined where it does not say. @throws EngineFault */
export async function vllmContextTokens(
  http: HttpClient,
  model: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const call = { method: "GET", path: "/v1/models" } as const;
  const { data } = parseAs(modelsSchema, await http.json(call, signal), http.place(call));
  return data.find(({ id }) => id === model)?.max_model_len ?? undefined;
}
