// Opens a model folder as an engine of this process: the model in a thread, its codec here, faults in the house's words.
import { availableParallelism } from "node:os";
import { type FolderCodec, openCodec } from "../../codec/open.ts";
import {
  type Engine,
  type EngineCapabilities,
  EngineFault,
  type EngineLoad,
  type Generated,
  type GenerateRequest,
  type Scored,
  type ScoreRequest,
} from "../../engine.ts";
import { type GenerateResult, gauges, type Ready } from "./messages.ts";
import { type ModelFolder, readModelFolder } from "./model-folder.ts";
import { ModelWorker, type StartThread, startModelThread } from "./model-worker.ts";

export interface OnnxEngineOptions {
  /** Holds model.onnx (or onnx/model.onnx), config.json and the tokenizer's files. */
  readonly folder: string;
  /** For ledgers and calibration; the folder's name by default. */
  readonly name?: string;
  /** `auto` and `cuda` fall back to `cpu` where it does not load, which {@link OnnxEngine.fallback} then says. */
  readonly device?: "cpu" | "cuda" | "auto";
  /** At most the cores of the machine, which is also the default: more threads than cores are slower. */
  readonly threads?: number;
  /** Answers written at once, and as many scores beside them. */
  readonly maxBatch?: number;
  /** Tokens whose keys and values are held, at work or kept for later; as many as fit 1 GiB by default. */
  readonly cacheTokens?: number;
  /** Tokens read in one step: longer prompts let others go on in between. */
  readonly prefillTokens?: number;
}

/** What tests put in the place of the world. */
export interface OnnxEngineDeps {
  readonly startThread?: StartThread;
}

const defaults = { maxBatch: 32, prefillTokens: 512 };

const capabilities: EngineCapabilities = {
  promptLogprobs: "from-offset",
  reusesPrefixWhileScoring: true,
  generatedLogprobs: true,
  topLogprobs: 20,
  takesIds: true,
  continuesAnswers: true,
  takesSeed: true,
  aborts: true,
};

interface Opened {
  readonly model: ModelFolder;
  readonly codec: FolderCodec;
  readonly worker: ModelWorker;
  readonly ready: Ready;
  readonly gauges: Int32Array;
}

/**
 * @throws EngineFault `unusable`: the file, the field, what was expected and what was found; `bad-request` for options
 */
export async function openOnnxEngine(
  options: OnnxEngineOptions,
  deps: OnnxEngineDeps = {},
): Promise<OnnxEngine> {
  const counts = { ...defaults, ...options };
  for (const name of ["threads", "maxBatch", "cacheTokens", "prefillTokens"] as const) {
    const count = counts[name];
    if (count !== undefined && !(Number.isSafeInteger(count) && count >= 1)) {
      throw badRequest(`${name}: expected a whole number from 1, found ${count}`);
    }
  }
  const model = await readModelFolder(options.folder);
  const codec = await openCodec(options.folder);
  const levels = new Int32Array(new SharedArrayBuffer(Object.keys(gauges).length * 4));
  const { worker, ready } = await ModelWorker.start(
    {
      ...model,
      tokens: codec.tokens.table,
      device: options.device ?? "auto",
      threads: Math.min(options.threads ?? Infinity, availableParallelism()),
      maxBatch: counts.maxBatch,
      prefillTokens: counts.prefillTokens,
      cacheTokens: options.cacheTokens,
      gauges: levels,
    },
    deps.startThread ?? startModelThread,
  );
  return new OnnxEngine({ model, codec, worker, ready, gauges: levels }, options.name ?? model.name);
}

/**
 * What it answers depends on the request alone, up to rounding: who runs beside it and what is kept from before changes
 * the last bits of its numbers, and so a choice only where two tokens are that close.
 */
export class OnnxEngine implements Engine {
  readonly name: string;
  readonly capabilities = capabilities;
  readonly codec: FolderCodec;
  readonly contextTokens: number;
  readonly device: "cpu" | "cuda";
  /** Why it does not run where it was asked to. */
  readonly fallback: string | undefined;
  /** False: the model cannot take padding, so that requests run one after another. */
  readonly batches: boolean;
  readonly #worker: ModelWorker;
  readonly #ready: Ready;
  readonly #gauges: Int32Array;

