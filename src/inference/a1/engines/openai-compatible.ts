// Any endpoint of OpenAI's protocol: messages in, text out; log-probabilities of a prompt where it echoes them.
// Shapes: OpenAI's API reference; llama-cpp-python's server (llama.py, server/types.py), which test/full runs.
import { z } from "zod";
import { type Codec, EngineFault, type ScoreRequest } from "../engine.ts";
import { badResponse, parseAs } from "./faults.ts";
import type { Call, HttpClient } from "./http.ts";
import type { RawGeneration, RawScore, Wire, WireRequest } from "./wire.ts";

const entrySchema = z.object({
  token: z.string(),
  logprob: z.number().nullable(),
  bytes: z.array(z.int()).nullish(),
  top_logprobs: z.array(z.object({ token: z.string(), logprob: z.number() })).nullish(),
});

type Entry = z.infer<typeof entrySchema>;

const usageSchema = z.object({
  prompt_tokens: z.int().nonnegative(),
  completion_tokens: z.int().nonnegative().default(0),
  prompt_tokens_details: z.object({ cached_tokens: z.int().nonnegative().nullish() }).nullish(),
});

const textSchema = z.object({ content: z.string().nullish() });

const chatSchema = z.object({
  choices: z.array(
    z.object({
      message: textSchema.nullish(),
      delta: textSchema.nullish(),
      finish_reason: z.string().nullish(),
      logprobs: z.object({ content: z.array(entrySchema).nullish() }).nullish(),
    }),
  ),
  usage: usageSchema.nullish(),
});

type Choice = z.infer<typeof chatSchema>["choices"][number];
type Usage = z.infer<typeof usageSchema>;

const echoSchema = z.object({
  choices: z
    .array(
      z.object({
        logprobs: z
          .object({ tokens: z.array(z.string()), token_logprobs: z.array(z.number().nullable()) })
          .nullish(),
      }),
    )
    .min(1),
  /** Together's way: the prompt's apart from the answer's. */
  prompt: z
    .array(
      z.object({
        logprobs: z
          .object({ tokens: z.array(z.string()), token_logprobs: z.array(z.number().nullable()) })
          .nullish(),
      }),
    )
    .nullish(),
  usage: usageSchema.nullish(),
});

/** A codec that can also write special tokens as text, for servers that read prompts as text only. */
export interface WritingCodec extends Codec {
  written(ids: readonly number[]): Promise<string>;
}

export type Echo =
  | { readonly kind: "none" }
  | { readonly kind: "ids" }
  /** `skips`: tokens at the beginning that the server puts there itself. */
  | { readonly kind: "text"; readonly skips: number };

export interface OpenAiTraits {
  readonly logprobs: boolean;
  readonly seed: boolean;
  /** It streams, and says how many tokens there were or leaves a tokenizer to count them. */
  readonly streams: boolean;
  /** How it is told to go on with the answer in the last message; `never`: it begins anew, whatever it is told. */
  readonly continues: "plainly" | "when-told" | "never";
  readonly echo: Echo;
  /** OpenAI's own takes only the longer name, most others know only the shorter. */
  readonly limitField: "max_tokens" | "max_completion_tokens";
}

function bytesOf({ token, bytes }: Entry): number {
  return bytes?.length ?? Buffer.byteLength(token);
}

/** Those that make the text: behind them may stand that of the end. */
function entriesOf(all: readonly Entry[], text: string): readonly Entry[] {
  let left = Buffer.byteLength(text.replace(/\u{FFFD}+$/u, ""));
  const end = all.findIndex((entry) => {
    if (left <= 0) return true;
    left -= bytesOf(entry);
    return false;
  });
  return end === -1 ? all : all.slice(0, end);
}

function usageOf(usage: Usage): Pick<RawGeneration, "tokens" | "promptTokens" | "cachedTokens"> {
  const cached = usage.prompt_tokens_details?.cached_tokens ?? undefined;
  return {
    tokens: usage.completion_tokens,
    promptTokens: usage.prompt_tokens,
    ...(cached === undefined ? {} : { cachedTokens: cached }),
  };
}

function isWritingCodec(codec: Codec): codec is WritingCodec {
  return "written" in codec && typeof codec.written === "function";
}

