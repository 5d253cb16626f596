// The repository's own jobs beside what their host says: which are run, how often, and what is told of each.
import { describe, expect, it } from "vitest";
import type { BaseTree } from "../../../../src/curation/environment/base-tree.ts";
import { type SplitRow, workflowsRow } from "../../../../src/curation/pipeline/rows.ts";
import type { TreeRuns, TriedPlan } from "../../../../src/curation/pipeline/tree-runs.ts";
import { besideUpstream, endedHere, upstreamJobs } from "../../../../src/curation/workflows/compare.ts";
import { workflowsStage } from "../../../../src/curation/workflows/stage.ts";
import type { Instance } from "../../../../src/domain/instance.ts";
import type { CheckStatus, Incident, RunReport } from "../../../../src/domain/report.ts";

const patch = "diff --git a/p.go b/p.go\n--- a/p.go\n+++ b/p.go\n@@ -1 +1 @@\n-a\n+b\n";
const signal = new AbortController().signal;

function row(ciNames: readonly unknown[], language: "go" | "python" = "go"): SplitRow {
  const texts = { goldPatch: patch, testPatch: "", problemStatement: "x", hintsText: "" };
  return {
    ...{ schemaVersion: 1, id: "o__r-1", repo: "o/r" },
    origin: { kind: "row", format: "swingarena", row: 1, provenance: { ciNames } },
    split: { baseCommit: "2".repeat(40), language, ...texts, createdAt: "2024-03-01T10:00:00Z", notes: [] },
  };
}

function treeOf(texts: Readonly<Record<string, string>>): BaseTree {
  return { files: Object.keys(texts), read: async (path) => texts[path] };
}

const workflow = `on: pull_request
jobs:
  test:
    strategy: {matrix: {go: ['1.21', '1.22']}}
    runs-on: ubuntu-latest
    steps: [{uses: actions/setup-go@v5, with: {go-version: '\${{ matrix.go }}'}}, {run: go test ./...}]
  check: {runs-on: ubuntu-latest, steps: [{run: go vet ./...}]}
  windows: {runs-on: windows-2022, steps: [{run: go test ./...}]}
`;
const go = { "go.mod": "module m\n", "p.go": "package m\n", ".github/workflows/ci.yml": workflow };

function report(status: CheckStatus, incidents: readonly Incident[] = []): RunReport {
  const job = { job: "test", trust: "weak" as const, seconds: 1 };
  return { jobs: [{ ...job, checks: [{ id: "test::TestA", status }], incidents }] };
}

/** Each job ends as its name says; what was asked is kept. */
function scripted(ends: Readonly<Record<string, TriedPlan>>) {
  const asked: { plan: Instance; tree: string }[] = [];
  const runs: Pick<TreeRuns, "tryPlan"> = {
    tryPlan: async (instance, tree) => {
      asked.push({ plan: instance, tree });
      const end = ends[instance.ci.jobs[0]?.name ?? ""];
      if (end === undefined) throw new Error(`nothing is scripted for ${instance.ci.jobs[0]?.name}`);
      return end;
    },
  };
  return { asked, runs };
}

const passed: TriedPlan = { kind: "ran", report: report("passed") };
const failed: TriedPlan = { kind: "ran", report: report("failed") };

async function jobsOf(
  one: SplitRow,
  { runs, mostJobs = 6 }: { runs: Pick<TreeRuns, "tryPlan">; mostJobs?: number },
) {
  const { kept } = await workflowsStage({ treeOf: async () => treeOf(go), runs, mostJobs }).run(one, signal);
  return workflowsRow.parse(kept[0]).workflows.jobs;
}

