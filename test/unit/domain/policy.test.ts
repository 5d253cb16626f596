// The parts of the path policy that need more than a path: unsafe names, manifests in full, shadows, plan scripts.
import { describe, expect, it } from "vitest";
import { inferredPlan, type Language } from "../../../src/domain/instance.ts";
import { forbiddenManifestLines } from "../../../src/domain/manifests.ts";
import { unsafePath } from "../../../src/domain/paths.ts";
import { startedByPlan } from "../../../src/domain/plan-scripts.ts";
import { shadowed } from "../../../src/domain/shadowing.ts";

describe("unsafePath", () => {
  it.each([
    "a",
    "a/b.py",
    ".github/x",
    "a b/c",
    "a/.gitignore",
    "ünï/ç",
    "a/..b",
    ".gitx/a",
    "git/a",
    "git~12",
    "x".repeat(255),
  ])("leaves %j alone", (path) => expect(unsafePath(path)).toBeUndefined());

  it.each([
    "",
    "/etc/passwd",
    "C:/x",
    "../x",
    "a/../b",
    "a/..",
    "./a",
    "a//b",
    "a/",
    ".git/config",
    "a/.git/hooks/pre-commit",
    ".GIT/config",
    ".git",
    "a\\b",
    "a\0b",
    "a\nb",
    "a\u0085b",
    "x".repeat(513),
    `a/${"x".repeat(256)}/b`,
    `${"ü".repeat(128)}`,
    "a\ud800",
    "a/\ufffd.py",
    ".git /config",
    "a/git~1",
    ".Git.::$DATA",
  ])("refuses %j", (path) => expect(unsafePath(path)).toMatch(/path/));
});

interface Versions {
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly gold?: string;
  readonly base?: readonly string[];
}

function refused(path: string, language: Language, versions: Versions): string[] {
  const { before, after, gold = before, base = [] } = versions;
  return forbiddenManifestLines({ path, language, before, after, gold, basePaths: new Set(base) });
}

describe("a manifest change", () => {
  const cargo = '[lib]\nname = "a"\n\n[[bench]]\nname = "b"\nharness = false\n';

  it("is seen where a line is moved to another section or said a second time", () => {
    const moved = '[lib]\nname = "a"\nharness = false\n\n[[bench]]\nname = "b"\n';
    expect(refused("Cargo.toml", "rust", { before: cargo, after: moved })).not.toEqual([]);
    const twice = cargo.replace('name = "a"\n', 'name = "a"\nharness = false\n');
    expect(refused("Cargo.toml", "rust", { before: cargo, after: twice })).toEqual(["harness = false"]);
  });

  it("is seen where a line is moved between two entries of one array of tables", () => {
    const entry = (name: string, extra = "") => `[[test]]\nname = "${name}"\n${extra}`;
    const before = entry("a", "harness = false\n") + entry("b");
    const after = entry("a") + entry("b", "harness = false\n");
    expect(refused("Cargo.toml", "rust", { before, after })).not.toEqual([]);
  });

  it("may not be hidden behind a header inside a string", () => {
    const pytest = '[tool.pytest.ini_options]\naddopts = """\n-q\n"""\n';
    const inside = pytest.replace("-q\n", "[project]\n-p evil\n");
    expect(refused("pyproject.toml", "python", { before: pytest, after: inside })).toContain("-p evil");
    const project = `[project]\nname = "a"\n\n${pytest}`;
    const opened = project.replace('name = "a"\n', 'name = "a"\nx = "\'\'\'"\n').replace("-q", "-p evil");
    expect(refused("pyproject.toml", "python", { before: project, after: opened })).not.toEqual([]);
  });

  it("may not be hidden behind an indented header that is a value", () => {
    const before = "[tool:pytest]\naddopts = -q\n";
    const after = "[tool:pytest]\naddopts = -q\n  [metadata]\nfilterwarnings = ignore\n";
    expect(refused("setup.cfg", "python", { before, after })).toEqual([
      "[metadata]",
      "filterwarnings = ignore",
    ]);
    expect(
      refused("setup.cfg", "python", { before: "[metadata]\n", after: "[metadata]\n  [flake8]\n" }),
    ).toEqual(["[flake8]"]);
  });

  it("may name a path dependency only where base has that package", () => {
    const before = "[dependencies]\n";
    const after = '[dependencies]\nb = { path = "../b", features = ["x"] }\n';
    const at = "crates/a/Cargo.toml";
    expect(refused(at, "rust", { before, after, base: ["crates/b/Cargo.toml"] })).toEqual([]);
    expect(refused(at, "rust", { before, after, base: ["crates/c/Cargo.toml"] })).toHaveLength(1);
  });

  it("may do what the gold patch does, line by line, and no more", () => {
    const before = "[package]\n";
    const gold = '[package]\nedition = "2024"\n';
    const more = '[package]\nedition = "2024"\nbuild = "evil.rs"\n';
    expect(refused("Cargo.toml", "rust", { before, after: gold, gold })).toEqual([]);
    expect(refused("Cargo.toml", "rust", { before, after: `# why\n${gold}`, gold })).toEqual([]);
    expect(refused("Cargo.toml", "rust", { before, after: more, gold })).toEqual(['build = "evil.rs"']);
  });

  it("may not add or remove a manifest, unless gold does just that", () => {
    const whole = ["(the whole file)"];
    expect(refused("sub/go.mod", "go", { before: undefined, after: "module a\n" })).toEqual(whole);
    expect(refused("go.mod", "go", { before: "module a\n", after: undefined })).toEqual(whole);
    const both = { before: undefined, after: "module a\n", gold: "module a\n" };
    expect(refused("sub/go.mod", "go", both)).toEqual([]);
  });

  it("reads blocks of go.mod", () => {
    const before = "module a\n\nrequire (\n\tb.org/c v1.0.0\n)\n\nexclude (\n\tb.org/c v0.9.0\n)\n";
    const required = before.replace("v1.0.0", "v1.1.0");
    const excluded = before.replace("v0.9.0", "v1.0.0");
    expect(refused("go.mod", "go", { before, after: required })).toEqual([]);
    expect(refused("go.mod", "go", { before, after: excluded })).toHaveLength(2);
    const added = `${before}\nrequire (\n\tgo.uber.org/zap v1.0.0 // indirect\n)\n`;
    expect(refused("go.mod", "go", { before, after: added })).toEqual([]);
    const replaced = `${before}\nreplace (\n\tb.org/c => ../evil\n)\n`;
    expect(refused("go.mod", "go", { before, after: replaced })).toContain("b.org/c => ../evil");
  });

  it("ignores comments, blank lines, line ends and order within a section", () => {
    const before = '[dependencies]\na = "1"\nb = "2"\n';
    const after = '# deps\r\n\r\n[dependencies]\r\nb = "2"\r\n  a = "1"\r\n';
    expect(refused("Cargo.toml", "rust", { before, after })).toEqual([]);
  });

  it("belongs to its own language only", () => {
    expect(refused("Cargo.toml", "python", { before: "", after: "[lib]\nharness = false\n" })).toEqual([]);
  });

  it("is read in one pass, whatever the line", () => {
    const after = `add_library(a\n${"a.c".repeat(50_000)}!\n)\n`;
    expect(refused("CMakeLists.txt", "cpp", { before: "add_library(a\n)\n", after })).toHaveLength(1);
  }, 20_000);
});

