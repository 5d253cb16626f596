// The vector cache answers with what was put into it or with nothing: damage, strangers and other processes included.
import { spawn } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { VectorCache } from "../../../../retriever/dense/vector-cache.ts";
import { root } from "../../../support/source.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "arena-vectors-"));
});
afterEach(async () => await rm(folder, { recursive: true, force: true }));

const file = () => join(folder, "vectors.sqlite");
const vector = (seed: number) =>
  Float32Array.from({ length: 6 }, (_, index) => Math.fround(seed + index / 3));
const opened = (fingerprint = "model", maxVectors = 1000) =>
  new VectorCache({ folder, fingerprint, maxVectors });

function filled(count = 40): VectorCache {
  const cache = opened();
  cache.put(new Map(Array.from({ length: count }, (_, index) => [`content ${index}`, vector(index)])));
  return cache;
}

/** Writes until told to stop, in a process of its own. */
function otherProcess(first: number): Promise<number | null> {
  const script = `
    import { VectorCache } from ${JSON.stringify(join(root, "retriever/dense/vector-cache.ts"))};
    const cache = new VectorCache({ folder: ${JSON.stringify(folder)}, fingerprint: "model" });
    for (let index = 0; index < 100; index += 1) {
      cache.put(new Map([["content " + (${first} + index), Float32Array.from({ length: 6 }, (_, at) => Math.fround(${first} + index + at / 3))]]));
    }
    cache.close();`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    cwd: root,
    stdio: "inherit",
  });
  return new Promise((resolve) => child.once("exit", resolve));
}

describe("the vector cache", () => {
  it("gives back what was put in, in the order asked, and nothing for strangers or another model", () => {
    filled().close();
    const cache = opened();
    expect(cache.get(["content 7", "nobody", "content 3"])).toEqual([vector(7), undefined, vector(3)]);
    expect(cache.notice).toBeUndefined();
    cache.close();
    const other = opened("another model");
    expect(other.get(["content 7"])).toEqual([undefined]);
    other.close();
  });

  it("replaces a vector, and forgets the oldest above its bound", () => {
    const cache = opened("model", 10);
    for (let index = 0; index < 30; index += 1) cache.put(new Map([[`content ${index}`, vector(index)]]));
    cache.put(new Map([["content 29", vector(99)]]));
    expect(cache.get(["content 29", "content 21", "content 5"])).toEqual([vector(99), vector(21), undefined]);
    cache.close();
  });

  it("does not believe a row that was changed, cut, or swapped with another", () => {
    filled().close();
    const database = new Database(file());
    const [one, two] = database
      .prepare<[], { id: number; vector: Buffer; checksum: Buffer }>("SELECT * FROM vectors LIMIT 2")
      .all();
    const write = database.prepare("UPDATE vectors SET vector = ?, checksum = ? WHERE id = ?");
    write.run(two?.vector, two?.checksum, one?.id);
    database.exec(
      "UPDATE vectors SET vector = zeroblob(24) WHERE id = 3; UPDATE vectors SET vector = x'00' WHERE id = 4",
    );
    database.exec("UPDATE vectors SET vector = 'text', checksum = 5 WHERE id = 5");
    database.close();
    const cache = opened();
    const found = cache.get([0, 1, 2, 3, 4, 5].map((index) => `content ${index}`));
    expect(found).toEqual([undefined, vector(1), undefined, undefined, undefined, vector(5)]);
    cache.put(new Map([["content 3", vector(3)]]));
    expect(cache.get(["content 3"])).toEqual([vector(3)]);
    cache.close();
  });

  it.each([
    [
      "no database",
      async () => await writeFile(file(), "no database at all, but long enough to be one ".repeat(20)),
    ],
    ["cut short", async () => await truncate(file(), 5_000)],
    [
      "another table of the same name",
      async () => {
        await rm(file());
        const database = new Database(file());
        database.exec("CREATE TABLE vectors (a, b)");
        database.close();
      },
    ],
  ])("goes on in a new file, and says so, where the old one is %s", async (_, damage) => {
    filled(2000).close();
    await damage();
    const cache = opened();
    cache.get(["content 3"]);
    cache.put(new Map([["content 3", vector(3)]]));
    expect(cache.get(["content 3"])).toEqual([vector(3)]);
    expect(cache.notice).toContain("vectors.sqlite is damaged");
    cache.close();
    expect(await readdir(folder)).toContain("vectors-2.sqlite");
  });

  it("answers right or not at all after any one byte of its file was changed", async () => {
    filled(200).close();
    const sound = await readFile(file());
    for (let at = 100; at < sound.length; at += 611) {
      const damaged = Buffer.from(sound);
      damaged[at] = (damaged[at] ?? 0) ^ 0x5a;
      await rm(folder, { recursive: true });
      const cache = opened();
      cache.close();
      await writeFile(file(), damaged);
      const again = opened();
      again.get(Array.from({ length: 200 }, (_, index) => `content ${index}`)).forEach((found, index) => {
        if (found !== undefined) expect(found).toEqual(vector(index));
      });
      again.put(new Map([["content 0", vector(0)]]));
      expect(again.get(["content 0"])).toEqual([vector(0)]);
      again.close();
    }
  });

  it("is shared by processes that write at the same time", async () => {
    expect(await Promise.all([otherProcess(0), otherProcess(50)])).toEqual([0, 0]);
    const cache = opened();
    const contents = Array.from({ length: 150 }, (_, index) => `content ${index}`);
    expect(cache.get(contents)).toEqual(contents.map((_, index) => vector(index)));
    cache.close();
  });

  it("waits for a process that is about to write into a file both have just made", async () => {
    const script = `
      import Database from "better-sqlite3";
      const database = new Database(${JSON.stringify(file())});
      database.exec("BEGIN IMMEDIATE");
      process.stdout.write("held");
      setTimeout(() => database.close(), 300);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    const cache = opened();
    cache.put(new Map([["content 1", vector(1)]]));
    expect(cache.get(["content 1"])).toEqual([vector(1)]);
    cache.close();
  });

  it("is a fault where its folder cannot be one", async () => {
    const place = join(folder, "file");
    await writeFile(place, "");
    await chmod(place, 0o400);
    const open = () => new VectorCache({ folder: join(place, "below"), fingerprint: "model" });
    expect(open).toThrow(expect.objectContaining({ code: "cache-unusable", retryable: true }));
  });
});
