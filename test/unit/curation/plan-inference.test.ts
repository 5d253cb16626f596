// First plans from manifests alone: what is installed, what is run, and what the notes confess.
import { describe, expect, it } from "vitest";
import { inferPlan, planFilesOf } from "../../../src/curation/index.ts";
import { tomlTables } from "../../../src/curation/toml.ts";
import type { Language } from "../../../src/domain/instance.ts";
import { parseInstance } from "../../../src/domain/instance.ts";
import { line } from "./lines.ts";

interface Tree {
  readonly [path: string]: string;
}

function infer(language: Language, tree: Tree, testPaths: string[] = [], goldPaths: string[] = []) {
  const files = Object.keys(tree);
  const wanted = planFilesOf(language, files);
  const texts = new Map(wanted.map((path) => [path, tree[path] ?? ""]));
  const { plan, notes } = inferPlan(language, { files, texts, testPaths, goldPaths, repo: "o/r" });
  const ci = {
    ...plan,
    prepare: [...plan.prepare],
    jobs: plan.jobs.map((job) => ({ ...job, env: { ...job.env }, tags: [] })),
  };
  expect(parseInstance(line("a-1", { language, ci }))).toMatchObject({ ok: true });
  const [job] = plan.jobs;
  return {
    prepare: plan.prepare,
    run: job?.run,
    runner: job?.runner,
    env: job?.env,
    notes: notes.join("\n"),
    plan,
  };
}

describe("python", () => {
  const venv = "python3 -m venv --system-site-packages /deps/venv";
  const pip = "/deps/venv/bin/python3 -m pip install";

  it("installs the project in place with its test extra, and puts the environment first", () => {
    const plan = infer("python", {
      "pyproject.toml":
        '[project]\nname = "x"\n[project.optional-dependencies]\ndocs = ["sphinx"]\ntest = [\n  "pytest", # runner\n]\n',
      "tests/test_a.py": "",
    });
    expect(plan).toMatchObject({
      prepare: [venv, `${pip} -e '.[test]' pytest`],
      run: "python3 -m pytest -q",
      runner: "pytest",
    });
    expect(plan.env?.PATH?.startsWith("/deps/venv/bin:")).toBe(true);
    expect(plan.plan).toMatchObject({ image: "python", source: "inferred" });
  });

  it("takes requirement files for tests before those for developers", () => {
    const tree = {
      "setup.py": "",
      "requirements.txt": "a",
      "requirements-dev.txt": "ruff",
      "test-requirements.txt": "pytest",
      "docs/requirements.txt": "sphinx",
    };
    expect(infer("python", tree).prepare[1]).toBe(`${pip} -e '.' -r test-requirements.txt pytest`);
    const { "test-requirements.txt": _tests, ...rest } = { ...tree, "conftest.py": "" };
    expect(infer("python", rest).prepare[1]).toBe(`${pip} -e '.' -r requirements-dev.txt pytest`);
  });

  it("installs plain requirements when there is nothing to install in place", () => {
    const plan = infer("python", { "requirements.txt": "requests\npytest\n" });
    expect(plan.prepare[1]).toBe(`${pip} -r requirements.txt pytest`);
  });

  it("gives a version to projects that take theirs from git", () => {
    const plan = infer("python", {
      "pyproject.toml":
        '[build-system]\nrequires = ["setuptools", "setuptools-scm"]\n[project]\nname = "x"\n',
      "pytest.ini": "",
    });
    expect(plan.prepare[1]).toMatch(/^SETUPTOOLS_SCM_PRETEND_VERSION=0\.0\.0 \/deps/);
    expect(plan.notes).toContain("version comes from git");
  });

  it("reads dependency groups and Poetry's groups", () => {
    const plan = infer("python", {
      "pyproject.toml":
        '[tool.poetry]\nname = "x"\n[tool.poetry.group.dev.dependencies]\npytest-mock = "^3"\n[dependency-groups]\ntest = ["pytest"]\n',
    });
    expect(plan.prepare[1]).toBe(`${pip} -e '.' --group test pytest-mock pytest`);
    expect(plan.notes).toContain("without their versions");
  });

  it("says which of Poetry's requirements are not the ones that are wanted", () => {
    const plan = infer("python", {
      "pyproject.toml":
        '[tool.poetry]\nname = "x"\n[tool.poetry.group.dev.dependencies]\nserver = { git = "https://example.com/s.git", extras = ["pg"] }\ncov = { extras = ["toml"] }\n',
    });
    expect(plan.prepare[1]).toBe(`${pip} -e '.' server cov`);
    expect(plan.notes).toContain("server is wanted from elsewhere");
    expect(plan.notes).not.toContain("cov is");
  });

  it("installs the project again before tests where the change touches what it declares", () => {
    const tree = {
      "setup.py": 'setup(setup_requires=["pbr>=2.0.0"], pbr=True)\n',
      "setup.cfg": "[entry_points]\nx.rules =\n  A = x.a:A\n",
      "pytest.ini": "",
    };
    const plan = infer("python", tree, [], ["setup.cfg", "x/a.py"]);
    expect(plan).toMatchObject({
      prepare: [venv, `${pip} 'setuptools' 'wheel' 'pbr>=2.0.0'`, `PBR_VERSION=0.0.0 ${pip} -e '.' pytest`],
      run: "PBR_VERSION=0.0.0 python3 -m pip install --use-pep517 --no-build-isolation --no-deps -e . && python3 -m pytest -q",
      runner: "pytest",
    });
    expect(plan.notes).toContain("installed again");
    expect(infer("python", tree, [], ["x/a.py"]).run).toBe("python3 -m pytest -q");
  });

  it("runs unittest where nothing speaks of pytest, and says so", () => {
    const plan = infer("python", { "tests/test_a.py": "import unittest", "name/core.py": "" });
    expect(plan).toMatchObject({
      prepare: [venv],
      runner: "unittest",
      run: "python3 -m unittest discover -s tests -t .",
    });
    expect(plan.notes).toContain("no trace of pytest");
  });

  it("runs pytest for tests outside of classes, which unittest does not see", () => {
    const tree = {
      "tests/test_a.py": "import pbr\n\n\ndef test_a():\n    pass\n",
      "pyproject.toml": "[project]\n",
    };
    const plan = infer("python", tree);
    expect(plan).toMatchObject({ runner: "pytest", run: "python3 -m pytest -q" });
    expect(plan.prepare.join()).not.toContain("PBR_VERSION");
  });
});

