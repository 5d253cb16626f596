// Opening the file: durability, one writer at a time, and readers that never disturb it.
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { guarded, storeFault } from "./fault.ts";
import { type Migration, migrate, schemaState } from "./migrate.ts";
import { lifeOf, type StoreOwner } from "./process.ts";
import { ownerRow } from "./rows.ts";

/** How long a statement waits for another program (a backup, a person's sqlite3) to let go. */
const busyTimeoutMs = 5_000;

/** @throws StoreFault when the file cannot be opened */
function open(path: string, options: Database.Options): Database.Database {
  if (path !== ":memory:" && !existsSync(dirname(path))) {
    throw storeFault(`the folder ${dirname(path)} does not exist. What to do: create it, or check the path`);
  }
  return guarded(`opening ${path}`, () => new Database(path, { timeout: busyTimeoutMs, ...options }));
}

/**
 * A received answer was paid for, so a commit returns only when it is on the disk. SQLite as it is built here would
 * weaken FULL to NORMAL in WAL mode, which loses the last commits when power fails.
 */
export function makeDurable(database: Database.Database): void {
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.pragma("fullfsync = ON");
  database.pragma("foreign_keys = ON");
}

function refuseIfHeld(database: Database.Database, owner: StoreOwner): void {
  const held = database.prepare("SELECT host, pid, started_at AS startedAt FROM owner").get();
  if (held !== undefined) refuseIfAlive(database.name, ownerRow.parse(held), owner);
}

function claim(database: Database.Database, owner: StoreOwner): void {
  refuseIfHeld(database, owner);
  database
    .prepare("INSERT OR REPLACE INTO owner (id, host, pid, started_at) VALUES (1, ?, ?, ?)")
    .run(owner.host, owner.pid, owner.startedAt);
}

function refuseIfAlive(path: string, held: StoreOwner, owner: StoreOwner): void {
  const life = lifeOf(held, owner.host);
  if (life === "dead") return;
  const who = `process ${held.pid} on host ${held.host}`;
  if (life === "alive") {
    throw storeFault(
      `${path} is open in ${who}, which is running. What to do: wait for it or stop it, then resume; ` +
        "reading (board, show) is possible meanwhile",
    );
  }
  throw storeFault(
    `${path} was left open by ${who}, and this is host ${owner.host}, from where nobody can tell whether it still ` +
      `runs. What to do: make sure that it does not, then: sqlite3 ${JSON.stringify(path)} 'DELETE FROM owner'`,
  );
}

const ownPlace = "FROM owner WHERE host = ? AND pid = ? AND started_at = ?";

export function holds(database: Database.Database, { host, pid, startedAt }: StoreOwner): boolean {
  return database.prepare(`SELECT 1 ${ownPlace}`).get(host, pid, startedAt) !== undefined;
}

export function release(database: Database.Database, { host, pid, startedAt }: StoreOwner): void {
  database.prepare(`DELETE ${ownPlace}`).run(host, pid, startedAt);
}

export interface Opening<T> {
  readonly owner: StoreOwner;
  readonly migrations: readonly Migration[];
  /** Before anything is changed. */
  readonly look: (database: Database.Database) => void;
  /** In the transaction that migrates and takes the owner's place. `version` was the schema's, 0 for a new file. */
  readonly begin: (database: Database.Database, version: number) => T;
}

/** Opens for writing: migrates and takes the owner's place in one transaction. @throws StoreFault */
export function openForWriting<T>(
  path: string,
  { owner, migrations, look, begin }: Opening<T>,
): { readonly database: Database.Database; readonly begun: T } {
  const database = open(path, {});
  try {
    const begun = guarded(`opening ${path}`, () => {
      const { version } = schemaState(database, migrations.length);
      // Before the lock for writing, which an owner who writes without a pause may never leave free.
      if (version > 0) refuseIfHeld(database, owner);
      look(database);
      makeDurable(database);
      const prepare = database.transaction(() => {
        migrate(database, migrations);
        claim(database, owner);
        return begin(database, version);
      });
      return prepare.immediate();
    });
    return { database, begun };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A run that an earlier release left: brought up to date in memory, and left as it is. */
function broughtUpToDate(database: Database.Database, migrations: readonly Migration[]): Database.Database {
  const image = database.serialize();
  // Bytes 18 and 19 of a database say that it has a write-ahead log; a copy in memory has none.
  image.fill(1, 18, 20);
  const copy = new Database(image);
  copy.transaction(() => migrate(copy, migrations)).immediate();
  return copy;
}

/** Opens beside a living writer, without its lock; a run of an earlier release as a copy. @throws StoreFault */
export function openForReading(path: string, migrations: readonly Migration[]): Database.Database {
  if (!existsSync(path)) {
    throw storeFault(
      `there is no run database at ${path}. What to do: give the folder of a run that was played`,
    );
  }
  const database = open(path, { readonly: true, fileMustExist: true });
  try {
    return guarded(`opening ${path}`, () => {
      const { version } = schemaState(database, migrations.length);
      if (version === migrations.length) return database;
      const copy = broughtUpToDate(database, migrations);
      database.close();
      return copy;
    });
  } catch (error) {
    database.close();
    throw error;
  }
}
