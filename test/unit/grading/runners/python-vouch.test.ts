// Both phases of a Python job laid side by side: what is believed, what is forged, and what merely did not run.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import type { CheckStatus } from "../../../../src/domain/report.ts";
import type { Phase } from "../../../../src/grading/runners/compiled/phases.ts";
import type { TestFile } from "../../../../src/grading/runners/python/inventory.ts";
import { pytestPlace, unittestPlace } from "../../../../src/grading/runners/python/places.ts";
import { functionKey, planPython } from "../../../../src/grading/runners/python/plan.ts";
import type { PhaseResults } from "../../../../src/grading/runners/python/records.ts";
import { vouch } from "../../../../src/grading/runners/python/vouch.ts";

const sites = {
  literals: [],
  rows: [],
  contraries: [],
  conditions: [],
  quiets: [],
  addition: { at: 16, form: "before" as const, indent: "" },
  usesSelf: false,
};
const file: TestFile = {
  path: "tests/test_a.py",
  error: null,
  text: "def test_one(): pass\n",
  tests: [
    { name: "test_one", owner: [], line: 1, sites },
    { name: "test_bare", owner: [], line: 1, sites: null },
  ],
  names: [],
};
const draws = { random: seededRandom("vouch"), twins: seededRandom("twins") };
const plan = planPython([file], { tool: "pytest", ...draws });
const planned = plan.files.get(file.path);
const twinPhase: Phase = plan.twinPhase.get("test_one") ?? "first";
const idOf = (name: string): string => `tests/test_a.py::${name}`;

type Statuses = Readonly<Record<string, CheckStatus>>;

/** An honest run: canaries end as they must, test_one passes and fails as its twin, test_bare passes. */
function phase(name: Phase, changed: Statuses = {}, more: Partial<PhaseResults> = {}): PhaseResults {
  const honest: [string, CheckStatus][] = [
    [idOf("test_one"), name === twinPhase ? "failed" : "passed"],
    [idOf("test_bare"), "passed"],
    ...(planned?.canaries ?? []).map(({ owner, name: canary, failsIn }): [string, CheckStatus] => [
      idOf(functionKey(owner, canary)),
      failsIn === name ? "failed" : "passed",
    ]),
  ];
  const tests = new Map([...honest, ...Object.entries(changed)]);
  return { phase: name, tests, complete: true, succeeded: false, incidents: [], ...more };
}

function judged(first: PhaseResults, second: PhaseResults, selects = false) {
  const found = vouch({
    job: "test",
    plan,
    phases: [first, second],
    placeOf: (id) => pytestPlace(plan, id),
    selects,
  });
  const status = (name: string) => found.checks.find(({ id }) => id === `test::${idOf(name)}`)?.status;
  return { ...found, one: status("test_one"), bare: status("test_bare") };
}

const other: Phase = twinPhase === "first" ? "second" : "first";
const pair = (twin: PhaseResults, real: PhaseResults) =>
  twinPhase === "first" ? ([twin, real] as const) : ([real, twin] as const);
const [mustFail] = planned?.canaries.filter(({ failsIn }) => failsIn === other) ?? [];
const canaryId = idOf(functionKey(mustFail?.owner ?? [], mustFail?.name ?? ""));

describe("an honest run", () => {
  it("passes what passes and fails as its twin, and shows no canary", () => {
    const found = judged(phase("first"), phase("second"));
    expect(found).toMatchObject({ one: "passed", bare: "passed", canaried: true });
    expect(found.forged).toBeUndefined();
    expect(found.checks).toHaveLength(2);
    expect(found.checks[0]).toMatchObject({ file: "tests/test_a.py" });
  });

  it.each(["failed", "error", "skipped"] as const)("takes %s as it is, however the twin ends", (status) => {
    for (const twin of ["passed", "failed", "skipped"] as const) {
      const found = judged(
        ...pair(phase(twinPhase, { [idOf("test_one")]: twin }), phase(other, { [idOf("test_one")]: status })),
      );
      expect(found.one).toBe(status);
      expect(found.forged).toBeUndefined();
    }
  });
});

