// SGLang's native door: continues tokens, and tells log-probabilities of a prompt from any token on, the prefix cached.
// Shapes: research on its 0.4 to 0.5 servers (sections 3.1 and 5) and its documentation of /generate; never run here.
import { z } from "zod";
import type { EngineLoad, ScoreRequest } from "../engine.ts";
import { faultOfStatus, parseAs, parseJson } from "./faults.ts";
import type { Call, HttpClient } from "./http.ts";
import { loadOf } from "./metrics.ts";
import type { RawGeneration, RawScore, Wire, WireRequest } from "./wire.ts";

/** Logarithm, id, text. */
const entrySchema = z.tuple([z.number().nullable(), z.int()], z.unknown());
type Entry = z.infer<typeof entrySchema>;

const finishSchema = z.object({
  type: z.enum(["stop", "length", "abort"]),
  matched: z.union([z.string(), z.int(), z.array(z.int())]).nullish(),
  message: z.string().nullish(),
  status_code: z.int().nullish(),
});

const answerSchema = z.object({
  text: z.string().default(""),
  output_ids: z.array(z.int()).optional(),
  meta_info: z.object({
    finish_reason: finishSchema.nullish(),
    prompt_tokens: z.int().nonnegative(),
    completion_tokens: z.int().nonnegative(),
    cached_tokens: z.int().nonnegative().optional(),
    input_token_logprobs: z.array(entrySchema).nullish(),
    output_token_logprobs: z.array(entrySchema).nullish(),
    output_top_logprobs: z.array(z.array(entrySchema).nullable()).nullish(),
  }),
});

type Answer = z.infer<typeof answerSchema>;

const plainSampling = { top_p: 1, top_k: -1, min_p: 0, repetition_penalty: 1 };

export interface SglangTraits {
  /** Servers before 0.5.3 refuse the setting. */
  readonly takesSeed: boolean;
}

/** What a stream has told so far: each event holds all of it, or only what is new, as the server was started. */
class Told {
  text = "";
  ids: number[] = [];
  entries: Entry[] = [];
  top: (readonly Entry[] | null)[] = [];

  add(answer: Answer): void {
    const { completion_tokens, output_token_logprobs, output_top_logprobs } = answer.meta_info;
    const entries = output_token_logprobs ?? [];
    const ids = answer.output_ids ?? entries.map(([, id]) => id);
    const holdsAll = this.ids.length === 0 || ids.length >= completion_tokens;
    this.text = holdsAll ? answer.text : this.text + answer.text;
    this.ids = holdsAll ? ids : [...this.ids, ...ids];
    // Some versions send all logarithms with every event although they send only the new tokens.
    const isWholeList = entries.length >= completion_tokens || this.entries.length === 0;
    this.entries = isWholeList ? entries : [...this.entries, ...entries];
    const top = output_top_logprobs ?? [];
    this.top = isWholeList ? top : [...this.top, ...top];
  }
}

function topOf(entries: readonly Entry[] | null) {
  return (entries ?? []).flatMap(([logprob, id, text]) =>
    logprob === null ? [] : [{ text: typeof text === "string" ? text : String(id), logprob }],
  );
}

function generationOf(told: Told, end: Answer, wantsTop: boolean): RawGeneration {
  const { finish_reason: finish, prompt_tokens, completion_tokens, cached_tokens } = end.meta_info;
  const { text, ids, entries, top } = told;
  const stoppedBy = typeof finish?.matched === "string" ? finish.matched : undefined;
  return {
    text,
    ...(ids.length === 0 ? {} : { ids }),
    ...(entries.length === 0 ? {} : { logprobs: entries.map(([logprob]) => logprob) }),
    ...(wantsTop && top.length > 0 ? { topLogprobs: top.map(topOf) } : {}),
    finish: finish?.type === "length" ? "length" : "stop",
    ...(stoppedBy === undefined ? {} : { stoppedBy }),
    tokens: completion_tokens,
    promptTokens: prompt_tokens,
    ...(cached_tokens === undefined ? {} : { cachedTokens: cached_tokens }),
  };
}

/** The list starts at the token before `from`, which has no value, or at the first of all: its end is what we asked. */
function scoreOf(answer: Answer, { context, from }: ScoreRequest): RawScore {
  const { input_token_logprobs, prompt_tokens, cached_tokens } = answer.meta_info;
  const entries = input_token_logprobs ?? [];
  const asked = context.ids.length - from;
  const isWhole = entries.length === context.ids.length && from > 1;
  const isExpected = isWhole || entries.length === asked + 1;
  const tokens = (isExpected ? entries.slice(-asked) : entries).map(([logprob, id]) => ({ id, logprob }));
  return {
    tokens,
    isWhole,
    promptTokens: prompt_tokens,
    ...(cached_tokens === undefined ? {} : { cachedTokens: cached_tokens }),
  };
}

