// Real processes on one cache folder: side by side, and one of them killed. Whatever happens, the snapshot is the same.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeCorpus, corpusQuestions } from "../../../support/code-corpus.ts";
import { imported } from "../../../support/fast-import.ts";
import { type RetrievalDigest, retrievalDigest } from "../../../support/retrieval-digest.ts";
import { type RetrievalProcess, startRetrieval } from "../../../support/retrieval-process.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-processes-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const repository = join(folder, "repository");
/** More than 2 MiB: enough for four threads. */
const files = 850;
let commit = "";
let expected: RetrievalDigest;

beforeAll(async () => {
  const change = { path: "basket/read/late.py", content: "def late():\n    return 1\n" };
  const ids = await imported(repository, [
    { branch: "main", message: "all of it", items: codeCorpus("processes", files) },
    { branch: "main", from: "main", message: "readLedgerOnce is late", items: [change] },
  ]);
  commit = ids[1] ?? "";
  expected = await retrievalDigest({ repository, commit, workers: 0, questions: corpusQuestions });
});

const start = (cacheFolder: string, workers = 2): RetrievalProcess =>
  startRetrieval({ repository, commit, cacheFolder, workers, questions: [] });

const withoutStats = ({ snapshot, ranked, packed }: RetrievalDigest) => ({ snapshot, ranked, packed });

function expectSame({ snapshot, stats }: RetrievalDigest): void {
  expect(snapshot).toBe(expected.snapshot);
  expect(stats.cacheDamage).toEqual([]);
}

/** One file, whole, with every blob in it once. */
function expectSound(cacheFolder: string, rows = files + 1): void {
  const kept = readdirSync(cacheFolder).filter((name) => name.endsWith(".db"));
  expect(kept).toHaveLength(1);
  const database = new Database(join(cacheFolder, kept[0] ?? ""), { readonly: true });
  expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
  expect(database.prepare("SELECT count(*) FROM digests").pluck().get()).toBe(rows);
  database.close();
}

describe("two processes on one new cache folder", () => {
  it("both come to the same, and leave one sound cache", async () => {
    const cacheFolder = join(folder, "both");
    const running = [start(cacheFolder), start(cacheFolder), start(cacheFolder, 1)];
    for (const { done } of running) expectSame(await done);
    expectSound(cacheFolder);
    const after = await start(cacheFolder).done;
    expectSame(after);
    expect(after.stats).toMatchObject({ read: 0, reused: files + 1 });
  });

  it("do not hinder each other when one is killed in the middle", async () => {
    const cacheFolder = join(folder, "one-killed");
    const [killed, goesOn] = [start(cacheFolder), start(cacheFolder)];
    await killed.hasRead(1);
    await killed.kill();
    expectSame(await goesOn.done);
    expectSound(cacheFolder);
  });
});

describe("a process killed in the middle", () => {
  it("leaves what it had read to the next", async () => {
    const cacheFolder = join(folder, "killed");
    const killed = start(cacheFolder, 1);
    await killed.hasRead(100);
    await killed.kill();
    await expect(killed.done).rejects.toThrow("SIGKILL");
    const next = await start(cacheFolder).done;
    expectSame(next);
    expect(next.stats.reused).toBeGreaterThanOrEqual(100);
    expect(next.stats.reused + next.stats.read).toBe(files + 1);
    expectSound(cacheFolder);
  });

  it("again and again, wherever it was, never leaves a cache that is wrong", async () => {
    const cacheFolder = join(folder, "again");
    for (const blobs of [1, 200, 400]) {
      const killed = start(cacheFolder);
      // One that finds enough in the cache may read fewer and end by itself: killed or not, it must do no harm.
      await Promise.race([killed.hasRead(blobs).catch(() => {}), killed.done.catch(() => {})]);
      await killed.kill();
    }
    expectSame(await start(cacheFolder).done);
    expectSound(cacheFolder);
  });
});

describe("retrieval", () => {
  it("ranks and packs the same in another process, with 1 and 4 threads, cold and warm", async () => {
    for (const workers of [1, 4]) {
      const task = { repository, commit, workers, questions: corpusQuestions };
      const cached = { ...task, cacheFolder: join(folder, `same-${workers}`) };
      const cold = await startRetrieval(cached).done;
      expect(withoutStats(cold)).toEqual(withoutStats(expected));
      expect(cold.stats).toMatchObject({ read: files + 1, reused: 0 });
      const warm = await (workers === 1 ? startRetrieval(cached).done : retrievalDigest(cached));
      expect(withoutStats(warm)).toEqual(withoutStats(expected));
      expect(warm.stats).toMatchObject({ read: 0, reused: files + 1 });
    }
    const again = await retrievalDigest({ repository, commit, workers: 0, questions: corpusQuestions });
    expect(withoutStats(again)).toEqual(withoutStats(expected));
  });
});
