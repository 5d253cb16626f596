// The hidden panel over scripted submissions: each patch is labelled by what its runs show, or left out with the reason.
import { describe, expect, it } from "vitest";
import { instanceIn } from "../../../../src/curation/pipeline/line-of.ts";
import type { TreeRuns } from "../../../../src/curation/pipeline/tree-runs.ts";
import { type PanelCandidate, panelOf } from "../../../../src/curation/validate/panel.ts";
import type { CheckStatus, RunReport } from "../../../../src/domain/report.ts";
import { type JudgedRun, readBaseline } from "../../../../src/grading/index.ts";

const patchOf = (line: string): string =>
  `diff --git a/a.go b/a.go\n--- a/a.go\n+++ b/a.go\n@@ -1 +1 @@\n-a\n+${line}\n`;

function instanceWith(testPatch: string) {
  const split = {
    ...{ baseCommit: "2".repeat(40), language: "go" as const, goldPatch: patchOf("gold"), testPatch },
    ...{ problemStatement: "x", hintsText: "", createdAt: "2024-03-01T10:00:00Z", notes: [] },
  };
  const job = { name: "test", run: "go test ./...", runner: "go-test", timeoutSeconds: 9, env: {}, tags: [] };
  const plan = { image: "go", prepare: [], jobs: [job], source: "inferred" as const };
  const read = instanceIn({ id: "o__r-1", repo: "o/r", split }, plan);
  if ("problem" in read) throw new Error(read.problem);
  return read.instance;
}

type Statuses = Readonly<Record<string, CheckStatus>>;

function report(statuses: Statuses, isBuilt = true): RunReport {
  const checks = Object.entries(statuses).map(([id, status]) => ({ id: `test::${id}`, status }));
  const incidents = isBuilt ? [] : [{ kind: "build-failed" as const, detail: "nobody" }];
  return { jobs: [{ job: "test", checks, trust: "canaried", incidents, seconds: 1 }] };
}

const ran = (statuses: Statuses, isBuilt = true): JudgedRun => ({
  kind: "ran",
  report: report(statuses, isBuilt),
});

const instance = instanceWith(patchOf("test"));
const baseline = readBaseline(instance, {
  base: [report({ old: "passed" })],
  gold: [report({ old: "passed" })],
  baseHidden: [report({ old: "passed", fix: "failed" })],
  goldHidden: [report({ old: "passed", fix: "passed" })],
});

interface Shown {
  readonly visible?: Statuses;
  readonly hidden: Statuses;
  readonly isBuilt?: boolean;
}

const right: Shown = { hidden: { old: "passed", fix: "passed" } };
const wrong: Shown = { hidden: { old: "passed", fix: "failed" } };

/** What each run of a patch shows, by its added line; the last for all further ones. */
function scripted(byLine: Readonly<Record<string, readonly Shown[]>>): Pick<TreeRuns, "submission"> {
  const asked = new Map<string, number>();
  return {
    submission: async (_, patch) => {
      const line = /^\+(\w+)$/m.exec(patch)?.[1] ?? "";
      const turn = asked.get(line) ?? 0;
      asked.set(line, turn + 1);
      const all = byLine[line] ?? [];
      const shown = all[Math.min(turn, all.length - 1)];
      if (shown === undefined)
        return { kind: "rejected", reasons: [{ code: "does-not-apply", detail: line }] };
      const { visible = { old: "passed" }, hidden, isBuilt = true } = shown;
      return { kind: "applied", visible: ran(visible, isBuilt), hidden: ran(hidden, isBuilt) };
    },
  };
}

const candidate = (from: "mutant" | "answer", line: string): PanelCandidate => ({
  ...{ from, patch: patchOf(line), by: from === "answer" ? "some/model:1" : "" },
});

function grown(candidates: readonly PanelCandidate[], byLine: Parameters<typeof scripted>[0], of = instance) {
  const deps = { candidates: async () => candidates, most: 2, settings: 1, runs: scripted(byLine) };
  return panelOf({ instance: of, baseline }, deps, new AbortController().signal);
}

describe("panelOf", () => {
  it("labels mutants that a hidden test tells from gold, and answers either way", async () => {
    const candidates = [candidate("mutant", "m1"), candidate("answer", "a1"), candidate("answer", "a2")];
    const { panel, panelLeftOut } = await grown(candidates, { m1: [wrong], a1: [right], a2: [wrong] });
    expect(panel.map(({ id, label }) => [id.replace(/[0-9a-f]{12}$/, "#"), label])).toEqual([
      ["mutant-#", "unresolved"],
      ["answer-some-model-1-#", "resolved"],
      ["answer-some-model-1-#", "unresolved"],
    ]);
    expect(panel.map(({ patch }) => patch)).toEqual(candidates.map(({ patch }) => patch));
    expect(panelLeftOut).toEqual({});
  });

  it.each<readonly [string, "mutant" | "answer", readonly Shown[]]>([
    ["equivalent-unknown", "mutant", [right]],
    ["not-taken", "answer", []],
    ["not-compiling", "mutant", [{ ...wrong, isBuilt: false }]],
    ["ends-other-tests", "mutant", [{ ...wrong, visible: {} }]],
    ["breaks-other-tests", "answer", [{ ...right, visible: { old: "failed" } }]],
    ["unsteady", "answer", [right, wrong]],
  ])("leaves out what is %s", async (reason, from, shown) => {
    const { panel, panelLeftOut } = await grown([candidate(from, "one")], { one: shown });
    expect(panel).toEqual([]);
    expect(panelLeftOut).toEqual({ [reason]: 1 });
  });

  it("takes so many of each origin, none twice, never gold itself, and none without hidden tests", async () => {
    const lines = ["gold", "m1", "m1", "m2", "m3"];
    const all = Object.fromEntries(lines.map((line) => [line, [wrong]]));
    const mutants = lines.map((line) => candidate("mutant", line));
    const { panel } = await grown([...mutants, candidate("answer", "a1")], { ...all, a1: [wrong] });
    expect(panel.map(({ patch }) => /^\+(\w+)$/m.exec(patch)?.[1])).toEqual(["m1", "m2", "a1"]);
    expect((await grown(mutants, all, instanceWith(""))).panel).toEqual([]);
  });

  it("says that nothing is known where the host lost a run", async () => {
    const runs = { submission: async () => ({ kind: "not-prepared", detail: "no route" }) as const };
    const deps = { candidates: async () => [candidate("mutant", "m1")], most: 2, settings: 1, runs };
    const asked = panelOf({ instance, baseline }, deps, new AbortController().signal);
    await expect(asked).rejects.toMatchObject({ code: "baseline-lost", retryable: true });
  });
});
