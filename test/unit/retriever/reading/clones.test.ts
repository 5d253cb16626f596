// Clones that do not have everything, and commits that came later: what is not there is named, what is later stays unseen.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openIndex, type Snapshot } from "../../../../retriever/index.ts";
import { git, imported } from "../../../support/fast-import.ts";
import { snapshotHash } from "../../../support/retrieval-digest.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-clones-"));
const source = join(folder, "source");
const large = Buffer.alloc(5 * 1024 * 1024, "large ");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let first = "";
let base = "";
let unrelated = "";

async function read(repository: string, commit: string, cacheFolder?: string) {
  await using index = openIndex({ workers: 0, ...(cacheFolder === undefined ? {} : { cacheFolder }) });
  return await index.snapshot(repository, commit);
}

const messages = ({ history }: Snapshot): string[] => history.map(({ message }) => message);

beforeAll(async () => {
  const at = (text: string) => ({ path: "bag.py", content: `def ${text}():\n    return 1\n` });
  const commits = await imported(source, [
    {
      branch: "main",
      message: "first",
      items: [at("first"), { path: "kept.py", content: "def kept():\n    pass\n" }],
    },
    { branch: "main", from: "main", message: "second", items: [at("second")] },
    { branch: "main", from: "main", message: "base", items: [at("base"), { path: "l.txt", content: large }] },
    { branch: "main", from: "main", message: "the fix of what the issue says", items: [at("fix")] },
    // Older by its clock than the base, and no ancestor of it.
    { branch: "side", from: "main", message: "later, on a side", time: 1_600_000_000, items: [at("side")] },
    { branch: "alone", message: "no common past", time: 1_500_000_000, items: [at("alone")] },
  ]);
  [first = "", , base = "", , , unrelated = ""] = commits;
  await git(source, "config", "uploadpack.allowFilter", "true");
  await git(source, "config", "uploadpack.allowAnySHA1InWant", "true");
});

describe("history", () => {
  it("is the commit and its ancestors, whatever else lies in the repository", async () => {
    const { snapshot } = await read(source, base);
    expect(messages(snapshot)).toEqual(["base", "second", "first"]);
    expect(messages((await read(source, unrelated)).snapshot)).toEqual(["no common past"]);
  });

  it("does not learn of later commits by a cache that has seen them, nor by grafts and replacements", async () => {
    const before = snapshotHash((await read(source, base)).snapshot);
    const cacheFolder = join(folder, "cache");
    await read(source, "main", cacheFolder);
    await read(source, "side", cacheFolder);
    expect(snapshotHash((await read(source, base, cacheFolder)).snapshot)).toBe(before);
    await git(source, "replace", "--graft", base, "side");
    try {
      expect(snapshotHash((await read(source, base)).snapshot)).toBe(before);
    } finally {
      await git(source, "replace", "-d", base);
    }
  });

  it("follows merges into both pasts, and leaves the merge itself out", async () => {
    await git(source, "update-ref", "refs/heads/merged", unrelated);
    const tree = await git(source, "rev-parse", `${base}^{tree}`);
    const who = ["-c", "user.name=t", "-c", "user.email=t@t"];
    const parents = ["-p", base, "-p", unrelated];
    const merge = await git(source, ...who, "commit-tree", tree, ...parents, "-m", "merge");
    const { snapshot } = await read(source, merge);
    expect(messages(snapshot)).toEqual(["base", "second", "first", "no common past"]);
  });
});

describe("a shallow clone", () => {
  it("ends where it ends, and does not claim that its oldest commit changed everything", async () => {
    const shallow = join(folder, "shallow");
    await git(
      folder,
      "clone",
      "-q",
      "--bare",
      "--branch",
      "main",
      "--depth",
      "3",
      `file://${source}`,
      shallow,
    );
    const cacheFolder = join(folder, "shallow-cache");
    const { snapshot, stats } = await read(shallow, base, cacheFolder);
    expect(stats.missing).toEqual([]);
    expect(messages(snapshot)).toEqual(["base", "second"]);
    expect(snapshot.history.map(({ paths }) => paths)).toEqual([["bag.py", "l.txt"], []]);
    // The whole repository knows more, and must not be told otherwise by the cache.
    const { snapshot: whole } = await read(source, base, cacheFolder);
    expect(whole.history.map(({ paths }) => paths)).toEqual([
      ["bag.py", "l.txt"],
      ["bag.py"],
      ["bag.py", "kept.py"],
    ]);
  });

  it("that does not hold the commit says so", async () => {
    const shallow = join(folder, "too-shallow");
    await git(
      folder,
      "clone",
      "-q",
      "--bare",
      "--branch",
      "main",
      "--depth",
      "1",
      `file://${source}`,
      shallow,
    );
    await expect(read(shallow, first)).rejects.toMatchObject({ code: "object-missing" });
  });
});

describe("a partial clone", () => {
  it("names the blobs it lacks, reads those it has, and fetches none", async () => {
    const partial = join(folder, "partial");
    await git(folder, "clone", "-q", "--bare", "--filter=blob:none", `file://${source}`, partial);
    const lacking = async (): Promise<number> => {
      const listed = await git(partial, "rev-list", "--objects", "--all", "--missing=print");
      return listed.split("\n").filter((line) => line.startsWith("?")).length;
    };
    // As a person would by looking at them: these two are there now.
    await git(partial, "cat-file", "-p", `${base}:kept.py`);
    await git(partial, "cat-file", "-p", `${base}:l.txt`);
    const before = await lacking();
    const cacheFolder = join(folder, "partial-cache");
    for (const attempt of ["cold", "warm"]) {
      const { snapshot, stats } = await read(partial, base, cacheFolder);
      expect([attempt, stats.missing]).toEqual([attempt, ["bag.py"]]);
      expect(stats).toMatchObject({ files: 3, indexed: 1 });
      const found = snapshot.files.map(({ path, traits, digest }) => [path, traits, digest !== undefined]);
      expect(found).toEqual([
        ["bag.py", [], false],
        ["kept.py", [], true],
        ["l.txt", ["too-large"], false],
      ]);
      expect(messages(snapshot)).toEqual(["base", "second", "first"]);
    }
    expect(await lacking()).toBe(before);
    // A cache that knows the blob from elsewhere changes nothing: it could not be shown.
    await read(source, base, cacheFolder);
    expect((await read(partial, base, cacheFolder)).stats.missing).toEqual(["bag.py"]);
  });

  it("without trees says that they are missing", async () => {
    const treeless = join(folder, "treeless");
    await git(folder, "clone", "-q", "--bare", "--filter=tree:0", `file://${source}`, treeless);
    await expect(read(treeless, base)).rejects.toMatchObject({ code: "object-missing" });
  });
});
