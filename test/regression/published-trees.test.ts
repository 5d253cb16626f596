// Wrong trees of the published arena: what was judged was rarely what was answered. On real git, each shape of answer.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { candidateOfPatch, candidateOfTree } from "../../src/arena/candidate.ts";
import { type Case, openCase } from "../../src/arena/case.ts";
import { reviewOfPatch } from "../../src/arena/review.ts";
import { repositoryOfFolder } from "../../src/git/index.ts";
import { type Files, type TestCase, testCase } from "../support/arena-case.ts";
import { instance } from "../support/evidence.ts";

const base = {
  "pkg/a.py": "def a():\n    return 1\n",
  "pkg/b.py": "def b():\n    return 1\n",
  "tests/test_a.py": "from pkg.a import a\n\n\ndef test_a():\n    assert a()\n",
  "tests/test_b.py": "def test_b():\n    assert True\n",
};
const gold = { "pkg/a.py": "def a():\n    return 2\n" };
const hidden = { "tests/test_hidden.py": "def test_hidden():\n    assert True\n" };
const a = { "pkg/a.py": "def a():\n    return 3\n" };
const ab = { ...a, "pkg/b.py": "def b():\n    return 3\n" };
const fresh = (name: string): Files => ({ [`tests/${name}.py`]: `def ${name}():\n    assert True\n` });
const appended = (path: keyof typeof base): Files => ({
  [path]: `${base[path]}\n\ndef test_more():\n    assert True\n`,
});

const toyCase = () => testCase({ base, gold, hidden });

async function submitted(toy: TestCase, files: Files): Promise<string> {
  const candidate = await candidateOfPatch(toy.of, await toy.patch(files));
  if (candidate.kind === "rejected") throw new Error(JSON.stringify(candidate.reasons));
  return candidate.tree;
}

/** A tree with a review's diff laid over it, as every run with T is made. */
async function withTests(toy: TestCase, tree: string, files: Files): Promise<string> {
  const review = await reviewOfPatch(toy.of, await toy.patch(files));
  if (review.kind !== "applied") throw new Error(JSON.stringify(review));
  return toy.of.repository.withFiles(tree, review.files);
}

describe("patch and tests together", () => {
  it.each<readonly [string, Files, Files]>([
    ["one file, one new test file", a, fresh("test_new")],
    ["two files, one new test file", ab, fresh("test_new")],
    ["one file, two new test files", a, { ...fresh("test_new"), ...fresh("test_newer") }],
    ["two files, two new test files", ab, { ...fresh("test_new"), ...fresh("test_newer") }],
    ["one file, tests appended to one other existing file", a, appended("tests/test_a.py")],
    [
      "one file, tests appended to two existing files and a new one",
      a,
      { ...appended("tests/test_a.py"), ...appended("tests/test_b.py"), ...fresh("test_new") },
    ],
    ["a new file, a new test file", { "pkg/c.py": "c = 1\n" }, fresh("test_new")],
    ["a deleted file, a new test file", { "pkg/b.py": undefined }, fresh("test_new")],
    [
      "tests of its own in the file the review appends to",
      { ...a, "tests/test_a.py": "def test_mine():\n    assert True\n" },
      appended("tests/test_a.py"),
    ],
  ])("are all there, once, and nothing else: %s", async (_, patch, tests) => {
    await using toy = await toyCase();
    const met = await withTests(toy, await submitted(toy, patch), tests);
    const isTest = (path: string): boolean => path.startsWith("tests/");
    const source = Object.fromEntries(Object.entries(patch).filter(([path]) => !isTest(path)));
    expect(met).toBe(await toy.tree({ ...source, ...tests }));
    const onGold = await withTests(toy, toy.of.goldTree, tests);
    expect(onGold).toBe(await toy.tree({ ...gold, ...tests }));
  });

  it("stay apart in the runs that have only one of them", async () => {
    await using toy = await toyCase();
    const tree = await submitted(toy, ab);
    await withTests(toy, tree, fresh("test_new"));
    expect(tree).toBe(await toy.tree(ab));
    expect(await toy.text(tree, "tests/test_new.py")).toBeUndefined();
  });

  it("of a submission that writes the reviewer's file hold the reviewer's text", async () => {
    await using toy = await toyCase();
    const own = { ...a, "tests/test_new.py": "def test_new():\n    pass\n" };
    const met = await withTests(toy, await submitted(toy, own), fresh("test_new"));
    expect(await toy.text(met, "tests/test_new.py")).toContain("assert True");
  });
});

