// One SQLite file that several processes share; a damaged one is left for the next generation's file.
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type Database from "better-sqlite3";
import { RetrieverFault } from "../fault.ts";
import { openShared, sqliteCode } from "../shared-database.ts";

const schema = `
  CREATE TABLE IF NOT EXISTS digests (key BLOB PRIMARY KEY, payload BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS commits (key BLOB PRIMARY KEY, payload BLOB NOT NULL);
`;

/** Another process holds the file this long at most: its transactions are small. */
const busyTimeoutMs = 20_000;

const pattern = /^digests-(\d{6})\.db$/;

function fileOf(folder: string, generation: number): string {
  return join(folder, `digests-${String(generation).padStart(6, "0")}.db`);
}

/** The highest number there is: lower ones are damaged, whoever found out. */
function newestGeneration(folder: string): number {
  const numbers = readdirSync(folder).flatMap((name) => Number(pattern.exec(name)?.[1] ?? []));
  return Math.max(1, ...numbers);
}

/** What SQLite says of a file that is not, or no longer, a database, or whose content was pulled away. */
export function isDamage(cause: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB|IOERR_SHORT_READ|IOERR_READ|ERROR|SCHEMA|READONLY_DBMOVED)/.test(
    sqliteCode(cause),
  );
}

/** The disk is full, or no longer lets itself be written to; or another process has held the file for too long. */
export function isUnwritable(cause: unknown): boolean {
  const written = "IOERR_(WRITE|FSYNC|DIR_FSYNC|TRUNCATE|DELETE|SHMSIZE|SHMOPEN|SHMMAP|LOCK|NOMEM)";
  return new RegExp(`^SQLITE_(FULL|READONLY|BUSY|CANTOPEN|PERM|${written})`).test(sqliteCode(cause));
}

function cacheFault(folder: string, cause: unknown): RetrieverFault {
  const found = cause instanceof Error ? cause.message : String(cause);
  const message = `expected a cache folder that can be written at ${folder}, found: ${found}. Free space or name another.`;
  return new RetrieverFault("cache-unusable", message, { cause });
}

function openFile(path: string): Database.Database {
  return openShared({ path, busyTimeoutMs }, (database) => database.exec(schema));
}

/** Removes a generation that nobody should use; a process that still does notices and moves on. */
function discard(folder: string, generation: number): void {
  for (const suffix of ["", "-wal", "-shm", "-journal"])
    rmSync(`${fileOf(folder, generation)}${suffix}`, { force: true, recursive: true });
}

/** @throws RetrieverFault cache-unusable */
export class CacheFile implements Disposable {
  readonly #folder: string;
  #generation: number;
  #database: Database.Database;
  /** What was found damaged and given up, for people. */
  readonly damage: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    try {
      mkdirSync(folder, { recursive: true });
      this.#generation = newestGeneration(folder);
      this.#database = this.#open();
    } catch (cause) {
      throw cacheFault(folder, cause);
    }
  }

  /** Runs the work on the database; on a damaged one it runs again on a new, empty one. */
  use<T>(work: (database: Database.Database) => T): T {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return work(this.#database);
      } catch (cause) {
        if (!isDamage(cause) || attempt === 3) throw cacheFault(this.#folder, cause);
        this.#moveOn(cause);
      }
    }
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #open(): Database.Database {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return openFile(fileOf(this.#folder, this.#generation));
      } catch (cause) {
        if (!isDamage(cause) || attempt === 3) throw cause;
        this.#giveUp(cause);
      }
    }
  }

  #giveUp(cause: unknown): void {
    const found = cause instanceof Error ? cause.message : String(cause);
    this.damage.push(`${fileOf(this.#folder, this.#generation)}: ${found}`);
    discard(this.#folder, this.#generation);
    this.#generation = Math.max(this.#generation + 1, newestGeneration(this.#folder));
  }

  #moveOn(cause: unknown): void {
    this.#database.close();
    this.#giveUp(cause);
    this.#database = this.#open();
  }
}

/** Bytes a cache folder takes on disk; zero where there is none. */
export function cacheBytes(folder: string): number {
  return cacheFiles(folder).reduce((sum, path) => sum + statSync(path).size, 0);
}

function cacheFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^digests-\d{6}\.db(-wal|-shm|-journal)?$/.test(name))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
