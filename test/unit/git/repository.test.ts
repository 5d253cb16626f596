// Trees, patches and checkouts on a real git: what applies, what does not, and what a clone never notices.
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { blobId, Repository, repositoryOfFolder } from "../../../src/git/index.ts";

let home: string;
let repository: Repository;
let base: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "arena-git-test-"));
  await mkdir(join(home, "plain/src"), { recursive: true });
  await writeFile(join(home, "plain/src/a.txt"), "one\ntwo\nthree\n");
  await writeFile(join(home, "plain/run.sh"), "echo\n", { mode: 0o755 });
  const made = await repositoryOfFolder(join(home, "plain"), join(home, "cache"));
  repository = await Repository.open(made.gitDir, join(home, "scratch"));
  base = await repository.treeOf(made.commit);
});
afterEach(() => rm(home, { recursive: true, force: true }));

const edit = [
  "--- a/src/a.txt",
  "+++ b/src/a.txt",
  "@@ -1,3 +1,3 @@",
  " one",
  "-two",
  "+TWO",
  " three",
  "",
].join("\n");

describe("repositoryOfFolder", () => {
  it("gives the same commit for the same files, found or made anew", async () => {
    const first = await repositoryOfFolder(join(home, "plain"), join(home, "cache"));
    const second = await repositoryOfFolder(join(home, "plain"), join(home, "other-cache"));
    expect(second.commit).toBe(first.commit);
    await writeFile(join(home, "plain/src/a.txt"), "changed\n");
    expect((await repositoryOfFolder(join(home, "plain"), join(home, "cache"))).commit).not.toBe(
      first.commit,
    );
  });

  it("refuses an empty or missing folder", async () => {
    await expect(repositoryOfFolder(join(home, "nowhere"), home)).rejects.toMatchObject({
      code: "folder-unreadable",
    });
  });
});

