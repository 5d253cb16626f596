// Rounds of many workers wait for the disk together, and nobody is told of a round that is not on it.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RoundCommits } from "../../../src/arena/round-commits.ts";
import { openStore, openStoreReadOnly } from "../../../src/storage/index.ts";
import { battle, round } from "../report/rows.ts";

const child = fileURLToPath(new URL("./rounds-until-killed.ts", import.meta.url));

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "arena-commits-"));
  path = join(folder, "arena.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The store, and how many rows each of its transactions wrote. */
function counted() {
  const store = openStore(path);
  store.planBattles([battle(1)]);
  const sizes: number[] = [];
  const counting = {
    recordRound: (row: Parameters<typeof store.recordRound>[0]) => {
      sizes.push(1);
      store.recordRound(row);
    },
    recordRounds: (rows: Parameters<typeof store.recordRounds>[0]) => {
      sizes.push(rows.length);
      store.recordRounds(rows);
    },
  };
  return { store, sizes, commits: new RoundCommits(counting) };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe("rounds that end together", () => {
  it("are one transaction, and each is on the disk when its worker is told", async () => {
    const { store, sizes, commits } = counted();
    const reader = openStoreReadOnly(path);
    const found = await Promise.all(
      numbers(30).map(async (number) => {
        await commits.record(round({ round: number }));
        return reader.rounds().some((row) => row.round === number);
      }),
    );
    expect(found).toEqual(numbers(30).map(() => true));
    expect(sizes).toEqual([30]);
    reader.close();
    store.close();
  });

  it("wait for nobody where one ends alone", async () => {
    const { store, sizes, commits } = counted();
    for (const number of numbers(3)) await commits.record(round({ round: number }));
    expect(sizes).toEqual([1, 1, 1]);
    expect(store.rounds()).toHaveLength(3);
    store.close();
  });

  it("fail for themselves alone", async () => {
    const { store, commits } = counted();
    const told = await Promise.allSettled([
      commits.record(round({ round: 1 })),
      commits.record(round({ round: 2, battleId: "nowhere" })),
      commits.record(round({ round: 3 })),
    ]);
    expect(told.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(told[1]).toMatchObject({ reason: { code: "store-failed" } });
    expect(store.rounds().map((row) => row.round)).toEqual([1, 3]);
    store.close();
  });

  it("fail where the store is closed before they are written", async () => {
    const { store, commits } = counted();
    const told = Promise.allSettled([commits.record(round()), commits.record(round({ round: 2 }))]);
    store.close();
    expect((await told).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    const reader = openStoreReadOnly(path);
    expect(reader.rounds()).toEqual([]);
    reader.close();
  });
});

describe("a killed process", () => {
  it("has lost no round that a worker was told of", async () => {
    const process_ = spawn(process.execPath, ["--import", "tsx", child, path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise((resolve) => process_.once("close", resolve));
    let output = "";
    for await (const chunk of process_.stdout) {
      output += String(chunk);
      if (output.split("\n").length > 100) process_.kill("SIGKILL");
    }
    await ended;
    const told = output.slice(0, output.lastIndexOf("\n")).split("\n").map(Number);
    const reader = openStoreReadOnly(path);
    const kept = new Set(reader.rounds().map((row) => row.round));
    reader.close();
    expect(told.length).toBeGreaterThanOrEqual(100);
    expect(told.filter((number) => !kept.has(number))).toEqual([]);
  });
});
