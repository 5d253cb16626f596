// Whether a run's database is what its ledger says: bytes, chain, signatures, head, and every row.
import { existsSync, readFileSync } from "node:fs";
import type Database from "better-sqlite3";
import { z } from "zod";
import type { Difference } from "../../domain/difference.ts";
import type { LedgerEnd } from "../../domain/run.ts";
import { openForReading } from "../connection.ts";
import { guarded, StoreFault } from "../fault.ts";
import { shippedMigrations } from "../migrate.ts";
import { type RunReader, readerOver } from "../open.ts";
import { ledgerForm } from "./form.ts";
import { fileHash, headPath, type LedgerHead, readHead } from "./head.ts";
import type { LedgerRow } from "./line.ts";
import { changedColumns, databaseOf, type Replayed, replay, rowKey } from "./replay.ts";
import { coveredTables, rowsOf, type TableShape } from "./tables.ts";

export interface LedgerAudit {
  /** Absent for a run that has no ledger, or whose database cannot be read. */
  readonly end?: LedgerEnd;
  readonly lines: number;
  readonly checkpoints: number;
  readonly keys: readonly string[];
  readonly rows: number;
  readonly differences: readonly Difference[];
  /** What could not be looked at, and why. */
  readonly unchecked: readonly string[];
  /** The run as its ledger alone has it; absent where there is none, or none that can be read. */
  readonly fromLedger?: RunReader;
}

export interface AuditOptions {
  /** The text of a head that was published; it must be of this ledger. */
  readonly published?: string;
  /** The public key that must have signed, and no other. */
  readonly key?: string;
}

const storedLine = z.strictObject({ seq: z.int(), line: z.string() });

function* linesOf(database: Database.Database): Generator<z.output<typeof storedLine>> {
  for (const row of database.prepare("SELECT seq, line FROM ledger ORDER BY seq").iterate())
    yield storedLine.parse(row);
}

class Audit {
  readonly differences: Difference[] = [];
  readonly unchecked: string[] = [];
  rows = 0;

  tell(where: string, expected: string, found: string): void {
    this.differences.push({ where, expected, found });
  }

  /** Whether the work could be done: a damaged database is something that differs, and no fault. */
  try<T>(what: string, work: () => T): T | undefined {
    try {
      return guarded(what, work);
    } catch (error) {
      const isShape = error instanceof z.ZodError;
      if (!(error instanceof StoreFault) && !isShape) throw error;
      this.tell(
        "arena.db",
        "a database that can be read",
        isShape ? "a row of another shape" : error.message,
      );
      return undefined;
    }
  }

  /** Rows of the database that the ledger has otherwise, or not at all, and the other way round. */
  compare(database: Database.Database, table: TableShape, wanted: ReadonlyMap<string, LedgerRow>): void {
    const left = new Set(wanted.keys());
    for (const stored of rowsOf(database, table)) {
      this.rows += 1;
      const row = ledgerForm(table.name, stored);
      const key = rowKey(table, row);
      const there = wanted.get(key);
      left.delete(key);
      const where = `arena.db, ${table.name} ${key}`;
      if (there === undefined) this.tell(where, "no such row: the ledger has none", "a row");
      else {
        const changed = changedColumns(there, row);
        if (changed.length > 0)
          this.tell(where, "the row that the ledger has", `other ${changed.join(", ")}`);
      }
    }
    for (const key of left)
      this.tell(`arena.db, ${table.name} ${key}`, "the row that the ledger has", "no row");
  }

  /** A head names a line and its hash: the ledger must hold it, and may go on after it. */
  hold(name: string, head: LedgerHead, hashAt: (seq: number) => string | undefined): void {
    const found = hashAt(head.seq);
    if (found === head.hash) return;
    const short =
      found === undefined ? "the ledger ends before: lines are cut off its end" : `the hash ${found}`;
    this.tell(name, `line ${head.seq} of the ledger with the hash ${head.hash}`, short);
  }
}

interface Bytes {
  readonly sha256: string;
  readonly bytes: number;
}

function ownHead(audit: Audit, path: string): LedgerHead | undefined {
  const file = headPath(path);
  if (!existsSync(file)) {
    audit.unchecked.push(
      "whether lines are missing at the ledger's end: there is no arena.db.head.json (a head that was published tells, --head)",
    );
    return undefined;
  }
  const head = readHead(readFileSync(file, "utf8"));
  if (!("problem" in head)) return head;
  audit.tell("arena.db.head.json", "the head of the ledger as it was written", head.problem);
  return undefined;
}

