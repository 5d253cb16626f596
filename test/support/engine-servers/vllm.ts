// vLLM's OpenAI doors: ids in, a map of candidates for each prompt token out. No recording: written after its own schema.
// (vllm-project/vllm, vllm/entrypoints/openai/protocol.py: prompt_logprobs of a completion's choice, null for the first.)
import { z } from "zod";
import { encodeWritten, endId, template, textOf, wholeTextOf } from "./language.ts";
import { ids, messages, seed, stops } from "./read.ts";
import {
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

export interface VllmOptions {
  readonly tokenIds?: "field" | "named" | "none";
  /** A newer one knows `prompt_logprob_start` and then reads the cache before it. */
  readonly startsScoring?: boolean;
}

const requestSchema = z.object({
  prompt: ids,
  max_tokens: z.int().default(16),
  temperature: z.number().default(1),
  seed,
  stop: stops,
  logprobs: z.int().nullish(),
  prompt_logprobs: z.int().nullish(),
  prompt_logprob_start: z.int().default(0),
  return_token_ids: z.boolean().default(false),
  return_tokens_as_token_ids: z.boolean().default(false),
  ignore_eos: z.boolean().default(false),
  stream: z.boolean().default(false),
});

type Asked = z.infer<typeof requestSchema>;

const cacheBlock = 16;

function promptLogprobs(
  asked: Asked,
  from: number,
  scored: readonly number[],
  exchange: Exchange,
): unknown[] {
  const list = garbled(scored, exchange.garbles);
  const shift = exchange.garbles === "shifted" ? 1 : 0;
  const nulls = Array.from({ length: from }, () => null);
  const entries = list.map((logprob, at) => {
    const id = (asked.prompt[from + at] ?? 0) + shift;
    return { [String(id)]: { logprob, rank: 1, decoded_token: textOf([id]) } };
  });
  return [...nulls, ...entries];
}

export function vllmServer(options: VllmOptions = {}): Promise<EngineServer> {
  const { tokenIds = "field", startsScoring = false } = options;
  const nameOf = (asked: Asked, id: number): string =>
    asked.return_tokens_as_token_ids && tokenIds !== "none" ? `token_id:${id}` : textOf([id]);

  const choiceOf = (asked: Asked, steps: readonly Step[], text: string, finish: Finish | undefined) => ({
    index: 0,
    text,
    finish_reason: finish === undefined ? null : finish.kind === "length" ? "length" : "stop",
    stop_reason: finish?.matched ?? null,
    logprobs:
      asked.logprobs === undefined || asked.logprobs === null
        ? null
        : {
            text_offset: steps.map(() => 0),
            tokens: steps.map(({ id }) => nameOf(asked, id)),
            token_logprobs: steps.map(({ logprob }) => logprob),
            top_logprobs: steps.map(({ ranked, id, logprob }) =>
              Object.fromEntries([
                ...ranked.slice(0, asked.logprobs ?? 0).map((each) => [nameOf(asked, each.id), each.logprob]),
                [nameOf(asked, id), logprob],
              ]),
            ),
          },
    ...(asked.return_token_ids && tokenIds === "field" ? { token_ids: steps.map(({ id }) => id) } : {}),
  });

  return engineServer({
    "GET /v1/models": {
      answer: (exchange) =>
        exchange.json({
          object: "list",
          data: [{ id: "tiny", object: "model", max_model_len: contextTokens }],
        }),
    },
    "GET /metrics": {
      answer: (exchange, core) =>
        exchange.text(
          `vllm:num_requests_running{engine="0",model_name="tiny"} ${core.running}.0\nvllm:num_requests_waiting{engine="0",model_name="tiny"} 0.0\nvllm:kv_cache_usage_perc{engine="0",model_name="tiny"} 0.5\n`,
        ),
    },
    "POST /tokenize": {
      answer(exchange) {
        const chat = z.object({ messages }).safeParse(exchange.body);
        const text = chat.success ? template(chat.data.messages) : String(exchange.body.prompt);
        const tokens = encodeWritten(text);
        exchange.json({ count: tokens.length, max_model_len: contextTokens, tokens });
      },
    },
    "POST /detokenize": {
      answer(exchange) {
        const { tokens } = z.object({ tokens: ids }).parse(exchange.body);
        exchange.json({ prompt: textOf(tokens) });
      },
    },
    "POST /v1/completions": {
      isWork: true,
      async answer(exchange, core) {
        const asked = requestSchema.parse(exchange.body);
        const { prompt } = asked;
        if (prompt.length + asked.max_tokens > contextTokens) {
          const message = `This model's maximum context length is ${contextTokens} tokens. However, you requested ${prompt.length + asked.max_tokens} tokens.`;
          return exchange.json({ error: { message, type: "BadRequestError", code: 400 } }, 400);
        }
        const scores = typeof asked.prompt_logprobs === "number";
        const from = scores ? Math.max(1, startsScoring ? asked.prompt_logprob_start : 1) : prompt.length;
        const limit = scores ? (startsScoring ? from : 0) : prompt.length - 1;
        const cached = core.cached(prompt, limit, cacheBlock);
        const job = { ids: prompt, maxTokens: asked.max_tokens, temperature: asked.temperature };
        const usageOf = (steps: readonly Step[]) => ({
          prompt_tokens: prompt.length,
          completion_tokens: steps.length,
          total_tokens: prompt.length + steps.length,
          prompt_tokens_details: { cached_tokens: cached },
        });
        const envelope = { id: "cmpl-1", object: "text_completion", created: 1, model: "tiny" };
        // What may become a stop text is held back until it is known.
        const held = Math.max(0, ...asked.stop.map(({ length }) => length - 1));
        let told = "";
        const onStep = (steps: readonly Step[], step: Step): void => {
          if (!asked.stream || step.id === endId) return;
          const whole = cut(wholeTextOf(steps.map(({ id }) => id)), asked.stop);
          const text = whole.slice(0, Math.max(told.length, whole.length - held));
          exchange.event({
            ...envelope,
            choices: [choiceOf(asked, [step], text.slice(told.length), undefined)],
          });
          told = text;
        };
        const onEnd = (steps: readonly Step[], finish: Finish): void => {
          const text = cut(textOf(steps.map(({ id }) => id)), asked.stop);
          if (asked.stream) {
            const last = steps.at(-1)?.id === endId ? steps.slice(-1) : [];
            const choice = choiceOf(asked, last, text.slice(told.length), finish);
            exchange.event({ ...envelope, choices: [choice] });
            exchange.event({ ...envelope, choices: [], usage: usageOf(steps) });
            exchange.event("[DONE]");
            exchange.end();
            return;
          }
          const told_logprobs = scores
            ? promptLogprobs(asked, from, core.promptLogprobs(prompt, from), exchange)
            : null;
          const choice = { ...choiceOf(asked, steps, text, finish), prompt_logprobs: told_logprobs };
          exchange.json({ ...envelope, choices: [choice], usage: usageOf(steps) });
        };
        const asJob = { ...job, seed: asked.seed ?? 1, stops: asked.stop, ignoresEnd: asked.ignore_eos };
        await tell(core, asJob, exchange, { onStep, onEnd });
      },
    },
  });
}
