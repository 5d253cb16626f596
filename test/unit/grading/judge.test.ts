// DESIGN 4.1 to 4.4, branch by branch: submission, label, review and effect from the runs of a round.
import { describe, expect, it } from "vitest";
import type { RoundRecord } from "../../../src/domain/record.ts";
import type { CheckStatus } from "../../../src/domain/report.ts";
import {
  type JudgedRun,
  judge,
  type RoundEvidence,
  type SubmissionEvidence,
} from "../../../src/grading/index.ts";
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
  unresolvedRun,
  visible,
  withLint,
} from "../../support/evidence.ts";

const codes = (part: { readonly reasons: readonly { readonly code: string }[] }): string[] =>
  part.reasons.map((reason) => reason.code);

function judged(over: Partial<RoundEvidence> = {}): RoundRecord {
  return judge(instance(), evidence(over));
}

function submission(shown: JudgedRun, hidden: JudgedRun = resolvedRun): SubmissionEvidence {
  return { kind: "applied", visible: shown, hidden };
}

describe("a submission", () => {
  const cases: readonly (readonly [string, JudgedRun, readonly string[]])[] = [
    ["keeps every stable check", visible, []],
    ["skips a stable check", ran({ old: "skipped", other: "passed" }), []],
    ["fails a check that is not stable", ran({ old: "passed", red: "failed" }), []],
    ["fails a stable check", ran({ old: "failed" }), ["regression"]],
    ["cannot run a stable check to its end", ran({ old: "error" }), ["regression"]],
    ["lacks a stable check", ran({ other: "passed" }), ["regression"]],
    ["forges its visible run", ran({ old: "passed" }, { forged: "canary" }), ["forged"]],
    ["forges and regresses", ran({ old: "failed" }, { forged: "canary" }), ["forged", "regression"]],
  ];
  it.each(cases)("that %s", (_, run, expected) => {
    const { submission: found } = judged({ submission: submission(run) });
    expect(codes(found)).toEqual(expected);
    expect(found.status).toBe(expected.length === 0 ? "valid" : "invalid");
  });

  it("must break a stable check twice, where it was run twice", () => {
    const failed = ran({ old: "failed" });
    const twice = (again: JudgedRun) =>
      judged({ submission: { kind: "applied", visible: failed, again, hidden: resolvedRun } }).submission;
    expect(twice(ran({ old: "passed" })).status).toBe("valid");
    expect(codes(twice(failed))).toEqual(["regression"]);
    expect(codes(twice(ran({ old: "passed" }, { forged: "canary" })))).toEqual(["forged"]);
  });

  it("that may not be judged is labelled like any other where the rest of it could be run", () => {
    const reasons = [{ code: "protected-path", detail: "conftest.py" }] as const;
    const labelOf = (hidden: JudgedRun) =>
      judged({ submission: { kind: "rejected", reasons, hidden } }).label;
    expect(labelOf(resolvedRun)).toBe("resolved");
    expect(labelOf(ran({ fix: "failed", kept: "passed" }))).toBe("unresolved");
    expect(labelOf(ran({ fix: "passed", kept: "passed" }, { deaf: ["fix"] }))).toBe("unresolved");
    expect(
      judged({ submission: { kind: "rejected", reasons, hidden: unjudgeable("failed") } }).void,
    ).toBeDefined();
  });

  it("that was rejected before it was run keeps its reasons and is unresolved", () => {
    const reasons = [{ code: "does-not-apply", detail: "hunk 1" }] as const;
    const record = judged({ submission: { kind: "rejected", reasons } });
    expect(record.submission).toEqual({ status: "invalid", reasons });
    expect(record.label).toBe("unresolved");
  });

  it("is told which checks it broke, a few by name, and what the job said", () => {
    const stable = new Set(Array.from({ length: 8 }, (_, index) => `test::t${index}`));
    const incidents = [{ kind: "build-failed", detail: "main.rs:3" }] as const;
    const run = ran({}, { incidents });
    const record = judged({ baseline: { ...baseline, stable }, submission: submission(run) });
    expect(record.submission.reasons[0]?.detail).toBe(
      "test::t0, test::t1, test::t2, test::t3, test::t4 and 3 more (build-failed: main.rs:3)",
    );
  });

  it("owes nothing to a lint job its run was not asked for, and everything to a test job that vanished", () => {
    const record = (...ids: string[]) => judged({ baseline: { ...baseline, stable: new Set(ids) } });
    expect(record("test::old", "lint::(job)").submission.status).toBe("valid");
    expect(codes(record("test::old", "more::old").submission)).toEqual(["regression"]);
  });

  it("owes what a job with :: in its name showed", () => {
    const stable = new Set(["a::b::old"]);
    const run = ran({ old: "failed" }, { job: "a::b" });
    const record = judged({ baseline: { ...baseline, stable }, submission: submission(run) });
    expect(codes(record.submission)).toEqual(["regression"]);
  });

  it("must keep a lint job clean that base and gold keep clean", () => {
    const stable = new Set(["test::old", "lint::(job)"]);
    const run: JudgedRun = { kind: "ran", report: withLint({ old: "passed" }, "failed") };
    const record = judged({ baseline: { ...baseline, stable }, submission: submission(run) });
    expect(codes(record.submission)).toEqual(["regression"]);
  });

  it("that shows nothing, where gold shows something, cannot be judged: its own outcome", () => {
    const empty = { ...baseline, stable: new Set<string>() };
    const record = judged({ baseline: empty, submission: submission(unjudgeable("passed")) });
    expect(codes(record.submission)).toEqual(["cannot-be-judged"]);
    expect(record.void).toBeUndefined();
  });
});

