// A patch names the files and lines of the base commit that it changes, as git writes patches and as others do.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { goldOfPatch } from "../../../../retriever/index.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-gold-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const patchOf = (...lines: string[]): string => `${lines.join("\n")}\n`;
const span = (path: string, firstLine: number, lastLine = firstLine) => ({ path, firstLine, lastLine });

/** Spans of one hunk of a.py. */
const spansOf = (...hunk: string[]) => goldOfPatch(patchOf("--- a/a.py", "+++ b/a.py", ...hunk)).spans;

describe("the lines of a patch", () => {
  it("are those that go; what comes in their place adds none", () => {
    expect(spansOf("@@ -3,4 +3,4 @@ def f():", " three", "-four", "-five", "+4", "+5", " six")).toEqual([
      span("a.py", 4, 5),
    ]);
    expect(spansOf("@@ -3,2 +3,2 @@", "+4", "-three", " four")).toEqual([span("a.py", 3)]);
  });

  it("are both neighbours of what only comes in, neighbouring places as one", () => {
    expect(spansOf("@@ -3,2 +3,3 @@", " three", "+new", " four")).toEqual([span("a.py", 3, 4)]);
    expect(spansOf("@@ -3,3 +3,5 @@", " three", "+new", " four", "+more", " five")).toEqual([
      span("a.py", 3, 5),
    ]);
    expect(spansOf("@@ -3,3 +3,3 @@", "-three", " four", "+new", " five")).toEqual([span("a.py", 3, 5)]);
  });

  it("are only lines there are: at the first line, at the end, in an empty file", () => {
    expect(spansOf("@@ -1,2 +1,3 @@", "+new", " one", " two")).toEqual([span("a.py", 1)]);
    expect(spansOf("@@ -8,2 +8,3 @@", " eight", " nine", "+ten")).toEqual([span("a.py", 9)]);
    expect(spansOf("@@ -0,0 +1,2 @@", "+one", "+two")).toEqual([]);
  });

  it("are found in hunks without context and without counts", () => {
    expect(spansOf("@@ -20 +20 @@", "-twenty", "+20")).toEqual([span("a.py", 20)]);
    expect(spansOf("@@ -5,0 +6,2 @@", "+six", "+seven")).toEqual([span("a.py", 5)]);
    expect(spansOf("@@ -7 +6,0 @@", "-seven", "@@ -30 +29 @@", "-thirty", "+30")).toEqual([
      span("a.py", 7),
      span("a.py", 30),
    ]);
  });

  it("may look like a header of a patch, be empty, or lack a line break", () => {
    expect(spansOf("@@ -3,3 +3,2 @@", " three", "--- a/b.py", "", "+++ c")).toEqual([span("a.py", 4)]);
    expect(
      spansOf("@@ -2,2 +2,2 @@", " two", "-three", "\\ No newline at end of file", "+3", "\\ No newline"),
    ).toEqual([span("a.py", 3)]);
  });

  it("are the same with CRLF", () => {
    const patch = patchOf(
      "--- a/a.py",
      "+++ b/a.py",
      "@@ -3,2 +3,2 @@",
      " three",
      "-four",
      "+4",
      "--- a/b",
      "",
    );
    expect(goldOfPatch(patch.replaceAll("\n", "\r\n"))).toEqual(goldOfPatch(patch));
  });

  it("keep the order of the patch where a file comes twice", () => {
    const part = (line: number) => ["--- a/a.py", "+++ b/a.py", `@@ -${line} +${line} @@`, "-x", "+y"];
    expect(goldOfPatch(patchOf(...part(9), ...part(2))).spans).toEqual([span("a.py", 9), span("a.py", 2)]);
  });
});

describe("the files of a patch", () => {
  const git = (...words: string[]): string =>
    execFileSync("git", ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@t", ...words], {
      encoding: "utf8",
    });
  // Each file has its own, so that no rename is taken for another.
  const lines = (name: string, count = 20): string =>
    Array.from({ length: count }, (_, at) => `${name} ${at + 1}\n`).join("");
  const write = (path: string, content: string | Buffer): void => writeFileSync(join(folder, path), content);

  it("are those of the base commit that git says are changed, deleted or renamed, whatever their names", () => {
    git("init", "-q");
    mkdirSync(join(folder, "a"));
    const names = [
      "changed.py",
      "with space.py",
      "café.py",
      'quo"te\\.py',
      "tab\there.py",
      "a/b.py",
      "gone.py",
    ];
    for (const name of [...names, "old name é.py", "moved.py", "mode.sh", "same.py"])
      write(name, lines(name));
    write("empty.py", "");
    write("picture.bin", Buffer.from([0, 1, 2]));
    git("add", "-A");
    git("commit", "-qm", "base");
    for (const name of names) write(name, lines(name).replace(" 7\n", " seven\n"));
    rmSync(join(folder, "gone.py"));
    renameSync(join(folder, "old name é.py"), join(folder, "new name.py"));
    renameSync(join(folder, "moved.py"), join(folder, "a", "moved.py"));
    write("a/moved.py", lines("moved.py", 21));
    write("empty.py", "now = 1\n");
    write("picture.bin", Buffer.from([0, 1, 3]));
    write("added.py", lines("added.py"));
    git("update-index", "--chmod=+x", "mode.sh");
    git("add", "-A", "--", ".", ":!mode.sh");
    const { files, spans } = goldOfPatch(git("diff", "--cached", "-M"));
    expect([...files].sort()).toEqual([...names, "empty.py", "moved.py", "old name é.py"].sort());
    const changed = names.filter((name) => name !== "gone.py").map((name) => span(name, 7));
    const expected = [...changed, span("gone.py", 1, 20), span("moved.py", 20)];
    const byPath = (one: { path: string }, other: { path: string }) => (one.path < other.path ? -1 : 1);
    expect(spans.toSorted(byPath)).toEqual(expected.sort(byPath));
  });

  it("of the next file are not swallowed by a hunk that counts more lines than it has", () => {
    const cut = patchOf("--- a/x.py", "+++ b/x.py", "@@ -1,9 +1,9 @@", "-one", "+two");
    const next = patchOf(
      "diff --git a/y.py b/y.py",
      "--- a/y.py",
      "+++ b/y.py",
      "@@ -4 +4 @@",
      "-four",
      "+4",
    );
    const { files, spans } = goldOfPatch(cut + next);
    expect(files).toEqual(["x.py", "y.py"]);
    expect(spans).toEqual([span("x.py", 1), span("y.py", 4)]);
  });

  it("are none in what is no patch", () => {
    expect(goldOfPatch("")).toEqual({ files: [], spans: [] });
    expect(goldOfPatch("--- a/x\n@@ nonsense\n-a\n").spans).toEqual([]);
  });
});
