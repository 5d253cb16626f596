// Wrong decisions of the published arena's gates, each kept from returning; named after what it did.
import { describe, expect, it } from "vitest";
import { type RoundRecord, scoreOf, verdictOf } from "../../src/domain/record.ts";
import { type JudgedRun, judge, type RoundEvidence, showsNothing } from "../../src/grading/index.ts";
import {
  baseline,
  evidence,
  instance,
  onGold,
  ran,
  resolvedRun,
  review,
  times,
  unjudgeable,
  visible,
  withLint,
} from "../support/evidence.ts";

const judged = (over: Partial<RoundEvidence> = {}): RoundRecord => judge(instance(), evidence(over));
const submitted = (run: JudgedRun, hidden = resolvedRun): Partial<RoundEvidence> => ({
  submission: { kind: "applied", visible: run, hidden },
});

describe("empty CI", () => {
  it("is no win: no job, no check and nothing but skips are nobody's success", () => {
    const nothing: readonly JudgedRun[] = [
      { kind: "ran", report: { jobs: [] } },
      { kind: "unjudgeable", report: { jobs: [] }, control: "passed" },
      ran({}),
      ran({ other: "skipped" }),
      unjudgeable("passed"),
    ];
    for (const run of nothing) {
      for (const stable of [baseline.stable, new Set<string>()]) {
        const record = judged({ ...submitted(run), baseline: { ...baseline, stable } });
        expect(verdictOf(record)).toBe("patch-invalid");
        expect(scoreOf(record, "paper")?.submitter).toBe(-1);
      }
    }
  });

  it("equals empty CI without anybody winning by it: tests that collect nothing are invalid", () => {
    const record = judged({
      review: review({ onGold: times(3, ran({})), onSubmission: times(3, ran({})) }),
    });
    expect(record).toMatchObject({ review: { status: "invalid" }, effect: "not-run" });
    expect(scoreOf(record, "paper")?.reviewer).toBe(-1);
  });

  it("that is empty on gold too is void, not a credit", () => {
    const record = judged(submitted(unjudgeable("failed")));
    expect(verdictOf(record)).toBe("void");
    expect(scoreOf(record, "paper")).toBeUndefined();
  });
});

describe("a gate", () => {
  it("looks at results, not at the names they are kept under", () => {
    const broken = judged(submitted(ran({ old: "failed" })));
    expect(broken.submission.status).toBe("invalid");
    const breaking = ran({ old: "failed", fixed: "passed", new: "passed" });
    expect(judged({ review: review({ onGold: times(3, breaking) }) }).review.status).toBe("invalid");
  });

  it("reads a result word as itself: no word is taken for a number, and only `passed` passes", () => {
    for (const status of ["failed", "error"] as const) {
      expect(judged(submitted(ran({ old: status }))).submission.status).toBe("invalid");
    }
    expect(judged(submitted(ran({ old: "passed" }))).submission.status).toBe("valid");
  });

  it("reads gold's side from gold: a check that only gold's run shows failing cannot make tests valid", () => {
    const failing = ran({ old: "passed", fixed: "passed", new: "failed" });
    const record = judged({
      review: review({ onGold: times(3, failing), onSubmission: times(3, failing) }),
    });
    expect(record).toMatchObject({ review: { status: "invalid" }, effect: "not-run" });
  });

  it("does not want equal sets of names: more checks are no fault, fewer are", () => {
    const more = ran({ old: "passed", extra: "passed", another: "failed" });
    expect(judged(submitted(more)).submission.status).toBe("valid");
    expect(judged(submitted(ran({ extra: "passed" }))).submission.status).toBe("invalid");
  });

  it("is not held by a job name that the run could not find: a vanished job has kept nothing", () => {
    const lintOnly: JudgedRun = { kind: "ran", report: { jobs: withLint({}, "passed").jobs.slice(1) } };
    expect(judged(submitted(lintOnly)).submission.status).toBe("invalid");
  });

  it("is not satisfied by a job's exit when a test of the job regressed", () => {
    const mixed = ran({ "(job)": "passed", old: "failed" });
    expect(judged(submitted(mixed)).submission.status).toBe("invalid");
  });

  it("that the submission fails keeps it from standing, and the review is judged all the same", () => {
    const record = judged({ ...submitted(ran({ old: "failed" })), review: review() });
    expect(verdictOf(record)).toBe("patch-invalid");
    expect(record.review.status).toBe("valid");
    expect(scoreOf(record, "paper")).toEqual({ submitter: -1, reviewer: 0 });
  });

  it("that tests fail by breaking gold's build is a gate: they kill nobody", () => {
    const broken = unjudgeable("passed", [{ kind: "build-failed", detail: "t.rs:1" }]);
    const record = judged({
      review: review({ onGold: times(3, broken), onSubmission: times(3, broken) }),
    });
    expect(record).toMatchObject({ review: { status: "invalid" }, effect: "not-run" });
    expect(record.void).toBeUndefined();
  });

  it("does not need every check red on gold to stay red: what gold fails is left out", () => {
    expect(judged(submitted(ran({ old: "passed", red: "failed" }))).submission.status).toBe("valid");
  });
});

