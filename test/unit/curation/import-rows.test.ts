// Rows of three published formats become lines the reader accepts; each row's repairs and refusals are in the report.
import { describe, expect, it } from "vitest";
import {
  type Imported,
  importMultiSweBench,
  importSweBench,
  importSwingArena,
} from "../../../src/curation/index.ts";
import { patchFiles } from "../../../src/curation/patches.ts";
import { parseInstance } from "../../../src/domain/instance.ts";
import { commit, diff, jsonl, swingArenaRow } from "./lines.ts";

function only(imported: Imported) {
  expect(imported.lines).toHaveLength(1);
  const parsed = parseInstance(imported.lines[0]);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

function paths(patch: string): string[] {
  return patchFiles(patch).map((file) => file.path);
}

describe("importSwingArena", () => {
  it("takes a sound row as it is", () => {
    const imported = importSwingArena(jsonl([swingArenaRow()]));
    expect(only(imported)).toMatchObject({
      instanceId: "owner__name-7",
      language: "python",
      baseCommit: commit,
      oracle: "tests",
      provenance: { source: "swingarena", ciNames: [{ job: "test" }] },
    });
    expect(imported.report).toEqual([{ row: 1, id: "owner__name-7", repaired: [], unrepaired: [] }]);
  });

  it("says of an empty merge commit what stands in for it", () => {
    const { report } = importSwingArena(jsonl([swingArenaRow({ merge_commit_sha: "" })]));
    expect(report[0]?.repaired.join()).toContain("empty merge commit");
  });

  it("splits tests from sources by whole words, not by substrings", () => {
    const row = swingArenaRow({
      patch: diff("name/core.py") + diff("tests/data/case.json"),
      test_patch: diff("name/latest.py") + diff("tests/test_core.py"),
    });
    const imported = importSwingArena(jsonl([row]));
    const instance = only(imported);
    expect(paths(instance.goldPatch)).toEqual(["name/core.py", "name/latest.py"]);
    expect(paths(instance.testPatch)).toEqual(["tests/data/case.json", "tests/test_core.py"]);
    expect(imported.report[0]?.repaired).toEqual([
      "moved tests/data/case.json from the gold patch to the tests",
      "moved name/latest.py from the tests to the gold patch",
    ]);
  });

  it("keeps a helper of tests with the tests, and a source module called tests.rs with the gold patch", () => {
    const rust = { language: "rust", patch: diff("src/lib.rs") };
    const sources = swingArenaRow({
      ...rust,
      test_patch: diff("src/tests.rs", "fn is_in() {}", "fn is_in(state: &State) {}") + diff("tests/a.rs"),
    });
    expect(paths(only(importSwingArena(jsonl([sources]))).goldPatch)).toEqual(["src/lib.rs", "src/tests.rs"]);
    const unit = swingArenaRow({ ...rust, test_patch: diff("src/tests.rs", "", "#[test]") });
    const kept = importSwingArena(jsonl([unit]));
    expect(paths(only(kept).testPatch)).toEqual(["src/tests.rs"]);
    expect(kept.report[0]?.unrepaired.join()).toContain("src/tests.rs is no test by rust's convention");
    const helper = swingArenaRow({
      language: "go",
      patch: diff("core.go"),
      test_patch: diff("internal/testutil/server.go") + diff("core_test.go"),
    });
    expect(paths(only(importSwingArena(jsonl([helper]))).testPatch)).toHaveLength(2);
  });

  it("refuses a row whose gold patch has no file of the stated language, and says which would do", () => {
    const row = swingArenaRow({ patch: diff("src/core.cpp") });
    const { lines, report } = importSwingArena(jsonl([row]));
    expect(lines).toEqual([]);
    expect(report[0]?.refused).toBe(
      "expected a python file in the gold patch, found src/core.cpp; stated as cpp it would be taken",
    );
    const docs = swingArenaRow({ patch: diff("README.md") });
    expect(importSwingArena(jsonl([docs])).report[0]?.refused).toContain("found README.md");
  });

  it("takes the language from the patches when the row states none, and guesses nothing when it states another", () => {
    const silent = importSwingArena(jsonl([swingArenaRow({ language: undefined })]));
    expect(only(silent).language).toBe("python");
    expect(silent.report[0]?.repaired).toContain("language python, from the patches");
    const java = importSwingArena(jsonl([swingArenaRow({ language: "java" })]));
    expect(java.report[0]?.refused).toBe("language: expected cpp, python, rust or go, found java");
  });

  it("reports rows it cannot read, by their place and field, and goes on", () => {
    const text = `{"broken\n${jsonl([swingArenaRow({ patch: 7 }), swingArenaRow(), swingArenaRow()])}`;
    const { lines, report } = importSwingArena(text);
    expect(lines).toHaveLength(1);
    expect(report.map((row) => [row.row, row.refused === undefined])).toEqual([
      [1, false],
      [2, false],
      [3, true],
      [4, false],
    ]);
    expect(report[1]).toMatchObject({
      id: "owner__name-7",
      refused: expect.stringContaining("patch: expected"),
    });
    expect(report[3]?.refused).toBe("row 3 has the same instance_id");
  });

  it("keeps data of tests with the tests, wherever it lies", () => {
    const row = swingArenaRow({ test_patch: diff("data/mytest.json") + diff("tests/test_core.py") });
    const imported = importSwingArena(jsonl([row]));
    expect(paths(only(imported).testPatch)).toEqual(["data/mytest.json", "tests/test_core.py"]);
    expect(imported.report[0]?.unrepaired).toHaveLength(1);
  });

  it("leaves a time that is none empty and says so", () => {
    const imported = importSwingArena(jsonl([swingArenaRow({ created_at: 1703 })]));
    expect(only(imported).createdAt).toBe("");
    expect(imported.report[0]?.unrepaired).toEqual(["created_at: expected a date, found 1703: left empty"]);
  });

  it("takes pull requests' numbers as text, and keeps what other fields hold", () => {
    const row = swingArenaRow({ pull_number: "7", issue_numbers: "['6']", clarity: 2 });
    expect(only(importSwingArena(jsonl([row]))).provenance).toMatchObject({
      pullNumber: "7",
      issueNumbers: "['6']",
      otherFields: { clarity: 2 },
    });
  });

  it("says when only jobs can tell right from wrong", () => {
    const imported = importSwingArena(jsonl([swingArenaRow({ test_patch: "" })]));
    expect(only(imported).oracle).toBe("jobs");
    expect(imported.report[0]?.unrepaired.join()).toContain("no test patch");
  });
});

describe("importSweBench", () => {
  const row = (more: Readonly<Record<string, unknown>> = {}) => ({
    repo: "owner/name",
    instance_id: "owner__name-8",
    base_commit: commit.toUpperCase(),
    patch: diff("name/core.py"),
    test_patch: diff("tests/test_core.py"),
    problem_statement: "It is wrong",
    hints_text: "",
    created_at: "2023-01-01T00:00:00Z",
    version: "3.1",
    FAIL_TO_PASS: '["tests/test_core.py::test_a"]',
    PASS_TO_PASS: ["tests/test_core.py::test_b[x y]"],
    environment_setup_commit: commit,
    ...more,
  });

  it("reads a JSON array, and lists that are JSON text or arrays", () => {
    const imported = importSweBench(JSON.stringify([row()]));
    expect(only(imported)).toMatchObject({
      baseCommit: commit,
      failToPass: ["tests/test_core.py::test_a"],
      passToPass: ["tests/test_core.py::test_b[x y]"],
    });
    expect(imported.report[0]?.repaired).toEqual(["language python, from the patches"]);
    expect(only(importSweBench(jsonl([row()])))).toEqual(only(imported));
  });

  it("leaves out ids cut in their parameters and keeps the list as it was", () => {
    const stated = ["tests/test_core.py::test_b[x", "tests/test_core.py::test_c"];
    const imported = importSweBench(jsonl([row({ PASS_TO_PASS: stated })]));
    expect(only(imported)).toMatchObject({
      passToPass: ["tests/test_core.py::test_c"],
      provenance: { statedPassToPass: stated },
    });
    expect(imported.report[0]?.unrepaired.join()).toContain("1 of 2 ids are cut");
  });

  it("derives lists whose ids are in another runner's words", () => {
    const stated = ["test_a (core.tests.CoreTest)"];
    const imported = importSweBench(jsonl([row({ FAIL_TO_PASS: JSON.stringify(stated) })]));
    expect(only(imported)).toMatchObject({ failToPass: [], provenance: { statedFailToPass: stated } });
    expect(imported.report[0]?.unrepaired.join()).toContain("no pytest node ids");
  });

  it("says when a list is no list", () => {
    const imported = importSweBench(jsonl([row({ FAIL_TO_PASS: "[oops" })]));
    expect(only(imported).failToPass).toEqual([]);
    expect(imported.report[0]?.unrepaired.join()).toContain("FAIL_TO_PASS: expected a list");
  });

  it("keeps the official split, and only says where our path policy sees it otherwise", () => {
    const django = diff("django/test/client.py") + diff("django/core/x.py");
    const imported = importSweBench(jsonl([row({ patch: django })]));
    expect(only(imported)).toMatchObject({ goldPatch: django, testPatch: diff("tests/test_core.py") });
    expect(imported.report[0]?.unrepaired.join()).toMatch(/django\/test\/client\.py in a folder of tests/);
    expect(imported.report[0]?.repaired.join()).not.toContain("moved");
    const alone = importSweBench(jsonl([row({ patch: diff("django/test/client.py") })]));
    expect(only(alone).goldPatch).toBe(diff("django/test/client.py"));
  });

  it("says what the official split will meet when it is judged", () => {
    const said = (more: Readonly<Record<string, unknown>>) =>
      importSweBench(jsonl([row(more)])).report[0]?.unrepaired.join() ?? "";
    const named = diff("tests/test_a.py");
    expect(said({ patch: named + diff("name/core.py") })).toMatch(
      /every submission is given tests\/test_a\.py/,
    );
    expect(said({ patch: named })).toMatch(/others are given the whole fix/);
    expect(said({ test_patch: diff("name/core.py") })).toMatch(/both patches change name\/core\.py/);
    const many = ["a", "b", "c", "d", "e", "f"].map((name) => diff(`data/${name}.txt`)).join("");
    expect(said({ test_patch: many })).toMatch(/data\/d\.txt and 2 more .*kept with the tests/);
  });

  it("reads times in whatever unit, and leaves none it cannot read", () => {
    const created = (created_at: unknown) => {
      const imported = importSweBench(jsonl([row({ created_at })]));
      return { text: only(imported).createdAt, said: JSON.stringify(imported.report[0]) };
    };
    for (const time of [1_703_000_000, 1_703_000_000_000, "1703000000000", 1_703_000_000_000_000_000]) {
      expect(created(time)).toMatchObject({ text: "2023-12-19T15:33:20.000Z" });
    }
    expect(created(1_703_000_000).said).toContain("created_at 1703000000 read as 2023-12-19T15:33:20.000Z");
    expect(created(1703)).toMatchObject({
      text: "",
      said: expect.stringContaining("found 1703: left empty"),
    });
    expect(created({ date: 1 }).text).toBe("");
    expect(created("2023-01-01 10:00:00").text).toBe("2023-01-01 10:00:00");
  });

  it("takes rows of Verified, Lite, Live and SWE-rebench with the fields they add", () => {
    const added = {
      version: 3.1,
      hints_text: null,
      environment_setup_commit: null,
      difficulty: "<15 min fix",
      pull_number: "8",
      issue_numbers: ["7"],
      test_cmds: ["pytest -rA"],
      log_parser: "pytest",
      all_hints_text: "h".repeat(5000),
      license_name: "",
      docker_image: null,
    };
    const imported = importSweBench(jsonl([row(added)]));
    expect(imported.lines[0]?.version).toBe("3.1");
    expect(only(imported).provenance).toEqual({
      source: "swe-bench",
      difficulty: "<15 min fix",
      otherFields: {
        pull_number: "8",
        issue_numbers: ["7"],
        test_cmds: ["pytest -rA"],
        log_parser: "pytest",
      },
    });
    expect(imported.report[0]?.unrepaired).toEqual(["fields too long to keep were left out: all_hints_text"]);
  });

  it("derives both lists from running where the ids are Django's, and reads lists under lower-case names", () => {
    const stated = ["test_a (app.tests.Case)", "A docstring of a test"];
    const ids = { FAIL_TO_PASS: JSON.stringify(stated), PASS_TO_PASS: JSON.stringify(stated) };
    expect(only(importSweBench(jsonl([row(ids)])))).toMatchObject({ failToPass: [], passToPass: [] });
    const lower = { FAIL_TO_PASS: undefined, fail_to_pass: '["tests/test_core.py::test_a[x::y - z]"]' };
    expect(only(importSweBench(jsonl([row(lower)]))).failToPass).toEqual([
      "tests/test_core.py::test_a[x::y - z]",
    ]);
  });

  it("goes by the tests where a row states no language and the fix is mostly in another", () => {
    const mixed = row({ patch: diff("src/a.cpp") + diff("src/a.h") + diff("name/core.py") });
    expect(only(importSweBench(jsonl([mixed]))).language).toBe("python");
    const fixtures = row({ patch: diff("src/a.rs"), test_patch: diff("tests/a.c") + diff("tests/b.c") });
    expect(only(importSweBench(jsonl([fixtures]))).language).toBe("rust");
  });
});

describe("importMultiSweBench", () => {
  const row = (more: Readonly<Record<string, unknown>> = {}) => ({
    org: "owner",
    repo: "name",
    number: 9,
    state: "closed",
    title: "Fix it",
    body: "The pull request's own words",
    base: { label: "owner:main", ref: "main", sha: commit },
    resolved_issues: [
      { number: 4, title: "It is wrong", body: "Make it right." },
      { number: 5, title: "It is odd", body: null },
    ],
    fix_patch: diff("src/core.rs"),
    test_patch: diff("tests/core.rs"),
    f2p_tests: { "core::a": { run: "PASS", test: "FAIL", fix: "PASS" } },
    p2p_tests: { "core::b": { run: "PASS", test: "PASS", fix: "PASS" } },
    n2p_tests: { "core::c": { run: "NONE", test: "NONE", fix: "PASS" } },
    language: "Rust",
    ...more,
  });

  it("makes the issues the statement and never the pull request", () => {
    const instance = only(importMultiSweBench(jsonl([row()])));
    expect(instance).toMatchObject({
      instanceId: "owner__name-9",
      repo: "owner/name",
      language: "rust",
      problemStatement: "It is wrong\n\nMake it right.\n\nIt is odd",
      failToPass: [],
      provenance: { statedFailToPass: ["core::a", "core::c"], statedPassToPass: ["core::b"] },
    });
    expect(JSON.stringify(instance)).not.toContain("own words");
  });

  it("understands the spellings of languages and lists of names", () => {
    const cpp = row({ language: "C++", fix_patch: diff("src/core.cpp"), f2p_tests: ["a"] });
    const imported = importMultiSweBench(jsonl([cpp]));
    expect(only(imported).language).toBe("cpp");
    expect(imported.report[0]?.unrepaired[0]).toContain("3 test names");
  });

  it("keeps the official split: inline tests of Rust stay hidden", () => {
    const imported = importMultiSweBench(jsonl([row({ test_patch: diff("src/a_test.rs") })]));
    expect(only(imported)).toMatchObject({
      oracle: "tests",
      goldPatch: diff("src/core.rs"),
      testPatch: diff("src/a_test.rs"),
    });
    expect(imported.report[0]?.unrepaired.join()).toMatch(/src\/a_test\.rs .*no test by rust's convention/);
  });

  it("reads the lists of tests in the shapes releases have them in", () => {
    const stated = (more: Readonly<Record<string, unknown>>) => {
      const imported = importMultiSweBench(jsonl([row({ n2p_tests: {}, p2p_tests: {}, ...more })]));
      return [only(imported).provenance.statedFailToPass, imported.report[0]?.unrepaired.join()];
    };
    const result = { run: "PASS", test: "FAIL", fix: "PASS" };
    const columns = {
      name: ["a", "b"],
      run: ["PASS", "PASS"],
      test: ["FAIL", "FAIL"],
      fix: ["PASS", "PASS"],
    };
    expect(stated({ f2p_tests: columns })[0]).toEqual(["a", "b"]);
    expect(stated({ f2p_tests: { a: result, ofAnotherRow: null } })[0]).toEqual(["a"]);
    expect(stated({ f2p_tests: JSON.stringify({ a: result }) })[0]).toEqual(["a"]);
    expect(stated({ f2p_tests: undefined, fixed_tests: { a: result } })[0]).toEqual(["a"]);
    expect(stated({ f2p_tests: 7 })[1]).toContain("f2p_tests: expected names of tests, found 7");
  });

  it("takes a row as it is published, with the results of its runs", () => {
    const run = {
      passed_count: 900,
      failed_count: 0,
      skipped_count: 0,
      passed_tests: Array(900).fill("test"),
    };
    const published = {
      number: "9",
      instance_id: "owner__name-9",
      created_at: 1_703_000_000_000,
      hints: null,
      run_result: run,
      test_patch_result: run,
      fix_patch_result: run,
      lang: null,
      difficulty: "easy",
    };
    const imported = importMultiSweBench(jsonl([row(published)]));
    expect(only(imported)).toMatchObject({
      createdAt: "2023-12-19T15:33:20.000Z",
      provenance: { pullNumber: 9, otherFields: { state: "closed", difficulty: "easy" } },
    });
    expect(imported.report[0]?.unrepaired).toContain(
      "fields too long to keep were left out: run_result, test_patch_result, fix_patch_result",
    );
  });

  it("refuses a row without an issue to tell", () => {
    for (const resolved_issues of [[], null]) {
      const { report } = importMultiSweBench(jsonl([row({ resolved_issues })]));
      expect(report).toMatchObject([
        { id: "owner__name-9", refused: expect.stringContaining("expected an issue with a title or a body") },
      ]);
    }
  });
});

describe("patchFiles", () => {
  it("names files by their path after the change, whatever the header looks like", () => {
    const patch = [
      "From: someone\n\n",
      diff("a/b.py"),
      "diff --git a/gone.py b/gone.py\ndeleted file mode 100644\n--- a/gone.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n",
      "diff --git a/old name.py b/new name.py\nsimilarity index 100%\nrename from old name.py\nrename to new name.py\n",
      "diff --git a/empty b.py b/empty b.py\nnew file mode 100644\nindex 0000000..e69de29\n",
      'diff --git "a/caf\\303\\251.py" "b/caf\\303\\251.py"\n--- "a/caf\\303\\251.py"\n+++ "b/caf\\303\\251.py"\n@@ -1 +1 @@\n-+++ b/x\n+y\n',
    ].join("");
    expect(paths(patch)).toEqual(["a/b.py", "gone.py", "new name.py", "empty b.py", "café.py"]);
  });
});
