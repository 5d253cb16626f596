// Rounds recorded a second, one by one and by many workers at once, beside bare inserts of the same bytes that wait for the disk as often.
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import Database from "better-sqlite3";
import { RoundCommits } from "../src/arena/round-commits.ts";
import { makeDurable } from "../src/storage/connection.ts";
import { auditRun, openStore } from "../src/storage/index.ts";
import { canonical } from "../src/storage/ledger/canonical.ts";
import { passingSigner } from "../src/storage/ledger/signing.ts";
import { battle, shown as context, record, round, settings } from "../test/unit/report/rows.ts";
import { interleaved, ratio, shown, spread, timed } from "./figures.ts";

const limitPerSecond = 5_000;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5000" },
    repeats: { type: "string", default: "7" },
    /** Below it databases are written: the disk that is waited for. */
    folder: { type: "string", default: "." },
  },
});
const rounds = Number(values.rounds);
const signer = passingSigner();

/** With a kill, a panel and what both sides were shown: about what a real round weighs. */
const rowOf = (number: number) =>
  round({
    round: number,
    record: record(
      { effect: "killed" },
      { panel: [{ candidate: "right-1", label: "resolved", effect: "survived" }] },
    ),
    submitterContext: context(1800, { passed: 1, total: 2 }),
    reviewerContext: context(1700, { passed: 1, total: 2 }),
    reusedRuns: ["B", "G", "B+H", "G+H"],
  });
const rows = Array.from({ length: rounds }, (_, index) => rowOf(index + 1));

/** The bytes that a store writes for a round: its row, and the line of its ledger, which says it all once more. */
const texts = rows.map((row) => ({
  number: row.round,
  row: JSON.stringify(row),
  line: canonical(JSON.parse(JSON.stringify({ row, prev: "0".repeat(64) }))),
}));

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(values.folder, ".bench-store-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function* parts<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

const oneByOne = () =>
  inFolder(async (folder) => {
    const opened = openStore(join(folder, "arena.db"), { signer });
    opened.saveSettings(settings);
    opened.planBattles([battle(1)]);
    const took = await timed(async () => {
      for (const row of rows) opened.recordRound(row);
    });
    opened.close();
    return took;
  });

/** So many workers end a round, wait until it is on the disk, and end the next. */
const grouped = (workers: number) => () =>
  inFolder(async (folder) => {
    const opened = openStore(join(folder, "arena.db"), { signer });
    opened.saveSettings(settings);
    opened.planBattles([battle(1)]);
    const commits = new RoundCommits(opened);
    const left = rows.values();
    const took = await timed(async () => {
      const work = async () => {
        for (const row of left) await commits.record(row);
      };
      await Promise.all(Array.from({ length: workers }, work));
    });
    opened.close();
    return took;
  });

/** Row and line as two plain inserts, `together` rounds a transaction. */
const bare = (together: number) => () =>
  inFolder(async (folder) => {
    const database = new Database(join(folder, "bare.db"));
    makeDurable(database);
    for (const table of ["rounds", "lines"])
      database.exec(`CREATE TABLE ${table} (number INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT`);
    const insert = database.prepare("INSERT INTO rounds VALUES (?, ?)");
    const append = database.prepare("INSERT INTO lines VALUES (?, ?)");
    const once = database.transaction((some: readonly (typeof texts)[number][]) => {
      for (const { number, row, line } of some) {
        insert.run(number, row);
        append.run(number, line);
      }
    });
    const took = await timed(async () => {
      for (const some of parts(texts, together)) once.immediate(some);
    });
    database.close();
    return took;
  });

const bytes = texts.reduce((sum, { row }) => sum + row.length, 0) / texts.length;
console.log(
  `${rounds} rounds of ${bytes.toFixed(0)} bytes in ${values.folder}; every transaction waits for the disk`,
);
const alone = new Map([
  ["store", oneByOne],
  ["bare", bare(1)],
]);
const manyTogether = (workers: number) =>
  new Map([
    ["store", grouped(workers)],
    ["bare", bare(workers)],
  ]);
for (const [how, contenders] of [
  ["one round at a time", alone],
  ["10 workers at once", manyTogether(10)],
  ["100 workers at once", manyTogether(100)],
] as const) {
  const measured = await interleaved(contenders, Number(values.repeats));
  const perSecond = (name: string) => spread((measured.get(name) ?? []).map((ms) => (rounds / ms) * 1000));
  const { median } = perSecond("store");
  console.log(
    `${how}: the store ${shown(perSecond("store"), 0)} rounds a second, bare inserts ` +
      `${shown(perSecond("bare"), 0)}: ${shown(ratio(measured, "store", "bare"), 2)} times as long; ` +
      `${(median / limitPerSecond).toFixed(2)} of the limit of ${limitPerSecond}`,
  );
}

await inFolder(async (folder) => {
  const path = join(folder, "arena.db");
  const opened = openStore(path, { signer });
  opened.planBattles([battle(1)]);
  opened.recordRounds(rows);
  opened.close();
  const took = await timed(async () => {
    const { differences, fromLedger } = auditRun(path);
    fromLedger?.close();
    if (differences.length > 0)
      throw new Error(`the ledger differs: ${JSON.stringify(differences.slice(0, 3))}`);
  });
  console.log(`verifying those ${rounds} rounds against their ledger: ${took.toFixed(0)} ms`);
});
