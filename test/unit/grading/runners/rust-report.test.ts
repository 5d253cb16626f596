// Guards how a Rust binary's two phases are laid side by side: what is a lie, and what is only an empty binary.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import { phases, type TestEnd } from "../../../../src/grading/runners/compiled/phases.ts";
import { planRust, type RustPlan } from "../../../../src/grading/runners/rust/plan.ts";
import { reportBinary } from "../../../../src/grading/runners/rust/report.ts";
import type { Binary, PhaseResults } from "../../../../src/grading/runners/rust/run.ts";

const root = "tests/a.rs";
const test = "#[test]\nfn one() { assert_eq!(f(), 1); }\n";

function planned(text: string): RustPlan {
  const sources = { texts: new Map([[root, text]]), roots: [{ path: root, isTestFile: true }] };
  return planRust(sources, { gentle: false, random: seededRandom("p"), twins: seededRandom("t") });
}

const binary: Binary = {
  id: "crate/test/a",
  root,
  owner: { name: "crate", version: "1.0.0", folder: "/work", manifestPath: "/work/Cargo.toml", targets: [] },
  built: {
    executable: "/work/target/a",
    isTest: true,
    manifestPath: "/work/Cargo.toml",
    target: { name: "a", kind: ["test"], src_path: `/work/${root}`, test: true },
  },
};

/** Both phases as an honest process writes them, each listing the tests named. */
function honest(plan: RustPlan, tests: readonly string[]): PhaseResults[] {
  return phases.map((phase) => {
    const failing = new Set([
      ...plan.canaries.filter(({ failsIn }) => failsIn === phase).map(({ name }) => name),
      ...[...plan.twinPhase].filter(([, twin]) => twin === phase).map(([name]) => name),
    ]);
    const end = (name: string): TestEnd => ({ kind: failing.has(name) ? "failed" : "passed" });
    return {
      binary,
      phase,
      listed: tests,
      incidents: [],
      ends: new Map(tests.map((name) => [name, end(name)] as const)),
    };
  });
}

describe("reportBinary", () => {
  it("counts a test whose twin fails and whose canaries behave", () => {
    const plan = planned(test);
    const names = ["one", ...plan.canaries.map(({ name }) => name)];
    const report = reportBinary("test", plan, honest(plan, names));
    expect(report).toMatchObject({
      checks: [{ id: "test::crate/test/a::one", status: "passed", file: root }],
      canaried: true,
    });
    expect(report.forged).toBeUndefined();
  });

  it("calls a binary without canaries forged", () => {
    const plan = planned(test);
    expect(reportBinary("test", plan, honest(plan, [])).forged).toMatch(/does not list canary/);
    expect(reportBinary("test", plan, honest(plan, ["one"])).forged).toMatch(/does not list canary/);
  });

  it("lets a binary be empty whose root is compiled under a condition, but not lack its canaries alone", () => {
    const plan = planned(`#![cfg(feature = "more")]\n${test}`);
    const report = reportBinary("test", plan, honest(plan, []));
    expect(report.checks).toEqual([]);
    expect(report.forged).toBeUndefined();
    expect(reportBinary("test", plan, honest(plan, ["one"])).forged).toMatch(/does not list canary/);
    // A condition spoken of in a comment is none.
    const spoken = planned(`// #![cfg(feature = "more")]\n${test}`);
    expect(reportBinary("test", spoken, honest(spoken, [])).forged).toMatch(/does not list canary/);
  });
});