describe("a diff", () => {
  it("of a new file makes the file: it does not change an existing empty one", async () => {
    await using toy = await toyCase();
    const diff = await toy.patch({ "pkg/c.py": "c = 1\n" });
    expect(diff).toContain("new file mode 100644");
    expect(diff).toContain("--- /dev/null");
    expect(await candidateOfPatch(toy.of, diff)).toMatchObject({ kind: "applied" });
    const asExisting =
      "diff --git a/pkg/c.py b/pkg/c.py\n--- a/pkg/c.py\n+++ b/pkg/c.py\n@@ -0,0 +1 @@\n+c = 1\n";
    expect(await candidateOfPatch(toy.of, asExisting)).toMatchObject({
      kind: "rejected",
      reasons: [{ code: "does-not-apply" }],
    });
  });

  it("of several files holds each once", async () => {
    await using toy = await toyCase();
    const headers = (await toy.patch(ab)).match(/^diff --git .*$/gm);
    expect(headers).toEqual(["diff --git a/pkg/a.py b/pkg/a.py", "diff --git a/pkg/b.py b/pkg/b.py"]);
  });

  it.each([
    ["the text of a dictionary of diffs", "{'pkg/a.py': 'diff --git a/pkg/a.py b/pkg/a.py\\n'}"],
    [
      "text against the fixed file",
      "--- a/pkg/a.py\n+++ b/pkg/a.py\n@@ -1,2 +1,2 @@\n def a():\n-    return 2\n+    return 4\n",
    ],
    [
      "one good and one bad file",
      "--- a/pkg/b.py\n+++ b/pkg/b.py\n@@ -1,2 +1,2 @@\n def b():\n-    return 1\n+    return 4\n--- a/pkg/a.py\n+++ b/pkg/a.py\n@@ -1,2 +1,2 @@\n def a():\n-    return 9\n+    return 4\n",
    ],
  ])("that does not apply is said to, not passed over: %s", async (_, patch) => {
    await using toy = await toyCase();
    const candidate = await candidateOfPatch(toy.of, patch);
    expect(candidate).toMatchObject({ kind: "rejected", reasons: [{ code: "does-not-apply" }] });
    if (candidate.kind !== "rejected") throw new Error("expected reasons");
    expect(candidate.reasons[0]?.detail).not.toBe("");
    const tests = await reviewOfPatch(toy.of, patch);
    expect(tests).toMatchObject({ kind: "rejected", reasons: [{ code: "does-not-apply" }] });
  });

  it("is not applied where its text is found by chance: the file and the context must be right", async () => {
    await using toy = await toyCase();
    const elsewhere =
      "--- a/tests/test_b.py\n+++ b/tests/test_b.py\n@@ -1,2 +1,2 @@\n def a():\n-    return 1\n+    return 4\n";
    expect(await candidateOfPatch(toy.of, elsewhere)).toMatchObject({ kind: "rejected" });
  });

  it("that holds a shell's end mark, or commands, is text and runs nothing", async () => {
    await using toy = await toyCase();
    const mark = join(tmpdir(), `arena-shell-${process.pid}`);
    const hostile = { "pkg/b.py": `"""\nEOL\ntouch ${mark}\n$(touch ${mark})\n\`touch ${mark}\`\n"""\n` };
    const named = { [`pkg/$(touch ${mark.replaceAll("/", "_")}).py`]: "x = 1\n" };
    const tree = await submitted(toy, { ...hostile, ...named });
    expect(await toy.text(tree, "pkg/b.py")).toBe(hostile["pkg/b.py"]);
    await expect(stat(mark)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

const run = promisify(execFile);

/** A clone with the fix merged upstream: base, then the merge commit that holds more than the gold patch. */
async function merged(home: string): Promise<{ path: string; base: string; upstream: string }> {
  const path = join(home, "clone");
  const git = async (...args: string[]): Promise<string> => {
    const who = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
    return (await run("git", ["-C", path, ...who, ...args])).stdout.trim();
  };
  const write = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), text);
    }
  };
  await mkdir(path, { recursive: true });
  await git("init", "--quiet");
  await write(base);
  await git("add", ".");
  await git("commit", "--quiet", "-m", "base");
  const first = await git("rev-parse", "HEAD");
  await write({ ...gold, ...hidden, "pkg/later.py": "later = 1\n" });
  await git("add", ".");
  await git("commit", "--quiet", "-m", "merge");
  return { path, base: first, upstream: await git("rev-parse", "HEAD") };
}

async function openMerged(home: string): Promise<{ of: Case; path: string; upstream: string }> {
  await using toy = await toyCase();
  const { goldPatch, testPatch } = toy.of.instance;
  const clone = await merged(home);
  const source = { path: clone.path, baseCommit: clone.base };
  const of = await openCase(instance({ goldPatch, testPatch }), source, join(home, "cache"));
  return { of, ...clone };
}

describe("every state", () => {
  it("is built from the base commit, never from the upstream merge", async () => {
    const home = await mkdtemp(join(tmpdir(), "arena-merged-test-"));
    try {
      const { of, path, upstream } = await openMerged(home);
      const paths = async (tree: string) => (await of.repository.entries(tree)).map((entry) => entry.path);
      expect(await paths(of.goldTree)).toEqual(Object.keys(base).sort());
      expect((await of.repository.readFile(of.baseTree, "pkg/a.py"))?.toString()).toBe(base["pkg/a.py"]);
      expect((await of.repository.readFile(of.goldTree, "pkg/a.py"))?.toString()).toBe(gold["pkg/a.py"]);
      const mine = await of.repository.withFiles(
        of.baseTree,
        new Map([["pkg/b.py", Buffer.from("b = 2\n")]]),
      );
      const candidate = await candidateOfTree(of, mine);
      if (candidate.kind === "rejected") throw new Error("expected a candidate");
      expect((await of.repository.readFile(candidate.tree, "pkg/a.py"))?.toString()).toBe(base["pkg/a.py"]);
      expect(await paths(candidate.tree)).not.toContain("pkg/later.py");
      const { stdout } = await run("git", ["-C", path, "rev-parse", "HEAD"]);
      expect(stdout.trim()).toBe(upstream);
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });

  it("needs its base commit: an empty or unknown one is a fault, never whatever HEAD is", async () => {
    const home = await mkdtemp(join(tmpdir(), "arena-head-test-"));
    try {
      const { path } = await merged(home);
      for (const baseCommit of ["", "0".repeat(40), "no-such-name"]) {
        const opening = openCase(instance(), { path, baseCommit }, join(home, "cache"));
        await expect(opening).rejects.toMatchObject({ isFault: true });
      }
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });

  it("leaves instance, gold patch and hints as they were for the next side", async () => {
    await using toy = await toyCase();
    const before = structuredClone(toy.of.instance);
    await submitted(toy, ab);
    await withTests(toy, toy.of.goldTree, fresh("test_new"));
    await candidateOfTree(toy.of, toy.of.goldTree);
    expect(toy.of.instance).toEqual(before);
  });

  it("is the same for the same answer: nothing of an earlier answer is left in it", async () => {
    await using toy = await toyCase();
    const first = await submitted(toy, ab);
    await submitted(toy, { "pkg/b.py": "other = 1\n", "pkg/c.py": "c = 1\n" });
    expect(await submitted(toy, ab)).toBe(first);
  });

  it("of two folders with the same files is the same commit, so that nothing is run twice for a path", async () => {
    const home = await mkdtemp(join(tmpdir(), "arena-same-test-"));
    try {
      for (const name of ["one", "two"]) {
        await mkdir(join(home, name, "pkg"), { recursive: true });
        await writeFile(join(home, name, "pkg/a.py"), base["pkg/a.py"]);
      }
      const one = await repositoryOfFolder(join(home, "one"), join(home, "cache"));
      const two = await repositoryOfFolder(join(home, "two"), join(home, "cache"));
      expect(two).toEqual(one);
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });
});
