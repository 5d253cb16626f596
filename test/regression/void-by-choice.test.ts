// Guards that no contestant can choose `void`: a tree or a path the host cannot lay out is an outcome, in either role.
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Candidate, candidateOfPatch, candidateOfTree } from "../../src/arena/candidate.ts";
import { openCase } from "../../src/arena/case.ts";
import { deltaLayer } from "../../src/arena/layers.ts";
import { layoutProblem } from "../../src/arena/layout.ts";
import { type Review, reviewOfFiles, reviewOfPatch } from "../../src/arena/review.ts";
import { buffers, type Files, type TestCase, testCase } from "../support/arena-case.ts";

const gold = { "pkg/core.py": "def f():\n    return 2\n" };

let toy: TestCase;
beforeAll(async () => {
  toy = await testCase({
    base: {
      "pkg/core.py": "def f():\n    return 1\n",
      "pkg/sub/a.py": "a = 1\n",
      "tests/test_core.py": "def test_f():\n    assert True\n",
    },
    gold,
    links: { link: "pkg" },
  });
});
afterAll(() => toy[Symbol.asyncDispose]());

/** A diff that adds one file under a name written as git quotes it. */
const adds = (name: string): string =>
  `diff --git "a/${name}" "b/${name}"\nnew file mode 100644\n--- /dev/null\n+++ "b/${name}"\n@@ -0,0 +1 @@\n+x = 1\n`;

const codeOf = (answer: Candidate | Review): string =>
  answer.kind === "rejected" ? (answer.reasons[0]?.code ?? "none") : answer.kind;

const unsafeNames: readonly (readonly [string, string])[] = [
  ["a name of 303 bytes", `${"a".repeat(300)}.py`],
  ["a name of 131 letters and 259 bytes", `pkg/${"\\303\\274".repeat(128)}.py`],
  ["a folder's name of 256 bytes", `${"d".repeat(256)}/a.py`],
  ["a byte that is no UTF-8", "z\\377.py"],
  ["half a surrogate pair", "pkg\\355\\240\\200/z.py"],
  ["what such bytes are read as", "pkg/\\357\\277\\275.py"],
  ["a newline", "a\\nb.py"],
];

describe("a submission", () => {
  it.each(unsafeNames)("with %s in a path beside the fix is unsafe-path", async (_, name) => {
    const patch = (await toy.patch(gold)) + adds(name);
    expect(codeOf(await candidateOfPatch(toy.of, patch))).toBe("unsafe-path");
  });

  it("cannot keep a test of its own under a name that is no UTF-8", async () => {
    const patch = (await toy.patch(gold)) + adds("tests/test_\\377.py");
    expect(codeOf(await candidateOfPatch(toy.of, patch))).toBe("unsafe-path");
  });

  it.each<readonly [string, Files]>([
    ["a link by a folder", { "link/core.py": "x = 1\n" }],
    ["a link by a file", { link: "x = 1\n" }],
  ])("that replaces %s is refused: nobody writes through links", async (_, files) => {
    const candidate = await candidateOfTree(toy.of, await toy.tree({ ...gold, ...files }));
    expect(codeOf(candidate)).toBe("protected-path");
  });

  it.each<readonly [string, Files]>([
    ["a file by a folder", { "pkg/core.py/b.py": "x = 1\n" }],
    ["a folder by a file", { "pkg/sub": "x = 1\n" }],
    ["blanks and dots at the end of names", { "pkg/a. ": "x\n", "pkg/b./c .py": "x\n" }],
  ])("may have %s, and can be laid out", async (_, files) => {
    const candidate = await candidateOfTree(toy.of, await toy.tree(files));
    if (candidate.kind === "rejected") throw new Error(JSON.stringify(candidate));
    await (await deltaLayer(toy.of.repository, toy.of.baseTree, candidate.tree)).dispose();
  });
});

describe("a review", () => {
  it.each(unsafeNames)("with %s in a path is unsafe-path", async (_, name) => {
    expect(codeOf(await reviewOfPatch(toy.of, adds(`tests/${name}`)))).toBe("unsafe-path");
  });

  it.each([`tests/${"t".repeat(253)}.py`, "tests/\ud800/test_a.py"])("given as files: %j", async (path) => {
    expect(codeOf(await reviewOfFiles(toy.of, buffers({ [path]: "x = 1\n" })))).toBe("unsafe-path");
  });
});

describe("a tree that cannot be laid out", () => {
  it("is an outcome where gold can be, whatever the rules for paths missed", async () => {
    const tree = await toy.tree({ [`${"a".repeat(300)}.py`]: "x = 1\n" });
    expect(await layoutProblem(toy.of, tree)).toMatchObject({
      code: "unsafe-path",
      detail: expect.stringContaining("File name too long"),
    });
    expect(await layoutProblem(toy.of, toy.of.goldTree)).toBeUndefined();
  });

  it("is a fault where gold cannot be either", async () => {
    const tree = await toy.tree({ [`${"a".repeat(300)}.py`]: "x = 1\n" });
    await expect(layoutProblem({ ...toy.of, goldTree: tree }, tree)).rejects.toMatchObject({
      code: "git-failed",
    });
  });
});

describe("an instance", () => {
  it("whose own patches name a path that is no UTF-8 is unsound: we would read it as a deletion", async () => {
    const { instance, repository, baseCommit } = toy.of;
    const source = { path: repository.gitDir, baseCommit };
    for (const over of [{ testPatch: adds("tests/test_\\377.py") }, { goldPatch: adds("a\\377.py") }]) {
      await expect(
        openCase({ ...instance, ...over }, source, `${repository.gitDir}-again`),
      ).rejects.toMatchObject({ code: "unsound-instance" });
    }
  });
});

describe("deltaLayer", () => {
  it("leaves no folder behind when a tree cannot be laid out", async () => {
    const folders = async () => (await readdir(tmpdir())).filter((name) => name.startsWith("arena-delta-"));
    const tree = await toy.tree({ [`${"a".repeat(300)}.py`]: "x = 1\n" });
    const before = await folders();
    await expect(deltaLayer(toy.of.repository, toy.of.baseTree, tree)).rejects.toMatchObject({
      code: "git-failed",
    });
    expect(await folders()).toEqual(before);
  });

  it("removes nothing below what replaced a folder", async () => {
    const tree = await toy.tree({ "pkg/sub": "x = 1\n", "pkg/core.py/b.py": "x = 1\n", link: undefined });
    const delta = await deltaLayer(toy.of.repository, toy.of.baseTree, tree);
    expect(delta.removed).toEqual(["link"]);
    await delta.dispose();
  });
});
