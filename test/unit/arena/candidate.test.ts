// What a submission may be: on real git trees, per language, with every way to be no candidate.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  candidateOfPatch,
  candidateOfTree,
  maxChangedFiles,
  maxPatchBytes,
} from "../../../src/arena/candidate.ts";
import { openCase } from "../../../src/arena/case.ts";
import { type Files, type TestCase, testCase } from "../../support/arena-case.ts";

const base = {
  "pkg/__init__.py": "",
  "pkg/core.py": 'def f():\n    return "# 1"\n',
  "pkg/json.py": "x = 1\n",
  "tests/test_core.py": "def test_f():\n    assert True\n",
  "tests/test_gold.py": "def test_g():\n    assert 1\n",
  "tests/data/a.txt": "a\n",
  "tools/lint.py": "print(1)\n",
  "run.sh": "echo\n",
  "pyproject.toml": '[project]\nname = "toy"\n\n[tool.pytest.ini_options]\naddopts = "-q"\n',
  "setup.py": "setup()\n",
  "setup.cfg": "[metadata]\nname = toy\n\n[tool:pytest]\n",
  Makefile: "all:\n",
  "data.bin": "\u0001\u0002\n",
  "notes.md": "notes\n",
};
const gold = {
  "pkg/core.py": 'def f():\n    return "# 2"\n',
  "tests/test_gold.py": "def test_g():\n    assert 2\n",
  "tests/support.py": "helper = 1\n",
  Makefile: "all: pkg\n",
  "tox.ini": "[tox]\n",
};

let toy: TestCase;
beforeAll(async () => {
  toy = await testCase({
    base,
    gold,
    hidden: { "tests/test_hidden.py": "def test_h():\n    assert True\n" },
    links: { link: "pkg/core.py", folder: "pkg" },
    run: "python3 tools/lint.py && python3 -m pytest",
  });
});
afterAll(() => toy[Symbol.asyncDispose]());

const submit = async (files: Files) => candidateOfTree(toy.of, await toy.tree(files));
const fix = { "pkg/core.py": 'def f():\n    return "# 3"\n' };

async function codeOf(files: Files): Promise<string> {
  const candidate = await submit(files);
  return candidate.kind === "rejected" ? (candidate.reasons[0]?.code ?? "none") : "applied";
}

