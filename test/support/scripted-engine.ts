// An engine without a model: bytes as tokens, words drawn from the request, and a pace that the test sets.
import { createHash } from "node:crypto";
import {
  type ChatMessage,
  type Codec,
  type Engine,
  type EngineCapabilities,
  EngineFault,
  type Generated,
  type GenerateRequest,
  type Scored,
  type ScoreRequest,
} from "../../src/inference/a1/engine.ts";
import { Slots, systemClock } from "../../src/inference/index.ts";

/** Awaited before each word: a test decides when an engine goes on. Rejects with the signal's reason. */
export type Pace = (signal: AbortSignal) => Promise<void>;

export interface EngineScript {
  readonly name?: string;
  /** What it writes; default: words drawn from the seed and the context. */
  readonly write?: (request: GenerateRequest) => string;
  readonly pace?: Pace;
  /** Thrown instead of an answer, where it is for the request. */
  readonly fault?: (request: GenerateRequest | ScoreRequest) => Error | undefined;
  readonly capabilities?: Partial<EngineCapabilities>;
  readonly contextTokens?: number;
  /** Requests it works on at once. */
  readonly slots?: number;
  /** Told of every token read before: so many of a prompt's first ones count as cached. */
  readonly cached?: (ids: readonly number[]) => number;
}

export interface ScriptedEngine extends Engine {
  /** In the order they began, those that waited included. */
  readonly requests: readonly (GenerateRequest | ScoreRequest)[];
  /** Requests that are running or waiting now. */
  busy(): number;
  readonly mostAtOnce: number;
  readonly isClosed: boolean;
}

const vocabulary = (
  "the a model draft target token lane turns writes scores accepts naïve café 数 → 🙂 because so then we find " +
  "therefore answer is not and"
).split(" ");

function drawn(...parts: readonly unknown[]): number {
  return createHash("sha256").update(JSON.stringify(parts)).digest().readUInt32BE(0);
}

/** Forty words, always the same for the same seed, call and context. */
export function scriptedText({ key, seed, context, temperature }: GenerateRequest): string {
  const from = [temperature === 0 ? "greedy" : [key.sample, key.attempt, seed], context.ids.length];
  const words = Array.from({ length: 40 }, (_, at) => vocabulary[drawn(from, at) % vocabulary.length] ?? "");
  return ` ${words.join(" ")}.`;
}

export const byteCodec: Codec = {
  prompt: (messages) => Promise.resolve(encode(templated(messages))),
  encode: (text) => Promise.resolve(encode(text)),
  decode: (ids) => Promise.resolve(decode(ids)),
};

function templated(messages: readonly ChatMessage[]): string {
  return `${messages.map(({ role, content }) => `<${role}>${content}\n`).join("")}<assistant>`;
}

const encode = (text: string): number[] => [...Buffer.from(text)];
const decode = (ids: readonly number[]): string => Buffer.from(ids).toString("utf8");

/** A likelihood for every token, told by itself and its place alone: the same whoever asks. */
export function scriptedLogprob(engine: string, id: number, at: number): number {
  const mixed = Math.imul(Math.imul(at + 1, 0x9e3779b1) ^ (id + engine.length), 0x85ebca6b) >>> 0;
  return -(mixed % 4096) / 1024;
}

/** Cut before the first stop text, then to as many bytes, whole characters only. */
function cut(text: string, { stop = [], maxTokens }: GenerateRequest) {
  const at = stop.map((each) => text.indexOf(each)).filter((index) => index >= 0);
  const stopped = at.length > 0 ? text.slice(0, Math.min(...at)) : text;
  const bytes = Buffer.from(stopped);
  if (bytes.length <= maxTokens) return { text: stopped, finish: "stop" as const, tokens: bytes.length + 1 };
  const short = bytes
    .subarray(0, maxTokens)
    .toString("utf8")
    .replace(/\ufffd+$/, "");
  return { text: short, finish: "length" as const, tokens: maxTokens };
}

const everything: EngineCapabilities = {
  ...{ promptLogprobs: "from-offset", reusesPrefixWhileScoring: true, generatedLogprobs: true },
  ...{ topLogprobs: 5, takesIds: true, continuesAnswers: true, takesSeed: true, aborts: true },
};