describe("go", () => {
  const tree = {
    "go.mod": "module m\n\ngo 1.20\n",
    "raft.go": "",
    "sub/x/y.go": "",
    "tools/go.mod": "module t\n",
  };

  it("tests the packages the change touches and says so", () => {
    const plan = infer("go", tree, ["raft_test.go"], ["sub/x/y.go", "sub/x/testdata/in.txt", "README.md"]);
    expect(plan).toMatchObject({ prepare: ["go mod download"], run: "go test . ./sub/x", runner: "go-test" });
    expect(plan.notes).toBe("only the packages touched are tested: ., ./sub/x");
  });

  it("tests everything when no Go file is touched", () => {
    expect(infer("go", tree, [], ["README.md"]).run).toBe("go test ./...");
  });

  it("makes a module where there is none, named as its packages import each other", () => {
    const old = { "raft.go": "", "fuzzy/a.go": "", "vendor/x/x.go": "" };
    const plan = infer("go", old, ["fuzzy/a_test.go"]);
    expect(plan).toMatchObject({
      prepare: ["go mod init github.com/o/r && go mod tidy"],
      run: "go test ./fuzzy",
      env: { GOFLAGS: "-mod=mod" },
    });
    expect(plan.notes).toContain("one is made for github.com/o/r");
    const nameless = inferPlan("go", { files: ["a.go"], texts: new Map(), testPaths: [], goldPaths: [] });
    expect(nameless.notes).toEqual(["no go.mod was found: go test will want one"]);
  });

  it("works in the module of the tests", () => {
    const plan = infer("go", tree, ["tools/cmd/a_test.go"], ["raft.go"]);
    expect(plan).toMatchObject({
      prepare: ["cd tools && go mod download"],
      run: "cd tools && go test ./cmd",
    });
    expect(plan.notes).toContain("the module at the root is touched but not tested");
  });

  it("downloads nothing for a vendored module, and names a Go that is too new", () => {
    const plan = infer("go", { "go.mod": "module m\ngo 1.99\n", "vendor/modules.txt": "" }, ["a_test.go"]);
    expect(plan.prepare).toEqual([]);
    expect(plan.notes).toContain("wants Go 1.99");
  });
});

