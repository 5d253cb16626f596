// A tree of 200,000 files: it is listed, indexed, ranked and packed like any other, and the next commit costs its change.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { byChunk, openIndex, pack, rankerOf, tokenCounterFor } from "../../retriever/index.ts";
import { imported, type TreeItem } from "../support/fast-import.ts";

const count = 200_000;
const timeoutMs = 3_600_000;
const folder = mkdtempSync(join(tmpdir(), "arena-large-"));
const repository = join(folder, "repository");
const cacheFolder = join(folder, "cache");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every file its own text: a name of its own, and words that all of them have. */
function* files(): Generator<TreeItem> {
  for (let at = 0; at < count; at += 1) {
    const path = `part${at % 100}/piece${Math.floor(at / 100) % 50}/file${at}.py`;
    yield { path, content: `def step${at}(value):\n    return value + ${at}\n` };
  }
}

const changed = { path: "part7/piece7/needle.py", content: "def thread_the_needle():\n    return 1\n" };
let commits: readonly string[] = [];

beforeAll(async () => {
  commits = await imported(repository, [
    { branch: "main", message: "all of them", items: files() },
    { branch: "main", from: "main", message: "one more", items: [changed] },
  ]);
}, timeoutMs);

describe("200,000 files", { timeout: timeoutMs }, () => {
  it("are indexed, and the next commit reads what it changed", async () => {
    await using index = openIndex({ workers: 2, cacheFolder });
    const { stats } = await index.snapshot(repository, commits[0] ?? "");
    expect(stats).toMatchObject({ files: count, indexed: count, read: count, reused: 0, missing: [] });
    const { stats: next } = await index.snapshot(repository, commits[1] ?? "");
    expect(next).toMatchObject({ files: count + 1, read: 1, reused: count, cacheDamage: [] });
  });

  it("are ranked and packed", async () => {
    await using index = openIndex({ workers: 2, cacheFolder });
    const { snapshot } = await index.snapshot(repository, commits[1] ?? "");
    const ranking = rankerOf(snapshot).search({
      text: "thread_the_needle returns 1\n\nand step123456 does not",
    });
    const paths = ranking.files.slice(0, 2).map(({ file }) => file.path);
    expect(paths.sort()).toEqual(["part56/piece34/file123456.py", changed.path].sort());
    const counter = await tokenCounterFor({ tokenizer: "o200k_base" });
    const read = snapshot.read.bind(snapshot);
    const { snippets, tokens } = await pack({ chunks: byChunk(ranking), maxTokens: 500, counter, read });
    expect(snippets.map(({ text }) => text)).toContain(changed.content);
    expect(tokens).toBeLessThanOrEqual(500);
  });
});
