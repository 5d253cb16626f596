// Repositories opened for searching: each once, shared by all who ask, the least recently used closed again.
import { type Ranker, rankerOf, type Snapshot, snapshotOf } from "../../retriever/index.ts";
import type { Case } from "./case.ts";

export interface OpenIndex extends AsyncDisposable {
  readonly snapshot: Snapshot;
  readonly ranker: Ranker;
}

export interface Indexes {
  /** Works on an instance's repository at its base commit. @throws RetrieverFault, and what `work` throws */
  with<T>(of: Case, work: (index: OpenIndex) => Promise<T>): Promise<T>;
}

interface Entry {
  readonly opening: Promise<OpenIndex>;
  users: number;
}

export class SharedIndexes implements Indexes, AsyncDisposable {
  readonly #open: (of: Case) => Promise<OpenIndex>;
  readonly #most: number;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();

  /** @param most kept open while nobody works on them: each holds the terms of a whole repository in memory */
  constructor(open: (of: Case) => Promise<OpenIndex>, most = 3) {
    this.#open = open;
    this.#most = most;
  }

  async with<T>(of: Case, work: (index: OpenIndex) => Promise<T>): Promise<T> {
    const key = `${of.repository.gitDir} ${of.baseCommit}`;
    const entry = this.#entries.get(key) ?? { opening: this.#open(of), users: 0 };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.users += 1;
    try {
      return await work(await entry.opening);
    } catch (error) {
      // What could not be opened is tried again by whoever asks next.
      await entry.opening.catch(() => this.#entries.get(key) === entry && this.#entries.delete(key));
      throw error;
    } finally {
      entry.users -= 1;
      await this.#closeIdle();
    }
  }

  async #closeIdle(): Promise<void> {
    const idle = [...this.#entries].filter(([, { users }]) => users === 0);
    const surplus = this.#entries.size - this.#most;
    for (const [key, { opening }] of idle.slice(0, Math.max(0, surplus))) {
      this.#entries.delete(key);
      await (await opening)[Symbol.asyncDispose]();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#entries.values()];
    this.#entries.clear();
    for (const { opening } of all) {
      const index = await opening.catch(() => undefined);
      await index?.[Symbol.asyncDispose]();
    }
  }
}

/** Indexes of the cases' repositories at their base commits. */
export function searchIndexes(): SharedIndexes {
  return new SharedIndexes(async (of) => {
    const snapshot = await snapshotOf(of.repository.gitDir, of.baseCommit);
    return {
      ...{ snapshot, ranker: rankerOf(snapshot) },
      [Symbol.asyncDispose]: () => snapshot[Symbol.asyncDispose](),
    };
  });
}
