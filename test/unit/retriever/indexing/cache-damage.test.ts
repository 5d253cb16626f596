// Caches that something happened to: what comes out is the same, what was wrong is said, and the next one is whole again.
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type IndexStats, openIndex } from "../../../../retriever/index.ts";
import { seededRandom } from "../../../../src/domain/random.ts";
import { codeCorpus } from "../../../support/code-corpus.ts";
import { imported } from "../../../support/fast-import.ts";
import { snapshotHash } from "../../../support/retrieval-digest.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-damage-"));
const mounts: string[] = [];
afterAll(() => {
  for (const mount of mounts) spawnSync("umount", [mount]);
  rmSync(folder, { recursive: true, force: true });
});

const repository = join(folder, "repository");
const whole = join(folder, "whole");
const files = 60;
const firstFile = "digests-000001.db";
let commit = "";
let expected = "";

async function read(cacheFolder?: string): Promise<{ hash: string; stats: IndexStats }> {
  await using index = openIndex({ workers: 0, ...(cacheFolder === undefined ? {} : { cacheFolder }) });
  const { snapshot, stats } = await index.snapshot(repository, commit);
  return { hash: snapshotHash(snapshot), stats };
}

beforeAll(async () => {
  const [, id = ""] = await imported(repository, [
    { branch: "main", message: "nothing yet", items: [] },
    { branch: "main", from: "main", message: "all of it", items: codeCorpus("damage", files) },
  ]);
  commit = id;
  expected = (await read()).hash;
  await read(whole);
});

let copies = 0;

/** A copy of the whole cache, for one test to spoil. */
function copyOfCache(): { cacheFolder: string; file: string } {
  copies += 1;
  const cacheFolder = join(folder, `copy-${copies}`);
  mkdirSync(cacheFolder);
  const file = join(cacheFolder, firstFile);
  copyFileSync(join(whole, firstFile), file);
  return { cacheFolder, file };
}

/** The next reader finds nothing to complain about and nothing to do. */
async function expectMended(cacheFolder: string): Promise<void> {
  const { hash, stats } = await read(cacheFolder);
  expect(hash).toBe(expected);
  expect(stats).toMatchObject({ read: 0, reused: files, cacheDamage: [] });
  expect(stats).not.toHaveProperty("cacheStopped");
}

async function expectSaidAndMended(cacheFolder: string): Promise<IndexStats> {
  const { hash, stats } = await read(cacheFolder);
  expect(hash).toBe(expected);
  expect(stats.cacheDamage.join()).not.toBe("");
  await expectMended(cacheFolder);
  return stats;
}

describe("a cache file", () => {
  it("that is whole is used, and nothing is said", async () => {
    await expectMended(copyOfCache().cacheFolder);
  });

  it.each([0.999, 0.9, 0.5, 0.1, 0.002])(
    "cut off after a share of %d is mended or given up for a new one",
    async (share) => {
      const { cacheFolder, file } = copyOfCache();
      truncateSync(file, Math.floor(readFileSync(file).length * share));
      await expectSaidAndMended(cacheFolder);
    },
  );

  it("of no bytes is an empty cache: a process that has just begun leaves one", async () => {
    const { cacheFolder, file } = copyOfCache();
    truncateSync(file, 0);
    const { hash, stats } = await read(cacheFolder);
    expect(hash).toBe(expected);
    expect(stats).toMatchObject({ read: files, reused: 0, cacheDamage: [] });
    await expectMended(cacheFolder);
  });

  it.each([
    ["prose", Buffer.from("This is no database.\n".repeat(500))],
    ["zeros", Buffer.alloc(50_000)],
    ["a header and noise", Buffer.concat([Buffer.from("SQLite format 3\0"), Buffer.alloc(9_000, 0xa5)])],
  ])("that is %s is given up for a new one", async (_, content) => {
    const { cacheFolder, file } = copyOfCache();
    writeFileSync(file, content);
    await expectSaidAndMended(cacheFolder);
  });

  it("of another program, with our table's name and other columns, is given up for a new one", async () => {
    const { cacheFolder, file } = copyOfCache();
    rmSync(file);
    const foreign = new Database(file);
    foreign.exec("CREATE TABLE digests (id INTEGER, text TEXT); INSERT INTO digests VALUES (1, 'theirs')");
    foreign.close();
    await expectSaidAndMended(cacheFolder);
  });

  it("is used when a write-ahead log of nonsense lies beside it", async () => {
    const { cacheFolder, file } = copyOfCache();
    writeFileSync(`${file}-wal`, Buffer.alloc(100_000, 0x5a));
    await expectMended(cacheFolder);
  });

  it("with any one of its bits turned gives the same snapshot, and then is whole", async () => {
    const random = seededRandom("bits");
    let said = 0;
    for (let round = 0; round < 60; round += 1) {
      const { cacheFolder, file } = copyOfCache();
      const content = readFileSync(file);
      // A third of them in the first pages, where the structure is.
      const reach = round % 3 === 0 ? 8_192 : content.length;
      const at = Math.floor(random.next() * reach);
      content[at] = (content[at] ?? 0) ^ (1 << Math.floor(random.next() * 8));
      writeFileSync(file, content);
      const { hash, stats } = await read(cacheFolder);
      expect([at, hash]).toEqual([at, expected]);
      if (stats.cacheDamage.length > 0) said += 1;
      const { hash: after } = await read(cacheFolder);
      expect([at, after]).toEqual([at, expected]);
    }
    expect(said).toBeGreaterThan(20);
  });
});

