// Opens a SQLite file that several processes may create, write and read at the same time.
import Database from "better-sqlite3";

/** Tries at turning a new file over to write-ahead logging, which does not wait for others by itself. */
const openTries = 100;
const retryPauseMs = 20;

export interface SharedDatabaseOptions {
  readonly path: string;
  /** How long a statement waits for another process. */
  readonly busyTimeoutMs: number;
}

/** What SQLite says happened; empty for what is no error of SQLite. */
export function sqliteCode(cause: unknown): string {
  return cause instanceof Database.SqliteError ? cause.code : "";
}

/**
 * @param prepare makes the tables; runs again where another process was in the way
 * @throws SqliteError
 */
export function openShared(
  options: SharedDatabaseOptions,
  prepare: (database: Database.Database) => void,
): Database.Database {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return openOnce(options, prepare);
    } catch (cause) {
      if (!sqliteCode(cause).startsWith("SQLITE_BUSY") || attempt === openTries) throw cause;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryPauseMs);
    }
  }
}

function openOnce(
  { path, busyTimeoutMs }: SharedDatabaseOptions,
  prepare: (database: Database.Database) => void,
): Database.Database {
  const database = new Database(path, { timeout: busyTimeoutMs });
  try {
    database.pragma("journal_mode = WAL");
    // What is lost with the power is computed again.
    database.pragma("synchronous = NORMAL");
    prepare(database);
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}
