// An engine over any wire: what a server told is checked here, so that every kind of server is believed equally little.
import {
  type Codec,
  type Engine,
  type EngineCapabilities,
  EngineFault,
  type Generated,
  type GenerateRequest,
  type Scored,
  type ScoreRequest,
  type TokenLogprob,
} from "../engine.ts";
import { Pieces } from "./pieces.ts";
import { tokensOfText } from "./tokens.ts";
import type { RawGeneration, RawScore, Wire } from "./wire.ts";

export interface EngineParts {
  readonly name: string;
  readonly wire: Wire;
  readonly codec: Codec;
  readonly capabilities: EngineCapabilities;
  readonly contextTokens?: number;
}

/** Logarithms of probabilities near 1 are rounded to a little above 0 by honest servers. */
const roundingError = 1e-5;

/** Tokenizers look no further back than this to see how a text goes on. */
const tailLength = 64;

function missing(name: string, what: string): EngineFault {
  const message = `engine ${name}: expected a finite log-probability of at most 0 for every token, found ${what}; see whether the server can give them for this model`;
  return new EngineFault("missing-logprobs", message, { retryable: true });
}

/** @throws EngineFault `missing-logprobs` */
function checked(logprob: number | null | undefined, at: number, name: string): number {
  if (typeof logprob !== "number" || !Number.isFinite(logprob) || logprob > roundingError) {
    throw missing(name, `${String(logprob)} at token ${at}`);
  }
  return Math.min(logprob, 0);
}

/** Alternatives decide as much as what was drawn: scores by yes or no are made of them alone. */
function likeliestOf(told: readonly TokenLogprob[], at: number, name: string): readonly TokenLogprob[] {
  return told.map(({ text, logprob }) => ({ text, logprob: checked(logprob, at, name) }));
}

function bad(name: string, expected: string, found: string): EngineFault {
  const message = `engine ${name}: expected ${expected}, found ${found}; see whether the server is of the kind that was configured`;
  return new EngineFault("bad-response", message, { retryable: true });
}

/** Exactly the tokens asked for, by their ids where the server tells them. @throws EngineFault */
export function scoredOf(name: string, request: ScoreRequest, raw: RawScore): Scored {
  const asked = request.context.ids.slice(request.from);
  if (raw.tokens.length !== asked.length) {
    throw missing(name, `${raw.tokens.length} of them for ${asked.length} tokens`);
  }
  const logprobs = raw.tokens.map(({ id, logprob }, index) => {
    if (id !== undefined && id !== asked[index])
      throw missing(name, `that of token id ${id} where id ${asked[index]} stands`);
    return checked(logprob, request.from + index, name);
  });
  return {
    logprobs,
    promptTokens: raw.promptTokens ?? request.context.ids.length,
    ...(raw.cachedTokens === undefined ? {} : { cachedTokens: raw.cachedTokens }),
  };
}

/** The ids and their logarithms that make up the text, where the server told any. */
async function shares(raw: RawGeneration, request: GenerateRequest, codec: Codec) {
  const { ids, logprobs, topLogprobs, text } = raw;
  if (ids === undefined) return { text: wholeText(text), ...whole(raw) };
  const of = await tokensOfText({ before: request.context.ids, ids, text }, codec);
  if (of.rest !== "") {
    // The stop text began within a token: the tokens of the text are then not all ones that were drawn.
    const before = (request.context.answer + of.text).slice(0, -of.rest.length).slice(-tailLength);
    const rest = await codec.encode(of.rest, before);
    return { text: of.text, ids: [...ids.slice(0, of.count), ...rest] };
  }
  const isPaired =
    logprobs !== undefined &&
    logprobs.length === ids.length &&
    !logprobs.slice(0, of.count).includes(undefined);
  return {
    text: of.text,
    ids: ids.slice(0, of.count),
    ...(isPaired ? { logprobs: logprobs.slice(0, of.count) } : {}),
    ...(isPaired && topLogprobs !== undefined ? { topLogprobs: topLogprobs.slice(0, of.count) } : {}),
  };
}

function whole({ logprobs, topLogprobs }: RawGeneration) {
  if (logprobs?.includes(undefined)) return {};
  return {
    ...(logprobs === undefined ? {} : { logprobs }),
    ...(topLogprobs === undefined ? {} : { topLogprobs }),
  };
}

