// Brings new blobs from git to whoever reads them, batch by batch, so that few are in memory at once.

import type { GrammarKind } from "../chunking/grammar.ts";
import { isGivingUp } from "../chunking/grammar.ts";
import { abortedFault } from "../reading/git.ts";
import type { ObjectReader } from "../reading/objects.ts";
import { type BlobKey, type IndexCache, nameOf } from "./cache.ts";
import { decodeBlob, type IndexedBlob } from "./codec.ts";
import { WorkerPool, type WorkerTask } from "./pool.ts";
import { BlobReader } from "./reader.ts";

/** Source bytes in a batch, unless one blob alone has more. */
const batchBytes = 256 * 1024;
const batchFiles = 200;
/** Less than this is read at once, in the caller's thread: a thread costs more to start. */
const smallWorkBytes = 512 * 1024;
/** Batches under way for each worker: one at work, one waiting. */
const batchesPerWorker = 2;

export interface NewBlob {
  readonly key: BlobKey;
  /** As the tree says; 0 where it does not. */
  readonly bytes: number;
}

export interface FeedOptions {
  readonly objects: ObjectReader;
  readonly cache: IndexCache | undefined;
  readonly workers: number;
  readonly signal: AbortSignal | undefined;
}

/** Largest first, so that no thread is left alone with the largest at the end; cut into batches. */
function batchesOf(blobs: readonly NewBlob[]): NewBlob[][] {
  const ordered = [...blobs].sort(
    (one, other) => other.bytes - one.bytes || (nameOf(one.key) < nameOf(other.key) ? -1 : 1),
  );
  const batches: NewBlob[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const blob of ordered) {
    const last = batches.at(-1);
    if (last !== undefined && last.length < batchFiles && bytes + blob.bytes <= batchBytes) {
      last.push(blob);
      bytes += blob.bytes;
    } else {
      batches.push([blob]);
      bytes = blob.bytes;
    }
  }
  return batches;
}

export class BlobFeed implements AsyncDisposable {
  readonly #options: FeedOptions;
  readonly #pool: WorkerPool;
  readonly #local = new BlobReader();
  bytesRead = 0;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#pool = new WorkerPool(options.workers);
  }

  get kinds(): Record<string, GrammarKind> {
    return { ...this.#local.kinds, ...this.#pool.kinds };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
  }

  /** Blobs the repository lacks are left out. @throws RetrieverFault grammar-unusable, cache-unusable, aborted */
  async read(blobs: readonly NewBlob[], take: (name: string, blob: IndexedBlob) => void): Promise<void> {
    const { signal } = this.#options;
    const threads = this.#threadsFor(blobs);
    const batches = batchesOf(blobs).values();
    const stop = () => void this.#pool[Symbol.asyncDispose]();
    signal?.addEventListener("abort", stop, { once: true });
    const line = async (): Promise<void> => {
      for (const batch of batches) {
        if (signal?.aborted) throw abortedFault(signal.reason);
        for (const [name, blob] of await this.#readBatch(batch, threads > 0)) take(name, blob);
      }
    };
    try {
      const lines = Array.from({ length: threads > 0 ? threads * batchesPerWorker : 1 }, line);
      const failed = (await Promise.allSettled(lines)).find((each) => each.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  /** As many as have enough to do, and none for what is done sooner than one starts. */
  #threadsFor(blobs: readonly NewBlob[]): number {
    const bytes = blobs.reduce((sum, blob) => sum + blob.bytes, 0);
    const worth = Math.floor(bytes / smallWorkBytes) + Math.floor(blobs.length / (5 * batchFiles));
    return Math.min(this.#options.workers, worth);
  }

  async #readBatch(batch: readonly NewBlob[], inThreads: boolean): Promise<[string, IndexedBlob][]> {
    const objects = await Promise.all(batch.map(({ key }) => this.#options.objects.get(key.blob)));
    const present = batch.flatMap(({ key }, at) => {
      const content = objects[at]?.content;
      return content === undefined ? [] : [{ key, task: { bytes: content, language: key.language } }];
    });
    const tasks = present.map(({ task }) => task);
    const payloads = inThreads ? await this.#pool.read(tasks) : await this.#readHere(tasks);
    this.bytesRead += tasks.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const entries = present.flatMap(({ key }, at) => {
      const payload = payloads[at];
      return payload === undefined ? [] : [{ key, payload }];
    });
    const read = entries.map(({ key, payload }): [string, IndexedBlob] => {
      const blob = decodeBlob(payload);
      if (blob === undefined) throw new Error(`what was read of blob ${key.blob} just now cannot be decoded`);
      return [nameOf(key), blob];
    });
    // What the parser gave up for time is tried again the next time.
    const isKept = (at: number): boolean => !isGivingUp(read[at]?.[1].fallback ?? "");
    this.#options.cache?.putDigests(entries.filter((_, at) => isKept(at)));
    return read;
  }

  async #readHere(tasks: readonly (WorkerTask & { bytes: Buffer })[]): Promise<Uint8Array[]> {
    const payloads: Uint8Array[] = [];
    for (const task of tasks) payloads.push(await this.#local.read(task));
    return payloads;
  }
}
