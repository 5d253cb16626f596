// llama.cpp's server as a real one of 2026 answered (test/full): a stream leaves out tokens that begin a character.
import { z } from "zod";
import {
  beginId,
  bytesOf,
  encodeWritten,
  endId,
  template,
  textOf,
  tinyCodec,
  wholeTextOf,
  written,
} from "./language.ts";
import { ids, messages, seed, stops } from "./read.ts";
import {
  contextTokens,
  cut,
  type EngineServer,
  engineServer,
  type Finish,
  type Step,
  tell,
} from "./server.ts";

const requestSchema = z.object({
  prompt: ids,
  n_predict: z.int(),
  temperature: z.number(),
  seed,
  stop: stops,
  n_probs: z.int().default(0),
  return_tokens: z.boolean().default(false),
  ignore_eos: z.boolean().default(false),
  stream: z.boolean().default(false),
});

interface Shown {
  readonly step: Step;
  /** All that became whole with this token. */
  readonly text: string;
}

function probabilities(shown: readonly Shown[], count: number): unknown[] {
  return shown.map(({ step, text }) => ({
    id: step.id,
    token: text,
    bytes: [...bytesOf([step.id])],
    logprob: step.logprob,
    top_logprobs: step.ranked.slice(0, count).map(({ id, logprob }) => ({
      id,
      token: wholeTextOf([id]),
      bytes: [...bytesOf([id])],
      logprob,
    })),
  }));
}

function stopOf(finish: Finish) {
  const stop_type = { end: "eos", stop: "word", length: "limit" }[finish.kind];
  return { stop_type, stopping_word: finish.matched ?? "" };
}

/** Something at its end may become a stop text. */
function isHeld(text: string, stops: readonly string[]): boolean {
  const beginnings = stops.flatMap((stop) => [...stop.slice(0, -1)].map((_, at) => stop.slice(0, at + 1)));
  return beginnings.some((beginning) => text.endsWith(beginning));
}

export function llamaCppServer(): Promise<EngineServer> {
  return engineServer({
    "GET /props": {
      answer: (exchange) =>
        exchange.json({
          default_generation_settings: { n_ctx: contextTokens, params: {} },
          total_slots: 4,
          bos_token: "<|begin|>",
          eos_token: "<|end|>",
          chat_template: "scripted",
        }),
    },
    "GET /slots": {
      answer: (exchange, core) =>
        exchange.json(
          [0, 1, 2, 3].map((id) => ({ id, n_ctx: contextTokens, is_processing: id < core.running })),
        ),
    },
    "GET /metrics": {
      answer: (exchange) =>
        exchange.json(
          {
            error: {
              code: 501,
              message: "This server does not support metrics endpoint. Start it with `--metrics`",
              type: "not_supported_error",
            },
          },
          501,
        ),
    },
    "POST /apply-template": {
      // Without the token of the beginning, which its tokenizer puts there.
      answer: (exchange) =>
        exchange.json({
          prompt: template(z.object({ messages }).parse(exchange.body).messages).slice("<|begin|>".length),
        }),
    },
    "POST /tokenize": {
      async answer(exchange) {
        const { content, add_special, parse_special } = z
          .object({
            content: z.string(),
            add_special: z.boolean().default(false),
            parse_special: z.boolean().default(true),
          })
          .parse(exchange.body);
        const tokens = parse_special ? encodeWritten(content) : await tinyCodec.encode(content, "");
        exchange.json({ tokens: add_special ? [beginId, ...tokens] : tokens });
      },
    },
    "POST /detokenize": {
      answer: (exchange) =>
        exchange.json({ content: written(z.object({ tokens: ids }).parse(exchange.body).tokens) }),
    },
    "POST /completion": {
      isWork: true,
      async answer(exchange, core) {
        const asked = requestSchema.parse(exchange.body);
        const { prompt, n_predict } = asked;
        if (prompt.length >= contextTokens) {
          const message = `request (${prompt.length} tokens) exceeds the available context size (${contextTokens} tokens), try increasing it`;
          const error = {
            code: 400,
            message,
            type: "exceed_context_size_error",
            n_prompt_tokens: prompt.length,
            n_ctx: contextTokens,
          };
          return exchange.json({ error }, 400);
        }
        const cache_n = core.cached(prompt, prompt.length - 1);
        const shown: Shown[] = [];
        let told = "";
        const headOf = (steps: readonly Step[]) => ({
          index: 0,
          id_slot: 0,
          tokens_predicted: steps.length,
          tokens_evaluated: prompt.length,
        });
        const toldOf = (some: readonly Shown[]) =>
          asked.n_probs > 0 ? { completion_probabilities: probabilities(some, asked.n_probs) } : {};
        const onStep = (steps: readonly Step[], step: Step): void => {
          const made = steps.map(({ id }) => id);
          // A token that leaves a character unfinished is told neither now nor later.
          if (wholeTextOf(made) !== textOf(made)) return;
          const all = cut(textOf(made), asked.stop);
          const text = isHeld(all, asked.stop) && step.id !== endId ? told : all;
          const content = text.slice(told.length);
          told += content;
          shown.push({ step, text: content });
          if (!asked.stream) return;
          const tokens = [step.id];
          exchange.event({ ...headOf(steps), content, tokens, stop: false, ...toldOf(shown.slice(-1)) });
        };
        const onEnd = async (steps: readonly Step[], finish: Finish): Promise<void> => {
          const { stream, return_tokens, stop } = asked;
          const word = await tinyCodec.encode(finish.matched ?? "", "");
          const end = {
            ...headOf(steps),
            content: stream ? "" : cut(textOf(steps.map(({ id }) => id)), stop),
            tokens: stream || !return_tokens ? [] : steps.map(({ id }) => id),
            stop: true,
            model: "tiny",
            truncated: false,
            ...stopOf(finish),
            tokens_cached: prompt.length + steps.length,
            timings: { cache_n, prompt_n: prompt.length - cache_n, predicted_n: steps.length },
            ...(stream ? {} : toldOf(shown.slice(0, shown.length - word.length))),
          };
          if (!stream) return exchange.json(end);
          exchange.event(end);
          exchange.end();
        };
        const job = { ids: prompt, maxTokens: n_predict, temperature: asked.temperature };
        const asJob = { ...job, seed: asked.seed ?? 1, stops: asked.stop, ignoresEnd: asked.ignore_eos };
        await tell(core, asJob, exchange, { onStep, onEnd });
      },
    },
  });
}