describe("a label", () => {
  const cases: readonly (readonly [string, JudgedRun, RoundRecord["label"]])[] = [
    ["all fail-to-pass pass, all pass-to-pass still pass", resolvedRun, "resolved"],
    ["a pass-to-pass is skipped", ran({ fix: "passed", kept: "skipped" }), "resolved"],
    ["a fail-to-pass fails", unresolvedRun, "unresolved"],
    ["a fail-to-pass is skipped", ran({ fix: "skipped", kept: "passed" }), "unresolved"],
    ["a fail-to-pass is missing", ran({ kept: "passed" }), "unresolved"],
    ["a fail-to-pass crashes", ran({ fix: "error", kept: "passed" }), "unresolved"],
    ["a pass-to-pass fails", ran({ fix: "passed", kept: "failed" }), "unresolved"],
    ["a pass-to-pass is missing", ran({ fix: "passed" }), "unresolved"],
    ["the run is forged", ran({ fix: "passed", kept: "passed" }, { forged: "canary" }), "unresolved"],
    ["the run shows nothing", unjudgeable("passed"), "unresolved"],
  ];
  it.each(cases)("when %s", (_, hidden, label) => {
    expect(judged({ submission: submission(visible, hidden) }).label).toBe(label);
  });

  it("is given to an invalid submission too", () => {
    const record = judged({ submission: submission(ran({ old: "failed" })) });
    expect(record).toMatchObject({ submission: { status: "invalid" }, label: "resolved" });
  });

  it("is never `resolved` when the visible run was forged", () => {
    const record = judged({ submission: submission(ran({ old: "passed" }, { forged: "canary" })) });
    expect(record.label).toBe("unresolved");
  });

  it.each(["jobs", "none"] as const)("is `unlabelled` with the oracle %s, whatever was run", (oracle) => {
    expect(judge(instance({ oracle }), evidence()).label).toBe("unlabelled");
    const forged = submission(ran({ old: "passed" }, { forged: "canary" }));
    expect(judge(instance({ oracle }), evidence({ submission: forged })).label).toBe("unlabelled");
  });

  it("is not `resolved` where nothing had to be fixed", () => {
    const record = judged({ baseline: { ...baseline, failToPass: new Set() } });
    expect(record.label).toBe("unresolved");
  });

  it("is not touched by what H says of the submission's validity: H gates nothing", () => {
    const record = judged({ submission: submission(visible, ran({ old: "failed", fix: "failed" })) });
    expect(record).toMatchObject({ submission: { status: "valid" }, label: "unresolved" });
  });
});

