// A run's database from its opening to its closing: its owner, its ledger, and the head that says how far that goes.
import type Database from "better-sqlite3";
import type { RunStore } from "../domain/run.ts";
import { holds, openForReading, openForWriting, release } from "./connection.ts";
import { StoreFault } from "./fault.ts";
import { closeHead, headOf, mustHold, openHead } from "./ledger/head.ts";
import { Ledger } from "./ledger/ledger.ts";
import type { Signer } from "./ledger/signing.ts";
import { shippedMigrations } from "./migrate.ts";
import { type StoreOwner, thisProcess } from "./process.ts";
import { SqliteStore } from "./sqlite-store.ts";

export interface StoreOptions {
  /** Who takes the run; this process unless said otherwise. */
  readonly owner?: StoreOwner;
  /** Whose signature the run's ledger gets; without one it has hashes alone. */
  readonly signer?: Signer;
}

interface OpenRun {
  readonly path: string;
  readonly database: Database.Database;
  readonly ledger: Ledger;
  readonly owner: StoreOwner;
  readonly signer: Signer | undefined;
}

const inMemory = (path: string): boolean => path === ":memory:";

function lineAt(database: Database.Database, seq: number): string | undefined {
  const line = database.prepare("SELECT line FROM ledger WHERE seq = ?").pluck().get(seq);
  return typeof line === "string" ? line : undefined;
}

const hasLedger = (database: Database.Database): boolean =>
  database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'ledger'").get() !== undefined;

/**
 * A ledger that was cut short or changed is not gone on with. Before anything changes the head stops saying what the
 * database's bytes are. @throws StoreFault
 */
function look(path: string, database: Database.Database, signer: Signer | undefined): void {
  const head = inMemory(path) ? undefined : headOf(path);
  if (head === undefined) return;
  mustHold(path, head, (seq) => (hasLedger(database) ? lineAt(database, seq) : undefined));
  if (head.database !== undefined) openHead(path, head, signer);
}

/**
 * What could not be signed at the end is said by `arena board --verify` and signed by the next session: a full disk must
 * not take the place of what ended this one.
 */
function unlessFull(work: () => void): void {
  try {
    work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (!(error instanceof StoreFault) && !/^(SQLITE_|E[A-Z]+$)/.test(code)) throw error;
  }
}

/** A store whose place was taken meanwhile leaves the ledger and its head to whoever has it. */
function close({ path, database, ledger, owner, signer }: OpenRun): void {
  const isOurs = holds(database, owner);
  if (isOurs) unlessFull(() => ledger.write(() => {}, true));
  release(database, owner);
  database.close();
  const { end } = ledger;
  if (isOurs && end !== undefined && !inMemory(path)) unlessFull(() => closeHead(path, end, signer));
}

/**
 * Opens (or creates) a run's database for writing; `:memory:` is a store that dies with its process.
 * @throws StoreFault `store-failed`: open in another process, no run's database, written by a newer release, damaged,
 *   or its ledger is not as its head has it
 */
export function openStore(path: string, { owner = thisProcess(), signer }: StoreOptions = {}): RunStore {
  const migrations = shippedMigrations();
  const { database, begun: ledger } = openForWriting(path, {
    owner,
    migrations,
    look: (opened) => look(path, opened, signer),
    begin: (opened, before) => new Ledger(opened, signer, { schema: migrations.length, before }),
  });
  const run = { path, database, ledger, owner, signer };
  const { end } = ledger;
  if (!inMemory(path) && end !== undefined) {
    unlessFull(() => openHead(path, end, signer));
    ledger.onCheckpoint = (signed) => unlessFull(() => openHead(path, signed, signer));
  }
  return new SqliteStore(database, { ledger, close: () => close(run) });
}

/** What a board, a rating or a viewer may do with a run, also while it is being played. */
export type RunReader = Pick<
  RunStore,
  | "settings"
  | "battles"
  | "openedIssues"
  | "unplayed"
  | "rounds"
  | "canaries"
  | "roundMarks"
  | "dropouts"
  | "calls"
  | "callAt"
  | "judgements"
  | "cachedRun"
  | "playedSeconds"
  | "files"
  | "close"
>;

export function readerOver(database: Database.Database): RunReader {
  return new SqliteStore(database, { close: () => database.close() });
}

/**
 * Opens an existing run's database for reading, beside a writer that may be at work.
 * @throws StoreFault `store-failed`: no such file, no run's database, written by a newer release
 */
export function openStoreReadOnly(path: string): RunReader {
  return readerOver(openForReading(path, shippedMigrations()));
}
