// Reads a repository at a commit into a snapshot that can be ranked, reading only blobs that were never read before.
//
// Usage: `await using index = openIndex({ cacheFolder, workers: 2 })`, then
// `const { snapshot, stats } = await index.snapshot(repository, commit)`. The snapshot's `read` works until the index
// is closed.
import type { GrammarKind } from "../chunking/grammar.ts";
import { languages } from "../chunking/languages.ts";
import type { IndexedFile, Snapshot } from "../digest.ts";
import { RetrieverFault } from "../fault.ts";
import { abortedFault } from "../reading/git.ts";
import { readCommit, readHistory } from "../reading/history.ts";
import { ObjectReader } from "../reading/objects.ts";
import { entryTraits, isIndexed, pathTraits } from "../reading/traits.ts";
import { listTree, resolveCommit, type TreeEntry } from "../reading/tree.ts";
import { type BlobKey, IndexCache, nameOf } from "./cache.ts";
import type { IndexedBlob } from "./codec.ts";
import { BlobFeed } from "./feed.ts";
import { byFirstLine } from "./reader.ts";

export interface IndexOptions {
  /** Where digests are kept between runs, shared by any number of processes; nothing is kept without it. */
  readonly cacheFolder?: string;
  /** Threads that read new blobs; 0 reads all in the caller's thread. */
  readonly workers?: number;
}

export interface SnapshotOptions {
  readonly signal?: AbortSignal;
  /** Called whenever some new blobs have been read. */
  readonly onProgress?: (progress: { readonly read: number; readonly toRead: number }) => void;
}

/** What a snapshot took; no times: callers have clocks. */
export interface IndexStats {
  readonly files: number;
  /** Files with a digest. */
  readonly indexed: number;
  /** By language; other text stands under "text". */
  readonly languages: Readonly<Record<string, number>>;
  /** Blobs read anew, and those taken from the cache. */
  readonly read: number;
  readonly reused: number;
  /** Source bytes of the blobs read anew. */
  readonly bytesRead: number;
  /** Files of a known language that were cut at blank lines, and why. */
  readonly fallbacks: readonly { readonly path: string; readonly reason: string }[];
  /** Files whose blob the repository lacks (a partial clone): named, not indexed. */
  readonly missing: readonly string[];
  /** What of the cache was damaged and read anew. */
  readonly cacheDamage: readonly string[];
  /** Why nothing (more) was kept: no folder that can be written, a full disk. Absent when all was. */
  readonly cacheStopped?: string;
  /** Which build of each grammar read the new blobs. */
  readonly grammars: Readonly<Record<string, GrammarKind>>;
}

export interface RepositoryIndex extends AsyncDisposable {
  /**
   * Two snapshots of one index may be asked for at once.
   * @throws RetrieverFault repository-unreadable, object-missing, grammar-unusable, aborted, and cache-unusable where
   * the cache can no longer be read
   */
  snapshot(
    repository: string,
    commit: string,
    options?: SnapshotOptions,
  ): Promise<{ snapshot: Snapshot; stats: IndexStats }>;
  close(): Promise<void>;
}

/** A cache folder that cannot be used is worked without, and every snapshot's stats say so. */
export function openIndex({ cacheFolder, workers = 2 }: IndexOptions = {}): RepositoryIndex {
  if (cacheFolder === undefined) return new OpenIndex(undefined, workers);
  try {
    return new OpenIndex(new IndexCache(cacheFolder), workers);
  } catch (cause) {
    if (!(cause instanceof RetrieverFault)) throw cause;
    return new OpenIndex(undefined, workers, cause.message);
  }
}

/** A file on its way into the snapshot. */
interface Planned {
  readonly entry: TreeEntry;
  readonly key: BlobKey | undefined;
}

function planOf(entry: TreeEntry): Planned {
  // What could not be shown is not searched either, were its digest in the cache or not.
  if (entry.isMissing || !isIndexed(entryTraits(entry))) return { entry, key: undefined };
  const byName = languages().of(entry.path, Buffer.alloc(0))?.name;
  const name = entry.path.slice(entry.path.lastIndexOf("/") + 1);
  return { entry, key: { blob: entry.id, language: byName ?? (name.includes(".") ? "" : byFirstLine) } };
}

class OpenIndex implements RepositoryIndex {
  readonly #cache: IndexCache | undefined;
  readonly #workers: number;
  /** Why there is no cache although one was wanted. */
  readonly #without: string | undefined;
  readonly #objects = new Map<string, ObjectReader>();

  constructor(cache: IndexCache | undefined, workers: number, without?: string) {
    this.#cache = cache;
    this.#without = without;
    this.#workers = workers;
  }

