// The environment stage: which candidates are tried in which order, which is kept, and what is told of the others.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type BaseTree, baseTreeOf } from "../../../../src/curation/environment/base-tree.ts";
import { environmentStage } from "../../../../src/curation/environment/stage.ts";
import { environmentRow, type SplitRow } from "../../../../src/curation/pipeline/rows.ts";
import type { TreeRuns, TriedPlan } from "../../../../src/curation/pipeline/tree-runs.ts";
import { Fault, isFault } from "../../../../src/domain/fault.ts";
import type { Instance, Language } from "../../../../src/domain/instance.ts";
import type { CheckStatus } from "../../../../src/domain/report.ts";
import { repositoryOfFolder } from "../../../../src/git/index.ts";

const parent = mkdtempSync(join(tmpdir(), "arena-environment-"));
afterAll(() => rmSync(parent, { recursive: true, force: true }));
let made = 0;

function row(language: Language, file: string): SplitRow {
  const patch = `diff --git a/${file} b/${file}\n--- a/${file}\n+++ b/${file}\n@@ -1 +1 @@\n-a\n+b\n`;
  const texts = { goldPatch: patch, testPatch: patch, problemStatement: "x", hintsText: "" };
  const at = "2024-03-01T10:00:00Z";
  return {
    ...{ schemaVersion: 1, id: `o__r-${++made}`, repo: "o/r" },
    origin: { kind: "commits", fix: "1".repeat(40) },
    split: { baseCommit: "2".repeat(40), language, ...texts, createdAt: at, notes: [] },
  };
}

function treeOf(texts: Readonly<Record<string, string>>): BaseTree {
  return {
    files: Object.keys(texts),
    read: async (path) => (Object.hasOwn(texts, path) ? texts[path] : undefined),
  };
}

type Runs = Pick<TreeRuns, "tryPlan">;

/** Runs nothing: every job of a plan ends as it is told. */
class ScriptedRuns implements Runs {
  readonly asked: Instance[] = [];
  readonly #answer: (instance: Instance) => TriedPlan;

  constructor(answer: (instance: Instance) => TriedPlan) {
    this.#answer = answer;
  }

  async tryPlan(instance: Instance): Promise<TriedPlan> {
    this.asked.push(instance);
    return this.#answer(instance);
  }
}

function ran({ ci }: Instance, status: CheckStatus): TriedPlan {
  const jobs = ci.jobs.map(({ name, runner, tags }) => {
    const id = runner === "exit-code" ? `${name}::(job)` : `${name}::test_a`;
    const checks = [tags.includes("lint") ? { id, status, lint: true } : { id, status }];
    return { job: name, checks, trust: "weak" as const, incidents: [], seconds: 1 };
  });
  return { kind: "ran", report: { jobs } };
}

/** As of a framework that the runner does not understand: it cannot vouch for a tree nobody tampered with. */
function deceived(instance: Instance): TriedPlan {
  const tried = ran(instance, "passed");
  if (tried.kind !== "ran") return tried;
  const jobs = tried.report.jobs.map((job) => ({
    ...job,
    forged: "canary x must have failed and is reported passed",
  }));
  return { kind: "ran", report: { jobs } };
}

const unprepared: TriedPlan = { kind: "not-prepared", detail: "pip: no such package" };
const workflow = (job: string): string =>
  `on: pull_request\njobs:\n  ci: {${job}}\n  win: {runs-on: windows-2022, steps: [{run: pytest}]}\n`;
const python = { "pyproject.toml": "[project]\nname='p'\n", "tests/conftest.py": "", "tests/test_a.py": "" };
const withWorkflow = {
  ...python,
  ".github/workflows/ci.yml": workflow(
    "runs-on: ubuntu-latest, steps: [{run: pip install .}, {run: ruff check .}, {run: pytest tests}]",
  ),
};

