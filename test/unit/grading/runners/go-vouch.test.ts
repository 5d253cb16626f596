// Both phases of a Go package laid side by side: what is believed, what is forged, and what merely did not run.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import type { CheckStatus } from "../../../../src/domain/report.ts";
import type { Phase } from "../../../../src/grading/runners/compiled/phases.ts";
import type { PackageResults } from "../../../../src/grading/runners/go/output.ts";
import { planPackage } from "../../../../src/grading/runners/go/plan.ts";
import { vouchPackage } from "../../../../src/grading/runners/go/vouch.ts";

const source = `package p

import "testing"

func TestOne(t *testing.T) { t.Log() }

func TestNoHandle(_ *testing.T) {}
`;
const of = { importPath: "m/p", folder: "/work/p", testFiles: ["p/p_test.go"] };
const plan = planPackage(of, new Map([["p/p_test.go", source]]), {
  random: seededRandom("go"),
  twins: seededRandom("twins"),
  gentle: false,
});
const twinPhase: Phase = plan.tests.get("TestOne")?.twinPhase ?? "first";
const other: Phase = twinPhase === "first" ? "second" : "first";

type Statuses = Readonly<Record<string, CheckStatus>>;

function phase(name: Phase, changed: Statuses = {}, more: Partial<PackageResults> = {}): PackageResults {
  const honest: [string, CheckStatus][] = [
    ["TestOne", name === twinPhase ? "failed" : "passed"],
    ["TestOne/sub", "passed"],
    ["TestNoHandle", "passed"],
    ...plan.canaries.map((canary): [string, CheckStatus] => [
      canary.name,
      canary.failsIn === name ? "failed" : "passed",
    ]),
  ];
  const tests = new Map([...honest, ...Object.entries(changed)]);
  return { phase: name, tests, complete: true, succeeded: false, incidents: [], ...more };
}

function judged(twin: PackageResults, real: PackageResults) {
  const found = vouchPackage({
    job: "test",
    plan,
    phases: twinPhase === "first" ? [twin, real] : [real, twin],
  });
  return { ...found, statuses: Object.fromEntries(found.checks.map(({ id, status }) => [id, status])) };
}

const canary = plan.canaries.find(({ failsIn }) => failsIn === other)?.name ?? "";

describe("an honest package", () => {
  it("passes tests and subtests whose twin fails, and shows no canary", () => {
    const found = judged(phase(twinPhase), phase(other));
    expect(found.forged).toBeUndefined();
    expect(found.statuses).toEqual({
      "test::m/p::TestOne": "passed",
      "test::m/p::TestOne/sub": "passed",
      "test::m/p::TestNoHandle": "passed",
    });
  });

  it("may fail in any way", () => {
    const found = judged(phase(twinPhase, { TestOne: "passed" }), phase(other, { TestOne: "failed" }));
    expect(found.forged).toBeUndefined();
    expect(found.statuses["test::m/p::TestOne"]).toBe("failed");
  });
});

describe("a twin that does not fail", () => {
  it.each(["passed", "skipped"] as const)(
    "makes its test, and the subtests, deaf when it is %s",
    (status) => {
      const found = judged(phase(twinPhase, { TestOne: status }), phase(other));
      expect(found.deaf).toEqual(["test::m/p::TestOne", "test::m/p::TestOne/sub"]);
      expect(found.statuses["test::m/p::TestOne"]).toBe("passed");
      expect(found.forged).toBeUndefined();
    },
  );

  it("is worth nothing when the canaries were lost, too", () => {
    const lost = { ...phase(twinPhase, { TestOne: "passed", [canary]: "error" }), complete: false };
    expect(judged(lost, phase(other)).statuses["test::m/p::TestOne"]).toBe("error");
  });
});

describe("a forged package", () => {
  it.each([
    ["a failing canary that passes", phase(twinPhase), phase(other, { [canary]: "passed" })],
    ["a passing canary that fails", phase(twinPhase, { [canary]: "failed" }), phase(other)],
    ["a test no file has", phase(twinPhase), phase(other, { TestOther: "passed" })],
    ["an end in success", phase(twinPhase), phase(other, {}, { succeeded: true })],
  ])("has %s", (_, twin, real) => {
    expect(judged(twin, real).forged).toBeTypeOf("string");
  });
});

describe("a package that was cut off", () => {
  it("does not believe a pass that nothing vouches for", () => {
    const cut = { ...phase(twinPhase), tests: new Map<string, CheckStatus>(), complete: false };
    const found = judged(cut, phase(other));
    expect(found.forged).toBeUndefined();
    expect(new Set(Object.values(found.statuses))).toEqual(new Set(["error"]));
  });
});
