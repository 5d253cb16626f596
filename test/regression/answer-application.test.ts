// Defects of the published arena's way with answers (docs: research of its answer format), each kept from returning.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { applyEdits, applyTests, parseReview, parseSubmission } from "../../src/arena/answers.ts";
import { Repository, repositoryOfFolder } from "../../src/git/index.ts";

const read = (files: Record<string, string>) => (path: string) => files[path];

describe("edits", () => {
  it("an exact match that occurs several times is refused, not replaced everywhere", () => {
    const applied = applyEdits(read({ f: "x = 1\ny = 2\nx = 1\n" }), [
      { file: "f", search: "x = 1", replace: "x = 2" },
    ]);
    expect(applied).toMatchObject({
      ok: false,
      problems: [expect.stringContaining("2 times in f (lines 1, 3)")],
    });
  });

  it("overlapping occurrences count as several", () => {
    const applied = applyEdits(read({ f: "aaa\n" }), [{ file: "f", search: "aa", replace: "b" }]);
    expect(applied).toMatchObject({ ok: false, problems: [expect.stringContaining("2 times")] });
  });

  it("a match but for its indentation is refused, not re-indented by guess", () => {
    const text = "class A:\n\tdef f(self):\n\t\treturn 1\n";
    const edit = { file: "f", search: "def f(self):\n    return 1", replace: "def f(self):\n    return 2" };
    expect(applyEdits(read({ f: text }), [edit])).toMatchObject({
      ok: false,
      problems: [expect.stringContaining('line 2: "\\tdef f(self):"')],
    });
  });

  it("a search text that is not there is refused, never appended to the file", () => {
    const applied = applyEdits(read({ f: "a\n" }), [{ file: "f", search: "b", replace: "c" }]);
    expect(applied.ok).toBe(false);
  });

  it("one failing edit keeps the others of the answer from being applied", () => {
    const edits = [
      { file: "f", search: "a", replace: "b" },
      { file: "g", search: "nowhere", replace: "c" },
    ];
    const applied = applyEdits(read({ f: "a\n", g: "x\n" }), edits);
    expect(applied).not.toHaveProperty("files");
  });

  it("each file of an answer comes out once, with its own change only", () => {
    const files = { f: "a\n", g: "b\n", h: "c\n" };
    const edits = Object.entries(files).map(([file, text]) => ({
      file,
      search: text.trim(),
      replace: `${file}!`,
    }));
    expect(applyEdits(read(files), edits)).toEqual({
      ok: true,
      files: new Map([
        ["f", "f!\n"],
        ["g", "g!\n"],
        ["h", "h!\n"],
      ]),
    });
  });
});

describe("parsing", () => {
  it("an answer without a fence is unparseable with a reason, not silently nothing", () => {
    expect(parseSubmission("the fix is obvious")).toMatchObject({ kind: "unparseable" });
  });

  it("broken JSON inside the fence is a value that says where, not an exception that ends all attempts", () => {
    const parsed = parseSubmission('```json\n{"edits": [}\n```');
    expect(parsed).toMatchObject({
      kind: "unparseable",
      reason: expect.stringContaining("line 2, column 12"),
    });
  });

  it("JSON null is not taken for an answer", () => {
    expect(parseSubmission("```json\nnull\n```")).toMatchObject({ kind: "unparseable" });
  });

  it("the first of two blocks is not taken for the answer", () => {
    expect(parseReview('```json\n{"tests": []}\n```\n```json\n{"tests": []}\n```')).toMatchObject({
      kind: "unparseable",
    });
  });

  it("a line that ends a here-document is text like any other", () => {
    const edit = { file: "f", search: "a", replace: "EOL\ntouch /tmp/owned\nEOF\n" };
    const parsed = parseSubmission(JSON.stringify({ edits: [edit] }));
    expect(parsed).toEqual({ kind: "edits", edits: [edit] });
  });

  it("a file name with shell syntax stays a file name, and one that leaves the repository is refused", () => {
    const named = (file: string) => parseReview(JSON.stringify({ tests: [{ file, content: "" }] })).kind;
    expect(named("tests/$(touch owned);.py")).toBe("tests");
    expect(named("tests/../../owned.py")).toBe("unsafe-path");
  });
});

describe("tests", () => {
  it("a test for a file that does not exist makes it, and makes it only when that was said", () => {
    const made = applyTests(read({}), [{ file: "tests/test_n.py", content: "x\n" }]);
    expect(made).toEqual({ ok: true, files: new Map([["tests/test_n.py", "x\n"]]) });
    expect(applyTests(read({}), [{ file: "tests/test_n.py", append: "x\n" }]).ok).toBe(false);
  });
});

describe("every diff that is taken is one git can read", () => {
  const cases = [
    [
      "a changed and a new file",
      "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n",
    ],
    ["a context line that lost its blank", "--- a/g\n+++ b/g\n@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n"],
    [
      "a removal under git's header",
      "diff --git a/f b/f\ndeleted file mode 100644\n--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n",
    ],
    ["a rename", "diff --git a/f b/h\nsimilarity index 100%\nrename from f\nrename to h\n"],
  ] as const;

  it.each(cases)("%s", async (_name, diff) => {
    const folder = await mkdtemp(join(tmpdir(), "arena-answer-"));
    try {
      const source = join(folder, "source");
      await mkdir(source);
      await writeFile(join(source, "f"), "a\n");
      await writeFile(join(source, "g"), "a\n\nb\n");
      const { gitDir, commit } = await repositoryOfFolder(source, join(folder, "git"));
      const repository = await Repository.open(gitDir, join(folder, "objects"));
      const parsed = parseSubmission(diff);
      const patch = parsed.kind === "diff" ? parsed.diff : JSON.stringify(parsed);
      expect(await repository.apply(await repository.treeOf(commit), patch)).toMatchObject({
        kind: "applied",
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