describe("rows", () => {
  const spoil = (file: string, statement: string): void => {
    const database = new Database(file);
    database.exec(statement);
    database.close();
  };

  it.each([
    ["another blob's content", "UPDATE digests SET payload = (SELECT payload FROM digests LIMIT 1 OFFSET 9)"],
    ["content that is cut off", "UPDATE digests SET payload = substr(payload, 1, length(payload) - 4)"],
    ["no content", "UPDATE digests SET payload = x''"],
    ["text for content", "UPDATE digests SET payload = 'theirs'"],
    ["another commit's content", "UPDATE commits SET payload = (SELECT payload FROM commits LIMIT 1)"],
    ["commits that are cut off", "UPDATE commits SET payload = substr(payload, 1, 9)"],
    ["numbers for commits", "UPDATE commits SET payload = 7"],
  ])("with %s are read anew, and counted", async (_, statement) => {
    const { cacheFolder, file } = copyOfCache();
    spoil(file, statement);
    const stats = await expectSaidAndMended(cacheFolder);
    expect(stats.cacheDamage.join()).toMatch(/\d+ damaged rows? /);
  });

  it("of another version are not found, and left alone", async () => {
    const { cacheFolder, file } = copyOfCache();
    spoil(file, "UPDATE digests SET key = key || x'00'");
    const { hash, stats } = await read(cacheFolder);
    expect(hash).toBe(expected);
    expect(stats).toMatchObject({ read: files, cacheDamage: [] });
    await expectMended(cacheFolder);
  });
});

/** A file system of its own for a folder, of so many kilobytes; undefined, said aloud, where none can be mounted. */
function smallDisk(name: string, kilobytes: number): string | undefined {
  const at = join(folder, name);
  mkdirSync(at);
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", at]);
  if (status === 0) {
    mounts.push(at);
    return at;
  }
  process.stderr.write(`SKIPPED: no file system can be mounted here: ${String(stderr).trim()}\n`);
  return undefined;
}

describe("a cache folder", () => {
  it("that is a file is worked without, and that is said", async () => {
    const cacheFolder = join(folder, "a-file");
    writeFileSync(cacheFolder, "");
    const { hash, stats } = await read(cacheFolder);
    expect(hash).toBe(expected);
    expect(stats.cacheStopped).toContain(cacheFolder);
  });

  it("on a disk that fills up keeps what fits, goes on, and says so", async ({ skip }) => {
    const cacheFolder = smallDisk("full", 150);
    if (cacheFolder === undefined) return skip("no file system can be mounted here");
    const { hash, stats } = await read(cacheFolder);
    expect(hash).toBe(expected);
    expect(stats.cacheStopped).toMatch(/full/);
    const again = await read(cacheFolder);
    expect(again.hash).toBe(expected);
    expect(again.stats.cacheDamage).toEqual([]);
  });

  it("that cannot be written is worked without, and that is said", async ({ skip }) => {
    const cacheFolder = smallDisk("read-only", 4_000);
    if (cacheFolder === undefined) return skip("no file system can be mounted here");
    copyFileSync(join(whole, firstFile), join(cacheFolder, firstFile));
    expect(spawnSync("mount", ["-o", "remount,ro", cacheFolder]).status).toBe(0);
    const { hash, stats } = await read(cacheFolder);
    expect(hash).toBe(expected);
    expect(stats).toMatchObject({ cacheDamage: [], cacheStopped: expect.stringContaining(cacheFolder) });
  });
});