describe("rust", () => {
  const member = (name: string) => `[package]\nname = "${name}"\nrust-version = "1.61"\n`;
  const tree = {
    "Cargo.toml": '[workspace]\nmembers = ["core", "tool-*"]\nexclude = ["fuzz"]\n',
    "Cargo.lock": "",
    "core/Cargo.toml": member("core-crate"),
    "tool-a/Cargo.toml": member("tool-a"),
    "fuzz/Cargo.toml": member("fuzz"),
  };

  it("tests the crates the change touches", () => {
    const plan = infer(
      "rust",
      tree,
      ["core/tests/a.rs"],
      ["core/src/lib.rs", "tool-a/src/main.rs", "CHANGELOG.md"],
    );
    expect(plan).toMatchObject({
      prepare: ["cargo fetch --locked"],
      run: "cargo test --offline -p core-crate -p tool-a",
      runner: "libtest",
    });
    expect(plan.notes).toContain("only the crates touched are tested: core-crate, tool-a");
  });

  it("tests the workspace when no crate is seen to be touched", () => {
    expect(infer("rust", tree, [], ["README.md"]).run).toBe("cargo test --offline --workspace");
  });

  it("uses the manifest of a crate outside the workspace", () => {
    const plan = infer("rust", tree, ["fuzz/tests/a.rs"]);
    expect(plan.run).toBe("cargo test --offline --manifest-path fuzz/Cargo.toml");
    expect(plan.prepare[0]).toContain("--manifest-path fuzz/Cargo.toml");
  });

  it("switches on the features that the touched tests are compiled under", () => {
    const manifest = `${member("core-crate")}
[features]
default = ["std"]
std = []
machinery = []
json = ["dep:j"]
[dependencies]
extra = { version = "1", optional = true }
[[test]]
name = "slow"
required-features = ["json"]
`;
    const tests = {
      "core/tests/test_lexer.rs":
        '//! Words.\n#![cfg(feature = "machinery")]\n// #![cfg(feature = "json")]\n#[cfg(feature = "json")]\nmod a;\n',
      "core/tests/all/main.rs":
        '#![cfg(all(\n    feature = "extra", feature = "std",\n    feature = "unknown"\n))]\n',
      "core/tests/none.rs": '#![cfg(not(feature = "json"))]\n',
      "core/tests/slow.rs": "",
      "core/tests/untouched.rs": '#![cfg(feature = "json")]\n',
    };
    const all = { ...tree, "core/Cargo.toml": manifest, ...tests };
    const run = (...paths: string[]) => infer("rust", all, paths).run;
    const plain = "cargo test --offline -p core-crate";
    expect(run("core/tests/test_lexer.rs")).toBe(`${plain} --features core-crate/machinery`);
    expect(run("core/tests/snapshots/test_lexer__lexer@a.snap")).toBe(
      `${plain} --features core-crate/machinery`,
    );
    expect(run("core/tests/all/deep.rs", "core/tests/slow.rs")).toBe(
      `${plain} --features core-crate/extra,core-crate/json`,
    );
    expect(run("core/tests/none.rs", "core/tests/data.txt")).toBe(plain);
    expect(infer("rust", all, ["core/tests/slow.rs"]).notes).toContain(
      "those the touched tests ask for: core-crate/json",
    );
    const outside = { ...tree, "fuzz/Cargo.toml": manifest, "fuzz/tests/slow.rs": "" };
    expect(infer("rust", outside, ["fuzz/tests/slow.rs"]).run).toBe(
      "cargo test --offline --manifest-path fuzz/Cargo.toml --features json",
    );
  });

  it("builds without debug information, and names what no registry holds", () => {
    const lock = `[[package]]
name = "one"
source = "registry+https://example.org/index"

[[package]]
name = "two"
source = "git+https://example.org/two?rev=1#1"
`;
    const plan = infer("rust", { ...tree, "Cargo.lock": lock }, ["core/tests/a.rs"]);
    expect(plan.env).toEqual({ CARGO_PROFILE_DEV_DEBUG: "0", RUSTFLAGS: "--cap-lints=warn" });
    const flagged = infer("rust", { "Cargo.toml": "", ".cargo/config.toml": "" });
    expect(flagged.env).toEqual({ CARGO_PROFILE_DEV_DEBUG: "0" });
    expect(plan.notes).toMatch(/crates from git repositories, .*: two$/m);
  });

  it("picks crates its compiler can build where there is no lock file, and names pins it cannot follow", () => {
    const plan = infer(
      "rust",
      { "Cargo.toml": '[package]\nname = "one"\nrust-version = "1.99"\n', "rust-toolchain.toml": "" },
      ["tests/a.rs"],
    );
    expect(plan.prepare[0]).toContain("CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS=fallback cargo fetch");
    expect(plan.run).toBe("cargo test --offline -p one");
    expect(plan.notes).toMatch(/pins a toolchain[\s\S]*wants Rust 1\.99/);
  });
});

