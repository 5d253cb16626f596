// Reading and applying model answers: what is taken, and the exact words for what is not.
import { describe, expect, it } from "vitest";
import { jsonMistake } from "../../../src/arena/answers/json.ts";
import { applyEdits, applyTests, parseReview, parseSubmission } from "../../../src/arena/answers.ts";

const fenced = (tag: string, content: string) =>
  `Some thoughts.\n\n\`\`\`${tag}\n${content}\n\`\`\`\nThat is all.`;
const edit = { file: "src/a.py", search: "x", replace: "y" };
const one = JSON.stringify({ edits: [edit] });

function reasonOf(
  answer: string,
  parse: typeof parseSubmission | typeof parseReview = parseSubmission,
): string {
  const parsed = parse(answer);
  if (parsed.kind === "unparseable" || parsed.kind === "unsafe-path")
    return `${parsed.kind}: ${parsed.reason}`;
  throw new Error(`accepted as ${parsed.kind}`);
}

describe("parseSubmission, edits", () => {
  it.each([
    ["in a fence among prose", fenced("json", one)],
    ["in a fence with capitals and attributes", fenced("JSON title=x", one)],
    ["bare", `\n${one}\n`],
    ["with CRLF line ends", fenced("json", one).replaceAll("\n", "\r\n")],
    [
      "after reasoning that holds blocks of its own",
      `<think>maybe\n\`\`\`json\n{}\n\`\`\`\n</think>\n${fenced("json", one)}`,
    ],
    ["beside a block of another language", `\`\`\`python\nprint(1)\n\`\`\`\n${fenced("json", one)}`],
    ["in a longer fence", `\`\`\`\`json\n${one}\n\`\`\`\``],
  ])("takes them %s", (_where, answer) => {
    expect(parseSubmission(answer)).toEqual({ kind: "edits", edits: [edit] });
  });

  it("takes an empty list, a new file and a removal", () => {
    expect(parseSubmission('{"edits": []}')).toEqual({ kind: "edits", edits: [] });
    const edits = [
      { file: "n", search: "", replace: "" },
      { file: "o", delete: true },
    ];
    expect(parseSubmission(JSON.stringify({ edits }))).toEqual({ kind: "edits", edits });
  });

  it.each([
    ["", "unparseable: the answer is empty"],
    ["I cannot.", "found no fenced block and text that is neither"],
    [fenced("python", "x"), "found ```python on line 3"],
    [fenced("json", one) + fenced("json", one), "found ```json on line 3, ```json on line 8"],
    ["```json\n{", "the ```json block opened on line 1 is never closed: the answer is cut off"],
    [fenced("json", '{"edits": [\n  {"file": }]}'), 'line 5, column 12: expected a JSON value; found "}]}"'],
    ['{"edits": [', "line 1, column 12: expected a JSON value; found the end"],
    ['{"edits": {}}', "edits: expected a list of edits"],
    ['{"edit": []}', "no field edit is known here"],
    ['{"edits": [{"file": "a", "search": 3, "replace": ""}]}', "edits.0.search: expected text"],
    ['{"edits": [{"file": "a", "search": "x"}]}', "edits.0: expected search and replace, or delete alone"],
    [
      '{"edits": [{"file": "a", "delete": true, "search": "x", "replace": ""}]}',
      "edits.0: expected search and replace, or delete alone",
    ],
    ['{"edits": [{"file": "a", "delete": false}]}', "edits.0.delete: expected true"],
    ["null", "found no fenced block"],
  ])("refuses %j", (answer, reason) => {
    expect(reasonOf(answer)).toContain(reason);
  });

  it.each([
    "/etc/passwd",
    "../x",
    "a/../../x",
    "a\\b",
    "a\u0000b",
    ".git/config",
    "a/.GIT/hooks/x",
    "",
    "a//b",
    "C:/x",
    "x".repeat(600),
    "a\nb",
  ])("refuses the path %j", (file) => {
    expect(reasonOf(JSON.stringify({ edits: [edit, { ...edit, file }] }))).toMatch(
      /^unsafe-path: edits\.1\.file: /,
    );
    expect(reasonOf(JSON.stringify({ tests: [{ file, content: "" }] }), parseReview)).toMatch(
      /^unsafe-path: tests\.0/,
    );
  });
});

describe("jsonMistake", () => {
  it.each([
    '{"a": [1, -2.5e+3, true, false, null, "x\\n\\u00e9"], "b": {}, "c": []}',
    ' "s" ',
    "0",
    "",
    "{",
    "[1,]",
    '{"a":1,}',
    '{"a" 1}',
    "{a:1}",
    "[1 2]",
    "01",
    "1.",
    "nul",
    '"a\nb"',
    '"\\x"',
    '"open',
    "{} {}",
    "+1",
    "NaN",
    "[".repeat(100_000),
    "'a'",
    "\u00a01",
  ])("agrees with JSON.parse on %j", (text) => {
    const taken = (() => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    })();
    expect(jsonMistake(text) === undefined).toBe(taken);
  });

  it("explains the mistakes models make most", () => {
    expect(reasonOf('{"edits": [{"file": "a", "search": "x\ny", "replace": ""}]}')).toBe(
      'unparseable: line 1, column 38: expected a line break inside a string written as \\n; found "\\ny\\", \\"replace\\": \\"\\"}]}"',
    );
    expect(reasonOf('{"edits": [],}')).toContain("line 1, column 14: expected a field name in double quotes");
    expect(reasonOf('{"edits": [{"file": "a\\d"}]}')).toContain("expected an escape that JSON knows");
  });
});

