// The validate stage over scripted runs: what is derived from repeats, what is refused, what a flaky test comes to.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { EnvironmentRow } from "../../../../src/curation/pipeline/rows.ts";
import type { OwnRun, OwnState, TreeRuns, Variation } from "../../../../src/curation/pipeline/tree-runs.ts";
import { flakeOf } from "../../../../src/curation/validate/flake.ts";
import { resourceLog } from "../../../../src/curation/validate/resources.ts";
import { validateStage } from "../../../../src/curation/validate/stage.ts";
import { Fault } from "../../../../src/domain/fault.ts";
import type { CheckStatus } from "../../../../src/domain/report.ts";

const patch = "diff --git a/a.go b/a.go\n--- a/a.go\n+++ b/a.go\n@@ -1 +1 @@\n-a\n+b\n";

function row(testPatch = patch): EnvironmentRow {
  const texts = { goldPatch: patch, testPatch, problemStatement: "x", hintsText: "" };
  const job = { name: "test", run: "go test ./...", runner: "go-test", timeoutSeconds: 9, env: {}, tags: [] };
  return {
    ...{ schemaVersion: 1, id: "o__r-1", repo: "o/r", origin: { kind: "commits", fix: "1".repeat(40) } },
    split: {
      baseCommit: "2".repeat(40),
      language: "go",
      ...texts,
      createdAt: "2024-03-01T10:00:00Z",
      notes: [],
    },
    environment: {
      ...{ ci: { image: "go", prepare: [], jobs: [job], source: "inferred" }, refused: 0, passing: 1 },
      ...{ unsupported: [], notes: [] },
    },
  };
}

type Statuses = Readonly<Record<string, CheckStatus>>;

type Runs = Pick<TreeRuns, "run" | "submission">;

interface Scripted extends Runs {
  readonly asked: (readonly [OwnState, Variation])[];
}

function ran(statuses: Statuses): OwnRun {
  const checks = Object.entries(statuses).map(([id, status]) => ({ id: `test::${id}`, status }));
  const report = { job: "test", checks, trust: "canaried", incidents: [], seconds: 1 } as const;
  return {
    kind: "ran",
    judged: { kind: "ran", report: { jobs: [report] } },
    resources: { wallSeconds: 1, cpuSeconds: 2, peakBytes: 3 },
    notVaried: ["load: not here"],
  };
}

const nobody: Runs["submission"] = () => Promise.reject(new Error("nobody submits anything"));

function scripted(runOf: (state: OwnState, repeat: number) => OwnRun): Scripted {
  const asked: (readonly [OwnState, Variation])[] = [];
  return {
    asked,
    submission: nobody,
    run: async (_, state, variation) => {
      asked.push([state, variation]);
      return runOf(state, variation.repeat);
    },
  };
}

const never = new AbortController().signal;
const validated = (runs: Runs, of = row(), repeats = 5) =>
  validateStage({ runs, repeats, seed: "s" }).run(of, never);

/** `fix` fails before gold, `old` always passes. */
const sound = (state: OwnState): Statuses => ({
  old: "passed",
  ...(state.endsWith("+H") ? { fix: state === "G+H" ? "passed" : "failed" } : {}),
});

