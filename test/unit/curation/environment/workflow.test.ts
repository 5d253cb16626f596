// Workflows as repositories have them, compiled: names as the host gives them, commands by their readers, the rest told.
import { describe, expect, it } from "vitest";
import {
  type Compiled,
  compileWorkflows,
  planOf,
} from "../../../../src/curation/environment/workflow/compile.ts";
import { type Language, planSchema } from "../../../../src/domain/instance.ts";
import { workDirectory } from "../../../../src/grading/index.ts";

const ci = ".github/workflows/ci.yml";

function compiled(language: Language, text: string, files: readonly string[] = []): Compiled {
  return compileWorkflows({ workflows: new Map([[ci, text]]), files, repo: "owner/name", language });
}

const goWorkflow = `
name: CI
on:
  push: {branches: [main]}
  pull_request:
env: {GOFLAGS: -mod=mod}
defaults: {run: {working-directory: core}}
jobs:
  lint:
    runs-on: ubuntu-latest
    needs: [test]
    steps:
      - uses: actions/checkout@v4
      - run: go vet ./...
  test:
    strategy:
      matrix:
        os: [ubuntu-latest, windows-latest]
        go: ['1.22', '1.23']
        exclude: [{os: Windows-latest, go: '1.22'}]
        include:
          - {go: '1.23', race: -race}
          - {os: ubuntu-22.04, go: '1.21'}
    runs-on: \${{ matrix.os }}
    timeout-minutes: 5
    env: {LEVEL: "\${{ matrix.go }}"}
    steps:
      - uses: actions/checkout@v4
      - {uses: actions/setup-go@v5, with: {go-version: "\${{ matrix.go }}"}}
      - {uses: actions/cache@v4, with: {path: x, key: "\${{ hashFiles('go.sum') }}"}}
      - run: |
          # modules first
          go mod download
          go build ./...
      - name: Test
        run: go test \${{ matrix.race }} ./...
        env: {STEP: one two}
      - {name: Publish, if: github.event_name == 'push', run: make publish}
      - {uses: codecov/codecov-action@v4}
`;

describe("jobs of a workflow", () => {
  const result = compiled("go", goWorkflow, ["core/go.mod"]);

  it("are named as the host names them, after the jobs they need", () => {
    expect(result.jobs.map(({ name }) => name)).toEqual([
      "test (ubuntu-latest, 1.22)",
      "test (ubuntu-latest, 1.23)",
      "test (ubuntu-22.04, 1.21)",
      "lint",
    ]);
  });

  it("keep environment, folder, matrix values and time", () => {
    const [, leg] = result.jobs;
    expect(leg?.prepare).toEqual([
      "cd core && go mod download",
      "export GOFLAGS=-mod=mod && export LEVEL=1.23 && cd core && go mod download",
    ]);
    expect(leg?.jobs).toEqual([
      {
        name: "test (ubuntu-latest, 1.23)",
        run: "cd core && go build ./... && STEP='one two' go test -race ./...",
        runner: "go-test",
        timeoutSeconds: 300,
        env: { CI: "true", GITHUB_WORKSPACE: workDirectory, GOFLAGS: "-mod=mod", LEVEL: "1.23" },
        tags: [],
      },
    ]);
  });

  it("that lint say so", () => {
    expect(result.jobs.at(-1)?.jobs).toMatchObject([
      { name: "lint", run: "cd core && go vet ./...", runner: "exit-code", tags: ["lint"] },
    ]);
  });

  it("on Windows are told by name, never among the jobs", () => {
    expect(result.unsupported).toEqual([`${ci}: test (windows-latest, 1.23): runs on windows-latest`]);
  });

  it("make a plan that an issue set may hold", () => {
    const plan = planOf([...result.jobs, ...result.jobs], "go");
    expect(planSchema.safeParse(plan).success).toBe(true);
    expect(new Set(plan.jobs.map(({ name }) => name)).size).toBe(8);
    expect(plan).toMatchObject({ image: "go", source: "workflow" });
  });
});