describe("a review", () => {
  it("that was not given is `none`", () => {
    expect(judged().review).toEqual({ status: "none", reasons: [], eligible: [] });
  });

  it("that was rejected before it was run keeps its reasons", () => {
    const reasons = [{ code: "not-a-test-path", detail: "src/a.py" }] as const;
    const found = judged({ review: { kind: "rejected", reasons } }).review;
    expect(found).toEqual({ status: "invalid", reasons, eligible: [] });
  });

  it("with a new check that passes on gold every time is valid", () => {
    const found = judged({ review: review() }).review;
    expect(found).toEqual({ status: "valid", reasons: [], eligible: ["test::new"] });
  });

  const golds: readonly (readonly [string, JudgedRun, readonly string[], readonly string[]])[] = [
    ["has no check of its own", ran({ old: "passed", fixed: "passed" }), ["no-executed-check"], []],
    [
      "has only skipped checks",
      ran({ old: "passed", fixed: "passed", new: "skipped" }),
      ["no-executed-check"],
      [],
    ],
    ["fails on gold", ran({ old: "passed", fixed: "passed", new: "failed" }), ["fails-on-gold"], []],
    ["crashes on gold", ran({ old: "passed", fixed: "passed", new: "error" }), ["fails-on-gold"], []],
    [
      "breaks a visible check",
      ran({ old: "failed", fixed: "passed", new: "passed" }),
      ["breaks-visible"],
      ["test::new"],
    ],
    [
      "makes a visible check vanish",
      ran({ fixed: "passed", new: "passed" }),
      ["breaks-visible"],
      ["test::new"],
    ],
    [
      "breaks a check only gold passes",
      ran({ old: "passed", fixed: "failed", new: "passed" }),
      ["breaks-visible"],
      ["test::new"],
    ],
    [
      "makes a visible check be skipped",
      ran({ old: "skipped", fixed: "passed", new: "passed" }),
      [],
      ["test::new"],
    ],
    [
      "leaves a check red that gold leaves red",
      ran({ old: "passed", fixed: "passed", red: "failed", new: "passed" }),
      [],
      ["test::new"],
    ],
    [
      "forges on gold",
      ran({ old: "passed", fixed: "passed", new: "passed" }, { forged: "canary" }),
      ["forged"],
      ["test::new"],
    ],
    ["does not compile on gold", unjudgeable("passed"), ["breaks-visible", "no-executed-check"], []],
  ];
  it.each(golds)("that %s", (_, run, expected, eligible) => {
    const record = judged({ review: review({ onGold: times(3, run) }) });
    expect(codes(record.review)).toEqual(expected);
    expect(record.review.status).toBe(expected.length === 0 ? "valid" : "invalid");
    expect(record.review.eligible).toEqual(eligible);
    expect(record.void).toBeUndefined();
  });

  it("is held to every one of the n runs, not to the first", () => {
    const once = ran({ old: "passed", fixed: "passed", new: "failed" });
    const found = judged({ review: review({ onGold: [onGold, onGold, once] }) }).review;
    expect(codes(found)).toEqual(["fails-on-gold"]);
    const breaking = ran({ old: "failed", fixed: "passed", new: "passed" });
    expect(codes(judged({ review: review({ onGold: [onGold, breaking, onGold] }) }).review)).toEqual([
      "breaks-visible",
    ]);
  });

  it("that fails one check on gold may still kill with another", () => {
    const run = ran({ old: "passed", fixed: "passed", new: "passed", bad: "failed" });
    const found = judged({ review: review({ onGold: times(3, run) }) }).review;
    expect(found).toMatchObject({ status: "valid", eligible: ["test::new"] });
  });

  it("owns known checks of the files it changes, and of no other file", () => {
    const files = { old: "tests/test_new.py", fixed: "tests/test_other.py" };
    const run = ran({ old: "passed", fixed: "passed" }, { files });
    expect(judged({ review: review({ onGold: times(3, run) }) }).review.eligible).toEqual(["test::old"]);
  });

  it("loses a visible check it rewrote badly, without breaking the visible suite", () => {
    const files = { old: "tests/test_new.py" };
    const run = ran({ old: "failed", fixed: "passed", new: "passed" }, { files });
    const found = judged({ review: review({ onGold: times(3, run) }) }).review;
    expect(found).toMatchObject({ status: "valid", eligible: ["test::new"] });
  });

  const clean = { ...baseline, goldPassing: new Set([...baseline.goldPassing, "lint::(job)"]) };
  const linted = (lint: CheckStatus): JudgedRun => ({
    kind: "ran",
    report: withLint({ old: "passed", fixed: "passed", new: "passed" }, lint),
  });

  it("must be clean where the plan has a lint job", () => {
    const dirty = review({ onGold: [linted("failed"), onGold, onGold] });
    expect(codes(judged({ baseline: clean, review: dirty }).review)).toEqual(["lint-failed"]);
    const tidy = review({ onGold: [linted("passed"), onGold, onGold] });
    expect(judged({ baseline: clean, review: tidy }).review.status).toBe("valid");
  });

  it("is not blamed for a lint job that gold itself does not pass", () => {
    const dirty = review({ onGold: [linted("failed"), onGold, onGold] });
    expect(judged({ review: dirty }).review.status).toBe("valid");
  });

  it("never kills with a lint check", () => {
    const run: JudgedRun = { kind: "ran", report: withLint({ old: "passed", fixed: "passed" }, "passed") };
    expect(codes(judged({ review: review({ onGold: times(3, run) }) }).review)).toEqual([
      "no-executed-check",
    ]);
  });

  it("records whether it fails on base, only from a run that was done and can be believed", () => {
    const onBase = (run: JudgedRun) => judged({ review: review({ onBase: run }) }).review;
    expect(onBase(ran({ old: "passed", new: "failed" }))).toHaveProperty("failsOnBase", true);
    expect(onBase(ran({ old: "passed", new: "passed" }))).toHaveProperty("failsOnBase", false);
    expect(judged({ review: review() }).review).not.toHaveProperty("failsOnBase");
    expect(onBase(unjudgeable("failed"))).not.toHaveProperty("failsOnBase");
    expect(onBase(ran({ new: "failed" }, { forged: "canary" }))).not.toHaveProperty("failsOnBase");
  });

  it("is judged on gold whatever became of the submission", () => {
    const record = judged({
      submission: { kind: "rejected", reasons: [{ code: "no-answer", detail: "" }] },
      review: review(),
    });
    expect(record).toMatchObject({ review: { status: "valid" }, effect: "not-run" });
  });
});