function stageOf(texts: Readonly<Record<string, string>>, runs: Runs, fromWorkflow = false) {
  const attemptsFolder = join(parent, `attempts-${++made}`);
  const stage = environmentStage({ treeOf: async () => treeOf(texts), runs, fromWorkflow, attemptsFolder });
  const attempts = (id: string): { attempts: { name: string; said: string }[]; unsupported: string[] } =>
    JSON.parse(readFileSync(join(attemptsFolder, `${id}.json`), "utf8"));
  return { stage, attempts };
}

const signal = new AbortController().signal;

describe("candidates", () => {
  it("are tried on the base tree alone, and end with the first that lists a passing test", async () => {
    const runs = new ScriptedRuns((instance) => ran(instance, "passed"));
    const { stage, attempts } = stageOf(withWorkflow, runs);
    const one = row("python", "p.py");
    const { kept, rejected } = await stage.run(one, signal);
    expect(rejected).toEqual([]);
    expect(runs.asked).toHaveLength(1);
    const [found] = kept;
    expect(environmentRow.safeParse(found).success).toBe(true);
    expect(found?.environment).toMatchObject({
      ...{ refused: 0, passing: 1, ci: { source: "inferred" } },
      unsupported: [".github/workflows/ci.yml: win: runs on windows-2022"],
    });
    expect(attempts(one.id).attempts).toHaveLength(1);
  });

  it("take Python's releases of the row's date first, then the newest and say so", async () => {
    const runs = new ScriptedRuns((instance) =>
      instance.ci.prepare.some((command) => command.includes("UPLOADED_PRIOR_TO"))
        ? unprepared
        : ran(instance, "passed"),
    );
    const { kept } = await stageOf(python, runs).stage.run(row("python", "p.py"), signal);
    const [first, second] = runs.asked;
    expect(first?.ci.prepare.at(-1)).toMatch(
      /^export PIP_UPLOADED_PRIOR_TO=2024-03-01T10:00:00Z && export UV_EXCLUDE_NEWER=2024-03-01T10:00:00Z && /,
    );
    expect(first?.instanceId).not.toBe(second?.instanceId);
    expect(kept[0]?.environment.refused).toBe(1);
    expect(kept[0]?.environment.notes).toContain(
      "the newest releases are taken, not those of the row's date",
    );
  });

  it("go on to the repository's own workflow, and keep what each attempt said", async () => {
    const runs = new ScriptedRuns((instance) =>
      ran(instance, instance.ci.source === "workflow" ? "passed" : "failed"),
    );
    const { stage, attempts } = stageOf(withWorkflow, runs);
    const one = row("python", "p.py");
    const { kept } = await stage.run(one, signal);
    expect(kept[0]?.environment).toMatchObject({
      ci: { source: "workflow", jobs: [{ name: "ci", tags: ["lint"] }, { runner: "pytest" }] },
      passing: 1,
    });
    const said = attempts(one.id).attempts;
    expect(said.length).toBe(runs.asked.length);
    expect(said[0]?.said).toBe("test: 0 of 1 passed");
    expect(said.at(-1)?.name).toContain(".github/workflows/ci.yml: ci");
  });

  it("whose runner cannot vouch for the base tree are refused, however much passes", async () => {
    const runs = new ScriptedRuns(deceived);
    const { stage, attempts } = stageOf(python, runs);
    const one = row("python", "p.py");
    expect((await stage.run(one, signal)).rejected).toMatchObject([{ reason: "no-environment" }]);
    expect(attempts(one.id).attempts[0]?.said).toContain("the runner's own checks go wrong: canary x");
  });

  it("are the repository's own jobs only where that is asked for", async () => {
    const runs = new ScriptedRuns((instance) => ran(instance, "passed"));
    await stageOf(withWorkflow, runs, true).stage.run(row("python", "p.py"), signal);
    expect(runs.asked.every(({ ci }) => ci.source === "workflow")).toBe(true);
    const none = await stageOf(python, runs, true).stage.run(row("python", "p.py"), signal);
    expect(none.rejected).toMatchObject([{ reason: "no-environment" }]);
  });

  it("that pass by exit code alone are the last resort", async () => {
    const runs = new ScriptedRuns((instance) => ran(instance, "passed"));
    const { kept } = await stageOf({ Makefile: "test:\n" }, runs).stage.run(row("cpp", "a.cpp"), signal);
    expect(kept[0]?.environment.notes).toContain("no test is listed: only exit codes are read");
  });

  it("read the whole module where the package touched lists nothing", async () => {
    const runs = new ScriptedRuns((instance) =>
      ran(instance, instance.ci.jobs[0]?.run.endsWith("./...") ? "passed" : "failed"),
    );
    const texts = { "go.mod": "module m\n\ngo 1.20\n", "a/a.go": "package a\n" };
    const { kept } = await stageOf(texts, runs).stage.run(row("go", "a/a.go"), signal);
    expect(kept[0]?.environment).toMatchObject({ refused: 1, ci: { jobs: [{ run: "go test ./..." }] } });
  });
});