describe("workflow jobs", () => {
  it("run on the merged tree, legs that do the same once, each beside its host's word", async () => {
    const { asked, runs } = scripted({ "test (1.21)": passed, check: failed });
    const file = { workflow: ".github/workflows/ci.yml" };
    const names = [
      { name: "test (1.22)", ...file },
      { name: "check", ...file },
      { name: "windows", ...file },
    ];
    const jobs = await jobsOf(row([...names, { name: "gone", ...file }]), { runs });
    expect(jobs.map(({ name, here, upstream }) => [name, here, upstream])).toEqual([
      ["test (1.21)", "success", undefined],
      ["test (1.22)", "success", "unrecorded"],
      ["check", "failure", "unrecorded"],
      ["windows", "not-run", "unrecorded"],
      ["gone", "not-run", "unrecorded"],
    ]);
    expect(jobs.map(({ detail }) => detail)).toEqual([
      "",
      "",
      "test: 1 of 1 failed: test::TestA",
      "windows: runs on windows-2022",
      "no job of that name is in the workflows of the base commit that run on changes",
    ]);
    expect(asked.map(({ tree }) => tree)).toEqual(["merged", "merged"]);
    expect(new Set(asked.map(({ plan }) => plan.instanceId)).size).toBe(2);
  });

  it("beyond the most of a row are told, never taken for run", async () => {
    const { asked, runs } = scripted({ "test (1.21)": passed });
    const jobs = await jobsOf(row([]), { runs, mostJobs: 1 });
    expect(asked).toHaveLength(1);
    expect(jobs.find(({ name }) => name === "check")).toMatchObject({
      here: "not-run",
      detail: "beyond the first 1 jobs that differ",
    });
  });

  it("that cannot be prepared were not run", async () => {
    const unprepared: TriedPlan = { kind: "not-prepared", detail: "no such module" };
    const { runs } = scripted({ "test (1.21)": unprepared, check: passed });
    const [first] = await jobsOf(row([]), { runs });
    expect(first).toMatchObject({ here: "not-run", detail: "not-prepared: no such module" });
  });
});

describe("how a job ended", () => {
  it("is success where all that ran passed, and something ran", () => {
    expect(endedHere(report("passed")).here).toBe("success");
    const check = { id: "lint::(job)", status: "failed" } as const;
    const lint = { job: "lint", checks: [check], trust: "weak", incidents: [], seconds: 1 } as const;
    const said = new Map([["lint", "nox: command not found"]]);
    expect(endedHere({ jobs: [lint] }, said).detail).toContain("lint::(job): nox: command not found");
    expect(endedHere(report("skipped"))).toEqual({ here: "failure", detail: "nothing was run" });
    expect(endedHere({ jobs: [] }).here).toBe("failure");
    expect(endedHere(report("error")).here).toBe("failure");
    const built = report("passed", [{ kind: "build-failed", detail: "no header" }]);
    expect(endedHere(built)).toEqual({ here: "failure", detail: "test: build-failed: no header" });
  });
});

describe("what the host says", () => {
  it("is its own conclusions where they were mined, and else only that a job ran", () => {
    const mined = {
      ...{ title: "", body: "", head: "3".repeat(40), commits: [], issues: [] },
      ...{ firstCommitAt: "2024-03-01T10:00:00Z", mergedAt: "2024-03-01T10:00:00Z" },
      checks: [{ name: "test", conclusion: "failure" }],
    };
    const one = row([{ name: "test" }, 7, { name: 7 }]);
    expect(upstreamJobs({ ...one, mined })).toEqual([{ name: "test", conclusion: "failure" }]);
    const asked = [
      { name: "test", conclusion: "success", commit: "head" as const },
      { name: "test", conclusion: "failure", commit: "merge" as const },
      { name: "deploy", conclusion: "success", commit: "merge" as const },
    ];
    // The merge's own tree may hold other changes: it counts where the head was not tried.
    expect(upstreamJobs({ ...one, mined: { ...mined, checks: asked } })).toEqual([
      { name: "test", conclusion: "success" },
      { name: "deploy", conclusion: "success" },
    ]);
    expect(upstreamJobs(one)).toEqual([{ name: "test", conclusion: "unrecorded" }]);
    expect(upstreamJobs({ origin: { kind: "commits", fix: "1".repeat(40) } })).toEqual([]);
  });

  it("belongs to the job of the same name in the same file", () => {
    const ended = [
      { workflow: ".github/workflows/a.yml", name: "build", here: "success" as const, detail: "" },
      { workflow: ".github/workflows/b.yml", name: "build", here: "failure" as const, detail: "x" },
    ];
    const upstream = [{ name: "build", workflow: ".github/workflows/b.yml", conclusion: "success" }];
    const jobs = besideUpstream(ended, { upstream, unsupported: [] });
    expect(jobs.map((job) => job.upstream)).toEqual([undefined, "success"]);
  });
});
