// Ways to ask the target how bad a draft is: by the likelihood of its tokens, by a question about it, by what verdicts taught.
import type { CallKey, ChatMessage, Engine, EngineContext, Generated, Scored } from "./engine.ts";
import { EngineFault } from "./engine.ts";
import { uniformOf } from "./keyed-random.ts";
import { type Features, type LearnedMap, learnedScore } from "./learned.ts";
import {
  type ChunkLogprobs,
  defaultWindow,
  featuresOf,
  logRatio,
  meanNll,
  worstToken,
  worstWindow,
} from "./scores.ts";

/** A draft as the target sees it. */
export interface ChunkToScore {
  readonly key: CallKey;
  /** The target's context with the chunk at its end, and the index of the chunk's first token there. */
  readonly context: EngineContext;
  readonly from: number;
  readonly text: string;
  readonly draft: Generated;
}

export type ChunkScore = Scored & {
  /** Larger is worse. */
  readonly nonconformity: number;
  /** What else was seen, to try other scores by. */
  readonly features?: Features;
};

export interface ChunkScorer {
  readonly name: string;
  /** @throws EngineFault; never a number that is none */
  score(chunk: ChunkToScore, target: Engine, signal: AbortSignal): Promise<ChunkScore>;
}

/** One prefill of the target; `score` sums up what it says of every token. */
function likelihoodScorer(
  name: string,
  score: (chunk: ChunkLogprobs, features: Features) => number,
): ChunkScorer {
  return {
    name,
    async score(chunk, target, signal) {
      const { key, context, from } = chunk;
      // A chunk of another tokenizer may be less than a token of the target's: it has no score.
      if (from >= context.ids.length)
        throw new EngineFault("missing-logprobs", "the chunk has no tokens of the target", {
          retryable: false,
        });
      const scored = await target.score({ key, context, from }, signal);
      const logprobs = logprobsOf(chunk, scored);
      const features = featuresOf(logprobs);
      return { ...scored, features, nonconformity: finite(score(logprobs, features), name) };
    },
  };
}

export const meanNllScorer = likelihoodScorer("mean-nll", meanNll);
export const worstWindowScorer = likelihoodScorer("worst-window", worstWindow(defaultWindow));
export const worstTokenScorer = likelihoodScorer("worst-token", worstToken);
/** Only with a draft whose engine tells its tokens' log-probabilities; of a chunk it told none of there is no score. */
export const logRatioScorer = likelihoodScorer("log-ratio", (chunk) => {
  if (chunk.draft !== undefined) return logRatio(chunk);
  const message = "log-ratio: expected the draft's log-probabilities, found none of this chunk";
  throw new EngineFault("missing-logprobs", message, { retryable: false });
});

export function learnedScorer(map: LearnedMap): ChunkScorer {
  return likelihoodScorer("learned", (_, features) => learnedScore(map, features));
}

/** Says nothing of the chunk and asks nobody: what any score must do better than. */
export function blindScorer(name: "random" | "constant", seed: string): ChunkScorer {
  return {
    name,
    score: ({ key: { question, sample, turn, attempt } }) =>
      Promise.resolve({
        ...{ logprobs: [], promptTokens: 0 },
        nonconformity: name === "constant" ? 0 : uniformOf(seed, "score", question, sample, turn, attempt),
      }),
  };
}

function logprobsOf({ text, draft }: ChunkToScore, { logprobs }: Scored): ChunkLogprobs {
  const bytes = Buffer.byteLength(text);
  return { target: logprobs, bytes, ...(draft.logprobs === undefined ? {} : { draft: draft.logprobs }) };
}

function finite(value: number, name: string): number {
  if (Number.isFinite(value)) return value;
  throw new EngineFault("missing-logprobs", `${name}: expected a number, found ${value}`);
}

export interface YesQuestion {
  /** Put behind the text so far; the model's next token answers it. */
  readonly question: string;
  readonly yes: readonly string[];
  readonly no: readonly string[];
}

export const defaultYesQuestion: YesQuestion = {
  question: "\n\nIs the last step above correct? Answer with yes or no.\nAnswer:",
  yes: ["yes", "y", "true"],
  no: ["no", "n", "false"],
};

/** Behind the answer where the engine goes on with it, as the user's next message where it can only begin one. */
async function withQuestion(
  question: string,
  context: EngineContext,
  { capabilities, codec }: Engine,
): Promise<EngineContext> {
  const { ids, messages, answer } = context;
  if (capabilities.continuesAnswers) {
    const more = await codec.encode(question, answer.slice(-32));
    return { messages, ids: [...ids, ...more], answer: answer + question };
  }
  const asked: readonly ChatMessage[] = [
    ...messages,
    { role: "assistant", content: answer },
    { role: "user", content: question.trim() },
  ];
  return { messages: asked, ids: await codec.prompt(asked), answer: "" };
}

/**
 * -log P(yes), by one written token on a cached prefix: for engines that tell nothing of a prompt's tokens (research/a1.md
 * section 3.2, scoring B). Of all mass on either word, so that a model that would rather write a blank is not taken for no.
 */
export function yesScorer(asked: YesQuestion = defaultYesQuestion): ChunkScorer {
  return {
    name: "p-yes",
    async score({ key, context }, target, signal) {
      const {
        topLogprobs = [],
        promptTokens,
        cachedTokens,
      } = await target.generate(
        {
          key,
          context: await withQuestion(asked.question, context, target),
          ...{
            maxTokens: 1,
            temperature: 0,
            seed: 0,
            topLogprobs: Math.min(20, target.capabilities.topLogprobs),
          },
        },
        signal,
      );
      const [told = []] = topLogprobs;
      const mass = (words: readonly string[]): number =>
        told
          .filter(({ text }) => words.includes(text.trim().toLowerCase()))
          .reduce((sum, { logprob }) => sum + Math.exp(logprob), 0);
      // A no that is not among the few that are told may still have all that those leave.
      const rest = Math.max(0, 1 - told.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0));
      const yes = mass(asked.yes);
      const no = mass(asked.no) || rest;
      if (yes + mass(asked.no) <= 0)
        throw new EngineFault("missing-logprobs", "p-yes: neither yes nor no is among the likeliest tokens", {
          retryable: false,
        });
      // Never infinite: a no that is certain is as bad as a thousandth of a yes.
      const nonconformity = finite(-Math.log(Math.max(yes / (yes + no), 1e-3)), "p-yes");
      const cached = cachedTokens === undefined ? {} : { cachedTokens };
      return { logprobs: [], promptTokens, ...cached, nonconformity };
    },
  };
}