  constructor({ model, codec, worker, ready, gauges: levels }: Opened, name: string) {
    this.name = name;
    this.codec = codec;
    this.contextTokens = Math.min(model.contextTokens, ready.cacheTokens);
    this.device = ready.device;
    this.fallback = ready.fallback;
    this.batches = ready.batches;
    this.#worker = worker;
    this.#ready = ready;
    this.#gauges = levels;
  }

  async generate(request: GenerateRequest, signal: AbortSignal): Promise<Generated> {
    const { ids } = request.context;
    const { maxTokens, temperature, seed, stop = [], topLogprobs = 0, onText } = request;
    this.#checkIds(ids, maxTokens);
    check("maxTokens", maxTokens, Number.isSafeInteger(maxTokens) && maxTokens >= 1, "a whole number from 1");
    check("temperature", temperature, Number.isFinite(temperature) && temperature >= 0, "a number from 0");
    check("seed", seed, Number.isSafeInteger(seed), "a whole number");
    const isTop = Number.isInteger(topLogprobs) && topLogprobs >= 0;
    check("topLogprobs", topLogprobs, isTop, "a whole number from 0");
    if (topLogprobs > capabilities.topLogprobs)
      throw new EngineFault(
        "unsupported",
        `topLogprobs: expected at most ${capabilities.topLogprobs}, found ${topLogprobs}`,
      );
    const work = { ids: [...ids], maxTokens, temperature, seed, stop: [...stop], top: topLogprobs };
    const streams = onText !== undefined;
    const result = await this.#worker.run({ kind: "generate", ...work, streams }, signal, onText);
    if (result.kind !== "generated") throw new Error(`expected an answer, found ${result.kind}`);
    return this.#generated(result, ids.length);
  }

  async score({ context, from }: ScoreRequest, signal: AbortSignal): Promise<Scored> {
    const { ids } = context;
    this.#checkIds(ids, 0);
    const isWithin = Number.isSafeInteger(from) && from >= 1 && from <= ids.length;
    check("from", from, isWithin, `a whole number from 1 to ${ids.length}, the number of tokens`);
    signal.throwIfAborted();
    if (from === ids.length) return { logprobs: [], promptTokens: ids.length, cachedTokens: 0 };
    const result = await this.#worker.run({ kind: "score", ids: [...ids], from }, signal);
    if (result.kind !== "scored") throw new Error(`expected a score, found ${result.kind}`);
    const { logprobs, cachedTokens } = result;
    return { logprobs, promptTokens: ids.length, cachedTokens };
  }

  lost(): EngineFault | undefined {
    return this.#worker.dead;
  }

  /** What is kept for later does not count: it goes when room is needed. */
  async load(): Promise<EngineLoad> {
    const level = (name: keyof typeof gauges) => Atomics.load(this.#gauges, gauges[name]);
    const cacheShare = Math.min(1, level("reservedTokens") / this.#ready.cacheTokens);
    return { running: level("running"), queued: level("queued"), cacheShare };
  }

  async close(): Promise<void> {
    await this.#worker.close();
  }

  #checkIds(ids: readonly number[], maxTokens: number): void {
    const { vocabulary } = this.#ready;
    const wrong = ids.find((id) => !(Number.isSafeInteger(id) && id >= 0 && id < vocabulary));
    if (wrong !== undefined || ids.length === 0) {
      const found = wrong === undefined ? "none" : `${wrong}`;
      throw badRequest(`${this.name}: expected token ids from 0 to ${vocabulary - 1}, found ${found}`);
    }
    if (ids.length + maxTokens <= this.contextTokens) return;
    throw new EngineFault(
      "context-overflow",
      `${this.name}: expected at most ${this.contextTokens} tokens of prompt and answer, found ` +
        `${ids.length} and up to ${maxTokens}. What to do: ask for fewer tokens, or give a model with more context`,
    );
  }

  #generated(result: GenerateResult, promptTokens: number): Generated {
    const { kind: _, top, ...rest } = result;
    const named = top?.map((likely) =>
      likely.map(([id, logprob]) => ({ text: this.codec.tokens.nameOf(id), logprob })),
    );
    return { ...rest, promptTokens, ...(named === undefined ? {} : { topLogprobs: named }) };
  }
}

function check(name: string, value: number, isRight: boolean, expected: string): void {
  if (!isRight) throw badRequest(`${name}: expected ${expected}, found ${value}`);
}

function badRequest(message: string): EngineFault {
  return new EngineFault("bad-request", `${message}. What to do: mend the request`);
}