describe("a twin that does not fail", () => {
  const gold = { old: "passed", fixed: "passed", new: "passed" } as const;
  const trusted = { ...baseline, deaf: new Set(["test::old"]) };
  const deafRun = (...deaf: string[]): JudgedRun => ran({ old: "passed", new: "passed" }, { deaf });

  it("accuses a submission, in the visible run and in the hidden one", () => {
    const inVisible = judged({ submission: submission(deafRun("old")) });
    expect(inVisible).toMatchObject({ submission: { status: "invalid" }, label: "unresolved" });
    expect(codes(inVisible.submission)).toEqual(["forged"]);
    const hidden = ran({ fix: "passed", kept: "passed" }, { deaf: ["fix"] });
    const inHidden = judged({ submission: submission(visible, hidden) });
    expect(codes(inHidden.submission)).toEqual(["forged"]);
    expect(inHidden.label).toBe("unresolved");
  });

  it("accuses nobody when it does not fail on trusted trees either", () => {
    const record = judged({ baseline: trusted, submission: submission(deafRun("old")) });
    expect(record).toMatchObject({ submission: { status: "valid" }, label: "resolved" });
    const more = judged({ baseline: trusted, submission: submission(deafRun("old", "new")) });
    expect(codes(more.submission)).toEqual(["forged"]);
  });

  it("keeps a check of the review from killing when it is seen on gold, and condemns nothing else", () => {
    const files = { new: "tests/test_new.py", more: "tests/test_new.py" };
    const run = ran({ ...gold, more: "passed" }, { files, deaf: ["new"] });
    const onSubmission = times(3, ran({ old: "passed", new: "failed", more: "passed" }));
    const record = judged({ review: review({ onGold: times(3, run), onSubmission }) });
    expect(record.review).toMatchObject({ status: "valid", eligible: ["test::more"] });
    expect(record.effect).toBe("survived");
    const again = times(3, ran({ old: "passed", new: "passed", more: "passed" }, { deaf: ["new"] }));
    expect(judged({ review: review({ onGold: times(3, run), onSubmission: again }) }).submission.status).toBe(
      "valid",
    );
  });

  it("makes a review invalid that has no check left", () => {
    const record = judged({ review: review({ onGold: times(3, ran(gold, { deaf: ["new"] })) }) });
    expect(codes(record.review)).toEqual(["forged"]);
    expect(record.effect).toBe("not-run");
  });

  it("makes a review invalid when visible checks become deaf beside it", () => {
    const record = judged({ review: review({ onGold: times(3, ran(gold, { deaf: ["fixed"] })) }) });
    expect(codes(record.review)).toEqual(["forged"]);
  });

  it("accuses the submission when it fails on gold and not there", () => {
    const record = judged({ review: review({ onSubmission: times(3, deafRun("new")) }) });
    expect(codes(record.submission)).toEqual(["forged"]);
  });
});

