// Diffs as tables: lines are counted from their hunks, and text that looks like a heading inside one is a line.
import { describe, expect, it } from "vitest";
import { diffHtml, filesOf } from "../../../../src/report/site/diff.ts";

const patch = `diff --git a/src/a.py b/src/a.py
index 1..2 100644
--- a/src/a.py
+++ b/src/a.py
@@ -3,3 +3,3 @@ def f():
 same
--- no heading: a removed line that begins with two dashes
+++ no heading either
 same again
\\ No newline at end of file
@@ -20 +20,2 @@
 one
+two
diff --git a/old.py b/new.py
similarity index 90%
rename from old.py
rename to new.py
diff --git a/gone.go b/gone.go
deleted file mode 100644
--- a/gone.go
+++ /dev/null
@@ -1 +0,0 @@
-package gone
`;

describe("a diff", () => {
  const files = filesOf(patch);

  it("is read file by file, with what happened to each", () => {
    expect(files.map(({ path, what, added, removed }) => [path, what, added, removed])).toEqual([
      ["src/a.py", "", 2, 1],
      ["new.py", "renamed from old.py", 0, 0],
      ["gone.go", "removed", 0, 1],
    ]);
  });

  it("keeps lines that look like headings inside a hunk, and counts both sides", () => {
    const [first, second] = files[0]?.hunks ?? [];
    expect(first?.heading).toBe("def f():");
    expect(first?.lines).toEqual([
      { kind: "same", before: 3, after: 3, text: "same" },
      { kind: "removed", before: 4, text: "-- no heading: a removed line that begins with two dashes" },
      { kind: "added", after: 4, text: "++ no heading either" },
      { kind: "same", before: 5, after: 5, text: "same again" },
    ]);
    expect(second?.lines.at(-1)).toEqual({ kind: "added", after: 21, text: "two" });
  });

  it("whose hunks count their lines wrongly is still read file by file", () => {
    const wrong =
      "--- a/x.rs\n+++ b/x.rs\n@@ -1,9 +1,9 @@\n-a\n+b\n@@ -20,9 +20,9 @@\n c\ndiff --git a/y.rs b/y.rs\n";
    expect(
      filesOf(`${wrong}--- a/y.rs\n+++ b/y.rs\n@@ -1 +1 @@\n-c\n+d\n`).map(({ path, hunks }) => [
        path,
        hunks.length,
      ]),
    ).toEqual([
      ["x.rs", 2],
      ["y.rs", 1],
    ]);
  });

  it("is read without `diff --git`, too", () => {
    const bare = "--- a/x.rs\n+++ b/x.rs\n@@ -1 +1 @@\n-a\n+b\n--- a/y.rs\n+++ b/y.rs\n@@ -1 +1 @@\n-c\n+d\n";
    expect(filesOf(bare).map(({ path, added, removed }) => [path, added, removed])).toEqual([
      ["x.rs", 1, 1],
      ["y.rs", 1, 1],
    ]);
  });

  it("that is none is shown as it is, and one that is too long is said to be cut", () => {
    expect(diffHtml("no diff <b>").markup).toContain('<pre class="plain" tabindex="0">no diff &lt;b&gt;');
    const long = `--- a/x\n+++ b/x\n@@ -0,0 +1,5000 @@\n${"+line\n".repeat(5000)}`;
    expect(diffHtml(long).markup).toContain("more lines are not shown");
  });
});