describe("shadowed", () => {
  it("leaves the product its own modules, however they are called", () => {
    const pytestItself = new Set(["src/_pytest/main.py"]);
    expect(shadowed("src/_pytest/new.py", "python", pytestItself)).toBeUndefined();
    expect(shadowed("src/pytest/__init__.py", "python", pytestItself)).toBe("pytest");
    expect(shadowed("json.py", "python", new Set(["json.py"]))).toBeUndefined();
    // A folder of data is no module: code in it would be one.
    expect(shadowed("json/__init__.py", "python", new Set(["json/a.json"]))).toBe("json");
    expect(shadowed("include/gtest/gtest.h", "cpp", new Set(["include/gtest/gtest.h"]))).toBeUndefined();
  });

  it("keeps a test's own header from being taken from the product", () => {
    const base = new Set(["tests/check.hpp", "src/a.cpp"]);
    expect(shadowed("include/check.hpp", "cpp", base)).toBe("tests/check.hpp");
    expect(shadowed("tests/more/check.hpp", "cpp", base)).toBeUndefined();
    expect(shadowed("include/checks.hpp", "cpp", base)).toBeUndefined();
  });

  it("has nothing to say of Rust and Go", () => {
    expect(shadowed("json.py", "rust", new Set())).toBeUndefined();
    expect(shadowed("testing/testing.go", "go", new Set())).toBeUndefined();
  });
});

describe("startedByPlan", () => {
  const files = [
    "ci/run.sh",
    "tools/lint.py",
    "tools/check/__main__.py",
    "src/main.cpp",
    "tests/test_a.py",
    "runtests.py",
    "sub/go.sh",
  ];
  const started = (run: string): string[] => {
    const plan = inferredPlan("python");
    const jobs = plan.jobs.map((job) => ({ ...job, run }));
    return [...startedByPlan({ ...plan, jobs }, new Set(files))];
  };

  it.each([
    ["./ci/run.sh", ["ci/run.sh"]],
    ["sh -e ci/run.sh --fast", ["ci/run.sh"]],
    ["python3 tools/lint.py src", ["tools/lint.py"]],
    ["python3 -B 'tools/lint.py'", ["tools/lint.py"]],
    ["PYTHONPATH=src python runtests.py", ["runtests.py"]],
    ["python3 -m tools.lint", ["tools/lint.py"]],
    ["python3 -m tools.check", ["tools/check/__main__.py"]],
    ["cd sub && ./go.sh", ["sub/go.sh"]],
    ["timeout 60 bash ci/run.sh; true", ["ci/run.sh"]],
    ["make && ci/run.sh | tee log", ["ci/run.sh"]],
    ["python3 -m pytest tests/test_a.py", []],
    ["pytest tests/test_a.py", []],
    ["g++ -o a src/main.cpp && ./a", []],
    ["python3 -c 'import tools.lint'", []],
    ["", []],
  ])("%s", (run, expected) => {
    expect(started(run)).toEqual(expected);
  });
});
