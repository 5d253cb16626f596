// The door to a run's database: one writer, any number of readers.
import type { RunStore } from "../domain/run.ts";
import { openForReading, openForWriting, release } from "./connection.ts";
import { shippedMigrations } from "./migrate.ts";
import { type StoreOwner, thisProcess } from "./process.ts";
import { SqliteStore } from "./sqlite-store.ts";

export { StoreFault } from "./fault.ts";
export { lifeOf, type StoreOwner, thisProcess } from "./process.ts";

/** What a board, a rating or a viewer may do with a run, also while it is being played. */
export type RunReader = Pick<
  RunStore,
  | "settings"
  | "battles"
  | "unplayed"
  | "rounds"
  | "calls"
  | "callAt"
  | "judgements"
  | "cachedRun"
  | "playedSeconds"
  | "close"
>;

export interface StoreOptions {
  /** Who takes the run; this process unless said otherwise. */
  readonly owner?: StoreOwner;
}

/**
 * Opens (or creates) a run's database for writing; `:memory:` is a store that dies with its process.
 * @throws StoreFault `store-failed`: open in another process, no run's database, written by a newer release, damaged
 */
export function openStore(path: string, options: StoreOptions = {}): RunStore {
  const owner = options.owner ?? thisProcess();
  const database = openForWriting(path, owner, shippedMigrations());
  return new SqliteStore(database, () => release(database, owner));
}

/**
 * Opens an existing run's database for reading, beside a writer that may be at work.
 * @throws StoreFault `store-failed`: no such file, no run's database, another schema version
 */
export function openStoreReadOnly(path: string): RunReader {
  return new SqliteStore(openForReading(path, shippedMigrations().length), () => {});
}