function job(body: string, head = "on: pull_request"): string {
  return `${head}\njobs:\n  it:\n    runs-on: ubuntu-latest\n${body.replace(/^/gm, "    ")}`;
}

describe("what cannot be had is refused by name", () => {
  it.each([
    ["services: {redis: {image: redis}}\nsteps: [{run: pytest}]", "services: redis"],
    ["container: python:3.9\nsteps: [{run: pytest}]", "a container of its own"],
    ["steps: [{uses: someone/action@v1}, {run: pytest}]", "the action someone/action@v1"],
    ["steps: [{uses: actions/setup-node@v4}, {run: pytest}]", "the action actions/setup-node@v4"],
    [`env: {KEY: '\${{ secrets.KEY }}'}\nsteps: [{run: pytest}]`, "secrets"],
    [`steps: [{run: 'echo \${{ github.event.number }}'}]`, "the expression reads github.event"],
    ["steps: [{run: pytest, shell: pwsh}]", "the shell pwsh"],
    ["steps: [{run: 'echo A=b >> $GITHUB_ENV'}, {run: pytest}]", "a script that writes to GITHUB_ENV"],
    ["steps: [{run: 'curl https://example.org | sh'}, {run: pytest}]", "the command curl"],
    ["steps: [{uses: actions/checkout@v4, with: {submodules: true}}]", "actions/checkout with submodules"],
    ["steps: [{run: 'cat $RUNNER_TEMP/x'}]", "a script that reads RUNNER_TEMP"],
    ["steps: [{uses: actions/checkout@v4, with: {ref: main}}]", "actions/checkout with ref"],
    ["steps: [{run: 'cd /etc && pytest'}]", "cd /etc"],
    ["steps: [{run: pytest, working-directory: ../..}]", "cd ../..: outside the repository"],
  ])("%s", (body, what) => {
    const { jobs, unsupported } = compiled("python", job(body));
    expect(jobs).toEqual([]);
    expect(unsupported).toHaveLength(1);
    expect(unsupported[0]).toContain(what);
    expect(unsupported[0]?.startsWith(`${ci}: it: `)).toBe(true);
  });

  it("but the pull request's own ref and the repository's own folder are there", () => {
    const steps = `steps:\n- {uses: actions/checkout@v4, with: {ref: "\${{ github.ref }}"}}\n- {run: pytest, working-directory: "\${{ github.workspace }}/sub"}\n- {run: make release, if: github.ref == 'refs/heads/main'}`;
    expect(compiled("python", job(steps)).jobs[0]?.jobs).toMatchObject([{ run: "cd sub && pytest" }]);
  });

  it("other systems and reusable workflows too", () => {
    const text = `on: push\njobs:\n  mac: {runs-on: macos-14, steps: [{run: pytest}]}\n  own: {runs-on: [self-hosted, linux], steps: [{run: pytest}]}\n  shared: {uses: owner/name/.github/workflows/x.yml@main}\n`;
    expect(compiled("python", text)).toMatchObject({
      jobs: [],
      unsupported: [
        `${ci}: mac: runs on macos-14`,
        `${ci}: own: runs on self-hosted, linux`,
        `${ci}: shared: the reusable workflow owner/name/.github/workflows/x.yml@main`,
      ],
    });
  });

  describe("files that a job calls", () => {
    const called = (files: Readonly<Record<string, string>>): Compiled =>
      compileWorkflows({
        workflows: new Map(Object.entries(files).map(([name, text]) => [`.github/workflows/${name}`, text])),
        ...{ files: [], repo: "owner/name", language: "python" },
      });
    const test = `
on:
  workflow_call:
    inputs:
      folder: {type: string, required: true}
      level: {type: string, default: low}
      slow: {type: boolean}
env: {LEVEL: "\${{ inputs.level }}"}
jobs:
  unit:
    runs-on: ubuntu-latest
    steps:
      - run: pytest
        working-directory: \${{ inputs.folder }}
  slow: {if: inputs.slow, runs-on: ubuntu-latest, steps: [{run: pytest}]}
`;
    const caller = (body: string) => `on: pull_request\nenv: {OWN: x}\njobs:\n  all: {${body}}\n`;

    it("stand in its place, named after it, with its inputs and without its environment", () => {
      const matrix = `strategy: {matrix: {f: [core, cli]}}, with: {folder: '\${{ matrix.f }}'}`;
      const { jobs, unsupported, notes } = called({
        "ci.yml": caller(`uses: ./.github/workflows/test.yml, ${matrix}`),
        "test.yml": test,
      });
      expect(unsupported).toEqual([]);
      expect(jobs.map(({ name, workflow }) => [name, workflow])).toEqual([
        ["all (core) / unit", ci],
        ["all (cli) / unit", ci],
      ]);
      expect(jobs[0]?.jobs).toMatchObject([{ run: "cd core && pytest", env: { LEVEL: "low" } }]);
      expect(jobs[0]?.jobs[0]?.env).not.toHaveProperty("OWN");
      expect(notes).toContain(`${ci}: all (core) / slow: its condition does not hold here`);
    });

    it("are refused by name where they cannot be called", () => {
      const refusal = (body: string, more: Readonly<Record<string, string>> = { "test.yml": test }) =>
        called({ "ci.yml": caller(body), ...more }).unsupported;
      const uses = "./.github/workflows/test.yml";
      expect(refusal(`uses: ${uses}`)).toEqual([
        `${ci}: all: the reusable workflow ${uses}: it is given no folder`,
      ]);
      expect(refusal(`uses: ${uses}`, {})[0]).toContain("no such file");
      expect(refusal("uses: ./.github/workflows/ci.yml")[0]).toContain("it calls itself");
      expect(refusal(`uses: ${uses}`, { "test.yml": caller("runs-on: x, steps: [{run: y}]") })[0]).toContain(
        "nobody may call it",
      );
      const outputs = `with: {folder: '\${{ needs.a.outputs.b }}'}`;
      expect(refusal(`uses: ${uses}, ${outputs}`)[0]).toContain("needs");
    });

    it("end where they call each other without end", () => {
      const round = (next: string) =>
        `on: workflow_call\njobs:\n  x: {uses: ./.github/workflows/${next}.yml, strategy: {matrix: {a: [1, 2, 3, 4], b: [1, 2, 3, 4]}}}\n`;
      const names = Array.from({ length: 12 }, (_, at) => `w${at}`);
      const files = Object.fromEntries(names.map((name, at) => [`${name}.yml`, round(`w${at + 1}`)]));
      const { jobs, unsupported } = called({
        "ci.yml": caller("uses: ./.github/workflows/w0.yml"),
        ...files,
      });
      expect(jobs).toEqual([]);
      expect(unsupported.some((each) => each.includes("more than 10 levels"))).toBe(true);
      expect(unsupported.some((each) => each.includes("more than 50 calls"))).toBe(true);
    });
  });

  it("and so is a file that GitHub would not read", () => {
    expect(compiled("go", "on: push\njobs: [").unsupported[0]).toContain("no workflow that GitHub reads");
    expect(compiled("go", "on: push\njobs: {a: {steps: 1}}").unsupported[0]).toContain(ci);
  });

  it("while workflows that no change starts are left aside", () => {
    const { jobs, unsupported, notes } = compiled("go", job("steps: [{run: go test}]", "on: schedule"));
    expect({ jobs, unsupported }).toEqual({ jobs: [], unsupported: [] });
    expect(notes).toEqual([`${ci}: runs on schedule, not on changes`]);
  });
});

