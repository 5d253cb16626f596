// Guards that a small patch cannot fill the host's disk or memory: what it makes of its files is bounded as well.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Candidate, candidateOfPatch, candidateOfTree } from "../../src/arena/candidate.ts";
import { type Review, reviewOfFiles, reviewOfPatch } from "../../src/arena/review.ts";
import { maxChangedBytes } from "../../src/git/index.ts";
import { type TestCase, testCase } from "../support/arena-case.ts";

const mebibyte = 1024 * 1024;
const large = `${"x".repeat(63)}\n`.repeat((2 * mebibyte) / 64);
const copies = maxChangedBytes / (2 * mebibyte) + 1;

let toy: TestCase;
beforeAll(async () => {
  toy = await testCase({
    base: {
      "pkg/core.py": "def f():\n    return 1\n",
      "pkg/large.txt": large,
      "pkg/lärge.txt": large,
      "tests/test_large.py": large,
    },
    gold: { "pkg/core.py": "def f():\n    return 2\n" },
  });
});
afterAll(() => toy[Symbol.asyncDispose]());

const codeOf = (answer: Candidate | Review): string =>
  answer.kind === "rejected" ? (answer.reasons[0]?.code ?? "none") : answer.kind;

const times = (count: number, part: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => part(index)).join("");

/** A diff that copies one file to many, the source written as it stands in the header. */
const copied = (count: number, source: string, to = (index: number) => `pkg/c${index}.txt`): string =>
  times(count, (index) =>
    `diff --git a/pkg/x b/${to(index)}\nsimilarity index 100%\ncopy from ${source}\ncopy to ${to(index)}\n`.replace(
      "a/pkg/x",
      source.startsWith('"') ? `"a/${source.slice(1)}` : `a/${source}`,
    ),
  );

const line = "x".repeat(63);
const edit = (path: string): string =>
  `--- a/${path}\n+++ b/${path}\n@@ -1,4 +1,4 @@\n-${line}\n+y\n ${line}\n ${line}\n ${line}\n`;

describe("a submission", () => {
  it.each([
    ["copies of a large file", copied(copies, "pkg/large.txt")],
    ["copies of a file with a quoted name", copied(copies, '"pkg/l\\303\\244rge.txt"')],
    [
      "a new file that is named again and again",
      `--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+${"y".repeat(mebibyte)}\n${times(70, () => "diff --git a/new.txt b/new.txt\nold mode 100644\nnew mode 100755\n")}`,
    ],
  ])("that makes much of %s is too-large, whatever it weighs itself", async (_, patch) => {
    expect(Buffer.byteLength(patch)).toBeLessThan(2 * mebibyte);
    expect(codeOf(await candidateOfPatch(toy.of, patch))).toBe("too-large");
  });

  it("given as a tree is bounded too", async () => {
    const files = Object.fromEntries(Array.from({ length: copies }, (_, index) => [`data/${index}`, large]));
    expect(codeOf(await candidateOfTree(toy.of, await toy.tree(files)))).toBe("too-large");
  });

  it("may copy and change large files within the bound", async () => {
    const patch = edit("pkg/large.txt") + copied(3, "pkg/large.txt");
    expect(codeOf(await candidateOfPatch(toy.of, patch))).toBe("applied");
  });
});

describe("a review", () => {
  it("that copies large files is too-large before any of them is read", async () => {
    const patch = copied(copies, "tests/test_large.py", (index) => `tests/test_${index}.py`);
    expect(codeOf(await reviewOfPatch(toy.of, patch))).toBe("too-large");
    expect(codeOf(await reviewOfPatch(toy.of, patch, false))).toBe("too-large");
  });

  it("of the gold control has this bound as well", async () => {
    const files = new Map([["tests/data.bin", Buffer.alloc(maxChangedBytes + 1)]]);
    expect(codeOf(await reviewOfFiles(toy.of, files, false))).toBe("too-large");
  });
});
