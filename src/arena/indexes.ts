// The repositories of a run's instances, opened for searching: one index for all, each case laid out once.
import {
  openIndex,
  type Ranker,
  type RepositoryIndex,
  type Reranker,
  rankerOf,
  type Snapshot,
} from "../../retriever/index.ts";
import type { Case } from "./case.ts";
import { indexNotes } from "./index-notes.ts";
import { sharingScores } from "./shared-scores.ts";

export interface Searchable {
  readonly snapshot: Snapshot;
  readonly ranker: Ranker;
}

export interface Indexes {
  /** Ranks once more what is found, the same for all who ask the same. */
  readonly reranker?: Reranker;
  /** An instance's repository at its base commit. @throws RetrieverFault */
  open(of: Case): Promise<Searchable>;
}

export interface IndexesOptions {
  /** Where what was read of blobs is kept between runs; nothing is without it. */
  readonly cacheFolder?: string;
  readonly signal?: AbortSignal;
  /** Threads that read new blobs. */
  readonly workers?: number;
  /** Its opener closes it. */
  readonly reranker?: Reranker;
  /** One sentence about something that was not as it should be. */
  readonly note?: (sentence: string) => void;
}

/** Laid out at once: each holds the terms of a whole repository in memory. */
const mostLaidOut = 3;

/** Opened when first asked: a run of controls needs none. */
export class CaseIndexes implements Indexes, AsyncDisposable {
  readonly reranker?: Reranker;
  readonly #options: IndexesOptions;
  #index: RepositoryIndex | undefined;
  /** Least recently used first. */
  readonly #laidOut = new Map<string, Promise<Searchable>>();

  constructor(options: IndexesOptions = {}) {
    this.#options = options;
    if (options.reranker !== undefined) this.reranker = sharingScores(options.reranker);
  }

  open(of: Case): Promise<Searchable> {
    const key = `${of.repository.gitDir} ${of.baseCommit}`;
    const opening = this.#laidOut.get(key) ?? this.#layOut(of);
    this.#laidOut.delete(key);
    this.#laidOut.set(key, opening);
    // What could not be opened is tried again by whoever asks next.
    opening.catch(() => this.#laidOut.delete(key));
    const [oldest] = this.#laidOut.keys();
    if (this.#laidOut.size > mostLaidOut && oldest !== undefined) this.#laidOut.delete(oldest);
    return opening;
  }

  async #layOut(of: Case): Promise<Searchable> {
    const { signal, note = () => {}, reranker: _, ...where } = this.#options;
    this.#index ??= openIndex(where);
    const at = [of.repository.gitDir, of.baseCommit] as const;
    const { snapshot, stats } = await this.#index.snapshot(...at, signal === undefined ? {} : { signal });
    for (const sentence of indexNotes(stats, of.instance.instanceId)) note(sentence);
    return { snapshot, ranker: rankerOf(snapshot) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#laidOut.values());
    this.#laidOut.clear();
    await this.#index?.close();
    this.#index = undefined;
  }
}