describe("the effect", () => {
  const p = (status: CheckStatus): JudgedRun => ran({ old: "passed", new: status });
  const meets = (...runs: JudgedRun[]): RoundRecord => judged({ review: review({ onSubmission: runs }) });

  const cases: readonly (readonly [string, readonly JudgedRun[], RoundRecord["effect"]])[] = [
    ["n of n failures kill", times(3, p("failed")), "killed"],
    ["n of n crashes kill", times(3, p("error")), "killed"],
    ["a check that never runs there kills", times(3, ran({ old: "passed" })), "killed"],
    ["tests that do not build there kill", times(3, unjudgeable("passed")), "killed"],
    ["no failure survives", times(3, p("passed")), "survived"],
    ["a skip is no failure", times(3, p("skipped")), "survived"],
    ["one failure of three is flaky", [p("failed"), p("passed"), p("passed")], "flaky"],
    ["two failures of three are flaky", [p("failed"), p("failed"), p("passed")], "flaky"],
    ["failures and a skip are flaky", [p("failed"), p("failed"), p("skipped")], "flaky"],
    ["fewer runs than gold had cannot kill", times(2, p("failed")), "flaky"],
    ["no run at all is not-run", [], "not-run"],
  ];
  it.each(cases)("%s", (_, runs, effect) => {
    const record = meets(...runs);
    expect(record.effect).toBe(effect);
    expect(record.killedBy).toEqual(effect === "killed" ? ["test::new"] : []);
  });

  it("needs one check that fails every time: two that fail by turns do not kill", () => {
    const gold = ran({ old: "passed", fixed: "passed", a: "passed", b: "passed" });
    const onSubmission = [
      ran({ a: "failed", b: "passed" }),
      ran({ a: "passed", b: "failed" }),
      ran({ a: "failed", b: "passed" }),
    ];
    const record = judged({ review: review({ onGold: times(3, gold), onSubmission }) });
    expect(record.effect).toBe("flaky");
  });

  it("comes from the review's own checks only", () => {
    const onSubmission = times(3, ran({ old: "failed", fixed: "failed", new: "passed" }));
    expect(judged({ review: review({ onSubmission }) }).effect).toBe("survived");
  });

  it("is not-run for an invalid submission or an invalid review", () => {
    const onSubmission = times(3, p("failed"));
    const bad = judged({
      submission: submission(ran({ old: "failed" })),
      review: review({ onSubmission }),
    });
    expect(bad).toMatchObject({ effect: "not-run", killedBy: [] });
    const failing = ran({ old: "failed", fixed: "passed", new: "passed" });
    const breaking = review({ onGold: times(3, failing), onSubmission });
    expect(judged({ review: breaking })).toMatchObject({ effect: "not-run", killedBy: [] });
  });

  it("marks a kill of a resolved submission as contested, and no other", () => {
    const kill = review({ onSubmission: times(3, p("failed")) });
    expect(judged({ review: kill }).contested).toBe(true);
    expect(judged({ review: kill, submission: submission(visible, unresolvedRun) }).contested).toBe(false);
    expect(judge(instance({ oracle: "none" }), evidence({ review: kill })).contested).toBe(false);
    expect(meets(...times(3, p("passed"))).contested).toBe(false);
  });
});