function publishedHead(audit: Audit, text: string): LedgerHead | undefined {
  const head = readHead(text);
  if (!("problem" in head)) return head;
  audit.tell("the published head", "the head of a ledger as it was written", head.problem);
  return undefined;
}

function compareBytes(
  audit: Audit,
  { head, found, end }: { readonly head: LedgerHead; readonly found: Bytes; readonly end: LedgerEnd },
): void {
  if (head.database === undefined || head.seq !== end.seq) {
    audit.unchecked.push(
      "bytes of arena.db that hold no row: no session closed it since its last line was written",
    );
    return;
  }
  const { sha256, bytes } = head.database;
  if (sha256 !== found.sha256)
    audit.tell(
      "arena.db",
      `${bytes} bytes with SHA-256 ${sha256}`,
      `${found.bytes} bytes with ${found.sha256}`,
    );
}

function compareKeys(audit: Audit, { keys, end, signed }: Replayed, wanted: string | undefined): void {
  const others = wanted === undefined ? [] : keys.filter((key) => key !== wanted);
  for (const key of others) audit.tell("arena.db, ledger", `signatures by ${wanted}`, `one by ${key}`);
  if (wanted !== undefined && keys.length === 0)
    audit.tell("arena.db, ledger", `signatures by ${wanted}`, "none at all");
  if (end !== undefined && signed !== end.seq)
    audit.unchecked.push(
      `who wrote the ledger's last ${end.seq - (signed ?? -1)} lines: no signature covers them, a session was killed or is at work`,
    );
}

/** A database that cannot be read is something that differs, too. @throws whatever reading the file itself throws */
export function auditRun(path: string, options: AuditOptions = {}): LedgerAudit {
  const audit = new Audit();
  const head = ownHead(audit, path);
  const found = fileHash(path);
  const database = audit.try(`opening ${path}`, () => openForReading(path, shippedMigrations()));
  if (database === undefined) return withoutLedger(audit);
  try {
    return audited(audit, { path, head, found, database, options });
  } finally {
    database.close();
  }
}

interface Opened {
  readonly path: string;
  readonly head: LedgerHead | undefined;
  readonly found: Bytes;
  readonly database: Database.Database;
  readonly options: AuditOptions;
}

function withoutLedger({ rows, differences, unchecked }: Audit): LedgerAudit {
  return { lines: 0, checkpoints: 0, keys: [], rows, differences, unchecked };
}

function audited(audit: Audit, { path, head, found, database, options }: Opened): LedgerAudit {
  const tables = coveredTables(database);
  // What a session writes meanwhile is not looked at.
  database.exec("BEGIN");
  const replayed = audit.try(`reading the ledger of ${path}`, () => replay(linesOf(database), tables));
  if (replayed === undefined) return withoutLedger(audit);
  const { end, rows, hashAt, checkpoints, keys, adopted } = replayed;
  audit.differences.push(...replayed.differences);
  if (end === undefined) {
    if (head !== undefined) audit.tell("arena.db", "the ledger that arena.db.head.json is of", "none");
    return withoutLedger(audit);
  }
  if (head !== undefined) {
    audit.hold("arena.db.head.json", head, hashAt);
    compareBytes(audit, { head, found, end });
  }
  const published = options.published === undefined ? undefined : publishedHead(audit, options.published);
  if (published !== undefined) audit.hold("the published head", published, hashAt);
  compareKeys(audit, replayed, options.key);
  for (const table of tables)
    audit.try(`reading ${path}`, () => audit.compare(database, table, rows.get(table.name) ?? new Map()));
  if (adopted > 0)
    audit.unchecked.push(
      `what happened to ${adopted} rows before the run had a ledger: they were taken as they were found`,
    );
  const fromLedger = audit.try(`the rows of the ledger of ${path}`, () => readerOver(databaseOf(rows)));
  return {
    ...{ end, lines: end.seq + 1, checkpoints, keys },
    ...{ rows: audit.rows, differences: audit.differences, unchecked: audit.unchecked },
    ...(fromLedger === undefined ? {} : { fromLedger }),
  };
}