/** Without what the cut has left of a character. */
function wholeText(text: string): string {
  return text.replace(/[\u{FFFD}\u{D800}-\u{DBFF}]+$/u, "");
}

/** @throws EngineFault */
export async function generatedOf(
  parts: Omit<EngineParts, "capabilities">,
  request: GenerateRequest,
  raw: RawGeneration,
): Promise<Generated> {
  const { name, codec } = parts;
  const share = await shares(raw, request, codec);
  const told = "logprobs" in share ? share.logprobs : undefined;
  const top = "topLogprobs" in share ? share.topLogprobs : undefined;
  const ids = "ids" in share ? share.ids : undefined;
  const tokens = raw.tokens ?? raw.ids?.length ?? raw.logprobs?.length;
  if (tokens === undefined) throw bad(name, "the number of tokens it wrote", "none");
  const promptTokens = raw.promptTokens ?? (parts.wire.takesIds ? request.context.ids.length : undefined);
  if (promptTokens === undefined) throw bad(name, "the number of tokens it read", "none");
  return {
    text: share.text,
    ...(ids === undefined ? {} : { ids }),
    ...(told === undefined ? {} : { logprobs: told.map((each, index) => checked(each, index, name)) }),
    ...(top === undefined || request.topLogprobs === undefined
      ? {}
      : { topLogprobs: top.map((told, index) => likeliestOf(told, index, name)) }),
    finish: raw.finish,
    ...(raw.stoppedBy === undefined ? {} : { stoppedBy: raw.stoppedBy }),
    tokens,
    promptTokens,
    ...(raw.cachedTokens === undefined ? {} : { cachedTokens: raw.cachedTokens }),
  };
}

function refuseImpossible(name: string, request: GenerateRequest, capabilities: EngineCapabilities): void {
  const { topLogprobs = 0, maxTokens } = request;
  if (topLogprobs > capabilities.topLogprobs) {
    const message = `engine ${name}: expected at most ${capabilities.topLogprobs} likeliest tokens to be asked for, found ${topLogprobs}; ask for fewer`;
    throw new EngineFault("unsupported", message);
  }
  if (!Number.isInteger(maxTokens) || maxTokens < 1) {
    const message = `engine ${name}: expected maxTokens to be a whole number from 1, found ${maxTokens}`;
    throw new EngineFault("bad-request", message);
  }
}

function refuseUnscorable(name: string, { context, from }: ScoreRequest): void {
  if (Number.isInteger(from) && from >= 1 && from <= context.ids.length) return;
  const message = `engine ${name}: expected the first scored token between 1 and ${context.ids.length}, found ${from}`;
  throw new EngineFault("bad-request", message);
}

/** The probe found them to be of another distribution than the model's, so they are as good as absent. */
function withoutLogprobs({ logprobs: _, topLogprobs: __, ...generated }: Generated): Generated {
  return generated;
}

export function servedEngine(parts: EngineParts): Engine {
  const { name, wire, codec, capabilities, contextTokens } = parts;
  return {
    name,
    capabilities,
    codec,
    ...(contextTokens === undefined ? {} : { contextTokens }),
    async generate(request, signal) {
      refuseImpossible(name, request, capabilities);
      const { onText, ...asked } = request;
      const pieces = onText === undefined ? undefined : new Pieces(onText, request.stop);
      const raw = await wire.generate({ ...asked, ...(pieces === undefined ? {} : { pieces }) }, signal);
      const generated = await generatedOf(parts, request, raw);
      if (pieces?.end(generated.text) === false)
        throw bad(name, "the pieces of the stream to make the text", "others");
      return capabilities.generatedLogprobs ? generated : withoutLogprobs(generated);
    },
    async score(request, signal) {
      if (capabilities.promptLogprobs === "none" || wire.score === undefined) {
        const message = `engine ${name}: it cannot score a text (its promptLogprobs are "none"); use SGLang, vLLM, an ONNX model or an endpoint with echo as target`;
        throw new EngineFault("unsupported", message);
      }
      refuseUnscorable(name, request);
      if (request.from === request.context.ids.length)
        return { logprobs: [], promptTokens: 0, cachedTokens: 0 };
      return scoredOf(name, request, await wire.score(request, signal));
    },
    load: (signal) => wire.load(signal),
    async close() {
      wire.close();
    },
  };
}
