// What an instance's own runs establish: stable checks, fail-to-pass, pass-to-pass, and what contradicts itself.
import { describe, expect, it } from "vitest";
import type { Instance } from "../../../src/domain/instance.ts";
import { type BaselineRuns, readBaseline, resolveDeclared } from "../../../src/grading/index.ts";
import { instance, report, type Statuses, times } from "../../support/evidence.ts";

function read(runs: Partial<Record<keyof BaselineRuns, readonly Statuses[]>>, over: Partial<Instance> = {}) {
  const reports = (list: readonly Statuses[] = []) => list.map((statuses) => report(statuses));
  return readBaseline(instance(over), {
    base: reports(runs.base),
    gold: reports(runs.gold),
    baseHidden: reports(runs.baseHidden),
    goldHidden: reports(runs.goldHidden),
  });
}

describe("a declared fail-to-pass test that passes before the fix", () => {
  it("is held to as pass-to-pass, and said", () => {
    const hidden = { fix: "passed", idle: "passed" } as const;
    const found = read(
      { baseHidden: [{ fix: "failed", idle: "passed" }], goldHidden: [hidden] },
      { failToPass: ["fix", "idle"] },
    );
    expect(found.failToPass).toEqual(of("fix"));
    expect(found.passToPass).toEqual(of("idle"));
    expect(found.unbroken).toEqual(["test::idle"]);
  });
});

describe("twins that do not fail on trusted trees", () => {
  const quiet = { base: [], gold: [], baseHidden: [], goldHidden: [] };

  it("are known from any of the runs", () => {
    const found = readBaseline(instance(), {
      ...quiet,
      base: [report({ a: "passed" }, { deaf: ["a"] })],
      goldHidden: [report({ b: "passed" }, { deaf: ["b"] })],
    });
    expect(found.deaf).toEqual(of("a", "b"));
    expect(found.forged).toBeUndefined();
  });

  it("are told apart from canaries that go wrong on the gold tree", () => {
    const forged = [report({ a: "passed" }, { forged: "canary" })];
    expect(readBaseline(instance(), { ...quiet, base: forged }).forged).toBeUndefined();
    expect(readBaseline(instance(), { ...quiet, goldHidden: forged }).forged).toBe("canary");
  });
});

const of = (...ids: string[]) => new Set(ids.map((id) => `test::${id}`));

describe("readBaseline", () => {
  it("calls stable what passes in every run of B and of G", () => {
    const found = read({
      base: [{ both: "passed", gone: "passed", fixed: "failed", skip: "skipped", broke: "passed" }],
      gold: [{ both: "passed", new: "passed", fixed: "passed", skip: "passed", broke: "failed" }],
    });
    expect(found.stable).toEqual(of("both"));
    expect(found.goldPassing).toEqual(of("both", "new", "fixed", "skip"));
    expect(found.goldKnown).toEqual(of("both", "new", "fixed", "skip", "broke"));
  });

  it("leaves out what differs between repeats of any state, absence included", () => {
    const found = read({
      base: [
        { a: "passed", b: "passed", c: "passed" },
        { a: "failed", b: "passed", c: "passed" },
      ],
      gold: times(2, { a: "passed", b: "passed", c: "passed" }),
      baseHidden: times(2, { b: "failed", c: "failed", d: "failed" }),
      goldHidden: [
        { b: "passed", c: "passed", d: "passed" },
        { c: "passed", d: "passed" },
      ],
    });
    expect(found.flaky).toEqual(of("a", "b"));
    expect(found.stable).toEqual(of("c"));
    expect(found.goldPassing).toEqual(of("c"));
    expect(found.failToPass).toEqual(of("c", "d"));
  });

  it("derives both lists from H where the instance declares none", () => {
    const found = read({
      base: [{}],
      gold: [{}],
      baseHidden: [{ fails: "failed", keeps: "passed", skips: "skipped", stays: "failed", crashes: "error" }],
      goldHidden: [
        {
          fails: "passed",
          keeps: "passed",
          skips: "passed",
          stays: "failed",
          crashes: "passed",
          new: "passed",
        },
      ],
    });
    expect(found.failToPass).toEqual(of("fails", "skips", "crashes", "new"));
    expect(found.passToPass).toEqual(of("keeps"));
    expect(found.unmet).toEqual([]);
  });

  it("does not take a skip on gold for a fix", () => {
    const found = read({ baseHidden: [{ a: "failed" }], goldHidden: [{ a: "skipped" }] });
    expect(found.failToPass).toEqual(new Set());
  });

  it("uses declared lists as they are, and names what gold does not pass", () => {
    const found = read(
      { baseHidden: [{ a: "failed", b: "passed" }], goldHidden: [{ a: "passed", b: "passed", c: "failed" }] },
      { failToPass: ["a", "c", "nowhere"], passToPass: ["test::b"] },
    );
    expect(found.failToPass).toEqual(of("a"));
    expect(found.passToPass).toEqual(of("b"));
    expect(found.unmet).toEqual(["c", "nowhere"]);
  });

  it("does not take a namesake that passes for a declared test that fails", () => {
    const statuses = { "pkg1::TestA": "failed", "pkg2::TestA": "passed" } as const;
    const found = read({ baseHidden: [{}], goldHidden: [statuses] }, { failToPass: ["TestA"] });
    expect(found.failToPass).toEqual(new Set());
    expect(found.unmet).toEqual(["TestA"]);
  });

  it("asks nothing of H where no run holds it", () => {
    const found = read({ base: [{}], gold: [{}] }, { oracle: "jobs", failToPass: ["a"], passToPass: ["b"] });
    expect(found).toMatchObject({ failToPass: new Set(), passToPass: new Set(), unmet: [] });
  });
});

describe("resolveDeclared", () => {
  const known = ["test::a/t.py::one", "test::b/a/t.py::one", "test::b/t.py::two", "test::pkg.Mod.three"];
  it.each([
    ["test::b/t.py::two", "test::b/t.py::two"],
    ["b/t.py::two", "test::b/t.py::two"],
    ["two", "test::b/t.py::two"],
    ["Mod.three", "test::pkg.Mod.three"],
    ["a/t.py::one", "test::a/t.py::one"],
    ["one", undefined],
    ["wo", undefined],
    ["four", undefined],
  ])("%s", (declared, expected) => {
    expect(resolveDeclared(declared, known)).toBe(expected);
  });
});