describe("Repository", () => {
  it("applies a patch all or nothing", async () => {
    const applied = await repository.apply(base, edit);
    if (applied.kind !== "applied") throw new Error(applied.detail);
    expect((await repository.readFile(applied.tree, "src/a.txt"))?.toString()).toBe("one\nTWO\nthree\n");
    const again = await repository.apply(applied.tree, edit);
    expect(again.kind).toBe("does-not-apply");
  });

  it("applies a patch that lost its last newline", async () => {
    const whole = await repository.apply(base, edit);
    expect(whole.kind).toBe("applied");
    expect(await repository.apply(base, edit.trimEnd())).toEqual(whole);
  });

  it("applies a patch whose line ends were rewritten on its way, and one whose files have such line ends", async () => {
    const rewritten = (text: string) => text.replaceAll("\n", "\r\n");
    const whole = await repository.apply(base, edit);
    expect(await repository.apply(base, rewritten(edit))).toEqual(whole);
    expect(await repository.apply(base, rewritten(edit).trimEnd())).toEqual(whole);
    const windows = await repository.withFiles(
      base,
      new Map([["src/a.txt", Buffer.from("one\r\ntwo\r\nthree\r\n")]]),
    );
    for (const patch of [rewritten(edit), edit.replace(/^[ +-](?=\w).*$/gm, "$&\r")]) {
      const applied = await repository.apply(windows, patch);
      if (applied.kind !== "applied") throw new Error(applied.detail);
      expect((await repository.readFile(applied.tree, "src/a.txt"))?.toString()).toBe(
        "one\r\nTWO\r\nthree\r\n",
      );
    }
    // One line that was not rewritten: then the others were meant as they are.
    expect((await repository.apply(base, rewritten(edit).replace("\r\n", "\n"))).kind).toBe("does-not-apply");
  });

  it.each([
    ["a parent", "../evil.txt"],
    ["an absolute path", "/tmp/evil.txt"],
    ["git's own folder", ".git/hooks/post-checkout"],
  ])("refuses a patch that writes to %s", async (_what, path) => {
    const patch = `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+x\n`;
    expect((await repository.apply(base, patch)).kind).toBe("does-not-apply");
  });

  it("lists changes with their modes and round-trips them as a diff", async () => {
    const files = new Map([
      ["new.txt", Buffer.from("n\n")],
      ["src/a.txt", undefined],
    ]);
    const tree = await repository.withFiles(base, files);
    const changes = await repository.changes(base, tree);
    expect(changes.map((change) => [change.path, change.kind])).toEqual([
      ["new.txt", "added"],
      ["src/a.txt", "deleted"],
    ]);
    const diff = await repository.diff(base, tree);
    expect(await repository.apply(base, diff)).toEqual({ kind: "applied", tree });
  });

  it("restores chosen paths from another tree", async () => {
    const applied = await repository.apply(base, edit);
    if (applied.kind !== "applied") throw new Error(applied.detail);
    expect(await repository.withPathsFrom(applied.tree, base, ["src/a.txt"])).toBe(base);
    const added = await repository.withFiles(base, new Map([["b.txt", Buffer.from("b")]]));
    expect(await repository.withPathsFrom(added, base, ["b.txt"])).toBe(base);
  });

  it("puts files, programs and links into a tree, and a file where a folder was", async () => {
    const file = (content: string, mode: "100644" | "100755" | "120000" = "100644") => ({
      mode,
      content: Buffer.from(content),
    });
    const entries = new Map([
      ["src", file("now a file\n")],
      ["src/a.txt", undefined],
      ["tool", file("#!/bin/sh\n", "100755")],
      ["link", file("tool", "120000")],
      ["run.sh/inner", file("x")],
      ["run.sh", undefined],
    ]);
    const tree = await repository.withEntries(base, entries);
    const found = (await repository.entries(tree)).map(({ path, mode }) => `${mode} ${path}`);
    expect(found.toSorted()).toEqual(["100644 run.sh/inner", "100644 src", "100755 tool", "120000 link"]);
    const [{ object } = { object: "" }] = (await repository.entries(tree)).filter(
      ({ path }) => path === "src",
    );
    expect(blobId(Buffer.from("now a file\n"), object)).toBe(object);
  });

  it("tells what a tree's own rules ignore, and asks nobody else's", async () => {
    const rules = new Map([
      [".gitignore", Buffer.from("*.log\n/out/\n")],
      ["src/.gitignore", Buffer.from("made\n!kept.log\n")],
    ]);
    const tree = await repository.withFiles(base, rules);
    const paths = ["a.log", "out/x/y", "src/out/x", "src/made", "made", "src/kept.log", "src/b.txt"];
    expect([...(await repository.ignored(tree, paths))]).toEqual(["a.log", "out/x/y", "src/made"]);
    await mkdir(join(repository.gitDir, "info"), { recursive: true });
    await writeFile(join(repository.gitDir, "info/exclude"), "src/b.txt\n");
    expect([...(await repository.ignored(tree, ["src/b.txt"]))]).toEqual([]);
    expect([...(await repository.ignored(base, paths))]).toEqual([]);
  });

  it("checks a tree out with its modes, and nothing of git beside it", async () => {
    await repository.checkout(base, join(home, "out"));
    expect(await readFile(join(home, "out/src/a.txt"), "utf8")).toBe("one\ntwo\nthree\n");
    expect((await stat(join(home, "out/run.sh"))).mode & 0o100).toBe(0o100);
    await expect(stat(join(home, "out/.git"))).rejects.toThrow();
  });

  it("tells a disk without room from a tree that cannot be written", async () => {
    // The file system of processes has no room, ever.
    await symlink("/proc/self", join(home, "full"));
    await expect(repository.checkout(base, join(home, "full"))).rejects.toMatchObject({
      code: "host-disk-full",
      message: expect.stringContaining(`the disk of ${join(home, "full")} is almost full`),
    });
    await expect(repository.checkoutPaths(base, ["src/a.txt"], join(home, "full"))).rejects.toMatchObject({
      code: "host-disk-full",
    });
    await expect(repository.checkoutPaths(base, ["no-such-file"], join(home, "out"))).rejects.toMatchObject({
      code: "git-failed",
    });
  });

  it("names a commit that is missing", async () => {
    await expect(repository.treeOf("0".repeat(40))).rejects.toMatchObject({ code: "commit-missing" });
  });
});