describe("parseReview", () => {
  it("takes new files, appended code and a decline", () => {
    const tests = [
      { file: "tests/test_a.py", content: "x" },
      { file: "tests/test_b.py", append: "y" },
    ];
    expect(parseReview(fenced("json", JSON.stringify({ tests })))).toEqual({ kind: "tests", tests });
    expect(parseReview('{"tests": []}')).toEqual({ kind: "none" });
  });

  it("refuses a test that is both or neither", () => {
    const both = '{"tests": [{"file": "t", "content": "", "append": ""}]}';
    expect(reasonOf(both, parseReview)).toContain("tests.0: expected either content or append");
    expect(reasonOf('{"tests": [{"file": "t"}]}', parseReview)).toContain(
      "tests.0: expected either content or append",
    );
  });

  it("does not take a submission for a review", () => {
    expect(reasonOf(one, parseReview)).toContain("no field edits is known here");
  });
});

const goodDiff = `diff --git a/src/a.py b/src/a.py
index 1111111..2222222 100644
--- a/src/a.py
+++ b/src/a.py
@@ -1,3 +1,3 @@ def f():
 one
-two
+2

@@ -10 +10,2 @@
--- a removed line that looks like a header
+++ an added one
+more
\\ No newline at end of file
diff --git a/new.py b/new.py
new file mode 100755
--- /dev/null
+++ b/new.py
@@ -0,0 +1 @@
+x
diff --git a/old.py b/old.py
deleted file mode 100644
--- a/old.py
+++ /dev/null
@@ -1 +0,0 @@
-x
diff --git a/from.py b/to.py
similarity index 100%
rename from from.py
rename to to.py
`;

describe("parseSubmission, diffs", () => {
  it.each([
    ["in a fence", fenced("diff", goodDiff)],
    ["bare", goodDiff],
    ["with blank lines around", `\n\n${goodDiff}\n\n`],
  ])("takes one %s and names its files", (_where, answer) => {
    expect(parseSubmission(answer)).toEqual({
      kind: "diff",
      diff: goodDiff,
      files: [
        { path: "src/a.py", change: "modified" },
        { path: "new.py", change: "added" },
        { path: "old.py", change: "deleted" },
        { path: "to.py", change: "renamed", from: "from.py" },
      ],
    });
  });

  it("takes one without git's own header lines, and keeps a final context line that is blank", () => {
    const plain = "--- a/f\n+++ b/f\n@@ -1,2 +1,3 @@\n a\n+b\n \n";
    expect(parseSubmission(plain)).toEqual({
      kind: "diff",
      diff: plain,
      files: [{ path: "f", change: "modified" }],
    });
  });

  const head = "--- a/f\n+++ b/f\n";
  it.each([
    [
      `${head}@@ -1,3 +1,3 @@\n a\n-b\n+c\n`,
      "line 3: the hunk header promises 3 old and 3 new lines; its body has 2 old (context and -) and 2 new",
    ],
    [
      `${head}@@ -1,1 +1,1 @@\n a\n-b\n+c\n`,
      "line 3: the hunk header promises 1 old and 1 new lines; its body has 2 old",
    ],
    [`${head}@@ @@\n a\n`, 'line 3: expected "@@ -<line>,<count> +<line>,<count> @@"; found "@@ @@"'],
    [head, 'line 3: expected "@@ -<line>'],
    [
      "--- a/f\n+++ b/g\n@@ -1 +1 @@\n-a\n+b\n",
      'line 2: expected "+++ b/f", the path of the line before; found "+++ b/g"',
    ],
    ["--- f\n+++ f\n@@ -1 +1 @@\n-a\n+b\n", 'line 1: expected "--- a/<path>"'],
    [
      `${head}@@ -1,2 +1,2 @@\n a\n... rest as before\n`,
      'line 5: expected a line beginning with " ", "+", "-" or "@@"; found "... rest as before"',
    ],
    [
      "diff --git a/n b/n\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n",
      'line 2: expected "new file mode 100644" before "--- /dev/null"',
    ],
    [
      "diff --git a/n b/n\nnew file mode 100644\n--- a/n\n+++ b/n\n@@ -0,0 +1 @@\n+x\n",
      'line 3: expected "--- /dev/null" for a new file',
    ],
    ["diff --git a/f b/f\n", "line 1: expected a change of the file; found none"],
    ["diff --git a/f b/f\nGIT binary patch\n", "expected a text change, not a binary one"],
    ['diff --git "a/\\303" "b/\\303"\n', "paths unquoted"],
  ])("names the line of the mistake (%#)", (diff, reason) => {
    expect(reasonOf(diff)).toContain(`unparseable: ${reason}`.slice(0, 13));
    expect(reasonOf(diff)).toContain(reason);
  });

  it("counts lines from the top of the answer, not of the block", () => {
    expect(reasonOf(fenced("diff", `${head}@@ -1 +1 @@\n-a\n`))).toContain("line 6: the hunk header");
  });

  it.each([
    ["--- a/../x\n+++ b/../x\n@@ -1 +1 @@\n-a\n+b\n"],
    ["--- /dev/null\n+++ b/.git/hooks/pre-commit\n@@ -0,0 +1 @@\n+x\n"],
    ["diff --git a/x b/../../y\nrename from x\nrename to ../../y\n"],
    ["diff --git a/x b/y\nrename from x\nrename to /etc/y\n"],
    ["diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc/passwd\n"],
    [
      "diff --git a/m b/m\nnew file mode 160000\n--- /dev/null\n+++ b/m\n@@ -0,0 +1 @@\n+Subproject commit 1\n",
    ],
  ])("refuses unsafe paths and modes (%#)", (diff) => {
    expect(reasonOf(diff)).toMatch(/^unsafe-path: /);
  });
});