export function scriptedEngine(script: EngineScript = {}): ScriptedEngine {
  const { name = "scripted", write = scriptedText, pace, fault, slots: limit = 1_000_000, cached } = script;
  const slots = new Slots({ initial: limit, max: limit }, systemClock);
  const requests: (GenerateRequest | ScoreRequest)[] = [];
  const state = { mostAtOnce: 0, isClosed: false };

  const working = async <R extends GenerateRequest | ScoreRequest, T>(
    request: R,
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T> => {
    requests.push(request);
    const release = await slots.acquire(signal);
    state.mostAtOnce = Math.max(state.mostAtOnce, slots.snapshot().running);
    try {
      const failure = fault?.(request);
      if (failure !== undefined) throw failure;
      return await work();
    } finally {
      release();
    }
  };

  const generated = async (request: GenerateRequest, signal: AbortSignal): Promise<Generated> => {
    const { text, finish, tokens } = cut(write(request), request);
    for (const piece of text.match(/\s*\S+|\s+$/gu) ?? []) {
      await pace?.(signal);
      signal.throwIfAborted();
      request.onText?.(piece);
    }
    const ids = encode(text);
    const before = request.context.ids.length;
    const { topLogprobs } = request;
    const likely = (id: number, at: number) => ({
      text: decode([id]),
      logprob: scriptedLogprob(name, id, at),
    });
    return {
      ...{ text, ids, finish, tokens, promptTokens: before },
      logprobs: ids.map((id, at) => scriptedLogprob(name, id, before + at)),
      ...(topLogprobs !== undefined && {
        topLogprobs: ids.map((id, at) =>
          Array.from({ length: topLogprobs }, (_, rank) => likely((id + rank) % 128, before + at)),
        ),
      }),
      ...(cached && { cachedTokens: cached(request.context.ids) }),
    };
  };

  const scored = async ({ context: { ids }, from }: ScoreRequest, signal: AbortSignal): Promise<Scored> => {
    await pace?.(signal);
    signal.throwIfAborted();
    if (from < 1) throw new EngineFault("unsupported", "nothing stands before the first token");
    const logprobs = ids.slice(from).map((id, at) => scriptedLogprob(name, id, from + at));
    return { logprobs, promptTokens: ids.length, ...(cached && { cachedTokens: cached(ids) }) };
  };

  return {
    name,
    capabilities: { ...everything, ...script.capabilities },
    codec: byteCodec,
    contextTokens: script.contextTokens ?? 100_000,
    requests,
    busy: () => slots.snapshot().running + slots.snapshot().queued,
    get mostAtOnce() {
      return state.mostAtOnce;
    },
    get isClosed() {
      return state.isClosed;
    },
    generate: (request, signal) => working(request, signal, () => generated(request, signal)),
    score: (request, signal) => working(request, signal, () => scored(request, signal)),
    load: () => {
      const { running, queued } = slots.snapshot();
      return Promise.resolve({ running, queued });
    },
    close: () => {
      state.isClosed = true;
      return Promise.resolve();
    },
  };
}

/** A pace of steps: nothing goes on until it is let; `let(n)` allows so many words in the order they asked. */
export function steps(): { readonly pace: Pace; let(count: number): void; readonly waiting: number } {
  const waiting = new Set<() => void>();
  let allowed = 0;
  const pace: Pace = (signal) => {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (allowed > 0) {
      allowed -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const gone = (): void => {
        waiting.delete(go);
        reject(signal.reason);
      };
      const go = (): void => {
        signal.removeEventListener("abort", gone);
        resolve();
      };
      signal.addEventListener("abort", gone, { once: true });
      waiting.add(go);
    });
  };
  return {
    pace,
    let: (count) => {
      const now = [...waiting].slice(0, count);
      for (const go of now) {
        waiting.delete(go);
        go();
      }
      allowed += count - now.length;
    },
    get waiting() {
      return waiting.size;
    },
  };
}

/** One word every so many milliseconds of real time. */
export function everyMs(ms: number): Pace {
  return (signal) => systemClock.sleep(ms, signal);
}
