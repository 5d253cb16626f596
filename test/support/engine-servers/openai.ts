// Endpoints of OpenAI's protocol in their varieties: with and without log-probabilities, usage in streams, echoes.
import { z } from "zod";
import { beginId, encodeWritten, endId, template, textOf, tinyCodec, wholeTextOf } from "./language.ts";
import { ids, messages, seed, stops } from "./read.ts";
import {
  contextTokens,
  cut,
  type EngineServer,
  engineServer,
  type Finish,
  garbled,
  type Step,
  tell,
} from "./server.ts";

export interface OpenAiOptions {
  /** `text`: prompts as text only, the token of the beginning put before them, as llama-cpp-python does. */
  readonly echo?: "ids" | "text" | "none";
  /** They are of the token after: as from a server that counts wrong. */
  readonly isEchoWrong?: boolean;
  readonly hasLogprobs?: boolean;
  readonly hasStreamUsage?: boolean;
  /** An answer begun is history to it, and it writes another. */
  readonly beginsAnew?: boolean;
}

const chatSchema = z.object({
  messages,
  max_tokens: z.int(),
  temperature: z.number(),
  seed,
  stop: stops,
  logprobs: z.boolean().default(false),
  top_logprobs: z.int().default(0),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().default(false) }).optional(),
});

const completionSchema = z.object({
  prompt: z.union([z.string(), ids]),
  max_tokens: z.int(),
  echo: z.boolean().default(false),
  logprobs: z.int().nullish(),
});

async function promptIds(chat: z.infer<typeof chatSchema>["messages"]): Promise<readonly number[]> {
  const last = chat.at(-1);
  if (last?.role !== "assistant") return encodeWritten(template(chat));
  return [...encodeWritten(template(chat.slice(0, -1))), ...(await tinyCodec.encode(last.content, ""))];
}

function content(steps: readonly Step[], count: number): unknown {
  const entryOf = (id: number, logprob: number) => ({ token: wholeTextOf([id]), logprob, bytes: null });
  return {
    content: steps.map(({ id, logprob, ranked }) => ({
      ...entryOf(id, logprob),
      top_logprobs: ranked.slice(0, count).map((each) => entryOf(each.id, each.logprob)),
    })),
  };
}

export function openAiServer(options: OpenAiOptions = {}): Promise<EngineServer> {
  const {
    echo = "none",
    hasLogprobs = true,
    hasStreamUsage = true,
    isEchoWrong = false,
    beginsAnew = false,
  } = options;
  return engineServer({
    "POST /v1/chat/completions": {
      isWork: true,
      async answer(exchange, core) {
        const asked = chatSchema.parse(exchange.body);
        if (asked.logprobs && !hasLogprobs) {
          return exchange.json(
            { error: { message: "logprobs is not supported", type: "invalid_request_error" } },
            400,
          );
        }
        const prompt = beginsAnew ? encodeWritten(template(asked.messages)) : await promptIds(asked.messages);
        if (prompt.length + asked.max_tokens > contextTokens) {
          const message = `This model's maximum context length is ${contextTokens} tokens. However, your messages resulted in ${prompt.length} tokens.`;
          return exchange.json({ error: { message, code: "context_length_exceeded" } }, 400);
        }
        const cached_tokens = core.cached(prompt, prompt.length - 1);
        const job = { ids: prompt, maxTokens: asked.max_tokens, temperature: asked.temperature };
        const chunk = (shown: readonly Step[], delta: object, finish_reason: string | null) => ({
          id: "chatcmpl-1",
          object: "chat.completion.chunk",
          choices: [
            {
              index: 0,
              delta,
              logprobs: asked.logprobs ? content(shown, asked.top_logprobs) : null,
              finish_reason,
            },
          ],
        });
        const held = Math.max(0, ...asked.stop.map(({ length }) => length - 1));
        let told = "";
        const onStep = (steps: readonly Step[], step: Step): void => {
          if (!asked.stream || step.id === endId) return;
          const whole = cut(wholeTextOf(steps.map(({ id }) => id)), asked.stop);
          const text = whole.slice(0, Math.max(told.length, whole.length - held));
          exchange.event(chunk([step], { content: text.slice(told.length) }, null));
          told = text;
        };
        const onEnd = (steps: readonly Step[], { kind }: Finish): void => {
          const text = cut(textOf(steps.map(({ id }) => id)), asked.stop);
          const finish_reason = kind === "length" ? "length" : "stop";
          const usage = {
            prompt_tokens: prompt.length,
            completion_tokens: steps.length,
            total_tokens: prompt.length + steps.length,
            prompt_tokens_details: { cached_tokens },
          };
          if (asked.stream) {
            exchange.event(chunk([], { content: text.slice(told.length) }, finish_reason));
            if (hasStreamUsage && asked.stream_options?.include_usage === true)
              exchange.event({ id: "chatcmpl-1", object: "chat.completion.chunk", choices: [], usage });
            exchange.event("[DONE]");
            exchange.end();
            return;
          }
          const message = { role: "assistant", content: text };
          const logprobs = asked.logprobs ? content(steps, asked.top_logprobs) : null;
          exchange.json({
            id: "chatcmpl-1",
            object: "chat.completion",
            model: "tiny",
            choices: [{ index: 0, message, logprobs, finish_reason }],
            usage,
          });
        };
        await tell(core, { ...job, seed: asked.seed ?? 1, stops: asked.stop }, exchange, { onStep, onEnd });
      },
    },
    "POST /v1/completions": {
      isWork: true,
      answer(exchange, core) {
        if (echo === "none") return exchange.json({ error: { message: "no such door", code: 404 } }, 404);
        const asked = completionSchema.parse(exchange.body);
        if (echo === "text" && typeof asked.prompt !== "string") {
          return exchange.json({ error: { message: "Input should be a valid string", code: null } }, 422);
        }
        const prompt =
          typeof asked.prompt === "string" ? [beginId, ...encodeWritten(asked.prompt)] : asked.prompt;
        const scored = core.promptLogprobs(prompt, 1);
        const right = isEchoWrong ? [...scored.slice(1), -1] : scored;
        const next = core.promptLogprobs([...prompt, 32], prompt.length);
        const shift = exchange.garbles === "shifted" ? 1 : 0;
        const first = prompt.length > 0 ? [null] : [];
        const token_logprobs = [...first, ...garbled([...right], exchange.garbles), ...next];
        const tokens = [...prompt, 32].map((id) => textOf([id + (id < 255 ? shift : 0)]));
        exchange.json({
          id: "cmpl-1",
          object: "text_completion",
          model: "tiny",
          choices: [{ index: 0, text: "", logprobs: { tokens, token_logprobs }, finish_reason: "length" }],
          usage: { prompt_tokens: prompt.length, completion_tokens: 1, total_tokens: prompt.length + 1 },
        });
      },
    },
  });
}
