// What a review may be: test files only, bounded, on real git trees.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  maxReviewBytes,
  maxReviewFiles,
  type Review,
  reviewOfFiles,
  reviewOfPatch,
} from "../../../src/arena/review.ts";
import { buffers, type Files, type TestCase, testCase } from "../../support/arena-case.ts";

const large = Array.from({ length: 4000 }, (_, index) => `# line ${index} of a large test file\n`).join("");
const base = {
  "pkg/core.py": "def f():\n    return 1\n",
  "tests/test_core.py": "def test_f():\n    assert True\n",
  "tests/test_large.py": large,
  "tests/run.py": "print(1)\n",
  "tests/CMakeLists.txt": "x\n",
};
const added = { "tests/test_new.py": "def test_new():\n    assert True\n" };

let toy: TestCase;
beforeAll(async () => {
  toy = await testCase({
    base,
    gold: { "pkg/core.py": "def f():\n    return 2\n", "fresh/__init__.py": "" },
    hidden: { "tests/test_hidden.py": large.repeat(3), "pkg/data.txt": "for the tests\n" },
    links: { "tests/link.py": "../pkg/core.py", "tests/more": "../pkg" },
    run: "python3 tests/run.py",
  });
});
afterAll(() => toy[Symbol.asyncDispose]());

const code = (review: Review): string =>
  review.kind === "rejected" ? (review.reasons[0]?.code ?? "none") : review.kind;
const given = async (files: Files, bounded?: boolean): Promise<string> =>
  code(await reviewOfFiles(toy.of, buffers(files), bounded));

describe("a review", () => {
  it("may add tests and change them, as files or as a diff alike", async () => {
    const files = {
      ...added,
      "tests/test_core.py": `${base["tests/test_core.py"]}\n\ndef test_g():\n    pass\n`,
    };
    const byFiles = await reviewOfFiles(toy.of, buffers(files));
    const byPatch = await reviewOfPatch(toy.of, await toy.patch(files));
    if (byFiles.kind !== "applied" || byPatch.kind !== "applied") throw new Error("expected tests");
    expect([...byFiles.files.keys()].sort()).toEqual(["tests/test_core.py", "tests/test_new.py"]);
    expect(new Map([...byPatch.files].sort())).toEqual(new Map([...byFiles.files].sort()));
  });

  it("is an abstention when it changes nothing", async () => {
    expect(code(await reviewOfPatch(toy.of, ""))).toBe("none");
    expect(code(await reviewOfPatch(toy.of, " \n"))).toBe("none");
    expect(await given({})).toBe("none");
    expect(await given({ "tests/test_core.py": base["tests/test_core.py"] })).toBe("none");
    const mode = "diff --git a/tests/test_core.py b/tests/test_core.py\nold mode 100644\nnew mode 100755\n";
    expect(code(await reviewOfPatch(toy.of, mode))).toBe("none");
  });

  it("owns only the files it changes", async () => {
    const files = { ...added, "tests/test_core.py": base["tests/test_core.py"] };
    const review = await reviewOfFiles(toy.of, buffers(files));
    expect(review.kind === "applied" && [...review.files.keys()]).toEqual(["tests/test_new.py"]);
  });

  it.each<readonly [string, Files]>([
    ["not-a-test-path", { "pkg/core.py": "def f():\n    return 3\n" }],
    ["not-a-test-path", { "pkg/testing/tools.py": "x\n" }],
    ["not-a-test-path", { "tests/test_core.py": undefined }],
    ["not-a-test-path", { tests: "a file\n" }],
    ["protected-path", { "tests/conftest.py": "x\n" }],
    ["protected-path", { "tests/pytest.ini": "[pytest]\n" }],
    ["protected-path", { "tests/pyproject.toml": "[project]\n" }],
    ["protected-path", { "tests/run.py": "print(2)\n" }],
    ["protected-path", { "tests/json.py": "x\n" }],
    ["protected-path", { "tests/evil.dist-info/entry_points.txt": "[pytest11]\n" }],
    ["protected-path", { "tests/Makefile": "all:\n" }],
    ["unsafe-path", { "tests/../pkg/test_x.py": "x\n" }],
    ["unsafe-path", { "/tmp/test_x.py": "x\n" }],
    ["unsafe-path", { ".git/test_x.py": "x\n" }],
    ["unsafe-path", { "tests/link.py": "x\n" }],
    ["unsafe-path", { "tests/more/test_x.py": "x\n" }],
  ])("is refused with %s for %j", async (expected, files) => {
    expect(await given(files)).toBe(expected);
    expect(await given({ ...added, ...files })).toBe(expected);
  });

  it.each([
    ["does-not-apply", "not a diff"],
    ["does-not-apply", "--- a/tests/nowhere.py\n+++ b/tests/nowhere.py\n@@ -1 +1 @@\n-a\n+b\n"],
    [
      "unsafe-path",
      "diff --git a/tests/l.py b/tests/l.py\nnew file mode 120000\n--- /dev/null\n+++ b/tests/l.py\n@@ -0,0 +1 @@\n+/etc/passwd\n\\ No newline at end of file\n",
    ],
    [
      "unsafe-path",
      `diff --git a/tests/s b/tests/s\nnew file mode 160000\n--- /dev/null\n+++ b/tests/s\n@@ -0,0 +1 @@\n+Subproject commit ${"1".repeat(40)}\n`,
    ],
    [
      "too-large",
      "diff --git a/tests/b b/tests/b\nnew file mode 100644\nindex 0..1\nGIT binary patch\nliteral 3\nKcmZQ\n",
    ],
  ])("is refused with %s for the diff %j", async (expected, patch) => {
    expect(code(await reviewOfPatch(toy.of, patch))).toBe(expected);
  });

  it.each<readonly [string, string]>([
    ["not-a-test-path", "pkg/helper.py/test_new.py"],
    ["not-a-test-path", "pkg/core.py/test_new.py"],
    ["not-a-test-path", "helper/sub/test_new.py"],
    ["applied", "pkg/test_new.py"],
    ["applied", "test_new.py"],
    ["applied", "tests/deep/er/test_new.py"],
    ["applied", "pkg/tests/test_new.py"],
    ["applied", "fresh/test_new.py"],
  ])("makes no folder where a submission may have a file: %s for %s", async (expected, path) => {
    expect(await given({ [path]: "def test_new():\n    assert True\n" })).toBe(expected);
  });

  it("is bounded in files", async () => {
    const many = (count: number): Files =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`tests/test_${index}.py`, "x\n"]));
    expect(await given(many(maxReviewFiles))).toBe("applied");
    expect(await given(many(maxReviewFiles + 1))).toBe("too-large");
    expect(code(await reviewOfPatch(toy.of, await toy.patch(many(maxReviewFiles + 1))))).toBe("too-large");
  });

  it("is bounded by what it changes in a file, not by the file", async () => {
    expect(Buffer.byteLength(large)).toBeGreaterThan(maxReviewBytes);
    expect(await given({ "tests/test_large.py": `${large}def test_more():\n    assert True\n` })).toBe(
      "applied",
    );
    expect(await given({ "tests/test_large.py": large.replaceAll("line", "LINE") })).toBe("too-large");
    expect(await given({ "tests/test_new.py": "x".repeat(maxReviewBytes + 1) })).toBe("too-large");
    expect(await given({ "tests/test_new.py": `${"x".repeat(1000)}\n`.repeat(65) })).toBe("applied");
  });

  it("of the gold control is exempt from bounds and paths: H is what it is", async () => {
    const review = await reviewOfFiles(toy.of, toy.of.hidden, false);
    expect(review).toEqual({ kind: "applied", files: toy.of.hidden });
    expect(await given({}, false)).toBe("none");
    expect(code(await reviewOfPatch(toy.of, toy.of.instance.testPatch, false))).toBe("applied");
  });

  it("laid over a tree takes the place of whatever stands there, without a fault", async () => {
    const review = await reviewOfFiles(toy.of, buffers(added));
    if (review.kind !== "applied") throw new Error("expected tests");
    const hostile = await toy.tree({ "tests/test_new.py/x.txt": "a folder where the test goes\n" });
    const tree = await toy.of.repository.withFiles(hostile, review.files);
    expect(await toy.text(tree, "tests/test_new.py")).toBe(added["tests/test_new.py"]);
  });
});

