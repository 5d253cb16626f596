// Statements compiled once a connection: compiling one takes longer than most of them run.
import type { Database, Statement } from "better-sqlite3";

const compiled = new WeakMap<Database, Map<string, Statement>>();

/** The statement of this text, for `run`, `get` and `all`; whoever changes how it gives its rows prepares their own. */
export function statement(database: Database, sql: string): Statement {
  const own = compiled.get(database) ?? new Map<string, Statement>();
  compiled.set(database, own);
  const known = own.get(sql);
  if (known !== undefined) return known;
  const fresh = database.prepare(sql);
  own.set(sql, fresh);
  return fresh;
}
