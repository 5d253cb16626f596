// Rows of an evaluation file in both shapes, and every problem by its line and field.
import { describe, expect, it } from "vitest";
import { readRows } from "../../../../retriever/index.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const own = {
  id: "bags-1",
  repo: "o/bags",
  base_commit: commit,
  language: "Python",
  query: "put fails",
  gold_files: ["bag/store.py"],
};
const patch = [
  "diff --git a/src/bag.rs b/src/bag.rs",
  "--- a/src/bag.rs",
  "+++ b/src/bag.rs",
  "@@ -3,2 +3,2 @@",
  "-three",
  "+3",
  " four",
  "diff --git a/src/new.rs b/src/new.rs",
  "--- /dev/null",
  "+++ b/src/new.rs",
  "@@ -0,0 +1 @@",
  "+one",
  "",
].join("\n");
const dataset = {
  instance_id: "o__bags-2",
  repo: "o/bags",
  base_commit: commit,
  language: "Rust",
  problem_statement: "put fails",
  patch,
  test_patch: "not read",
};

const lines = (...values: readonly unknown[]): string =>
  values.map((each) => (typeof each === "string" ? each : JSON.stringify(each))).join("\n");
const without = (row: object, field: string): object =>
  Object.fromEntries(Object.entries(row).filter(([name]) => name !== field));

describe("a row of our own form", () => {
  it("is taken as it is, files once, lines under either name", () => {
    const spans = [
      { path: "bag/store.py", firstLine: 3, lastLine: 5 },
      { path: "bag/store.py", start: 9, end: 9 },
    ];
    const given = { ...own, gold_files: ["bag/store.py", "bag/store.py"], gold_spans: spans };
    expect(readRows(lines(given))).toEqual({
      rows: [
        {
          id: "bags-1",
          repo: "o/bags",
          baseCommit: commit,
          language: "python",
          query: "put fails",
          goldFiles: ["bag/store.py"],
          goldSpans: [spans[0], { path: "bag/store.py", firstLine: 9, lastLine: 9 }],
        },
      ],
      problems: [],
    });
    expect(readRows(lines(own)).rows[0]?.goldSpans).toEqual([]);
  });

  it.each([
    ["C++", "cpp"],
    ["c", "cpp"],
    ["golang", "go"],
    ["py", "python"],
    ["RS", "rust"],
    ["Java", "java"],
  ])("in %s is in %s", (language, name) => {
    expect(readRows(lines({ ...own, language })).rows[0]?.language).toBe(name);
  });
});

describe("a row of a dataset", () => {
  it("has its gold in its patch, and asks with the issue alone", () => {
    const { rows, problems } = readRows(lines(dataset));
    expect(problems).toEqual([]);
    expect(rows).toEqual([
      {
        id: "o__bags-2",
        repo: "o/bags",
        baseCommit: commit,
        language: "rust",
        query: "put fails",
        goldFiles: ["src/bag.rs"],
        goldSpans: [{ path: "src/bag.rs", firstLine: 3, lastLine: 3 }],
      },
    ]);
  });
});

describe("spans", () => {
  it.each([
    [[{ path: "a", start: 1, end: 2 }]],
    [[{ file: "a", start_line: 1, end_line: 2 }]],
    [[["a", 1, 2]]],
    [{ a: [[1, 2]] }],
  ])("are read from %j", (gold_spans) => {
    const { rows } = readRows(lines({ ...own, gold_spans }));
    expect(rows.map(({ goldSpans }) => goldSpans)).toEqual([[{ path: "a", firstLine: 1, lastLine: 2 }]]);
  });

  it.each([[null], [[]]])("are none for %j", (gold_spans) => {
    expect(readRows(lines({ ...own, gold_spans })).rows[0]?.goldSpans).toEqual([]);
  });
});

describe("problems", () => {
  it.each(["id", "repo", "base_commit", "language", "query", "gold_files"])("name our %s", (field) => {
    const { rows, problems } = readRows(lines(own, without({ ...own, id: "b" }, field)));
    expect(rows).toHaveLength(1);
    expect(problems.map(({ line, field: name }) => [line, name])).toEqual([[2, field]]);
  });

  it.each(["instance_id", "repo", "base_commit", "language", "problem_statement", "patch"])(
    "name a dataset's %s",
    (field) => {
      const { rows, problems } = readRows(lines(without(dataset, field), dataset));
      expect(rows).toHaveLength(1);
      expect(problems.map(({ line, field: name }) => [line, name])).toEqual([[1, field]]);
    },
  );

  it.each([
    [{ base_commit: "main" }, "base_commit", "expected a commit id"],
    [{ gold_files: [] }, "gold_files", ">=1"],
    [{ gold_files: ["a", ""] }, "gold_files.1", ">=1"],
    [{ gold_files: "a" }, "gold_files", "array"],
    [{ query: "" }, "query", ">=1"],
    [{ gold_spans: [{ path: "a", firstLine: 0, lastLine: 2 }] }, "gold_spans", "expected a list of"],
    [{ gold_spans: [{ path: "a", firstLine: 1 }] }, "gold_spans", "{path, firstLine, lastLine}"],
    [{ gold_spans: [{ path: "a", firstLine: 2, lastLine: 1 }] }, "gold_spans", "expected a list of"],
    [{ gold_spans: [{ start: 1, end: 2 }] }, "gold_spans", "expected a list of"],
    [{ gold_spans: { a: [1, 2] } }, "gold_spans", "lists of [first, last] by path"],
  ])("say what is wrong with %j", (part, field, words) => {
    const { rows, problems } = readRows(lines({ ...own, ...part }));
    expect(rows).toEqual([]);
    expect(problems).toEqual([{ line: 1, field, found: expect.stringContaining(words) }]);
  });

  it("are all told, with the lines as they are in the file, and good rows are kept", () => {
    const bad = { ...own, id: "bags-3", repo: "", query: 7 };
    const { rows, problems } = readRows(lines("", own, "{half", "[1]", "  ", bad, '"text"', dataset, ""));
    expect(rows.map(({ id }) => id)).toEqual(["bags-1", "o__bags-2"]);
    expect(problems.map(({ line, field }) => [line, field])).toEqual([
      [3, ""],
      [4, ""],
      [6, "repo"],
      [6, "query"],
      [7, ""],
    ]);
  });

  it("are ids that stand there already", () => {
    const { rows, problems } = readRows(lines(own, { ...dataset, instance_id: own.id }, own));
    expect(rows).toHaveLength(1);
    expect(problems).toEqual([
      { line: 2, field: "id", found: "bags-1 stands on line 1 already" },
      { line: 3, field: "id", found: "bags-1 stands on line 1 already" },
    ]);
  });

  it("are none in a file with CRLF, nor in an empty one", () => {
    expect(readRows(`${lines(own, dataset).replaceAll("\n", "\r\n")}\r\n`)).toMatchObject({ problems: [] });
    expect(readRows("")).toEqual({ rows: [], problems: [] });
  });
});
