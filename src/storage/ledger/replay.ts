// A ledger read again, line by line: whether each follows from the one before, who signed, and which rows it leaves.
import Database from "better-sqlite3";
import type { Difference } from "../../domain/difference.ts";
import type { LedgerEnd } from "../../domain/run.ts";
import { migrate, shippedMigrations } from "../migrate.ts";
import { canonical, type Json } from "./canonical.ts";
import { storedForm } from "./form.ts";
import { checkpointMessage, type LedgerLine, type LedgerRow, lineAfter, readLine, sha256Of } from "./line.ts";
import { isSignedBy } from "./signing.ts";
import { coveredTables, listed, quoted, type TableShape } from "./tables.ts";

export type Rows = ReadonlyMap<string, ReadonlyMap<string, LedgerRow>>;

export interface Replayed {
  readonly end?: LedgerEnd;
  /** By table, then by key. */
  readonly rows: Rows;
  readonly differences: readonly Difference[];
  readonly checkpoints: number;
  /** Public keys that signed, in the order they first did. */
  readonly keys: readonly string[];
  /** The last line that a signature covers; absent where nothing is signed. */
  readonly signed?: number;
  /** Rows that were there before the ledger was. */
  readonly adopted: number;
  /** The hash of a line by its number; undefined where there is no such line. */
  readonly hashAt: (seq: number) => string | undefined;
}

/** What names a row: the values of its key, as text. */
export function rowKey({ key }: TableShape, row: LedgerRow): string {
  return canonical(key.map((column): Json => row[column] ?? null));
}

const same = (one: Json | undefined, other: Json | undefined): boolean =>
  one !== undefined && other !== undefined && canonical(one) === canonical(other);

/** Columns of both that differ. */
export function changedColumns(one: LedgerRow, other: LedgerRow): string[] {
  return Object.keys(one).filter(
    (column) => Object.hasOwn(other, column) && !same(one[column], other[column]),
  );
}

const lineName = (seq: number): string => `arena.db, ledger line ${seq}`;

type RowLine = Extract<LedgerLine, { table: string }>;

class Replay {
  readonly hashes: string[] = [];
  readonly rows = new Map<string, Map<string, LedgerRow>>();
  readonly differences: Difference[] = [];
  readonly keys = new Set<string>();
  readonly #tables: ReadonlyMap<string, TableShape>;
  end: LedgerEnd | undefined;
  checkpoints = 0;
  adopted = 0;
  signed: number | undefined;

  constructor(tables: readonly TableShape[]) {
    this.#tables = new Map(tables.map((table) => [table.name, table]));
  }

  take(seq: number, text: string): void {
    const wanted = lineAfter(this.end);
    const line = readLine(text);
    this.end = { seq, hash: sha256Of(text) };
    this.hashes[seq] = this.end.hash;
    if ("problem" in line) this.#tell(seq, "a line of a ledger", line.problem);
    else {
      this.#link(seq, line, wanted);
      this.#apply(line);
    }
  }

  #tell(seq: number, expected: string, found: string): void {
    this.differences.push({ where: lineName(seq), expected, found });
  }

  #link(seq: number, line: LedgerLine, wanted: Pick<LedgerLine, "seq" | "prev">): void {
    if (seq !== wanted.seq || line.seq !== wanted.seq)
      this.#tell(
        seq,
        `the number ${wanted.seq}`,
        `${line.seq}: lines are missing, or stand in another order`,
      );
    if (line.prev !== wanted.prev)
      this.#tell(
        seq,
        `the hash ${wanted.prev} of the line before`,
        `${line.prev}: one of the two was changed`,
      );
  }

  #apply(line: LedgerLine): void {
    if (line.kind === "checkpoint") this.#checkpoint(line);
    else if (line.kind !== "begin") this.#row(line);
  }

  #row(line: RowLine): void {
    const table = this.#tables.get(line.table);
    const isKnown = (name: string): boolean => table?.columns.includes(name) === true;
    const unknown = Object.keys(line.row).filter((name) => !isKnown(name));
    if (table === undefined || unknown.length > 0 || table.key.some((name) => line.row[name] === undefined)) {
      const found = `${line.table}${unknown.length > 0 ? ` with ${unknown.join(", ")}` : ""}`;
      this.#tell(line.seq, "a row of a table of this release", found);
      return;
    }
    const rows = this.rows.get(table.name) ?? new Map<string, LedgerRow>();
    this.rows.set(table.name, rows);
    this.#change(line, rows, rowKey(table, line.row));
  }

  #change(line: RowLine, rows: Map<string, LedgerRow>, key: string): void {
    if (line.kind === "drop") {
      rows.delete(key);
      return;
    }
    const before = rows.get(key);
    if (line.kind === "adopt" && before === undefined) this.adopted += 1;
    const changed = line.kind === "adopt" && before !== undefined ? changedColumns(before, line.row) : [];
    // A release that brings a run up to date takes over what is there: it must be what the ledger says.
    if (changed.length > 0)
      this.#tell(line.seq, `${line.table} ${key} as earlier lines have it`, `other ${changed.join(", ")}`);
    rows.set(key, line.row);
  }

  #checkpoint(line: Extract<LedgerLine, { kind: "checkpoint" }>): void {
    this.checkpoints += 1;
    if (isSignedBy(line.key, checkpointMessage(line), line.signature)) {
      this.keys.add(line.key);
      this.signed = line.seq;
    } else {
      const found = "one that is not by it, or not of these lines";
      this.#tell(line.seq, `a signature by the key ${line.key}`, found);
    }
  }
}

/** @param lines in their order */
export function replay(
  lines: Iterable<{ readonly seq: number; readonly line: string }>,
  tables: readonly TableShape[],
): Replayed {
  const replaying = new Replay(tables);
  for (const { seq, line } of lines) replaying.take(seq, line);
  const { end, rows, differences, checkpoints, keys, signed, adopted, hashes } = replaying;
  return {
    ...{ rows, differences, checkpoints, keys: [...keys], adopted },
    hashAt: (seq) => hashes[seq],
    ...(end === undefined ? {} : { end }),
    ...(signed === undefined ? {} : { signed }),
  };
}

/** A database in memory with the rows that a ledger leaves, and nothing else. */
export function databaseOf(rows: Rows): Database.Database {
  const database = new Database(":memory:");
  migrate(database, shippedMigrations());
  // Tables are filled in the order of their names, not of who refers to whom.
  database.pragma("foreign_keys = OFF");
  for (const { name } of coveredTables(database)) {
    for (const row of rows.get(name)?.values() ?? []) {
      const stored = storedForm(name, row);
      const columns = Object.keys(stored);
      const marks = columns.map(() => "?").join(", ");
      database
        .prepare(`INSERT INTO ${quoted(name)} (${listed(columns)}) VALUES (${marks})`)
        .run(...Object.values(stored));
    }
  }
  return database;
}