describe("applyEdits", () => {
  const files: Record<string, string> = { "a.py": "one\ntwo\nthree\n", "crlf.py": "one\r\ntwo\r\nthree\r\n" };
  const read = (path: string) => files[path];

  function problemsOf(edits: Parameters<typeof applyEdits>[1]): readonly string[] {
    const applied = applyEdits(read, edits);
    return applied.ok ? ["(applied)"] : applied.problems;
  }

  it("replaces, creates and removes, each edit on what the one before left", () => {
    const applied = applyEdits(read, [
      { file: "a.py", search: "two", replace: "2\n2b" },
      { file: "a.py", search: "2b\n", replace: "" },
      { file: "new.py", search: "", replace: "x = 1\n" },
      { file: "new.py", search: "1", replace: "2" },
      { file: "crlf.py", delete: true },
    ]);
    const expected = new Map([
      ["a.py", "one\n2\nthree\n"],
      ["new.py", "x = 2\n"],
      ["crlf.py", undefined],
    ]);
    expect(applied).toEqual({ ok: true, files: expected });
  });

  it("puts edits into a CRLF file's own line ends", () => {
    const applied = applyEdits(read, [{ file: "crlf.py", search: "one\ntwo", replace: "1\n2" }]);
    expect(applied).toEqual({ ok: true, files: new Map([["crlf.py", "1\r\n2\r\nthree\r\n"]]) });
  });

  it("leaves out files that come out as they were, and takes $ literally", () => {
    expect(applyEdits(read, [{ file: "a.py", search: "two", replace: "two" }])).toEqual({
      ok: true,
      files: new Map(),
    });
    const applied = applyEdits(read, [{ file: "a.py", search: "two", replace: "$& $1 $$" }]);
    expect(applied).toEqual({ ok: true, files: new Map([["a.py", "one\n$& $1 $$\nthree\n"]]) });
  });

  it("says which edits failed and why, all of them", () => {
    expect(
      problemsOf([
        { file: "a.py", search: "", replace: "x" },
        { file: "none.py", search: "x", replace: "y" },
        { file: "none.py", delete: true },
        { file: "a.py", search: "thre3", replace: "y" },
        { file: "a.py", search: "zzzz qqqq", replace: "y" },
        { file: "a.py", search: "e", replace: "y" },
      ]),
    ).toEqual([
      "edits.0: a.py exists; an empty search makes a new file: give text to search for",
      "edits.1: none.py does not exist; to make it, give an empty search",
      "edits.2: none.py cannot be deleted: there is no such file",
      'edits.3: search text not found in a.py; the line most like its first line is line 3: "three"',
      "edits.4: search text not found in a.py; no line of the file resembles its first line",
      "edits.5: search text found 3 times in a.py (lines 1, 3, 3): add lines around it until it is unique",
    ]);
  });
});

describe("applyTests", () => {
  const read = (path: string) => (path === "tests/old.py" ? "a = 1" : undefined);

  it("makes new files and appends on a line of its own", () => {
    const tests = [
      { file: "tests/old.py", append: "b = 2\n" },
      { file: "tests/new.py", content: "c = 3\n" },
    ];
    const expected = new Map([
      ["tests/old.py", "a = 1\nb = 2\n"],
      ["tests/new.py", "c = 3\n"],
    ]);
    expect(applyTests(read, tests)).toEqual({ ok: true, files: expected });
  });

  it("neither overwrites a file nor appends to one that is not there", () => {
    const tests = [
      { file: "tests/old.py", content: "x" },
      { file: "tests/new.py", append: "x" },
    ];
    expect(applyTests(read, tests)).toEqual({
      ok: false,
      problems: [
        'tests.0: tests/old.py exists; use "append" to add to it, or another name for a new file',
        'tests.1: tests/new.py does not exist; use "content" to make it',
      ],
    });
  });
});
