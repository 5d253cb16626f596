// Which tables a ledger covers, and every change of their rows as it happens: a table that is added is covered by itself.
import type { Database } from "better-sqlite3";
import { z } from "zod";
import type { StoredRow, StoredValue } from "./form.ts";

/** The ledger itself, and who holds the run at the moment. */
const uncovered = new Set(["ledger", "owner"]);

export interface TableShape {
  readonly name: string;
  readonly columns: readonly string[];
  /** Columns of the primary key, in its order. */
  readonly key: readonly string[];
}

const columnShape = z.object({ name: z.string(), pk: z.int() });
const value = z.union([z.string(), z.number(), z.null()]);
export const storedRow = z.record(z.string(), value);

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const listed = (names: readonly string[]): string => names.map(quoted).join(", ");

function shapeOf(database: Database, name: string): TableShape {
  const columns = z.array(columnShape).parse(database.pragma(`table_info(${quoted(name)})`));
  const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  return { name, columns: columns.map((column) => column.name), key: key.map((column) => column.name) };
}

/** In the order of their names. */
export function coveredTables(database: Database): TableShape[] {
  const names = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    .pluck()
    .all();
  return z
    .array(z.string())
    .parse(names)
    .filter((name) => !uncovered.has(name))
    .sort()
    .map((name) => shapeOf(database, name));
}

export function* rowsOf(database: Database, { name, columns, key }: TableShape): Generator<StoredRow> {
  const query = `SELECT ${listed(columns)} FROM ${quoted(name)} ORDER BY ${listed(key)}`;
  for (const row of database.prepare(query).iterate()) yield storedRow.parse(row);
}

export interface RowChange {
  readonly kind: "put" | "drop";
  readonly table: string;
  /** Of a row that is gone its key alone. */
  readonly row: StoredRow;
}

function storedValue(value: unknown): StoredValue {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  throw new Error(`bug: a column holds a ${typeof value}, which no ledger can hold`);
}

/**
 * Tells every row that this connection writes, whichever statement writes it. The triggers are the connection's own:
 * another program's changes are told to nobody, and differ from the ledger for good.
 */
export function watchRows(database: Database, onChange: (change: RowChange) => void): void {
  const tables = coveredTables(database);
  const named = new Map<string, Omit<RowChange, "row"> & { readonly names: readonly string[] }>(
    tables.flatMap(({ name, columns, key }) => [
      [`put ${name}`, { kind: "put", table: name, names: columns } as const],
      [`drop ${name}`, { kind: "drop", table: name, names: key } as const],
    ]),
  );
  database.function("ledger_row", { varargs: true }, (what: unknown, ...values: unknown[]) => {
    const change = named.get(String(what));
    if (change === undefined) throw new Error(`bug: ${String(what)} is no change of a table`);
    const { kind, table, names } = change;
    onChange({
      kind,
      table,
      row: Object.fromEntries(names.map((name, at) => [name, storedValue(values[at])])),
    });
    return null;
  });
  for (const { name, columns, key } of tables) {
    const put = columns.map((column) => `NEW.${quoted(column)}`).join(", ");
    const drop = key.map((column) => `OLD.${quoted(column)}`).join(", ");
    const on = (event: string, kind: string, what: string): string =>
      `CREATE TEMP TRIGGER ${quoted(`ledger_${event}_${name}`)} AFTER ${event} ON main.${quoted(name)}
       BEGIN SELECT ledger_row('${kind} ${name}', ${what}); END;`;
    database.exec(on("INSERT", "put", put) + on("UPDATE", "put", put) + on("DELETE", "drop", drop));
  }
}