describe("a submission", () => {
  it("that changes source is applied, by tree and by patch alike", async () => {
    const byTree = await submit(fix);
    const byPatch = await candidateOfPatch(toy.of, await toy.patch(fix));
    expect(byTree).toEqual(byPatch);
    if (byTree.kind === "rejected") throw new Error("expected a candidate");
    expect(await toy.text(byTree.tree, "pkg/core.py")).toBe(fix["pkg/core.py"]);
    expect(byTree.restored).toEqual([]);
  });

  it("that is gold is applied as gold is", async () => {
    expect(await candidateOfTree(toy.of, toy.of.goldTree)).toMatchObject({
      kind: "applied",
      tree: toy.of.goldTree,
    });
  });

  it.each([
    ["", "no-change"],
    [" \n\t\n", "no-change"],
    ["not a diff", "does-not-apply"],
    ["--- a/pkg/core.py\n+++ b/pkg/core.py\n@@ -1 +1 @@\n-def g():\n+def h():\n", "does-not-apply"],
    ["--- a/nowhere.py\n+++ b/nowhere.py\n@@ -1 +1 @@\n-a\n+b\n", "does-not-apply"],
    ["--- /dev/null\n+++ b/../up.py\n@@ -0,0 +1 @@\n+a\n", "does-not-apply"],
    ["--- /dev/null\n+++ b/.git/hooks/x\n@@ -0,0 +1 @@\n+a\n", "does-not-apply"],
    ["--- a/folder/core.py\n+++ b/folder/core.py\n@@ -1 +1 @@\n-def f():\n+def g():\n", "does-not-apply"],
  ])("written as %j is %s", async (patch, code) => {
    expect(await candidateOfPatch(toy.of, patch)).toMatchObject({ kind: "rejected", reasons: [{ code }] });
  });

  it.each<readonly [string, Files]>([
    ["a comment", { "pkg/core.py": 'def f():  # why\n    return "# 1"\n' }],
    ["blank lines", { "pkg/core.py": '\n\ndef f():\n\n    return "# 1"   \n' }],
    ["a new file of comments", { "pkg/new.py": "# nothing\n" }],
    ["comments beside tests", { "pkg/json.py": "x = 1  # one\n", "tests/test_core.py": "x\n" }],
  ])("that changes only %s is only-comments", async (_, files) => {
    expect(await codeOf(files)).toBe("only-comments");
  });

  it.each<readonly [string, Files]>([
    ["a string that looks like a comment", fix],
    ["an empty package marker", { "pkg/sub/__init__.py": "" }],
    ["notes", { "notes.md": "more\n" }],
    ["a file that is deleted", { "pkg/json.py": undefined }],
  ])("that changes %s is a change", async (_, files) => {
    expect(await codeOf(files)).toBe("applied");
  });

  it("that changes no file at all is no change, and no fault of ours", async () => {
    const same = await toy.of.repository.withFiles(toy.of.baseTree, new Map());
    expect(same).toBe(toy.of.baseTree);
    expect(await candidateOfTree(toy.of, same)).toMatchObject({ reasons: [{ code: "no-change" }] });
  });

  it("that changes a mode is a change, binary data too", async () => {
    const mode = "diff --git a/pkg/core.py b/pkg/core.py\nold mode 100644\nnew mode 100755\n";
    expect(await candidateOfPatch(toy.of, mode)).toMatchObject({ kind: "applied" });
    const binary = await toy.patch({ "data.bin": "\u0000\u0001" });
    expect(binary).toContain("GIT binary patch");
    expect(await candidateOfPatch(toy.of, binary)).toMatchObject({ kind: "applied" });
  });

  it("that changes tests only is no change", async () => {
    expect(await codeOf({ "tests/test_core.py": "x = 1\n" })).toBe("no-change");
    expect(await codeOf({ "pkg/test_new.py": "x = 1\n" })).toBe("no-change");
  });

  it("has its tests put back: changed, added and deleted ones", async () => {
    const candidate = await submit({
      ...fix,
      "tests/test_core.py": "def test_f():\n    pass\n",
      "tests/data/a.txt": undefined,
      "tests/test_own.py": "def test_own():\n    assert True\n",
    });
    if (candidate.kind === "rejected") throw new Error(JSON.stringify(candidate));
    expect([...candidate.restored].sort()).toEqual([
      "tests/data/a.txt",
      "tests/test_core.py",
      "tests/test_own.py",
    ]);
    expect(await toy.text(candidate.tree, "tests/test_core.py")).toBe(base["tests/test_core.py"]);
    expect(await toy.text(candidate.tree, "tests/data/a.txt")).toBe("a\n");
    expect(await toy.text(candidate.tree, "tests/test_own.py")).toBeUndefined();
  });

  it("meets the tests gold changes as gold has them, and cannot write them", async () => {
    for (const files of [fix, { ...fix, "tests/test_gold.py": "def test_g():\n    pass\n" }]) {
      const candidate = await submit(files);
      if (candidate.kind === "rejected") throw new Error(JSON.stringify(candidate));
      expect(await toy.text(candidate.tree, "tests/test_gold.py")).toBe(gold["tests/test_gold.py"]);
    }
  });

  it("may write below a test folder what gold has to change there", async () => {
    const candidate = await submit({ "tests/support.py": "helper = 2\n" });
    if (candidate.kind === "rejected") throw new Error(JSON.stringify(candidate));
    expect(await toy.text(candidate.tree, "tests/support.py")).toBe("helper = 2\n");
  });

  it("cannot hide a file where tests belong, or a test where a file was", async () => {
    const folder = Object.keys(base).filter((path) => path.startsWith("tests/"));
    const gone = Object.fromEntries(folder.map((path) => [path, undefined]));
    const candidate = await submit({ ...gone, tests: "a file\n", ...fix });
    if (candidate.kind === "rejected") throw new Error(JSON.stringify(candidate));
    expect(await toy.text(candidate.tree, "tests/test_core.py")).toBe(base["tests/test_core.py"]);
    const laid = await toy.of.repository.withFiles(
      await toy.tree({ "tests/test_hidden.py/evil.txt": "x" }),
      toy.of.hidden,
    );
    expect(await toy.text(laid, "tests/test_hidden.py")).toContain("test_h");
  });

  it.each<readonly [string, Files]>([
    ["a conftest", { "conftest.py": "x = 1\n" }],
    ["a conftest among the tests", { "tests/conftest.py": "x = 1\n" }],
    ["plugin metadata", { "evil-1.dist-info/entry_points.txt": "[pytest11]\nevil = evil\n" }],
    ["a path hook", { "evil.pth": "import evil\n" }],
    ["a workflow", { ".github/workflows/ci.yml": "on: push\n" }],
    ["the build script", { "setup.py": "import evil\n" }],
    ["the build script, deleted", { "setup.py": undefined }],
    [
      "runner settings in the project file",
      { "pyproject.toml": base["pyproject.toml"].replace("-q", "-p evil") },
    ],
    ["runner settings in setup.cfg", { "setup.cfg": `${base["setup.cfg"]}addopts = -p evil\n` }],
    ["a script the plan starts", { "tools/lint.py": "pass\n" }],
    ["a module the runner imports", { "json.py": "x = 1\n" }],
    ["the runner itself", { "pytest/__init__.py": "x = 1\n" }],
    ["what gold changes, but the runner's", { "tox.ini": "[pytest]\naddopts = -p evil\n" }],
    ["attributes", { ".gitattributes": "*.py filter=evil\n" }],
  ])("may not touch %s", async (_, files) => {
    expect(await codeOf({ ...fix, ...files })).toBe("protected-path");
    // The rest of it is labelled like any other submission.
    const refused = await candidateOfPatch(toy.of, await toy.patch({ ...fix, ...files }));
    const rest = await candidateOfPatch(toy.of, await toy.patch(fix));
    if (refused.kind !== "rejected" || rest.kind !== "applied") throw new Error("expected one of each");
    expect(refused.labelled).toBe(rest.tree);
  });

  it.each<readonly [string, Files]>([
    [
      "the project's version",
      { "pyproject.toml": base["pyproject.toml"].replace('"toy"', '"toy"\nversion = "2"') },
    ],
    ["a module of its own package called like one of the library", { "pkg/json.py": "x = 2\n" }],
    ["what gold changes in the build", { Makefile: "all: other\n" }],
    ["what gold changes for the runner, to the byte", { "tox.ini": gold["tox.ini"] }],
    ["a script nobody starts", { "run.sh": "true\n" }],
  ])("may touch %s", async (_, files) => {
    expect(await codeOf({ ...fix, ...files })).toBe("applied");
  });

  it("names everything it may not touch at once", async () => {
    const candidate = await submit({ "conftest.py": "x\n", "setup.py": "y\n" });
    expect(candidate).toMatchObject({
      reasons: [{ detail: expect.stringMatching(/conftest\.py .*; setup\.py /) }],
    });
  });

  it.each([
    [
      "adds a symbolic link",
      "120000",
      "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc/passwd\n\\ No newline at end of file\n",
    ],
    [
      "turns a link elsewhere",
      "120000",
      "diff --git a/link b/link\n--- a/link\n+++ b/link\n@@ -1 +1 @@\n-pkg/core.py\n\\ No newline at end of file\n+/etc/passwd\n\\ No newline at end of file\n",
    ],
    [
      "adds a submodule",
      "160000",
      `diff --git a/s b/s\nnew file mode 160000\n--- /dev/null\n+++ b/s\n@@ -0,0 +1 @@\n+Subproject commit ${"1".repeat(40)}\n`,
    ],
    [
      "adds a link among the tests",
      "120000",
      "diff --git a/tests/l b/tests/l\nnew file mode 120000\n--- /dev/null\n+++ b/tests/l\n@@ -0,0 +1 @@\n+/etc/passwd\n\\ No newline at end of file\n",
    ],
  ])("that %s is refused", async (_, _mode, patch) => {
    expect(await candidateOfPatch(toy.of, patch)).toMatchObject({
      kind: "rejected",
      reasons: [{ code: "protected-path" }],
    });
  });

  it("is bounded in bytes, in what it unpacks to and in files", async () => {
    const large = `--- /dev/null\n+++ b/a.py\n@@ -0,0 +1 @@\n+${"x".repeat(maxPatchBytes)}\n`;
    const tooLarge = { kind: "rejected", reasons: [{ code: "answer-too-large" }] };
    expect(await candidateOfPatch(toy.of, large)).toMatchObject(tooLarge);
    for (const binary of ["literal 99999999999", "delta 12"]) {
      const bomb = `diff --git a/b b/b\nnew file mode 100644\nindex 0..1\nGIT binary patch\n${binary}\nzcmZ\n`;
      expect(await candidateOfPatch(toy.of, bomb)).toMatchObject(tooLarge);
    }
    const many = Array.from({ length: maxChangedFiles + 1 }, (_, index) => index);
    const patch = many.map((index) => `--- /dev/null\n+++ b/many/${index}.py\n@@ -0,0 +1 @@\n+x\n`).join("");
    expect(await candidateOfPatch(toy.of, patch)).toMatchObject({ reasons: [{ code: "too-large" }] });
  });

  it("is refused for paths git takes and we do not", async () => {
    const patch =
      'diff --git "a/a\\tb.py" "b/a\\tb.py"\nnew file mode 100644\n--- /dev/null\n+++ "b/a\\tb.py"\n@@ -0,0 +1 @@\n+x\n';
    expect(await candidateOfPatch(toy.of, patch)).toMatchObject({ reasons: [{ code: "unsafe-path" }] });
  });
});