describe("a review in other languages", () => {
  it.each<readonly ["rust" | "go" | "cpp", Files, string]>([
    ["rust", { "tests/new.rs": "#[test]\nfn a() {}\n" }, "applied"],
    ["rust", { "crates/a/tests/new.rs": "#[test]\nfn a() {}\n" }, "applied"],
    ["rust", { "crates/b/tests/new.rs": "#[test]\nfn a() {}\n" }, "not-a-test-path"],
    ["rust", { "src/tests.rs": "#[test]\nfn a() {}\n" }, "not-a-test-path"],
    ["rust", { "tests/Cargo.toml": "[workspace]\n" }, "protected-path"],
    ["rust", { "tests/build.rs": "fn main() {}\n" }, "protected-path"],
    ["rust", { "tests/.cargo/config.toml": "[build]\n" }, "protected-path"],
    ["go", { "new_test.go": "package a\n" }, "applied"],
    ["go", { "testdata/new.txt": "x\n" }, "applied"],
    ["go", { "helper.go/new_test.go": "package a\n" }, "not-a-test-path"],
    ["go", { "new.go": "package a\n" }, "not-a-test-path"],
    ["go", { "testdata/go.mod": "module x\n" }, "protected-path"],
    ["go", { "vendor/x/x_test.go": "package x\n" }, "protected-path"],
    ["cpp", { "tests/test_new.cpp": "int main() {}\n" }, "applied"],
    ["cpp", { "src/new.cpp": "int a;\n" }, "not-a-test-path"],
    ["cpp", { "tests/CMakeLists.txt": "add_test(a true)\n" }, "protected-path"],
    ["cpp", { "tests/CTestConfig.cmake": "x\n" }, "protected-path"],
    ["cpp", { "tests/gtest/gtest.h": "x\n" }, "protected-path"],
  ])("%s: %j is %s", async (language, files, expected) => {
    await using own = await testCase({
      language,
      base: { "crates/a/a.txt": "a\n" },
      gold: { "a.txt": "b\n" },
    });
    expect(code(await reviewOfFiles(own.of, buffers(files)))).toBe(expected);
  });
});
