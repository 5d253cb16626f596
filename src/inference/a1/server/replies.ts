// Asks the pair or one of its engines for the answers a request wants, and gives them in one shape.

import { type Backend, type QuestionAnswer, unscoredOf } from "../backend.ts";
import {
  type Engine,
  type EngineContext,
  EngineFault,
  type Generated,
  type TokenLogprob,
} from "../engine.ts";
import { uniformOf } from "../keyed-random.ts";
import { mustFit } from "../prompt-size.ts";
import { ApiError, invalid } from "./api-error.ts";
import type { Wanted } from "./requests.ts";
import type { AnswerSettings, ServerSettings } from "./settings.ts";

export interface ReplyToken extends TokenLogprob {
  readonly likeliest: readonly TokenLogprob[];
}

/** What the pair tells besides: in the field `a1` of a choice. */
export interface PairDetails {
  readonly answer: string | null;
  readonly chosen: number | null;
  readonly candidates: number;
  readonly is_unchecked: boolean;
  /** Chunks that should have a score and have none, by why: an outage of scoring shows here. */
  readonly unscored: Partial<Record<string, number>>;
  readonly draft_tokens: number;
  readonly target_tokens: number;
  readonly scored_tokens: number;
  readonly cached_tokens: number | null;
}

export interface Reply {
  readonly text: string;
  readonly finish: "stop" | "length";
  readonly promptTokens: number;
  readonly cachedTokens: number | undefined;
  readonly draftTokens: number;
  readonly targetTokens: number;
  readonly scoredTokens: number;
  readonly tokens?: readonly ReplyToken[];
  readonly a1?: PairDetails;
}

export interface Asked {
  readonly choice: number;
  readonly onText?: (piece: string) => void;
}

export type Ask = (asked: Asked, signal: AbortSignal) => Promise<Reply>;

/** The first choice draws from the seed as given, so that one choice of many can be asked for again. */
function seedOf(seed: number | undefined, id: string, choice: number): number {
  if (seed === undefined) return Math.floor(uniformOf("seed", id, choice) * 2 ** 31);
  if (choice > 0) return Math.floor(uniformOf("seed", seed, choice) * 2 ** 31);
  return ((seed % 2 ** 31) + 2 ** 31) % 2 ** 31;
}

function ofPair(result: QuestionAnswer): Reply {
  const { text, finish, usage, answer = null, chosen = null, candidates } = result;
  const isUnchecked = candidates.some(({ sample, isUnchecked }) => sample === chosen && isUnchecked);
  return {
    ...{ text, finish, promptTokens: usage.promptTokens, cachedTokens: usage.cachedTokens },
    ...{ draftTokens: usage.draftTokens, targetTokens: usage.targetTokens, scoredTokens: usage.scoredTokens },
    a1: {
      ...{
        answer,
        chosen,
        candidates: candidates.length,
        is_unchecked: isUnchecked,
        unscored: unscoredOf(candidates),
      },
      ...{ draft_tokens: usage.draftTokens, target_tokens: usage.targetTokens },
      ...{ scored_tokens: usage.scoredTokens, cached_tokens: usage.cachedTokens ?? null },
    },
  };
}

/** What asking needs besides the request. */
export interface AskDeps {
  readonly backend: Backend;
  readonly names: ServerSettings["names"];
  readonly answers: AnswerSettings;
  /** @throws ApiError 400 where there are too many kinds already */
  readonly taskOf: (task: string | undefined) => string;
}

function pairAsk({ backend, answers, taskOf }: AskDeps, wanted: Wanted, id: string): Ask {
  const { prompt } = wanted;
  if (typeof prompt === "string" || "ids" in prompt) {
    const message = `${wanted.model} answers chats: use /v1/chat/completions, or a model that continues text.`;
    throw invalid("model", message, "unsupported_model");
  }
  if (wanted.logprobs !== undefined)
    throw invalid("logprobs", `${wanted.model} tells no log-probabilities.`, "unsupported_parameter");
  // Whoever asks for several choices compares them himself.
  const samples = wanted.samples ?? (wanted.choices > 1 ? 1 : answers.samples);
  const candidates = samples * wanted.choices;
  if (candidates > answers.mostSamples) {
    const found = `${wanted.choices} choices of ${samples} candidates each`;
    throw invalid("n", `n: expected at most ${answers.mostSamples} candidates together, found ${found}.`);
  }
  const task = taskOf(wanted.task);
  return async ({ choice, onText }, signal) => {
    const { maxTokens = answers.maxTokens, temperature, stop } = wanted;
    const question = {
      ...{ id: choice === 0 ? id : `${id}-${choice}`, messages: prompt.messages, task, samples },
      ...{ maxTokens, temperature, seed: seedOf(wanted.seed, id, choice) },
      ...(stop && { stop }),
      ...(onText && samples === 1 && { onText }),
    };
    return ofPair(await backend.ask(question, signal));
  };
}

