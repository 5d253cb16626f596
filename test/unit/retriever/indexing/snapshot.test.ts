// A repository at a commit becomes the same snapshot however it is read: threads, cache, damage; chunks tile every file.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type IndexStats, openIndex, type Snapshot } from "../../../../retriever/index.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-snapshot-"));
const repository = join(folder, "repository");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const git = (...words: string[]): string =>
  execFileSync("git", ["-C", repository, "-c", "user.name=t", "-c", "user.email=t@t", ...words], {
    encoding: "utf8",
  }).trim();

function write(path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(repository, path)), { recursive: true });
  writeFileSync(join(repository, path), content);
}

function commit(message: string): string {
  git("add", "-A");
  git("commit", "-q", "-m", message);
  return git("rev-parse", "HEAD");
}

const many = Array.from(
  { length: 900 },
  (_, at) => `fn step_${at}(x: u32) -> u32 {\n    x + ${at}\n}\n`,
).join("\n");
let first = "";
let second = "";

beforeAll(() => {
  mkdirSync(repository);
  git("init", "-q");
  write("src/lib.rs", `//! Über\nstruct Bag(u32);\nimpl Bag {\n    fn put(&mut self) {}\n}\n${many}`);
  write("app/bag.py", Buffer.from("\ufeffclass Bag:\r\n    def put(self):\r\n        return 'é'\r\n"));
  write(
    "bad.go",
    Buffer.concat([
      Buffer.from("package p\n\nfunc Put() { // "),
      Buffer.from([0xff, 0xc3, 0x28]),
      Buffer.from("\n}\n"),
    ]),
  );
  write("macro.cpp", "#define API(x) x\nAPI(int) put(int a) {\n  return a;\n}\nTEST_F(Bag, puts { broken\n");
  write("long.txt", `${"word ".repeat(400_000)}\n`);
  write("empty.py", "");
  write("logo.png", Buffer.from([137, 80, 78, 71, 0, 1, 2, 3]));
  first = commit("bags");
  write("app/bag.py", "class Bag:\n    def take(self):\n        return 1\n");
  second = commit("bags can be emptied");
});

async function snapshotOf(
  at: string,
  options: { cacheFolder?: string; workers?: number },
): Promise<{ snapshot: Snapshot; stats: IndexStats }> {
  const index = await openIndex(options);
  try {
    return await index.snapshot(repository, at);
  } finally {
    await index.close();
  }
}

/** Everything that ranking reads. */
const plain = ({ files, history, commit: at, time }: Snapshot): unknown => ({ files, history, at, time });

describe("a snapshot", () => {
  it("has chunks that tile every file", async () => {
    const { snapshot } = await snapshotOf(first, { workers: 1 });
    const indexed = snapshot.files.filter((file) => file.digest !== undefined);
    expect(indexed.map((file) => file.path)).toEqual(
      expect.arrayContaining(["src/lib.rs", "app/bag.py", "bad.go", "macro.cpp", "long.txt"]),
    );
    for (const { path, digest } of indexed) {
      let end = 0;
      for (const chunk of digest?.chunks ?? []) {
        expect([path, chunk.startByte]).toEqual([path, end]);
        end = chunk.endByte;
      }
      expect([path, end]).toEqual([path, digest?.bytes]);
    }
    expect(snapshot.files.find((file) => file.path === "logo.png")).toMatchObject({ traits: ["binary"] });
  });

  it("names what a file defines, in whole bytes and lines of the file", async () => {
    const { snapshot } = await snapshotOf(first, { workers: 1 });
    const names = (path: string): string[] =>
      snapshot.files.find((file) => file.path === path)?.digest?.definitions.map(({ name }) => name) ?? [];
    expect(names("src/lib.rs")).toEqual(expect.arrayContaining(["Bag", "put", "step_0", "step_899"]));
    expect(names("app/bag.py")).toEqual(expect.arrayContaining(["Bag", "put"]));
    expect(names("bad.go")).toContain("Put");
    expect(names("macro.cpp")).toContain("put");
  });

  it("is the same with 1 and 4 threads, cold, warm and after damage, which is told", async () => {
    const cacheFolder = join(folder, "cache");
    const cold = await snapshotOf(first, { workers: 1 });
    for (const workers of [1, 4]) {
      const stored = await snapshotOf(first, { workers, cacheFolder: `${cacheFolder}-${workers}` });
      expect(plain(stored.snapshot)).toEqual(plain(cold.snapshot));
      const warm = await snapshotOf(first, { workers, cacheFolder: `${cacheFolder}-${workers}` });
      expect(warm.stats.read).toBe(0);
      expect(plain(warm.snapshot)).toEqual(plain(cold.snapshot));
    }
    for (const name of readdirSync(`${cacheFolder}-1`)) {
      writeFileSync(join(`${cacheFolder}-1`, name), "no database");
    }
    const mended = await snapshotOf(first, { workers: 1, cacheFolder: `${cacheFolder}-1` });
    expect(mended.stats.cacheDamage.length).toBeGreaterThan(0);
    expect(plain(mended.snapshot)).toEqual(plain(cold.snapshot));
  });

  it("of the next commit reads only what changed, and knows only the past", async () => {
    const cacheFolder = join(folder, "next");
    const before = await snapshotOf(first, { workers: 1, cacheFolder });
    const after = await snapshotOf(second, { workers: 1, cacheFolder });
    expect(after.stats.read).toBe(1);
    expect(after.snapshot.history.map(({ message }) => message.trim())).toEqual([
      "bags can be emptied",
      "bags",
    ]);
    expect(before.snapshot.history.map(({ message }) => message.trim())).toEqual(["bags"]);
  });

  it("is refused by name where the commit or the repository is not there", async () => {
    await expect(snapshotOf("0".repeat(40), {})).rejects.toMatchObject({ code: "object-missing" });
    const index = await openIndex({});
    await expect(index.snapshot(join(folder, "nowhere"), first)).rejects.toMatchObject({
      code: "repository-unreadable",
    });
    await index.close();
  });
});
