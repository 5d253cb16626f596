// Rows of a parametrized test, each with a coin of its own: which of them count, and what missing ones cost.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import type { CheckStatus } from "../../../../src/domain/report.ts";
import { otherPhase, type Phase } from "../../../../src/grading/runners/compiled/phases.ts";
import type { TestFile } from "../../../../src/grading/runners/python/inventory.ts";
import { pytestPlace } from "../../../../src/grading/runners/python/places.ts";
import { functionKey, planPython } from "../../../../src/grading/runners/python/plan.ts";
import type { PhaseResults } from "../../../../src/grading/runners/python/records.ts";
import { vouch } from "../../../../src/grading/runners/python/vouch.ts";

const text = '@parametrize("a, b", [(1, 100), (2, 200), (3, 300)])\ndef test_rows(a, b): assert f(a) == b\n';
const row = (value: string) => {
  const from = text.indexOf(value);
  return { kind: "number" as const, from, to: from + value.length, value, single: true };
};
const rows = ["100", "200", "300"].map(row);
const sites = {
  literals: [],
  rows,
  contraries: [],
  conditions: [],
  quiets: [],
  addition: null,
  usesSelf: false,
};
const file: TestFile = {
  path: "test_a.py",
  error: null,
  text,
  tests: [{ name: "test_rows", owner: [], line: 2, sites }],
  names: [],
};
const plan = planPython([file], {
  tool: "pytest",
  random: seededRandom("rows"),
  twins: seededRandom("twins"),
});
const planned = plan.files.get(file.path);
const twinPhases = planned?.rowPhases.get("test_rows") ?? [];
const valuesIn = (phase: Phase): string[] =>
  [...(planned?.texts[phase] ?? "").matchAll(/\((\d), (\d+)\)/g)].map((found) => `${found[1]}-${found[2]}`);

function run(phase: Phase, end: (row: number, isTwin: boolean) => CheckStatus | undefined): PhaseResults {
  const tests = new Map<string, CheckStatus>();
  for (const [index, value] of valuesIn(phase).entries()) {
    const status = end(index, twinPhases[index] === phase);
    if (status !== undefined) tests.set(`test_a.py::test_rows[${value}]`, status);
  }
  for (const { owner, name, failsIn } of planned?.canaries ?? [])
    tests.set(`test_a.py::${functionKey(owner, name)}`, failsIn === phase ? "failed" : "passed");
  return { phase, tests, complete: true, succeeded: false, incidents: [] };
}

function judged(end: (row: number, isTwin: boolean) => CheckStatus | undefined) {
  const phases = [run("first", end), run("second", end)];
  const found = vouch({ job: "t", plan, phases, placeOf: (id) => pytestPlace(plan, id), selects: false });
  const statuses = Object.fromEntries(found.checks.map(({ id, status }) => [id.split("::").at(-1), status]));
  return { statuses, deaf: found.deaf.map((id) => id.split("::").at(-1)) };
}

describe("rows of a parametrized test", () => {
  it("are twins in one phase or the other, some of them in each", () => {
    expect(new Set(twinPhases).size).toBe(2);
    for (const [index, twin] of twinPhases.entries()) {
      const original = `${index + 1}-${index + 1}00`;
      expect(valuesIn(otherPhase(twin))[index]).toBe(original);
      expect(valuesIn(twin)[index]).not.toBe(original);
    }
  });

  it("count under their own names where they pass and their twins fail", () => {
    const { statuses, deaf } = judged((_, isTwin) => (isTwin ? "failed" : "passed"));
    expect(statuses).toEqual({
      "test_rows[1-100]": "passed",
      "test_rows[2-200]": "passed",
      "test_rows[3-300]": "passed",
    });
    expect(deaf).toEqual([]);
  });

  it("are deaf one by one", () => {
    const { deaf } = judged((index, isTwin) => (isTwin && index !== 1 ? "failed" : "passed"));
    expect(deaf).toEqual(["test_rows[2-200]"]);
  });

  it("count for nothing where one is missing", () => {
    const { statuses } = judged((index, isTwin) =>
      index === 2 && isTwin ? undefined : isTwin ? "failed" : "passed",
    );
    expect(Object.values(statuses)).not.toContain("passed");
  });
});

describe("a changed number", () => {
  it("is as round as the one that was written", () => {
    const all = [...valuesIn("first"), ...valuesIn("second")];
    expect(all.every((value) => value.endsWith("00") || value.endsWith("-0"))).toBe(true);
  });
});