const loadsSchema = z.array(z.object({ num_reqs: z.int(), num_waiting_reqs: z.int() })).min(1);
const infoSchema = z.object({
  context_length: z.int().positive().nullish(),
  max_req_input_len: z.int().positive().nullish(),
});

/** Undefined where it does not say. @throws EngineFault */
export async function sglangContextTokens(
  http: HttpClient,
  signal: AbortSignal,
): Promise<number | undefined> {
  const call = { method: "GET", path: "/get_server_info" } as const;
  const answer = await http.whole(call, signal);
  if (answer.status !== 200) return undefined;
  const info = infoSchema.safeParse(parseJson(answer.body, http.place(call)));
  return info.success ? (info.data.context_length ?? info.data.max_req_input_len ?? undefined) : undefined;
}

export function sglangWire(
  http: HttpClient,
  traits: SglangTraits,
  deps: { readonly uniqueId: () => string; readonly nowMs: () => number },
): Wire {
  const callOf = (request: WireRequest, rid: string): Call => ({
    method: "POST",
    path: "/generate",
    body: {
      rid,
      input_ids: request.context.ids,
      sampling_params: {
        ...plainSampling,
        max_new_tokens: request.maxTokens,
        temperature: request.temperature,
        ...(request.stop === undefined || request.stop.length === 0 ? {} : { stop: request.stop }),
        ...(traits.takesSeed ? { sampling_seed: request.seed } : {}),
        ...(request.ignoresEnd === true ? { ignore_eos: true } : {}),
      },
      return_logprob: true,
      // Of the answer only: a smaller number would keep the prompt from being read from the cache.
      logprob_start_len: -1,
      top_logprobs_num: request.topLogprobs ?? 0,
      return_text_in_logprobs: (request.topLogprobs ?? 0) > 0,
      stream: request.pieces !== undefined,
    },
  });

  /** It ends work that it cannot do with a reason in place of an error. @throws EngineFault */
  const refuseAbort = (answer: Answer, call: Call): Answer => {
    const finish = answer.meta_info.finish_reason;
    if (finish?.type !== "abort") return answer;
    const body = finish.message ?? "it was aborted by the server";
    throw faultOfStatus({ status: finish.status_code ?? 500, body }, deps.nowMs(), http.place(call));
  };

  async function ask(request: WireRequest, call: Call, signal: AbortSignal): Promise<RawGeneration> {
    const told = new Told();
    let end: Answer | undefined;
    const take = (json: unknown): boolean => {
      if (json === undefined) return end !== undefined;
      const answer = refuseAbort(parseAs(answerSchema, json, http.place(call)), call);
      told.add(answer);
      request.pieces?.grow(told.text);
      if (answer.meta_info.finish_reason) end = answer;
      return end !== undefined;
    };
    if (request.pieces === undefined) take(await http.json(call, signal));
    else await http.events(call, take, signal);
    const last = parseAs(answerSchema, end, http.place(call));
    return generationOf(told, last, request.topLogprobs !== undefined);
  }

  /** Closing the connection is noticed within seconds; this at once. Whether it is there makes no difference. */
  async function abort(rid: string): Promise<void> {
    const call = { method: "POST", path: "/abort_request", body: { rid } } as const;
    await http.whole(call, new AbortController().signal).catch(() => undefined);
  }

  return {
    takesIds: true,
    continuesAnswers: true,
    async generate(request, signal) {
      const rid = deps.uniqueId();
      try {
        return await ask(request, callOf(request, rid), signal);
      } catch (error) {
        if (signal.aborted) await abort(rid);
        throw error;
      }
    },
    async score(request, signal) {
      const call: Call = {
        method: "POST",
        path: "/generate",
        body: {
          input_ids: request.context.ids,
          sampling_params: { temperature: 0, max_new_tokens: 1 },
          return_logprob: true,
          // The first entry has no value, so it is that of the token before.
          logprob_start_len: request.from - 1,
          stream: false,
        },
      };
      const answer = parseAs(answerSchema, await http.json(call, signal), http.place(call));
      return scoreOf(refuseAbort(answer, call), request);
    },
    async load(signal): Promise<EngineLoad | undefined> {
      const metrics = await http.whole({ method: "GET", path: "/metrics" }, signal);
      if (metrics.status === 200) {
        const names = { running: "sglang:num_running_reqs", queued: "sglang:num_queue_reqs" };
        const load = loadOf(metrics.body, { ...names, cache: ["sglang:token_usage"] });
        if (load !== undefined) return load;
      }
      const call = { method: "GET", path: "/get_load" } as const;
      const answer = await http.whole(call, signal);
      if (answer.status !== 200) return undefined;
      const loads = loadsSchema.safeParse(parseJson(answer.body, http.place(call)));
      if (!loads.success) return undefined;
      const queued = loads.data.reduce((sum, { num_waiting_reqs }) => sum + num_waiting_reqs, 0);
      const all = loads.data.reduce((sum, { num_reqs }) => sum + num_reqs, 0);
      return { running: Math.max(0, all - queued), queued };
    },
    close: () => http.close(),
  };
}