describe("validate", () => {
  it("derives both lists from tests that never change, each repeat drawn anew", async () => {
    const runs = scripted((state) => ran(sound(state)));
    const { kept, rejected } = await validated(runs);
    expect(rejected).toEqual([]);
    expect(kept[0]?.validation).toEqual({
      ...{
        oracle: "tests",
        repeats: 5,
        failToPass: ["test::fix"],
        passToPass: ["test::old"],
        flaky: {},
        panel: [],
      },
      ...{ worstFlake: 0.393038, notVaried: ["load: not here"] },
    });
    expect(runs.asked).toHaveLength(20);
    expect(new Set(runs.asked.map(([, { orderSeed }]) => orderSeed)).size).toBe(20);
  });

  it("tries today's date and the base commit's, a free host and a busy one, in every state", async () => {
    const runs = scripted((state) => ran(sound(state)));
    await validated(runs, row(), 4);
    const seen = runs.asked.map(([state, { load, clockAtBase }]) =>
      JSON.stringify([state, load, clockAtBase]),
    );
    expect(new Set(seen).size).toBe(16);
  });

  it("tells what every run took, beside the row and not in it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "arena-resources-"));
    const stage = validateStage({
      runs: scripted((state) => ran(sound(state))),
      ...{ repeats: 1, seed: "s", onRun: resourceLog(folder) },
    });
    const { kept } = await stage.run(row(), never);
    const lines = readFileSync(join(folder, "validate", "resources.jsonl"), "utf8")
      .trim()
      .split("\n");
    rmSync(folder, { recursive: true });
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      ["G+H", "G", "B", "B+H"].map((state) => ({
        ...{ id: "o__r-1", state, repeat: 1, wallSeconds: 1, cpuSeconds: 2, peakBytes: 3 },
      })),
    );
    expect(JSON.stringify(kept)).not.toContain("peakBytes");
  });

  it("catches a test that fails on the third repeat alone, and relies on it no more", async () => {
    const { kept } = await validated(
      scripted((state, repeat) =>
        ran({ ...sound(state), old: repeat === 3 && state === "G" ? "failed" : "passed" }),
      ),
    );
    expect(kept[0]?.validation).toMatchObject({ passToPass: [], failToPass: ["test::fix"] });
    expect(kept[0]?.validation.flaky).toEqual({ "test::old": { ...flakeOf(4, 1) } });
  });

  it.each<readonly [string, string, (state: OwnState, repeat: number) => OwnRun]>([
    [
      "a hidden test that passes on base",
      "no-fail-to-pass",
      (state) => ran({ ...sound(state), fix: "passed" }),
    ],
    ["a fix that mends nothing", "no-fail-to-pass", (state) => ran({ ...sound(state), fix: "failed" })],
    [
      "a fix that mends only sometimes",
      "no-fail-to-pass",
      (state, repeat) => ran(repeat === 5 && state === "G+H" ? sound("B+H") : sound(state)),
    ],
    ["patches that do not apply", "unsound", () => ({ kind: "unsound", detail: "hunk 1" })],
  ])("refuses %s", async (_, reason, statuses) => {
    const { kept, rejected } = await validated(scripted(statuses));
    expect(kept).toEqual([]);
    expect(rejected).toMatchObject([{ id: "o__r-1", reason }]);
  });

  it("says which oracle a row without hidden tests has", async () => {
    const told = async (gold: CheckStatus) => {
      const runs = scripted((state) => ran({ old: "passed", build: state === "G" ? gold : "failed" }));
      const { kept } = await validated(runs, row(""));
      expect(runs.asked.map(([state]) => state)).not.toContain("B+H");
      return kept[0]?.validation.oracle;
    };
    expect(await told("passed")).toBe("jobs");
    expect(await told("failed")).toBe("none");
  });

  it("refuses what passes nothing, and passes a fault on", async () => {
    const nothing = await validated(
      scripted(() => ran({ old: "failed" })),
      row(""),
    );
    expect(nothing.rejected).toMatchObject([{ reason: "nothing-passes" }]);
    const down: Runs = {
      submission: nobody,
      run: async () => {
        throw new Fault("engine-down", "no engine", { retryable: true });
      },
    };
    await expect(validated(down)).rejects.toMatchObject({ code: "engine-down" });
  });
});

describe("what says nothing of a row", () => {
  const lost = {
    ...ran({}),
    judged: { kind: "unjudgeable", report: { jobs: [] }, control: "failed" },
  } as const;

  it("is a run that its control beside it lost too, once gold has shown that it speaks", async () => {
    const runs = scripted((state, repeat) => (state === "B" && repeat === 4 ? lost : ran(sound(state))));
    await expect(validated(runs)).rejects.toMatchObject({ code: "baseline-lost", retryable: true });
    const gold = await validated(scripted((state) => (state === "G+H" ? lost : ran(sound(state)))));
    expect(gold.rejected).toMatchObject([{ reason: "no-fail-to-pass" }]);
  });

  it("is a plan that was prepared before and is not now", async () => {
    const runs = scripted(() => ({ kind: "not-prepared", detail: "no route" }));
    await expect(validated(runs)).rejects.toMatchObject({ code: "not-prepared" });
  });
});

describe("flakeOf", () => {
  it.each([
    [5, 0, 1 - 0.05 ** (1 / 6)],
    [30, 0, 1 - 0.05 ** (1 / 31)],
    // qbeta(0.95, 2, 5)
    [4, 1, 0.581803],
  ])("bounds %d like and %d unlike", (agreeing, differing, upper) => {
    expect(flakeOf(agreeing, differing).upper).toBeCloseTo(upper, 5);
  });
});
