// Mutants a review kills and changed lines its checks execute: from reports that say so, and none from those that cannot.
import { describe, expect, it } from "vitest";
import { judge, type MutantRuns, type ProbedRuns } from "../../../src/grading/index.ts";
import { evidence, instance, onGold, ran, review, times, unjudgeable } from "../../support/evidence.ts";

const leftOut = { notCompiling: 1, endsOthers: 0, notShownToDiffer: 3 };
const killed = ran({ old: "passed", fixed: "passed", new: "failed" });

type Met = MutantRuns["met"][number];
const mutant = (name: string, runs: Met["runs"], noticedBy: Met["noticedBy"] = "hidden"): Met => {
  return { mutant: name, noticedBy, runs };
};

const judged = (over: Parameters<typeof review>[0]) => judge(instance(), evidence({ review: review(over) }));

describe("mutants", () => {
  const met = (...mutants: readonly Met[]) => judged({ onMutants: { met: mutants, leftOut } }).mutants;

  it("are killed n times of n, or not at all", () => {
    expect(
      met(
        mutant("a", times(3, killed), "visible"),
        mutant("b", [onGold]),
        mutant("c", [killed, onGold]),
        mutant("d", times(2, killed)),
      ),
    ).toEqual({
      met: [
        { mutant: "a", noticedBy: "visible", effect: "killed" },
        { mutant: "b", noticedBy: "hidden", effect: "survived" },
        { mutant: "c", noticedBy: "hidden", effect: "flaky" },
        { mutant: "d", noticedBy: "hidden", effect: "flaky" },
      ],
      leftOut,
    });
  });

  it("whose runs were lost or forged are left out, and nothing is made up for them", () => {
    const forged = ran({ old: "passed", new: "failed" }, { forged: "a canary lied" });
    const found = met(mutant("a", times(3, unjudgeable("failed"))), mutant("b", times(3, forged)));
    expect(found).toEqual({ met: [], leftOut });
  });

  it("are not left out by tests that skip or vanish: nobody chooses whom to be measured by", () => {
    const skipped = ran({ old: "passed", fixed: "passed", new: "skipped" });
    const gone = ran({ old: "passed", fixed: "passed" });
    const found = met(
      mutant("a", times(3, skipped)),
      mutant("b", times(3, gone)),
      mutant("c", times(3, unjudgeable("passed"))),
    );
    expect(found?.met.map(({ effect }) => effect)).toEqual(["survived", "killed", "killed"]);
  });

  it("say nothing where the run makes none, nor of a review that is not valid", () => {
    expect(judged({})).not.toHaveProperty("mutants");
    const invalid = { onGold: times(3, killed), onMutants: { met: [], leftOut } };
    expect(judged(invalid)).not.toHaveProperty("mutants");
  });
});

describe("reach", () => {
  const two = ran({ old: "passed", fixed: "passed", new: "passed", other: "passed" });
  const goldTwo = { onGold: times(3, two) };
  const probed = (run: ProbedRuns["runs"][number]["run"], changeOf: ProbedRuns["changeOf"] = "gold") => ({
    changeOf,
    runs: [{ run }],
  });
  const reach = (over: Parameters<typeof review>[0]) => judged({ ...goldTwo, ...over }).review.reach;

  it("is a check that comes out otherwise where a changed line ends it", () => {
    const run = ran({ old: "failed", new: "failed", other: "passed" });
    expect(reach({ onProbed: probed(run) })).toEqual({ changeOf: "gold", reached: ["test::new"], known: 2 });
    const crashed = ran({ new: "error", other: "error" });
    expect(reach({ onProbed: probed(crashed) })?.reached).toEqual(["test::new", "test::other"]);
  });

  it("is not known of a check that was skipped or is not there", () => {
    const run = ran({ new: "skipped", old: "passed" });
    expect(reach({ onProbed: probed(run) })).toBeUndefined();
    expect(reach({ onProbed: probed(ran({ new: "passed" })) })).toEqual({
      ...{ changeOf: "gold", reached: [], known: 1 },
    });
  });

  it("is not known of a program that did not build, was lost, or forged", () => {
    const incidents = [{ kind: "build-failed", detail: "" }] as const;
    expect(reach({ onProbed: probed(ran({ new: "failed" }, { incidents })) })).toBeUndefined();
    expect(reach({ onProbed: probed(unjudgeable("failed")) })).toBeUndefined();
    expect(reach({ onProbed: probed(ran({ new: "failed" }, { forged: "why" })) })).toBeUndefined();
  });

  it("of a submission's lines speaks of checks that pass on it only", () => {
    const run = ran({ new: "failed", other: "failed" });
    const met = { onSubmission: times(3, ran({ old: "passed", new: "failed", other: "passed" })) };
    expect(reach({ ...met, onProbed: probed(run, "submission") })).toEqual({
      ...{ changeOf: "submission", reached: ["test::other"], known: 1 },
    });
    expect(reach({ onProbed: probed(run, "submission") })).toBeUndefined();
  });

  it("asks the run of the test's own function where tests share a process", () => {
    const rows = { "pkg::TestA": "passed", "pkg::TestA/row": "passed", "pkg::TestB": "passed" } as const;
    const record = judged({
      onGold: times(3, ran({ old: "passed", fixed: "passed", ...rows })),
      onProbed: {
        changeOf: "gold",
        runs: [
          { test: "test::pkg::TestA", run: ran({ "pkg::TestA": "failed", "pkg::TestA/row": "failed" }) },
          { test: "test::pkg::TestB", run: ran({ "pkg::TestB": "passed" }) },
        ],
      },
    });
    expect(record.review.reach).toEqual({
      changeOf: "gold",
      reached: ["test::pkg::TestA", "test::pkg::TestA/row"],
      known: 3,
    });
  });
});