export function openAiWire(
  http: HttpClient,
  model: string,
  traits: OpenAiTraits,
  codec: Codec | undefined,
): Wire {
  const isStreamed = (request: WireRequest): boolean => request.pieces !== undefined && traits.streams;

  const callOf = (request: WireRequest): Call => {
    const { messages, answer } = request.context;
    const prefix = answer === "" ? [] : [{ role: "assistant", content: answer }];
    const isTold = answer !== "" && traits.continues === "when-told";
    const body = {
      model,
      messages: [...messages, ...prefix],
      [traits.limitField]: request.maxTokens,
      temperature: request.temperature,
      top_p: 1,
      ...(traits.seed ? { seed: request.seed } : {}),
      ...(request.stop === undefined || request.stop.length === 0 ? {} : { stop: request.stop }),
      ...(traits.logprobs ? { logprobs: true, top_logprobs: request.topLogprobs ?? 0 } : {}),
      ...(isTold ? { continue_final_message: true, add_generation_prompt: false } : {}),
      ...(isStreamed(request)
        ? { stream: true, stream_options: { include_usage: true } }
        : { stream: false }),
    };
    return { method: "POST", path: "/chat/completions", body };
  };

  /** Streams of some servers count nothing; then our own tokenizer does, where there is one. */
  async function counted({ context }: WireRequest, text: string, entries: number) {
    if (codec === undefined) return entries === 0 ? {} : { tokens: entries };
    const { messages, answer } = context;
    const tokens = entries > 0 ? entries : (await codec.encode(text, answer)).length;
    const read = [...(await codec.prompt(messages)), ...(await codec.encode(answer, ""))];
    return { tokens, promptTokens: read.length };
  }

  async function generationOf(request: WireRequest, choices: readonly Choice[], usage: Usage | undefined) {
    const text = choices.map(({ message, delta }) => message?.content ?? delta?.content ?? "").join("");
    const all = choices.flatMap(({ logprobs }) => logprobs?.content ?? []);
    const entries = entriesOf(all, text);
    const generation: RawGeneration = {
      text,
      ...(all.length === 0 ? {} : { logprobs: entries.map(({ logprob }) => logprob) }),
      ...(all.length === 0 || request.topLogprobs === undefined
        ? {}
        : {
            topLogprobs: entries.map(({ top_logprobs }) =>
              (top_logprobs ?? [])
                .slice(0, request.topLogprobs)
                .map(({ token, logprob }) => ({ text: token, logprob })),
            ),
          }),
      finish: choices.some(({ finish_reason }) => finish_reason === "length") ? "length" : "stop",
      ...(usage === undefined ? await counted(request, text, all.length) : usageOf(usage)),
    };
    return generation;
  }

  async function promptOf(ids: readonly number[]): Promise<unknown> {
    if (traits.echo.kind === "ids") return ids;
    if (traits.echo.kind === "text" && codec !== undefined && isWritingCodec(codec))
      return await codec.written(ids.slice(traits.echo.skips));
    const message = `the endpoint reads prompts as text and the tokenizer cannot write its special tokens: it cannot score`;
    throw new EngineFault("unsupported", message);
  }

  async function score(request: ScoreRequest, signal: AbortSignal): Promise<RawScore> {
    const { ids } = request.context;
    const body = {
      model,
      prompt: await promptOf(ids),
      max_tokens: 1,
      temperature: 0,
      echo: true,
      logprobs: 1,
      stream: false,
    };
    const call: Call = { method: "POST", path: "/completions", body };
    const answer = parseAs(echoSchema, await http.json(call, signal), http.place(call));
    return scoreOf(answer, request, codec);
  }

  return {
    takesIds: false,
    continuesAnswers: traits.continues !== "never",
    async generate(request, signal) {
      if (request.context.answer !== "" && traits.continues === "never") {
        const message = `${model}: expected an endpoint that goes on with an answer, found one that begins anew; use one that takes tokens`;
        throw new EngineFault("unsupported", message);
      }
      const call = callOf(request);
      const choices: Choice[] = [];
      let usage: Usage | undefined;
      const take = (json: unknown): boolean => {
        const isEnded = choices.some(({ finish_reason }) => finish_reason);
        if (json === undefined) return isEnded;
        const answer = parseAs(chatSchema, json, http.place(call));
        usage = answer.usage ?? usage;
        choices.push(...answer.choices);
        for (const { delta, message } of answer.choices)
          request.pieces?.add(delta?.content ?? message?.content ?? "");
        return isEnded && answer.choices.length === 0;
      };
      if (isStreamed(request)) await http.events(call, take, signal);
      else take(await http.json(call, signal));
      const reason = choices.findLast(({ finish_reason }) => finish_reason)?.finish_reason;
      if (reason !== "stop" && reason !== "length")
        throw badResponse("finish_reason stop or length", String(reason), http.place(call));
      return generationOf(request, choices, usage);
    },
    ...(traits.echo.kind === "none" ? {} : { score }),
    load: async () => undefined,
    close: () => http.close(),
  };
}

/** What both spell the same way whatever they do with special tokens and cut characters. */
function skeleton(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, "");
}

async function scoreOf(
  answer: z.infer<typeof echoSchema>,
  { context, from }: ScoreRequest,
  codec: Codec | undefined,
): Promise<RawScore> {
  const apart = answer.prompt?.[0]?.logprobs;
  const told = apart ?? answer.choices[0]?.logprobs;
  const asked = context.ids.length - from;
  const { usage } = answer;
  const counts = {
    isWhole: true,
    ...(usage ? { promptTokens: usage.prompt_tokens } : {}),
    ...(usage?.prompt_tokens_details?.cached_tokens == null
      ? {}
      : { cachedTokens: usage.prompt_tokens_details.cached_tokens }),
  };
  if (told === undefined || told === null) return { tokens: [], ...counts };
  // Behind the prompt's stand those of the answer, which was asked to be one token long.
  const written = apart ? 0 : (usage?.completion_tokens ?? 1);
  const end = told.token_logprobs.length - written;
  const isSameLength = usage === undefined || usage === null || usage.prompt_tokens === context.ids.length;
  const expected = await codec?.decode(context.ids.slice(from));
  const found = told.tokens.slice(end - asked, end).join("");
  const isSameText = expected === undefined || skeleton(found).endsWith(skeleton(expected));
  const isPaired = told.tokens.length === told.token_logprobs.length;
  // Another number of tokens, or another text in their place: they are not the ones that were asked for.
  if (!isPaired || !isSameLength || !isSameText || end < asked) return { tokens: [], ...counts };
  const tokens = told.token_logprobs.slice(end - asked, end).map((logprob) => ({ logprob }));
  return { tokens, ...counts };
}
