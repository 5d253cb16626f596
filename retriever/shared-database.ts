// Opens a SQLite file that several processes may create, write and read at the same time.
import Database from "better-sqlite3";

/** Between tries at turning a new file over to write-ahead logging, for which SQLite does not wait by itself. */
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
 * @param prepare makes the tables
 * @throws SqliteError, `SQLITE_BUSY` where another process has held the file all the time
 */
export function openShared(
  { path, busyTimeoutMs }: SharedDatabaseOptions,
  prepare: (database: Database.Database) => void,
): Database.Database {
  const database = new Database(path, { timeout: 0 });
  try {
    turnToLogging(database, Math.ceil(busyTimeoutMs / retryPauseMs));
    database.pragma(`busy_timeout = ${busyTimeoutMs}`);
    // What is lost with the power is computed again.
    database.pragma("synchronous = NORMAL");
    prepare(database);
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}

function turnToLogging(database: Database.Database, tries: number): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      database.pragma("journal_mode = WAL");
      return;
    } catch (cause) {
      if (!sqliteCode(cause).startsWith("SQLITE_BUSY") || attempt >= tries) throw cause;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryPauseMs);
    }
  }
}
