// Brings a database to this release's schema, all migrations in one transaction, and refuses what it cannot know.
import { readdirSync, readFileSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { storeFault } from "./fault.ts";

/** "SWNG": tells a run's database from anybody else's SQLite file. */
const applicationId = 0x53574e47;

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** The numbered files beside this one, 1, 2, 3 without a gap. */
export function shippedMigrations(folder: URL = new URL("./migrations/", import.meta.url)): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort();
  return names.map((name, index) => {
    const version = Number.parseInt(name, 10);
    if (version !== index + 1) throw new Error(`migration ${name} should be number ${index + 1}`);
    return { version, name, sql: readFileSync(new URL(name, folder), "utf8") };
  });
}

function pragmaNumber(database: Database, name: string): number {
  const value = database.pragma(name, { simple: true });
  return typeof value === "number" ? value : 0;
}

export interface SchemaState {
  /** 0 for a new, empty file. */
  readonly version: number;
}

/** @throws StoreFault for a file that is no run's database, or one a newer release has written */
export function schemaState(database: Database, newest: number): SchemaState {
  const version = pragmaNumber(database, "user_version");
  const isEmpty = database.prepare("SELECT 1 FROM sqlite_master LIMIT 1").get() === undefined;
  if (pragmaNumber(database, "application_id") !== applicationId && !(isEmpty && version === 0)) {
    throw storeFault(
      `${database.name} is a SQLite file, but no run's database. What to do: give the arena.db of a run folder`,
    );
  }
  if (version > newest) {
    throw storeFault(
      `${database.name} has schema version ${version}, this release knows versions up to ${newest}. ` +
        "What to do: use the release of swing-arena that wrote it, or a newer one",
    );
  }
  return { version };
}

/** Must be called inside the caller's transaction: a failing migration leaves the file as it was. */
export function migrate(database: Database, migrations: readonly Migration[]): void {
  const { version } = schemaState(database, migrations.length);
  for (const migration of migrations.slice(version)) database.exec(migration.sql);
  database.pragma(`application_id = ${applicationId}`);
  database.pragma(`user_version = ${migrations.length}`);
}
