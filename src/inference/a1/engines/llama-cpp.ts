// llama.cpp's own server: continues tokens, tells no log-probabilities of a prompt, so it can draft but not score.
// Shapes: tools/server/README.md and server-task.cpp of llama.cpp, and a server of its own (test/full).
import { z } from "zod";
import type { EngineLoad } from "../engine.ts";
import { parseAs, parseJson } from "./faults.ts";
import type { HttpClient } from "./http.ts";
import { loadOf } from "./metrics.ts";
import type { RawGeneration, Wire, WireRequest } from "./wire.ts";

const probabilities = z.array(
  z.object({
    id: z.int(),
    logprob: z.number().nullish(),
    top_logprobs: z.array(z.object({ token: z.string(), logprob: z.number() })).optional(),
  }),
);

const partSchema = z.object({
  content: z.string(),
  tokens: z.array(z.int()).optional(),
  stop: z.boolean(),
  tokens_predicted: z.int().nonnegative(),
  completion_probabilities: probabilities.optional(),
});

const endSchema = partSchema.extend({
  stop_type: z.enum(["none", "eos", "limit", "word"]),
  stopping_word: z.string().optional(),
  tokens_evaluated: z.int().nonnegative(),
  timings: z.object({ cache_n: z.int().nonnegative().optional() }).optional(),
});

const propsSchema = z.object({
  total_slots: z.int().positive().optional(),
  default_generation_settings: z.object({ n_ctx: z.int().positive().optional() }).optional(),
});

const slotsSchema = z.array(z.object({ is_processing: z.boolean() }));

type Part = z.infer<typeof partSchema>;
type End = z.infer<typeof endSchema>;

/** As the model is: none of the server's own ideas of how to sample. */
const plainSampling = {
  top_k: 0,
  top_p: 1,
  min_p: 0,
  typical_p: 1,
  repeat_penalty: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
};

/** Its probabilities leave out tokens that only begin a character, and what a stop text was made of. */
function pairing(ids: readonly number[], told: z.infer<typeof probabilities>) {
  let at = 0;
  return ids.map((id) => {
    if (told[at]?.id !== id) return undefined;
    at += 1;
    return told[at - 1];
  });
}

/**
 * A stream leaves out tokens that only begin a character, and tells how many there have been: where it is behind in
 * the middle its tokens are not those of the text; behind at the end, they are those of a character that was cut.
 */
function skipsTokens(parts: readonly Part[]): boolean {
  let count = 0;
  return parts.some(({ tokens = [], tokens_predicted }) => {
    count += tokens.length;
    return count !== tokens_predicted;
  });
}

function generationOf(parts: readonly Part[], end: End, wantsTop: boolean): RawGeneration {
  const all = [...parts, end];
  const ids = all.flatMap(({ tokens }) => tokens ?? []);
  const told = all.flatMap(({ completion_probabilities }) => completion_probabilities ?? []);
  const word = end.stop_type === "word" ? end.stopping_word : undefined;
  const pairs = pairing(ids, told);
  const isComplete = !skipsTokens(parts);
  return {
    text: all.map(({ content }) => content).join(""),
    ...(isComplete
      ? { ids, logprobs: pairs.map((pair) => (pair === undefined ? undefined : (pair.logprob ?? null))) }
      : {}),
    ...(isComplete && wantsTop
      ? {
          topLogprobs: pairs.map((pair) =>
            (pair?.top_logprobs ?? []).map(({ token, logprob }) => ({ text: token, logprob })),
          ),
        }
      : {}),
    finish: end.stop_type === "eos" || end.stop_type === "word" ? "stop" : "length",
    ...(word === undefined || word === "" ? {} : { stoppedBy: word }),
    tokens: end.tokens_predicted,
    promptTokens: end.tokens_evaluated,
    ...(end.timings?.cache_n === undefined ? {} : { cachedTokens: end.timings.cache_n }),
  };
}

export interface LlamaCppFacts {
  readonly slots: number | undefined;
  readonly contextTokens: number | undefined;
}

/** @throws EngineFault */
export async function llamaCppFacts(http: HttpClient, signal: AbortSignal): Promise<LlamaCppFacts> {
  const call = { method: "GET", path: "/props" } as const;
  const props = parseAs(propsSchema, await http.json(call, signal), http.place(call));
  return { slots: props.total_slots, contextTokens: props.default_generation_settings?.n_ctx };
}

export function llamaCppWire(
  http: HttpClient,
  facts: LlamaCppFacts,
  options: { readonly pinsSlots: boolean },
): Wire {
  let underWay = 0;
  const bodyOf = (request: WireRequest): Record<string, unknown> => ({
    ...plainSampling,
    prompt: request.context.ids,
    n_predict: request.maxTokens,
    temperature: request.temperature,
    seed: request.seed,
    stop: request.stop ?? [],
    n_probs: Math.max(1, request.topLogprobs ?? 0),
    post_sampling_probs: false,
    return_tokens: true,
    cache_prompt: true,
    stream: request.pieces !== undefined,
    ...(request.ignoresEnd === true ? { ignore_eos: true } : {}),
    ...(options.pinsSlots && facts.slots !== undefined ? { id_slot: request.key.sample % facts.slots } : {}),
  });

  async function streamed(request: WireRequest, signal: AbortSignal): Promise<RawGeneration> {
    const call = { method: "POST", path: "/completion", body: bodyOf(request) } as const;
    const parts: Part[] = [];
    let end: End | undefined;
    const onEvent = (json: unknown): boolean => {
      const part = parseAs(partSchema, json, http.place(call));
      if (part.stop) end = parseAs(endSchema, json, http.place(call));
      else parts.push(part);
      request.pieces?.add(part.content);
      return part.stop;
    };
    await http.events(call, onEvent, signal);
    return generationOf(parts, parseAs(endSchema, end, http.place(call)), request.topLogprobs !== undefined);
  }

  async function whole(request: WireRequest, signal: AbortSignal): Promise<RawGeneration> {
    const call = { method: "POST", path: "/completion", body: bodyOf(request) } as const;
    const end = parseAs(endSchema, await http.json(call, signal), http.place(call));
    return generationOf([], end, request.topLogprobs !== undefined);
  }

  async function load(signal: AbortSignal): Promise<EngineLoad | undefined> {
    const metrics = await http.whole({ method: "GET", path: "/metrics" }, signal);
    if (metrics.status === 200) {
      const names = {
        running: "llamacpp:requests_processing",
        queued: "llamacpp:requests_deferred",
        cache: [],
      };
      return loadOf(metrics.body, names);
    }
    const call = { method: "GET", path: "/slots" } as const;
    const answer = await http.whole(call, signal);
    if (answer.status !== 200) return undefined;
    const slots = parseAs(slotsSchema, parseJson(answer.body, http.place(call)), http.place(call));
    const running = slots.filter(({ is_processing }) => is_processing).length;
    // It does not tell its queue here; of ours we know how many are in it.
    return { running, queued: running < slots.length ? 0 : Math.max(0, underWay - slots.length) };
  }

  return {
    takesIds: true,
    continuesAnswers: true,
    async generate(request, signal) {
      underWay += 1;
      try {
        return await (request.pieces === undefined ? whole(request, signal) : streamed(request, signal));
      } finally {
        underWay -= 1;
      }
    },
    load,
    close: () => http.close(),
  };
}
