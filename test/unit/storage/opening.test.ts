// Opening a run: who may, what is refused, and what every refusal says to do.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeDurable } from "../../../src/storage/connection.ts";
import { guarded } from "../../../src/storage/fault.ts";
import { openStore, openStoreReadOnly, StoreFault, thisProcess } from "../../../src/storage/index.ts";
import { migrate, shippedMigrations } from "../../../src/storage/migrate.ts";
import { battle, record, round, settings } from "../report/rows.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "arena-opening-"));
  path = join(folder, "arena.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function faultOf(work: () => unknown): StoreFault {
  try {
    work();
  } catch (error) {
    if (error instanceof StoreFault) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("the owner of a run", () => {
  it("is one at a time", () => {
    const store = openStore(path);
    const fault = faultOf(() => openStore(path));
    expect(fault).toMatchObject({ code: "store-failed", retryable: false });
    expect(fault.message).toContain(`open in process ${process.pid} on host`);
    expect(fault.message).toContain("What to do:");
    store.close();
    openStore(path).close();
  });

  it("loses its place when it is dead, also when another process has its pid by now", () => {
    const self = thisProcess();
    for (const dead of [
      { ...self, pid: 2 ** 22 + 1 },
      { ...self, startedAt: "an earlier process" },
    ]) {
      const abandoned = openStore(path, { owner: dead });
      openStore(path).close();
      abandoned.close();
    }
  });

  it("keeps its place on a host that cannot be asked", () => {
    const elsewhere = openStore(path, { owner: { ...thisProcess(), host: "elsewhere" } });
    const fault = faultOf(() => openStore(path));
    expect(fault.message).toContain("on host elsewhere");
    expect(fault.message).toContain("DELETE FROM owner");
    elsewhere.close();
    openStore(path).close();
  });

  it("takes nobody's place by closing late", () => {
    const late = openStore(path, { owner: { ...thisProcess(), pid: 2 ** 22 + 1 } });
    const store = openStore(path);
    late.close();
    expect(() => openStore(path)).toThrow(StoreFault);
    store.close();
  });
});

describe("reading only", () => {
  it("sees what a living writer has committed and disturbs nothing", () => {
    const store = openStore(path);
    store.saveSettings(settings);
    store.planBattles([battle(1)]);
    const reader = openStoreReadOnly(path);
    expect(reader.settings).toEqual(settings);
    store.recordRound(round());
    expect(reader.rounds()).toEqual([round()]);
    reader.close();
    expect(() => openStore(path)).toThrow(StoreFault);
    store.close();
  });

  it("needs a run that exists", () => {
    expect(faultOf(() => openStoreReadOnly(path)).message).toMatch(/no run database at .*What to do/);
  });
});

describe("a file that is not ours", () => {
  it("is refused when it is no database", () => {
    writeFileSync(path, "this is a text file, long enough not to be taken for an empty database".repeat(20));
    expect(faultOf(() => openStore(path)).message).toMatch(/SQLITE_NOTADB.*restore it from a copy/);
    expect(() => openStoreReadOnly(path)).toThrow(StoreFault);
  });

  it("is refused, and not touched, when it is somebody else's database", () => {
    const other = new Database(path);
    other.exec("CREATE TABLE notes (text TEXT)");
    other.close();
    expect(faultOf(() => openStore(path)).message).toContain("no run's database");
    const after = new Database(path);
    expect(after.pragma("journal_mode", { simple: true })).toBe("delete");
    expect(after.prepare("SELECT name FROM sqlite_master").pluck().all()).toEqual(["notes"]);
    after.close();
  });

  it("is refused when a newer release has written it", () => {
    openStore(path).close();
    const newer = new Database(path);
    newer.pragma("user_version = 99");
    newer.close();
    expect(faultOf(() => openStore(path)).message).toMatch(
      new RegExp(`schema version 99, this release knows .* up to ${shippedMigrations().length}\\.`),
    );
    expect(faultOf(() => openStoreReadOnly(path)).message).toContain("schema version 99");
  });

  it("is refused when its folder is missing", () => {
    expect(faultOf(() => openStore(join(folder, "nowhere/arena.db"))).message).toContain("does not exist");
  });

  it("is named when a row in it cannot be read", () => {
    const store = openStore(path);
    store.planBattles([battle(1)]);
    store.recordRound(round());
    store.close();
    const raw = new Database(path);
    raw.prepare("UPDATE rounds SET record = ?").run(JSON.stringify({ ...record(), label: "perhaps" }));
    raw.close();
    const reader = openStoreReadOnly(path);
    expect(faultOf(() => reader.rounds()).message).toMatch(
      /a round in .*arena\.db cannot be read: .*record\.label/s,
    );
    reader.close();
  });
});

describe("migrations", () => {
  const tables = (database: Database.Database) =>
    database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all();

  it("are numbered without a gap and make strict tables", () => {
    const database = new Database(":memory:");
    migrate(database, shippedMigrations());
    const list = database.prepare("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'").all();
    const own = list.filter((table) => !JSON.stringify(table).includes("sqlite_"));
    const made = shippedMigrations().flatMap(({ sql }) => sql.match(/CREATE TABLE/g) ?? []);
    expect(own).toHaveLength(made.length);
    expect(own.every((table) => JSON.stringify(table).includes('"strict":1'))).toBe(true);
  });

  it("bring a run of the first schema up to date, which then has no time on record", () => {
    const [first] = shippedMigrations();
    const old = new Database(path);
    if (first !== undefined) migrate(old, [first]);
    old.close();
    const reader = openStoreReadOnly(path);
    expect(reader.playedSeconds()).toBeUndefined();
    reader.close();
    const store = openStore(path);
    expect(store.playedSeconds()).toBeUndefined();
    store.addPlayedSeconds(2);
    expect(store.playedSeconds()).toBe(2);
    store.close();
  });

  it("are applied all or not at all, and only those not yet applied", () => {
    const database = new Database(":memory:");
    const first = { version: 1, name: "0001", sql: "CREATE TABLE a (x INTEGER) STRICT" };
    const broken = { version: 2, name: "0002", sql: "CREATE TABLE b (x INTEGER) STRICT; NONSENSE" };
    const inOne = (migrations: (typeof first)[]) =>
      database.transaction(() => migrate(database, migrations)).immediate();
    expect(() => inOne([first, broken])).toThrow();
    expect(tables(database)).toEqual([]);
    expect(database.pragma("user_version", { simple: true })).toBe(0);
    inOne([first]);
    inOne([first, { ...broken, sql: "CREATE TABLE b (x INTEGER) STRICT" }]);
    expect(tables(database)).toEqual(["a", "b"]);
    expect(database.pragma("user_version", { simple: true })).toBe(2);
  });
});

describe("the connection", () => {
  it("waits for the disk at every commit and enforces foreign keys", () => {
    const database = new Database(path);
    makeDurable(database);
    const pragma = (name: string) => database.pragma(name, { simple: true });
    expect(pragma("journal_mode")).toBe("wal");
    expect(pragma("synchronous")).toBe(2);
    expect(pragma("foreign_keys")).toBe(1);
    database.close();
  });

  it("names a full disk as what it is", () => {
    const database = new Database(path);
    database.exec("CREATE TABLE t (x BLOB)");
    database.pragma("max_page_count = 3");
    const fill = () => database.prepare("INSERT INTO t VALUES (zeroblob(100000))").run();
    const fault = faultOf(() => guarded("writing to here", fill));
    expect(fault.message).toMatch(/writing to here: .*SQLITE_FULL.*free disk space/);
    expect(fault.retryable).toBe(false);
    database.close();
  });

  it("calls a held lock worth another try", () => {
    const holder = new Database(path);
    holder.exec("CREATE TABLE t (x); BEGIN IMMEDIATE");
    const other = new Database(path, { timeout: 0 });
    const fault = faultOf(() => guarded("writing", () => other.exec("INSERT INTO t VALUES (1)")));
    expect(fault.retryable).toBe(true);
    other.close();
    holder.close();
  });

  it("lets a bug be a bug", () => {
    expect(() =>
      guarded("x", () => {
        throw new TypeError("a bug");
      }),
    ).toThrow(TypeError);
  });
});