describe("steps of a Python job", () => {
  const body = `
steps:
  - uses: actions/setup-python@v5
    with: {python-version: '3.9'}
  - run: |
      sudo apt-get install -y libxml2-dev
      python -m pip install --user -e .[test]
  - {name: Style, run: ruff check .}
  - {name: Unit, run: poetry run pytest -q tests}
  - {name: Doc tests, run: "python -m pytest --doctest-modules src"}
  - {name: Smoke, run: "for f in examples/*.py; do python $f; done"}
`;
  const { jobs, notes } = compiled("python", job(body));

  it("install into an environment of their own, before the network goes", () => {
    const [venv, install, ...rest] = jobs[0]?.prepare ?? [];
    expect(rest).toEqual([]);
    expect(venv).toBe("python3 -m venv --system-site-packages /deps/venv");
    expect(install).toContain("export VIRTUAL_ENV=/deps/venv && ");
    expect(install).toMatch(/bash -e -c 'python -m pip install -e \.\[test\]'$/);
  });

  it("become one job a test command, read by its runner", () => {
    expect(jobs[0]?.jobs.map(({ name, run, runner, tags }) => [name, run, runner, tags])).toEqual([
      ["it", "ruff check .", "exit-code", ["lint"]],
      ["it / Unit", "pytest -q tests", "pytest", []],
      ["it / Doc tests", "python -m pytest --doctest-modules src", "pytest", []],
      ["it / Smoke", "bash -e -c 'for f in examples/*.py; do python $f; done'", "exit-code", []],
    ]);
  });

  it("and what is left out or differs is told", () => {
    expect(notes).toEqual([
      `${ci}: it: actions/setup-python wants 3.9: the image's own version is used`,
      `${ci}: it: left out, the image stays as it is: apt-get install -y libxml2-dev`,
    ]);
  });
});