describe("a submission in other languages", () => {
  const rust = { "Cargo.toml": '[package]\nname = "toy"\n', "src/lib.rs": "pub fn f() -> u8 { 1 }\n" };
  const go = { "go.mod": "module toy\n\ngo 1.22\n", "a.go": "package toy\n" };
  const cpp = {
    "CMakeLists.txt": "add_library(toy\n  src/a.cpp\n)\n",
    "src/a.cpp": "int f() { return 1; }\n",
    "tests/check.hpp": "#define CHECK(x)\n",
    "tests/CMakeLists.txt": "add_test(a a)\n",
  };
  type Row = readonly [language: "rust" | "go" | "cpp", base: Files, files: Files, code: string];
  const rows: readonly Row[] = [
    ["rust", rust, { "src/lib.rs": "// why\npub fn f() -> u8 { 1 }\n" }, "only-comments"],
    ["rust", rust, { "src/lib.rs": "pub fn f() -> u8 { 2 }\n" }, "applied"],
    ["rust", rust, { "build.rs": "fn main() {}\n" }, "protected-path"],
    ["rust", rust, { "Cargo.toml": `${rust["Cargo.toml"]}\n[lib]\nharness = false\n` }, "protected-path"],
    ["rust", rust, { "Cargo.toml": `${rust["Cargo.toml"]}\n[dependencies]\na = "1"\n` }, "applied"],
    ["rust", rust, { "evil/Cargo.toml": '[package]\nname = "evil"\n' }, "protected-path"],
    ["rust", rust, { "tests/own.rs": "#[test] fn a() {}\n" }, "no-change"],
    ["go", go, { "a.go": "// Package toy.\npackage toy\n" }, "only-comments"],
    ["go", go, { "a.go": "package toy\n\nvar X = 1\n" }, "applied"],
    ["go", go, { "a.s": "TEXT x\n" }, "protected-path"],
    ["go", go, { "go.mod": `${go["go.mod"]}replace a => ./b\n` }, "protected-path"],
    ["go", go, { "pkg/go.mod": "module hidden\n" }, "protected-path"],
    ["go", go, { "a_test.go": "package toy\n" }, "no-change"],
    ["cpp", cpp, { "src/a.cpp": "int f() { return 1; } // one\n" }, "only-comments"],
    ["cpp", cpp, { "CMakeLists.txt": "add_library(toy\n  src/a.cpp\n  src/b.cpp\n)\n" }, "applied"],
    ["cpp", cpp, { "CMakeLists.txt": "add_compile_definitions(CHECK=)\n" }, "protected-path"],
    ["cpp", cpp, { "src/check.hpp": "#define CHECK(x)\n" }, "protected-path"],
    ["cpp", cpp, { "include/vector": "x\n" }, "protected-path"],
    ["cpp", cpp, { "tests/CMakeLists.txt": "\n", "src/a.cpp": "int f() { return 2; }\n" }, "applied"],
  ];
  it.each(rows)("%s: base %j, changed %j: %s", async (language, files, change, code) => {
    const known = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, text ?? ""]));
    await using own = await testCase({ language, base: known, gold: { "notes.txt": "gold\n" } });
    const candidate = await candidateOfTree(own.of, await own.tree(change));
    expect(candidate.kind === "rejected" ? candidate.reasons[0]?.code : "applied").toBe(code);
  });
});

describe("openCase", () => {
  it("refuses an instance whose own patches do not apply, or claim one file for both", async () => {
    const { instance, repository, baseCommit } = toy.of;
    const source = { path: repository.gitDir, baseCommit };
    const bad = "--- a/pkg/core.py\n+++ b/pkg/core.py\n@@ -1 +1 @@\n-no\n+yes\n";
    const open = (over: Partial<typeof instance>) =>
      openCase({ ...instance, ...over }, source, `${repository.gitDir}-again`);
    await expect(open({ goldPatch: bad })).rejects.toMatchObject({ code: "unsound-instance" });
    await expect(open({ testPatch: bad })).rejects.toMatchObject({ code: "unsound-instance" });
    const both = open({ testPatch: await toy.patch(fix) });
    await expect(both).rejects.toThrow(/both change pkg\/core\.py/);
  });
});
