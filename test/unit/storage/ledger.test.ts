// The ledger of a run: it says all that the database says, and whoever changes a byte of either is found.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Difference } from "../../../src/domain/difference.ts";
import { seededRandom } from "../../../src/domain/random.ts";
import type { RunReader } from "../../../src/storage/index.ts";
import { auditRun, openStore, openStoreReadOnly, StoreFault } from "../../../src/storage/index.ts";
import { canonical } from "../../../src/storage/ledger/canonical.ts";
import { headPath } from "../../../src/storage/ledger/head.ts";
import { passingSigner } from "../../../src/storage/ledger/signing.ts";
import { coveredTables } from "../../../src/storage/ledger/tables.ts";
import { migrate, shippedMigrations } from "../../../src/storage/migrate.ts";
import { beginRun, write } from "../../support/random-store.ts";
import { answer, battle, call, round, settings } from "../report/rows.ts";

const signer = passingSigner();

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "arena-ledger-"));
  path = join(folder, "arena.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A run of two sessions, both closed as they should be. */
function played(writes = 12): void {
  const half = Math.ceil(writes / 2);
  const first = openStore(path, { signer });
  beginRun(first, 3);
  for (let number = 1; number <= half; number += 1) write(first, number);
  first.close();
  const second = openStore(path, { signer });
  for (let number = half + 1; number <= writes; number += 1) write(second, number);
  second.close();
}

/** A copy of the run to be spoilt; the first is left as it was. */
function copied(name: string): string {
  const copy = join(folder, name);
  copyFileSync(path, copy);
  copyFileSync(headPath(path), headPath(copy));
  return copy;
}

function withSql(at: string, work: (database: Database.Database) => void): void {
  const raw = new Database(at);
  work(raw);
  raw.close();
}

const lines = (at: string): string[] => {
  const raw = new Database(at, { readonly: true });
  const found = z.array(z.string()).parse(raw.prepare("SELECT line FROM ledger ORDER BY seq").pluck().all());
  raw.close();
  return found;
};

function lift(database: Database.Database): void {
  database.exec(
    "DROP TRIGGER ledger_keeps_its_lines; DROP TRIGGER ledger_loses_no_line; PRAGMA foreign_keys = OFF",
  );
}

/** What was found apart from the bytes of the file, which any change at all makes others. */
const beyondBytes = (differences: readonly Difference[]): readonly Difference[] =>
  differences.filter(({ where }) => where !== "arena.db");

function found(at: string): readonly Difference[] {
  const { differences, fromLedger } = auditRun(at);
  fromLedger?.close();
  return differences;
}

/** All that a board reads. */
function seen(reader: RunReader) {
  return {
    settings: reader.settings,
    battles: reader.battles(),
    unplayed: reader.unplayed(),
    rounds: reader.rounds(),
    judgements: reader.judgements(),
    files: reader.files(),
    playedSeconds: reader.playedSeconds(),
    calls: reader.calls().map(({ finish, ...rest }) => {
      if (finish === undefined) return rest;
      const { text, candidates, error, ...numbers } = finish;
      return { ...rest, finish: numbers };
    }),
  };
}

describe("a ledger", () => {
  it("gives, alone, everything that a board reads", () => {
    played();
    const audit = auditRun(path, { key: signer.key });
    expect(audit.differences).toEqual([]);
    expect(audit.unchecked).toEqual([]);
    expect(audit.keys).toEqual([signer.key]);
    expect(audit.rows).toBeGreaterThan(50);
    const stored = openStoreReadOnly(path);
    expect(stored.rounds().length).toBeGreaterThan(5);
    expect(audit.fromLedger && seen(audit.fromLedger)).toStrictEqual(seen(stored));
    stored.close();
  });

  it("holds no answer, no candidate and not the judging seed: it may be published", () => {
    const store = openStore(path, { signer });
    store.judgingSeed("the secret seed");
    store.planBattles([battle(1)]);
    const id = store.beginCall(call());
    const chunks: [] = [];
    const candidate = {
      sample: 0,
      isChosen: true,
      end: "answered",
      isUnchecked: false,
      text: "a draft",
      chunks,
    };
    store.finishCall(
      id,
      answer({ text: "the whole answer", candidates: [candidate], error: "what they said" }),
    );
    store.close();
    const text = lines(path).join("\n");
    for (const word of ["the whole answer", "a draft", "the secret seed", "what they said"])
      expect(text).not.toContain(word);
    expect(text).toContain('"inputTokens":');
    expect(found(path)).toEqual([]);
  });

  it("gets no line for a write that changes nothing, and none for one that fails", () => {
    const store = openStore(path, { signer });
    beginRun(store, 1);
    store.recordRound(round());
    const end = store.ledgerEnd();
    store.recordRound(round());
    store.saveSettings(settings);
    store.planBattles([battle(1)]);
    expect(() => store.planBattles([battle(2), battle(1, { second: "gamma" })])).toThrow(StoreFault);
    expect(store.ledgerEnd()).toEqual(end);
    store.finishBattle("battle-1");
    expect(store.ledgerEnd()?.seq).toBe((end?.seq ?? 0) + 1);
    store.close();
    expect(found(path)).toEqual([]);
  });

  it("is signed at intervals while a session lasts", () => {
    const store = openStore(path, { signer });
    beginRun(store, 1);
    for (let number = 1; number <= 600; number += 1) store.addPlayedSeconds(1);
    expect(auditRun(path)).toMatchObject({ checkpoints: 1, differences: [] });
    const head = readFileSync(headPath(path), "utf8");
    expect(head).toContain(signer.key);
    expect(Number(/"seq":(\d+)/.exec(head)?.[1])).toBeGreaterThanOrEqual(500);
    store.close();
    expect(auditRun(path)).toMatchObject({ checkpoints: 2, differences: [], unchecked: [] });
  });

  it("goes on without a signature where nobody signs, and says that none covers it", () => {
    const store = openStore(path);
    beginRun(store, 1);
    store.close();
    const audit = auditRun(path);
    expect(audit).toMatchObject({ checkpoints: 0, differences: [] });
    expect(audit.unchecked.join()).toMatch(/who wrote the ledger's last \d+ lines/);
    expect(auditRun(path, { key: signer.key }).differences).not.toEqual([]);
  });

  it("refuses a line that is changed or taken away, as long as nobody lifts that", () => {
    played(2);
    withSql(path, (raw) => {
      expect(() => raw.exec("UPDATE ledger SET line = 'x'")).toThrow(/its lines never change/);
      expect(() => raw.exec("DELETE FROM ledger")).toThrow(/its lines stay/);
    });
  });
});

describe("a run of a release without ledgers", () => {
  beforeEach(() => {
    const old = new Database(path);
    migrate(old, shippedMigrations().slice(0, 2));
    old.prepare("INSERT INTO run (id, settings) VALUES (1, ?)").run(JSON.stringify(settings));
    old.exec("INSERT INTO battles VALUES ('battle-1', 1, 'one__issue-1', 'alpha', 'beta', 2, 0)");
    old.close();
  });

  it("is read as it is, and has none", () => {
    const before = readFileSync(path);
    const reader = openStoreReadOnly(path);
    expect(reader.settings).toEqual(settings);
    expect(reader.battles()).toEqual([battle(1)]);
    reader.close();
    const audit = auditRun(path);
    expect(audit).toMatchObject({ lines: 0, differences: [] });
    expect(audit.end).toBeUndefined();
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("gets one when it is gone on with, and what was there before is said to be taken as found", () => {
    const store = openStore(path, { signer });
    store.recordRound(round());
    store.close();
    const audit = auditRun(path);
    expect(audit.differences).toEqual([]);
    expect(audit.unchecked.join()).toContain("what happened to 2 rows before the run had a ledger");
    expect(audit.fromLedger?.rounds()).toEqual([round()]);
  });
});

describe("whoever changes the database", () => {
  it("is found by the column, whichever row of whichever table it is", () => {
    played(4);
    const raw = new Database(path, { readonly: true });
    const tables = coveredTables(raw);
    const counts = tables.map(({ name }) => raw.prepare(`SELECT count(*) FROM ${name}`).pluck().get());
    raw.close();
    expect(counts.every((count) => Number(count) > 0)).toBe(true);
    for (const { name, columns } of tables) {
      for (const column of columns) {
        const copy = copied("changed.db");
        withSql(copy, (database) => {
          lift(database);
          database.pragma("ignore_check_constraints = ON");
          const one = `rowid = (SELECT max(rowid) FROM ${name})`;
          const value = database.prepare(`SELECT ${column} FROM ${name} WHERE ${one}`).pluck().get();
          const other = typeof value === "number" || value === null ? Number(value) + 1 : `${String(value)} `;
          database.prepare(`UPDATE ${name} SET ${column} = ? WHERE ${one}`).run(other);
        });
        const differences = beyondBytes(found(copy));
        expect(differences.map(({ where }) => where).join(), `${name}.${column}`).toContain(
          `arena.db, ${name} `,
        );
      }
    }
  });

  it("is found by a row that is gone, and by one too many", () => {
    played(4);
    const gone = copied("gone.db");
    withSql(gone, (database) => {
      lift(database);
      database.exec("DELETE FROM rounds WHERE round = 4");
    });
    expect(beyondBytes(found(gone))).toEqual([
      { where: 'arena.db, rounds ["battle-1",4]', expected: "the row that the ledger has", found: "no row" },
    ]);
    const more = copied("more.db");
    withSql(more, (database) =>
      database.exec("INSERT INTO battles VALUES ('battle-9', 9, 'one__issue-9', 'alpha', 'beta', 2, 0)"),
    );
    expect(beyondBytes(found(more))).toHaveLength(1);
  });

  it("is found by any byte of any line of the ledger, the last one's too", () => {
    played(3);
    const random = seededRandom("lines");
    for (const [seq, line] of lines(path).entries()) {
      const at = random.integer(line.length);
      const other = line[at] === "0" ? "1" : "0";
      const copy = copied("line.db");
      withSql(copy, (database) => {
        lift(database);
        const text = line.slice(0, at) + other + line.slice(at + 1);
        database.prepare("UPDATE ledger SET line = ? WHERE seq = ?").run(text, seq);
      });
      expect(beyondBytes(found(copy)), `line ${seq}, character ${at}`).not.toEqual([]);
    }
  });

  it("is found by any byte of the file, rows or not", () => {
    played(3);
    const random = seededRandom("bytes");
    const whole = readFileSync(path);
    const copy = copied("byte.db");
    const places = [...Array(32).keys(), ...Array.from({ length: 100 }, () => random.integer(whole.length))];
    for (const at of places) {
      const spoilt = Buffer.from(whole);
      spoilt.writeUInt8((whole.readUInt8(at) + 1 + random.integer(255)) % 256, at);
      writeFileSync(copy, spoilt);
      expect(found(copy), `byte ${at}`).not.toEqual([]);
    }
  });

  it("is found by any byte of the head, and by bytes put after it", () => {
    played(2);
    const text = readFileSync(headPath(path));
    const copy = copied("head.db");
    for (let at = 0; at < text.length; at += 3) {
      const spoilt = Buffer.from(text);
      spoilt.writeUInt8(text.readUInt8(at) ^ 1, at);
      writeFileSync(headPath(copy), spoilt);
      expect(found(copy), `byte ${at}`).not.toEqual([]);
    }
    writeFileSync(headPath(copy), `${text.toString()}\n`);
    expect(found(copy)).not.toEqual([]);
  });
});

describe("a ledger cut short", () => {
  /** Takes back the last session, rows and lines alike, as whoever knows how this works would. */
  function cut(): { readonly at: string; readonly published: string } {
    const first = openStore(path, { signer });
    beginRun(first, 1);
    first.close();
    const at = copied("cut.db");
    const second = openStore(path, { signer });
    second.recordRound(round());
    second.close();
    return { at, published: readFileSync(headPath(path), "utf8") };
  }

  it("is found by the head that lies beside it", () => {
    const { at, published } = cut();
    writeFileSync(headPath(at), published);
    const where = found(at).map((difference) => difference.where);
    expect(where).toContain("arena.db.head.json");
    expect(() => openStore(at, { signer })).toThrow(/is not as it was left: .*it ends before/);
  });

  it("is found by a head that was published, and by nothing else", () => {
    const { at, published } = cut();
    // With a head of its own that was written then, it is a run that ended earlier.
    expect(found(at)).toEqual([]);
    expect(auditRun(at, { published }).differences).toMatchObject([
      { where: "the published head", found: expect.stringContaining("lines are cut off its end") },
    ]);
    rmSync(headPath(at));
    expect(auditRun(at).unchecked.join()).toContain("whether lines are missing at the ledger's end");
  });

  it("is found where another has written it anew: by the key, and by the published head", () => {
    const { published } = cut();
    const other = join(folder, "other.db");
    const forged = openStore(other, { signer: passingSigner() });
    beginRun(forged, 1);
    forged.recordRound(round({ judgingSeconds: 99 }));
    forged.close();
    expect(found(other)).toEqual([]);
    expect(auditRun(other, { key: signer.key }).differences).not.toEqual([]);
    expect(auditRun(other, { published }).differences).not.toEqual([]);
  });

  it("is not gone on with where its head cannot be believed", () => {
    played(2);
    writeFileSync(headPath(path), "{}\n");
    expect(() => openStore(path, { signer })).toThrow(/cannot be believed: .*What to do/s);
  });
});

describe("a session that was killed", () => {
  it("leaves a ledger without differences, and says what nobody vouches for", () => {
    const store = openStore(path, { signer });
    beginRun(store, 2);
    write(store, 1);
    const copy = join(folder, "killed.db");
    for (const ending of ["", "-wal", ".head.json"]) copyFileSync(`${path}${ending}`, `${copy}${ending}`);
    store.close();
    const audit = auditRun(copy);
    expect(audit.differences).toEqual([]);
    expect(audit.unchecked.join("\n")).toMatch(
      /bytes of arena\.db that hold no row.*who wrote the ledger's last/s,
    );
  });

  it("is signed by the next one", () => {
    const abandoned = openStore(path, { signer, owner: { host: "h", pid: 1, startedAt: "then" } });
    beginRun(abandoned, 2);
    const copy = join(folder, "next.db");
    for (const ending of ["", "-wal", ".head.json"]) copyFileSync(`${path}${ending}`, `${copy}${ending}`);
    abandoned.close();
    withSql(copy, (database) => database.exec("DELETE FROM owner"));
    openStore(copy, { signer }).close();
    expect(auditRun(copy)).toMatchObject({ checkpoints: 1, differences: [], unchecked: [] });
  });
});

describe("canonical", () => {
  it("writes what RFC 8785 shows in its section 3.2", () => {
    const value = {
      numbers: [1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
      literals: [null, true, false],
    };
    expect(canonical(value)).toBe(
      '{"literals":[null,true,false],"numbers":[1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    expect(
      canonical({ "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7 }),
    ).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
  });
});