describe("the last comparison", () => {
  it("is no equality of job results: failing alike on gold and on the submission is no win for anybody", () => {
    const failing = ran({ old: "passed", fixed: "passed", new: "failed" });
    const record = judged({
      review: review({ onGold: times(3, failing), onSubmission: times(3, failing) }),
    });
    expect(scoreOf(record, "paper")).toEqual({ submitter: 1, reviewer: -1 });
  });

  it("is no inequality either: a flake on one side is no kill", () => {
    const flake = [ran({ new: "failed" }), ran({ new: "passed" }), ran({ new: "failed" })];
    const record = judged({ review: review({ onSubmission: flake }) });
    expect(record.effect).toBe("flaky");
    expect(scoreOf(record, "paper")).toEqual({ submitter: 1, reviewer: 0 });
  });

  it("counts only the review's own checks: a visible test that differs is no kill", () => {
    const onSubmission = times(3, ran({ old: "passed", fixed: "failed", new: "passed" }));
    expect(judged({ review: review({ onSubmission }) }).effect).toBe("survived");
  });

  it("records whether the tests fail on base, which nobody asked", () => {
    const tests = review({ onBase: ran({ old: "passed", new: "failed" }) });
    expect(judged({ review: tests }).review.failsOnBase).toBe(true);
  });
});

describe("a generation that gave nothing", () => {
  it.each(["no-answer", "unparseable", "does-not-apply", "truncated"] as const)(
    "on the submitter's side (%s) is a scored loss, not a missing round",
    (code) => {
      const record = judged({
        submission: { kind: "rejected", reasons: [{ code, detail: "" }] },
        review: review(),
      });
      expect(record.void).toBeUndefined();
      expect(record).toMatchObject({ label: "unresolved", review: { status: "valid" } });
      expect(scoreOf(record, "paper")).toEqual({ submitter: -1, reviewer: 0 });
      expect(scoreOf(record, "strict")).toEqual({ submitter: -1, reviewer: 0 });
    },
  );

  it("on the reviewer's side is a scored loss too, and an abstention is none", () => {
    const reasons = [{ code: "unparseable", detail: "" }] as const;
    expect(scoreOf(judged({ review: { kind: "rejected", reasons } }), "paper")?.reviewer).toBe(-1);
    expect(scoreOf(judged({ review: { kind: "none" } }), "paper")?.reviewer).toBe(0);
  });
});

describe("both sides", () => {
  it("of one round are in its score: no counter is kept apart from the verdict", () => {
    const kill = judged({ review: review({ onSubmission: times(3, ran({ new: "failed" })) }) });
    expect(scoreOf(kill, "paper")).toEqual({ submitter: -1, reviewer: 1 });
    expect(verdictOf(kill)).toBe("patch-broken");
  });

  it("get the same record from the same evidence, whoever asks first and however often", () => {
    const shared = evidence({ review: review({ onSubmission: times(3, onGold) }) });
    const frozen = instance();
    const first = judge(frozen, shared);
    expect(judge(frozen, shared)).toEqual(first);
    expect(frozen).toEqual(instance());
    expect(shared).toEqual(evidence({ review: review({ onSubmission: times(3, onGold) }) }));
  });

  it("see a run with one odd result: what is odd does not make the job's other results vanish", () => {
    const incidents = [{ kind: "crashed", detail: "half a line" }] as const;
    const run = ran({ old: "passed", fix: "passed", kept: "passed" }, { incidents });
    expect(showsNothing(run.report)).toBe(false);
    expect(judged(submitted(visible, run)).label).toBe("resolved");
  });
});