  async snapshot(repository: string, commit: string, options: SnapshotOptions = {}) {
    const { signal } = options;
    if (signal?.aborted) throw abortedFault(signal.reason);
    const id = await resolveCommit({ repository, commit, signal });
    const at = { repository, commit: id, signal };
    const objects = this.#reader(repository);
    const plan = (await listTree(at)).map(planOf);
    const work = [
      this.#blobs(plan, objects, options),
      readHistory(at, objects, this.#cache),
      objects.need(id, "commit"),
    ] as const;
    // Nothing goes on behind the caller's back once one has failed.
    await Promise.allSettled(work);
    const [{ known, stats }, history, head] = await Promise.all(work);
    const files = plan.map((planned) => fileOf(planned, known));
    const snapshot: Snapshot = {
      commit: id,
      time: readCommit(head).time,
      files,
      history,
      read: (file) => objects.need(file.blob, "blob"),
    };
    return { snapshot, stats: { ...stats, ...summary(plan, files, known), ...this.#cacheStats() } };
  }

  async close(): Promise<void> {
    const readers = [...this.#objects.values()];
    this.#objects.clear();
    await Promise.all(readers.map((reader) => reader.close()));
    this.#cache?.[Symbol.dispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #cacheStats(): Pick<IndexStats, "cacheDamage" | "cacheStopped"> {
    const stopped = this.#without ?? this.#cache?.stopped;
    const cacheDamage = this.#cache?.damage ?? [];
    return { cacheDamage, ...(stopped === undefined ? {} : { cacheStopped: stopped }) };
  }

  #reader(repository: string): ObjectReader {
    const reader = this.#objects.get(repository) ?? new ObjectReader(repository);
    this.#objects.set(repository, reader);
    return reader;
  }

  async #blobs(plan: readonly Planned[], objects: ObjectReader, { signal, onProgress }: SnapshotOptions) {
    const keys = new Map<string, BlobKey>();
    const sizes = new Map<string, number>();
    for (const { key, entry } of plan) {
      if (key === undefined) continue;
      keys.set(nameOf(key), key);
      sizes.set(nameOf(key), entry.bytes);
    }
    const known = await this.#fromCache([...keys.values()], signal);
    const reused = known.size;
    const missing = [...keys]
      .filter(([name]) => !known.has(name))
      .map(([name, key]) => ({ key, bytes: sizes.get(name) ?? 0 }));
    await using feed = new BlobFeed({ objects, cache: this.#cache, workers: this.#workers, signal });
    await feed.read(missing, (name, blob) => {
      known.set(name, blob);
      onProgress?.({ read: known.size - reused, toRead: missing.length });
    });
    return {
      known,
      stats: {
        read: known.size - reused,
        reused,
        bytesRead: feed.bytesRead,
        grammars: feed.kinds,
      },
    };
  }

  /** In steps, so that a caller's event loop goes on turning. */
  async #fromCache(keys: readonly BlobKey[], signal?: AbortSignal): Promise<Map<string, IndexedBlob>> {
    const known = new Map<string, IndexedBlob>();
    if (this.#cache === undefined) return known;
    for (let at = 0; at < keys.length; at += rowsPerStep) {
      for (const [name, blob] of this.#cache.digests(keys.slice(at, at + rowsPerStep))) known.set(name, blob);
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted) throw abortedFault(signal.reason);
    }
    return known;
  }
}

const rowsPerStep = 200;

function fileOf({ entry, key }: Planned, known: ReadonlyMap<string, IndexedBlob>): IndexedFile {
  const blob = key === undefined ? undefined : known.get(nameOf(key));
  const traits = new Set([...pathTraits(entry.path), ...entryTraits(entry), ...(blob?.traits ?? [])]);
  return {
    path: entry.path,
    blob: entry.id,
    ...(blob?.language === undefined ? {} : { language: blob.language }),
    traits: [...traits],
    ...(blob?.digest === undefined ? {} : { digest: blob.digest }),
  };
}

function summary(
  plan: readonly Planned[],
  files: readonly IndexedFile[],
  known: ReadonlyMap<string, IndexedBlob>,
) {
  const byLanguage: Record<string, number> = {};
  for (const { digest, language = "text" } of files)
    if (digest !== undefined) byLanguage[language] = (byLanguage[language] ?? 0) + 1;
  const fallbacks = plan.flatMap(({ entry, key }) => {
    const reason = key === undefined ? undefined : known.get(nameOf(key))?.fallback;
    return reason === undefined ? [] : [{ path: entry.path, reason }];
  });
  return {
    files: files.length,
    indexed: files.filter((file) => file.digest !== undefined).length,
    languages: byLanguage,
    fallbacks,
    missing: plan.flatMap(({ entry, key }) =>
      entry.isMissing || (key !== undefined && !known.has(nameOf(key))) ? [entry.path] : [],
    ),
  };
}
