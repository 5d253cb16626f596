// SGLang's /generate: lists that start with null, texts that grow. No recording: written after its own endpoint tests.
// (sgl-project/sglang, test/srt/test_srt_endpoint.py and python/sglang/srt/managers/tokenizer_manager.py: entries of
// [logarithm, id, text], the text null unless return_text_in_logprobs asks for it.)
import { z } from "zod";
import { endId, textOf, wholeTextOf } from "./language.ts";
import { ids, seed, stops } from "./read.ts";
import {
  type Core,
  contextTokens,
  cut,
  type EngineServer,
  type Exchange,
  engineServer,
  type Finish,
  garbled,
  type Step,
  tell,
} from "./server.ts";

export interface SglangOptions {
  /** Events hold only what is new. */
  readonly isIncremental?: boolean;
  /** An old one refuses a seed and tells its tokens only beside their logarithms. */
  readonly isOld?: boolean;
  /** Logarithms are taken after the temperature, as without RETURN_ORIGINAL_LOGPROB. */
  readonly scales?: boolean;
}

const requestSchema = z.object({
  rid: z.string().optional(),
  input_ids: ids,
  sampling_params: z.object({
    max_new_tokens: z.int(),
    temperature: z.number(),
    stop: stops,
    ignore_eos: z.boolean().default(false),
    sampling_seed: seed,
  }),
  return_logprob: z.boolean().default(false),
  logprob_start_len: z.int().default(-1),
  top_logprobs_num: z.int().default(0),
  stream: z.boolean().default(false),
});

type Asked = z.infer<typeof requestSchema>;

function entry(logprob: number | string | null, id: number): unknown {
  return [logprob, id, null];
}

function inputLogprobs(asked: Asked, exchange: Exchange, scored: readonly number[]): unknown[] {
  const { input_ids, logprob_start_len: from } = asked;
  const list = garbled(scored, exchange.garbles);
  const shift = exchange.garbles === "shifted" ? 1 : 0;
  return [
    entry(null, input_ids[from] ?? 0),
    ...list.map((logprob, at) => entry(logprob, (input_ids[from + 1 + at] ?? 0) + shift)),
  ];
}

function finishOf(finish: { kind: string; matched?: string }, maxTokens: number): unknown {
  if (finish.kind === "length") return { type: "length", length: maxTokens };
  return { type: "stop", matched: finish.matched ?? endId };
}

/** What it says of an answer, as far as it has come. */
function metaOf(asked: Asked, shown: readonly Step[], options: SglangOptions) {
  const { temperature } = asked.sampling_params;
  // Logarithms after the temperature are those of another distribution; a scale is enough to be wrong.
  const scale = options.scales === true && temperature > 0 ? 1 / temperature : 1;
  if (!asked.return_logprob) return {};
  return {
    output_token_logprobs: shown.map(({ id, logprob }) => entry(logprob * scale, id)),
    output_top_logprobs: shown.map(({ ranked }) =>
      ranked.slice(0, asked.top_logprobs_num).map(({ id, logprob }) => entry(logprob * scale, id)),
    ),
  };
}

function refusalOf(exchange: Exchange, asked: Asked, options: SglangOptions): string | undefined {
  const { sampling_params } = exchange.body;
  if (options.isOld === true && sampling_params instanceof Object && "sampling_seed" in sampling_params)
    return "SamplingParams.__init__() got an unexpected keyword argument 'sampling_seed'";
  const { length } = asked.input_ids;
  if (length + asked.sampling_params.max_new_tokens <= contextTokens) return undefined;
  return `The input (${length} tokens) is longer than the model's context length (${contextTokens} tokens).`;
}

async function generate(exchange: Exchange, core: Core, options: SglangOptions): Promise<void> {
  const asked = requestSchema.parse(exchange.body);
  const refusal = refusalOf(exchange, asked, options);
  if (refusal !== undefined) return exchange.json({ error: { message: refusal } }, 400);
  const { input_ids, logprob_start_len: from, stream } = asked;
  const { max_new_tokens, temperature, stop, ignore_eos, sampling_seed } = asked.sampling_params;
  const cached_tokens = core.cached(
    input_ids,
    from < 0 ? input_ids.length - 1 : Math.min(input_ids.length - 1, from),
  );
  const isIncremental = options.isIncremental === true;
  const answerOf = (
    steps: readonly Step[],
    shown: readonly Step[],
    more: { text: string; finish: unknown },
  ) => ({
    text: more.text,
    ...(options.isOld === true ? {} : { output_ids: shown.map(({ id }) => id) }),
    meta_info: {
      id: asked.rid ?? "1",
      finish_reason: more.finish,
      prompt_tokens: input_ids.length,
      completion_tokens: steps.length,
      cached_tokens,
      ...metaOf(asked, shown, options),
      ...(from < 0
        ? {}
        : { input_token_logprobs: inputLogprobs(asked, exchange, core.promptLogprobs(input_ids, from + 1)) }),
    },
  });
  let told = "";
  const onStep = (steps: readonly Step[], step: Step): void => {
    if (!stream) return;
    const all = wholeTextOf(steps.map(({ id }) => id));
    const text = isIncremental ? all.slice(told.length) : all;
    told = all;
    exchange.event(answerOf(steps, isIncremental ? [step] : steps, { text, finish: null }));
  };
  const onEnd = (steps: readonly Step[], end: Finish): void => {
    const all = cut(textOf(steps.map(({ id }) => id)), stop);
    const finish = finishOf(end, max_new_tokens);
    if (!stream) {
      exchange.json(answerOf(steps, steps, { text: all, finish }));
      return;
    }
    const text = isIncremental ? all.slice(told.length) : all;
    exchange.event(answerOf(steps, isIncremental ? [] : steps, { text, finish }));
    exchange.event("[DONE]");
    exchange.end();
  };
  const job = { ids: input_ids, maxTokens: max_new_tokens, temperature, seed: sampling_seed ?? 1 };
  await tell(core, { ...job, stops: stop, ignoresEnd: ignore_eos }, exchange, { onStep, onEnd });
}

export function sglangServer(options: SglangOptions = {}): Promise<EngineServer> {
  return engineServer({
    "GET /get_server_info": {
      answer: (exchange) => exchange.json({ context_length: contextTokens, version: "scripted" }),
    },
    "GET /metrics": {
      answer: (exchange, core) => {
        const lines = [
          "# TYPE sglang:num_running_reqs gauge",
          `sglang:num_running_reqs{model_name="tiny"} ${core.running}.0`,
          'sglang:num_queue_reqs{model_name="tiny"} 0.0',
          'sglang:token_usage{model_name="tiny"} 0.25',
        ];
        exchange.text(`${lines.join("\n")}\n`);
      },
    },
    "POST /abort_request": { answer: (exchange) => exchange.text("") },
    "POST /generate": { isWork: true, answer: (exchange, core) => generate(exchange, core, options) },
  });
}