describe("other languages", () => {
  it("Rust: crates are fetched by the lock file, and tests need no network", () => {
    const body =
      "name: Tests\nsteps:\n- uses: dtolnay/rust-toolchain@1.70\n- uses: Swatinem/rust-cache@v2\n- {uses: actions-rs/cargo@v1, with: {command: test, args: --all-features}}";
    const { jobs, notes } = compiled("rust", job(body), ["Cargo.toml", "Cargo.lock"]);
    expect(jobs[0]).toMatchObject({ name: "Tests", prepare: ["cargo fetch --locked"] });
    expect(jobs[0]?.jobs).toMatchObject([
      {
        name: "Tests",
        run: "cargo test --all-features",
        runner: "libtest",
        env: { CARGO_NET_OFFLINE: "true" },
      },
    ]);
    expect(notes).toEqual([
      `${ci}: Tests: dtolnay/rust-toolchain wants 1.70: the image's own version is used`,
    ]);
  });

  it("Go: modules are there for `make` too", () => {
    const { jobs } = compiled("go", job("steps: [{run: make test}]"), ["go.mod"]);
    expect(jobs[0]).toMatchObject({ prepare: ["go mod download"], jobs: [{ runner: "exit-code" }] });
  });

  it("C++: configure, build and test are one chain; names with expressions bear no brackets", () => {
    const body = `name: Linux \${{ matrix.type }}\nstrategy: {matrix: {type: [Debug]}}\nsteps:\n- run: cmake -S . -B build -DCMAKE_BUILD_TYPE=\${{ matrix.type }}\n- run: cmake --build build\n- {run: ctest, working-directory: build}`;
    expect(compiled("cpp", job(body)).jobs[0]?.jobs).toMatchObject([
      {
        name: "Linux Debug",
        run: "cmake -S . -B build -DCMAKE_BUILD_TYPE=Debug && cmake --build build && cd build && ctest",
        runner: "ctest",
      },
    ]);
  });
});

it("says what a host judges more leniently than a run here", () => {
  const text = `
on: {pull_request: {paths: ['src/**'], branches: [main]}}
jobs:
  nightly:
    runs-on: ubuntu-latest
    continue-on-error: true
    steps: [{run: go test ./...}]
`;
  const { jobs, notes } = compiled("go", text);
  expect(jobs.map(({ name }) => name)).toEqual(["nightly"]);
  expect(notes.join("\n")).toMatch(/runs at its host for some paths alone \(paths\)/);
  expect(notes.join("\n")).toMatch(/nightly: may fail at its host/);
});