describe("a twin that does not fail", () => {
  it.each(["passed", "skipped"] as const)("makes a check deaf when it is reported %s", (status) => {
    const found = judged(...pair(phase(twinPhase, { [idOf("test_one")]: status }), phase(other)));
    expect(found.deaf).toEqual([`test::${idOf("test_one")}`]);
    expect(found).toMatchObject({ one: "passed", canaried: true });
    expect(found.forged).toBeUndefined();
  });

  it("leaves a deaf check nothing to be believed by when the canaries were lost, too", () => {
    const tests = [...phase(twinPhase).tests].filter(([id]) => id !== canaryId);
    const cut = { ...phase(twinPhase), tests: new Map(tests), complete: false };
    cut.tests.set(idOf("test_one"), "passed");
    expect(judged(...pair(cut, phase(other))).one).toBe("error");
  });
});

describe("a forged run", () => {
  it("is one whose failing canary passes", () => {
    expect(judged(...pair(phase(twinPhase), phase(other, { [canaryId]: "passed" }))).forged).toMatch(
      /must fail/,
    );
  });

  it("is one whose passing canary fails beside tests that pass", () => {
    expect(judged(...pair(phase(twinPhase, { [canaryId]: "failed" }), phase(other))).forged).toMatch(
      /must pass/,
    );
  });

  it("is one that lost a canary although it ran to its end", () => {
    const lost = phase(other);
    const tests = new Map([...lost.tests].filter(([id]) => id !== canaryId));
    expect(judged(...pair(phase(twinPhase), { ...lost, tests })).forged).toMatch(/not reported/);
    expect(judged(...pair(phase(twinPhase), { ...lost, tests }), true).forged).toBeUndefined();
  });

  it("is one that ends in success although something had to fail", () => {
    expect(judged(phase("first", {}, { succeeded: true }), phase("second")).forged).toMatch(/success/);
  });
});

describe("a run that was cut off", () => {
  it("does not believe a pass whose twin never ran, and calls nobody a forger", () => {
    const cut = { ...phase(twinPhase), tests: new Map<string, CheckStatus>(), complete: false };
    const found = judged(...pair(cut, phase(other)));
    expect(found.one).toBe("error");
    expect(found.bare).not.toBe("passed");
    expect(found.forged).toBeUndefined();
  });
});

describe("parametrized tests", () => {
  it("are paired by order where a changed value stands in the id", () => {
    const rows = (ids: readonly string[], statuses: readonly CheckStatus[]): Statuses =>
      Object.fromEntries(ids.map((id, at) => [idOf(`test_one[${id}]`), statuses[at] ?? "error"]));
    const run = (twins: readonly CheckStatus[], reals: readonly CheckStatus[]) =>
      judged(
        ...pair(phase(twinPhase, rows(["a-2", "b-3"], twins)), phase(other, rows(["a-1", "b-2"], reals))),
      );
    const honest = run(["failed", "failed"], ["passed", "passed"]);
    expect(honest.forged).toBeUndefined();
    expect(honest.checks.find(({ id }) => id.endsWith("[a-1]"))?.status).toBe("passed");
    expect(honest.checks.some(({ id }) => id.endsWith("[a-2]"))).toBe(false);
    expect(run(["failed", "passed"], ["passed", "failed"]).deaf).toEqual([]);
    expect(run(["passed", "failed"], ["passed", "failed"]).deaf).toEqual([`test::${idOf("test_one[a-1]")}`]);
  });
});

describe("places of tests", () => {
  it("finds files by the end of their path and functions without their parameters", () => {
    expect(pytestPlace(plan, "tests/test_a.py::TestB::test_c[x::y-[1]]")).toMatchObject({
      key: "TestB::test_c",
      file: planned,
    });
    expect(pytestPlace(plan, "test_a.py::test_one").file).toBe(planned);
    expect(pytestPlace(plan, "other/test_b.py::test_one").file).toBeUndefined();
    expect(unittestPlace(plan, "tests.test_a.CaseB.test_c")).toMatchObject({
      key: "CaseB::test_c",
      file: planned,
    });
    expect(unittestPlace(plan, "test_a.CaseB.test_c").file).toBe(planned);
  });
});
