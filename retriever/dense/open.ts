// Opens a model folder as a reranker: embedding models compare cached vectors, cross-encoders read both texts together.
import { availableParallelism } from "node:os";
import { type ModelFolder, readModelFolder } from "./model-folder.ts";
import { ModelWorker } from "./model-worker.ts";
import type { Passage, PassageScores, Reranker, RerankerAbout } from "./reranker.ts";
import type { RerankSettingsInput } from "./settings.ts";
import { VectorCache } from "./vector-cache.ts";

export interface RerankerOptions {
  /** Holds model.onnx (or onnx/model.onnx) and tokenizer.json; rerank.json, config.json and tokenizer_config.json may be there. */
  readonly folder: string;
  /** `cuda` falls back to `cpu` where it does not load, which `about.fallback` then says. `cpu` by default. */
  readonly device?: "cpu" | "cuda";
  /** At most the cores of the machine, which is also the default: more threads than cores are slower. */
  readonly threads?: number;
  /** Where vectors are kept between runs; without it they are computed each time. */
  readonly cacheFolder?: string;
  /** Wins over the folder's `rerank.json`. */
  readonly settings?: RerankSettingsInput;
}

/** @throws RetrieverFault `model-unusable`, `cache-unusable` */
export async function openReranker(options: RerankerOptions): Promise<Reranker> {
  const model = await readModelFolder(options.folder, options.settings ?? {});
  const { worker, placed } = await ModelWorker.start(options.folder, {
    ...model,
    device: options.device ?? "cpu",
    threads: Math.max(1, Math.min(options.threads ?? Infinity, availableParallelism())),
  });
  const opened = { worker, about: { ...aboutOf(model), ...placed } };
  if (model.settings.kind === "cross-encoder") return new CrossEncoder(opened, model);
  try {
    return new EmbeddingModel(opened, model, cacheOf(options, model, placed.device));
  } catch (error) {
    await worker.close();
    throw error;
  }
}

function aboutOf({ settings, fingerprint }: ModelFolder): Omit<RerankerAbout, "device"> {
  return { kind: settings.kind, fingerprint, maxTokens: settings.maxTokens };
}

/** Devices round differently, and a rank must not depend on who filled the cache. */
function cacheOf(options: RerankerOptions, model: ModelFolder, device: string): VectorCache | undefined {
  if (options.cacheFolder === undefined) return undefined;
  return new VectorCache({ folder: options.cacheFolder, fingerprint: `${model.fingerprint} ${device}` });
}

interface Opened {
  readonly worker: ModelWorker;
  readonly about: RerankerAbout;
}

/** Below this, differences are rounding errors of the machine. */
const scoreDecimals = 1e6;

function rounded(score: number): number {
  return Math.round(score * scoreDecimals) / scoreDecimals;
}

class CrossEncoder implements Reranker {
  readonly about: RerankerAbout;
  readonly #worker: ModelWorker;
  readonly #model: ModelFolder;

  constructor({ worker, about }: Opened, model: ModelFolder) {
    this.about = about;
    this.#worker = worker;
    this.#model = model;
  }

  async score(query: string, passages: readonly Passage[], signal?: AbortSignal): Promise<PassageScores> {
    const { queryPrefix, passagePrefix } = this.#model.settings;
    const texts = passages.map(({ text }) => passagePrefix + text);
    const work = { kind: "compare", query: queryPrefix + query, texts } as const;
    const { values, truncated } = await this.#worker.run(work, signal);
    return {
      scores: Float64Array.from(values, rounded),
      truncated: truncated.filter(Boolean).length,
      computed: passages.length,
    };
  }

  async close(): Promise<void> {
    await this.#worker.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

class EmbeddingModel implements Reranker {
  readonly #about: RerankerAbout;
  readonly #worker: ModelWorker;
  readonly #model: ModelFolder;
  readonly #cache: VectorCache | undefined;

  constructor({ worker, about }: Opened, model: ModelFolder, cache: VectorCache | undefined) {
    this.#about = about;
    this.#worker = worker;
    this.#model = model;
    this.#cache = cache;
  }

  get about(): RerankerAbout {
    const cacheNotice = this.#cache?.notice;
    return cacheNotice === undefined ? this.#about : { ...this.#about, cacheNotice };
  }

  async score(query: string, passages: readonly Passage[], signal?: AbortSignal): Promise<PassageScores> {
    const { queryPrefix } = this.#model.settings;
    const asked = await this.#worker.run({ kind: "embed", texts: [queryPrefix + query] }, signal);
    const { vectors, truncated, computed } = await this.#vectorsOf(passages, asked.dimensions, signal);
    return {
      scores: Float64Array.from(vectors, (vector) => rounded(dot(asked.values, vector))),
      truncated,
      computed,
    };
  }

  async close(): Promise<void> {
    await this.#worker.close();
    this.#cache?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #vectorsOf(passages: readonly Passage[], dimensions: number, signal?: AbortSignal) {
    const kept = this.#cache?.get(passages.map(({ content }) => content)) ?? [];
    const isKept = (index: number) => kept[index]?.length === dimensions;
    const missing = passages.filter((_, index) => !isKept(index));
    const texts = missing.map(({ text }) => this.#model.settings.passagePrefix + text);
    const { values, truncated } = await this.#worker.run({ kind: "embed", texts }, signal);
    const computed = missing.map((_, at) => values.subarray(at * dimensions, (at + 1) * dimensions));
    this.#cache?.put(new Map(missing.map(({ content }, at) => [content, computed[at] ?? values])));
    let next = 0;
    const vectors = passages.map((_, index) => {
      const vector = isKept(index) ? kept[index] : computed[next++];
      return vector ?? new Float32Array(dimensions);
    });
    return { vectors, truncated: truncated.filter(Boolean).length, computed: missing.length };
  }
}

function dot(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < one.length; index += 1) sum += (one[index] ?? 0) * (other[index] ?? 0);
  return sum;
}