describe("cpp", () => {
  it("switches tests on and everything idle off", () => {
    const plan = infer("cpp", {
      "CMakeLists.txt":
        'option(X_BUILD_TESTS "Tests" OFF)\noption(X_TEST "Test target" $MASTER)\noption(X_EXAMPLES "Ex" ON)\noption(X_DOCS "Docs" OFF)\noption(X_FAST "Fast" ON)\n',
    });
    expect(plan).toMatchObject({
      run: "cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Debug -DX_BUILD_TESTS=ON -DX_TEST=ON -DX_EXAMPLES=OFF && cmake --build build && ctest --test-dir build",
      runner: "ctest",
      prepare: [],
    });
  });

  it("leaves options alone that ask for more than tests", () => {
    const options = ["X_CUDA_TEST", "POWER_GRID_BUILD_TEST", "BUILD_TESTING", "LATEST"];
    const lists = `project(power_grid)\n${options.map((name) => `option(${name} "t" OFF)`).join("\n")}\n`;
    const plan = infer("cpp", { "CMakeLists.txt": lists });
    expect(plan.notes).toContain("options set: -DPOWER_GRID_BUILD_TEST=ON -DBUILD_TESTING=ON\n");
  });

  it("builds only the tests that are spelled out for the touched files", () => {
    const tree = {
      "CMakeLists.txt": "project(x)\nadd_subdirectory(tests)\n",
      "tests/CMakeLists.txt":
        "add_executable(codec-test codec_test.cpp helper.cpp)\nadd_test(NAME codec COMMAND codec-test)\n# add_executable(other other_test.cpp)\n",
    };
    const plan = infer("cpp", tree, ["tests/codec_test.cpp"]);
    expect(plan.run).toContain(
      "cmake --build build --target codec-test && ctest --test-dir build -R '^(codec)$'",
    );
    expect(plan.notes).toContain("only the tests touched are built and run: codec");
    const unseen = infer("cpp", tree, ["tests/codec_test.cpp", "tests/other_test.cpp"]);
    expect(unseen.notes).toContain("everything is built");
  });

  it("takes every test a touched file is part of, and those a function of the project adds by name", () => {
    const list = `project(x-test)
option(X_TEST "t" OFF)
add_executable(options main.cpp options.cpp)
add_test(plain options)
add_executable(options_light main.cpp options.cpp)
add_test(light options_light)
add_x_test(print-test HEADER_ONLY)
add_test(other-test other)
`;
    const tree = { "CMakeLists.txt": "", "test/CMakeLists.txt": list };
    const both = infer("cpp", tree, ["test/options.cpp"]);
    expect(both.run).toContain(
      "--target options options_light && ctest --test-dir build -R '^(light|plain)$'",
    );
    expect(both.run).toContain("-DX_TEST=ON");
    expect(infer("cpp", tree, ["test/print-test.cc"]).run).toContain(
      "--target print-test && ctest --test-dir build -R '^(print-test)$'",
    );
    expect(infer("cpp", tree, ["test/other-test.cc"]).notes).toContain("everything is built");
  });

  it("fetches what the build downloads at preparation", () => {
    const plan = infer("cpp", {
      "CMakeLists.txt": "include(FetchContent)\nFetchContent_MakeAvailable(catch)\n",
    });
    expect(plan.prepare).toEqual(["cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Debug"]);
    expect(plan.run).toContain("-DFETCHCONTENT_FULLY_DISCONNECTED=ON");
  });

  it("falls back to make, as one weak check", () => {
    const plan = infer("cpp", { Makefile: "test:\n" });
    expect(plan).toMatchObject({ run: "make test", runner: "exit-code" });
    expect(infer("cpp", { "meson.build": "" }).notes).toContain("by hand");
  });
});

describe("tomlTables", () => {
  it("reads tables, strings and lists, and skips what it does not know", () => {
    const tables = tomlTables(
      'top = "a#b" # comment\n[one.two]\nlist = [\n "x", # first ]\n \'y\'\n]\nnumber = 3\n[[many]]\n"quoted key" = "v"\n?? odd\n',
    );
    expect(tables.map((table) => [table.name, Object.fromEntries(table.values)])).toEqual([
      ["", { top: "a#b" }],
      ["one.two", { list: ["x", "y"], number: "3" }],
      ["many", {}],
    ]);
  });
});
