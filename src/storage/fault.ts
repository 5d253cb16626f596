// Every way a run's database can fail, as one fault that says what to do next.
import Database from "better-sqlite3";
import { Fault } from "../domain/fault.ts";

export class StoreFault extends Fault<"store-failed"> {}

interface Advice {
  readonly codes: RegExp;
  readonly next: string;
  readonly retryable: boolean;
}

const advice: readonly Advice[] = [
  {
    codes: /^SQLITE_FULL/,
    next: "free disk space, then resume the run; nothing already recorded is lost",
    retryable: false,
  },
  {
    codes: /^SQLITE_(BUSY|LOCKED)/,
    next: "another program holds the database; close it and try again",
    retryable: true,
  },
  {
    codes: /^SQLITE_(CORRUPT|NOTADB)/,
    next: "the file is damaged or no database: restore it from a copy, or start a new run folder",
    retryable: false,
  },
  {
    codes: /^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)/,
    next: "make the file and its folder readable and writable (a live database keeps two files beside it)",
    retryable: false,
  },
  {
    codes: /^SQLITE_IOERR/,
    next: "the disk failed to read or write: check it (dmesg, df), then resume the run",
    retryable: false,
  },
];

const unexpected: Omit<Advice, "codes"> = {
  next: "this contradicts what is already recorded; report it with the run folder",
  retryable: false,
};

/** Runs a piece of database work; `doing` names it and the file. @throws StoreFault for whatever SQLite reports */
export function guarded<T>(doing: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof Database.SqliteError)) throw cause;
    const { next, retryable } = advice.find((one) => one.codes.test(cause.code)) ?? unexpected;
    const message = `${doing}: ${cause.message} (${cause.code}). What to do: ${next}`;
    throw new StoreFault("store-failed", message, { retryable, cause });
  }
}

export function storeFault(message: string, cause?: unknown): StoreFault {
  return new StoreFault("store-failed", message, { retryable: false, cause });
}