/** @throws EngineFault context-overflow where it cannot fit */
async function contextOf(engine: Engine, prompt: Wanted["prompt"]): Promise<EngineContext> {
  if (typeof prompt === "string") mustFit(engine, [prompt]);
  else if ("messages" in prompt) mustFit(engine, prompt.messages);
  if (typeof prompt === "string")
    return { ids: await engine.codec.encode(prompt, ""), messages: [], answer: "" };
  if ("ids" in prompt) return { ids: prompt.ids, messages: [], answer: "" };
  const { messages } = prompt;
  return { ids: await engine.codec.prompt(messages), messages, answer: "" };
}

async function tokensOf(engine: Engine, generated: Generated): Promise<ReplyToken[]> {
  const { ids, logprobs, topLogprobs } = generated;
  if (ids === undefined || logprobs === undefined || ids.length !== logprobs.length)
    throw new EngineFault(
      "missing-logprobs",
      `${engine.name} told no log-probability for each of its tokens`,
    );
  const texts = new Map<number, string>();
  for (const id of new Set(ids)) texts.set(id, await engine.codec.decode([id]));
  return ids.map((id, at) => ({
    text: texts.get(id) ?? "",
    logprob: logprobs[at] ?? 0,
    likeliest: topLogprobs?.[at] ?? [],
  }));
}

/** @throws ApiError 400 for what the engine's capabilities leave out */
function checkEngine({ capabilities }: Engine, { model, logprobs, prompt }: Wanted): void {
  if (logprobs !== undefined && !capabilities.generatedLogprobs)
    throw invalid("logprobs", `${model} tells no log-probabilities.`, "unsupported_parameter");
  // Of tokens that it does not tell nobody could say which is how likely.
  if (logprobs !== undefined && !capabilities.takesIds)
    throw invalid("logprobs", `${model} does not tell its tokens.`, "unsupported_parameter");
  if (logprobs !== undefined && logprobs > capabilities.topLogprobs) {
    const message = `${model} tells ${capabilities.topLogprobs} alternatives at most, ${logprobs} were asked for.`;
    throw invalid("top_logprobs", message);
  }
  if (!capabilities.takesIds && (typeof prompt === "string" || "ids" in prompt))
    throw invalid("prompt", `${model} takes no raw prompts: use /v1/chat/completions.`, "unsupported_model");
}

/** Of an answer whose asker leaves it open: what the model's context has room for. */
function roomFor(engine: Engine, { ids }: EngineContext, usual: number): number {
  if (engine.contextTokens === undefined) return usual;
  return Math.max(1, Math.min(usual, engine.contextTokens - ids.length));
}

function engineAsk(
  author: "draft" | "target",
  { backend, answers }: AskDeps,
  wanted: Wanted,
  id: string,
): Ask {
  const engine = backend.engines[author];
  if (wanted.samples !== undefined || wanted.task !== undefined)
    throw invalid("a1", `${wanted.model} is one engine: a1 is for the pair.`, "unsupported_parameter");
  checkEngine(engine, wanted);
  let prepared: Promise<EngineContext> | undefined;
  return async ({ choice, onText }, signal) => {
    prepared ??= contextOf(engine, wanted.prompt);
    const context = await prepared;
    const { temperature, stop, logprobs } = wanted;
    const maxTokens = wanted.maxTokens ?? roomFor(engine, context, answers.maxTokens);
    const request = {
      ...{ key: { question: id, sample: choice, turn: 0, attempt: 0 }, context },
      ...{ maxTokens, temperature, seed: seedOf(wanted.seed, id, choice) },
      ...(stop && { stop }),
      ...(logprobs !== undefined && { topLogprobs: logprobs }),
      ...(onText && { onText }),
    };
    const generated = await engine.generate(request, signal);
    const { text, finish, promptTokens, cachedTokens, tokens } = generated;
    return {
      ...{ text, finish, promptTokens, cachedTokens, scoredTokens: 0 },
      draftTokens: author === "draft" ? tokens : 0,
      targetTokens: author === "target" ? tokens : 0,
      ...(logprobs !== undefined && { tokens: await tokensOf(engine, generated) }),
    };
  };
}

export function unknownModel(model: string, names: ServerSettings["names"]): ApiError {
  const message = `The model '${model}' does not exist: expected one of ${Object.values(names).join(", ")}.`;
  return new ApiError(404, "model_not_found", message, { param: "model" });
}

/** @throws ApiError 404, or 400 for what the model cannot do */
export function askFor(wanted: Wanted, deps: AskDeps, id: string): Ask {
  const { names } = deps;
  const { model } = wanted;
  if (model === names.pair) return pairAsk(deps, wanted, id);
  if (model === names.draft) return engineAsk("draft", deps, wanted, id);
  if (model === names.target) return engineAsk("target", deps, wanted, id);
  throw unknownModel(model, names);
}

/** All choices at once. The first that fails ends the others, and is told once they have ended. */
export async function askAll(
  ask: Ask,
  askings: readonly Asked[],
  signal: AbortSignal,
): Promise<readonly Reply[]> {
  const [only] = askings;
  if (only !== undefined && askings.length === 1) return [await ask(only, signal)];
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const asks = askings.map(async (asked) => {
    try {
      return await ask(asked, either);
    } catch (error) {
      failing.abort(error);
      throw error;
    }
  });
  const settled = await Promise.allSettled(asks);
  if (signal.aborted) throw signal.reason;
  if (failing.signal.aborted) throw failing.signal.reason;
  return settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
}