describe("a row without an environment", () => {
  it("is rejected with what every attempt said, services and Windows by name", async () => {
    const texts = {
      ...python,
      ".github/workflows/ci.yml": workflow(
        "runs-on: ubuntu-latest, services: {db: {image: postgres}}, steps: [{run: pytest}]",
      ),
    };
    const { kept, rejected } = await stageOf(texts, new ScriptedRuns(() => unprepared)).stage.run(
      row("python", "p.py"),
      signal,
    );
    expect(kept).toEqual([]);
    expect(rejected).toHaveLength(1);
    expect(rejected[0]?.reason).toBe("no-environment");
    expect(rejected[0]?.detail).toContain("not-prepared: pip: no such package");
    expect(rejected[0]?.detail).toContain("unsupported: .github/workflows/ci.yml: ci: services: db");
    expect(rejected[0]?.detail).toContain("unsupported: .github/workflows/ci.yml: win: runs on windows-2022");
  });

  it("is not rejected by a fault: nothing is known of it then", async () => {
    const runs = new ScriptedRuns(() => {
      throw new Fault("engine-down", "no engine", { retryable: true });
    });
    const asked = stageOf(python, runs).stage.run(row("python", "p.py"), signal);
    await expect(asked).rejects.toSatisfy(isFault);
  });

  it("is not rejected while a registry does not answer", async () => {
    const down: TriedPlan = { kind: "not-prepared", detail: "dial tcp: i/o timeout" };
    const asked = stageOf(python, new ScriptedRuns(() => down)).stage.run(row("python", "p.py"), signal);
    await expect(asked).rejects.toMatchObject({ code: "registry-unreachable", retryable: true });
  });

  it("does not pass by its lint jobs", async () => {
    const texts = {
      "x.py": "",
      ".github/workflows/ci.yml": workflow("runs-on: ubuntu-latest, steps: [{run: ruff check .}]"),
    };
    const runs = new ScriptedRuns((instance) => ran(instance, "passed"));
    const { rejected } = await stageOf(texts, runs, true).stage.run(row("python", "x.py"), signal);
    expect(rejected).toMatchObject([{ reason: "no-environment" }]);
    expect(runs.asked).toHaveLength(1);
  });
});

it("reads a base tree out of a repository", async () => {
  const folder = join(parent, "repository");
  mkdirSync(folder);
  writeFileSync(join(folder, "go.mod"), "module m\n");
  const { gitDir, commit } = await repositoryOfFolder(folder, join(parent, "cache"));
  const tree = await baseTreeOf({ path: gitDir, baseCommit: commit }, join(parent, "scratch"));
  expect(tree.files).toEqual(["go.mod"]);
  expect(await tree.read("go.mod")).toBe("module m\n");
  expect(await tree.read("none")).toBeUndefined();
});
