// DESIGN 4.5 to 4.8 and 5.4, branch by branch: forgery, panel, settlement, void, verdict and both scores.
import { describe, expect, it } from "vitest";
import { type RoundRecord, reasonText, scoreOf, settle, verdictOf } from "../../../src/domain/record.ts";
import type { CheckStatus } from "../../../src/domain/report.ts";
import {
  type JudgedRun,
  judge,
  type RoundEvidence,
  type SubmissionEvidence,
  showsNothing,
} from "../../../src/grading/index.ts";
import {
  baseline,
  evidence,
  instance,
  onGold,
  ran,
  report,
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

describe("what a contestant may read of its reasons", () => {
  const shown = (reasons: readonly { readonly detail: string }[]) =>
    reasons.map(({ detail }) => detail).join();

  it("names no hidden test of a forged hidden run", () => {
    const hidden = ran({ fix: "passed", kept: "passed" }, { deaf: ["fix"] });
    const { reasons } = judged({ submission: submission(visible, hidden) }).submission;
    expect(codes({ reasons })).toEqual(["forged"]);
    expect(shown(reasons)).not.toContain("fix");
    expect(reasons.map(reasonText).join()).toContain("test::fix");
  });

  it("quotes no run of the gold tree", () => {
    const incidents = [{ kind: "build-failed", detail: "fn secret_of_gold() {" }] as const;
    const onGold = times(3, unjudgeable("passed", incidents));
    const { reasons } = judged({ review: review({ onGold }) }).review;
    expect(codes({ reasons })).toEqual(["breaks-visible", "no-executed-check"]);
    expect(shown(reasons)).not.toContain("secret_of_gold");
    expect(shown(reasons)).toContain("build-failed");
    expect(reasons.map(reasonText).join()).toContain("secret_of_gold");
  });
});

describe("a forgery beside a review that has read the submission", () => {
  const onSubmission = times(3, ran({ old: "passed", new: "failed" }, { forged: "canary" }));

  it("condemns nobody and kills nobody", () => {
    const record = judged({ review: { ...review({ onSubmission }), sawSubmission: true } });
    expect(record).toMatchObject({ submission: { status: "valid" }, label: "resolved", effect: "not-run" });
    expect(scoreOf(record, "strict")).toEqual({ submitter: 1, reviewer: 0 });
  });

  it("is the submission's where the review knew nothing of it", () => {
    const record = judged({ review: review({ onSubmission }) });
    expect(codes(record.submission)).toEqual(["forged"]);
  });
});

describe("forgery", () => {
  const forgedRun = ran({ old: "passed", new: "passed" }, { forged: "canary passed" });
  const clean = ran({ old: "passed", new: "passed" });

  it("in P+H alone makes the submission invalid and unresolved", () => {
    const hidden = ran({ fix: "passed", kept: "passed" }, { forged: "canary" });
    const record = judged({ submission: submission(visible, hidden) });
    expect(codes(record.submission)).toEqual(["forged"]);
    expect(record.label).toBe("unresolved");
  });

  it("in P+T with clean G+T is the submission's", () => {
    const record = judged({ review: review({ onSubmission: [clean, forgedRun, clean], onBase: clean }) });
    expect(codes(record.submission)).toEqual(["forged"]);
    expect(record).toMatchObject({ review: { status: "valid" }, effect: "not-run", label: "unresolved" });
  });

  it("in G+T is the review's, and P+T then says nothing of the submission", () => {
    const record = judged({
      review: review({ onGold: [onGold, forgedRun, onGold], onSubmission: times(3, forgedRun) }),
    });
    expect(record.submission.status).toBe("valid");
    expect(codes(record.review)).toContain("forged");
    expect(record.effect).toBe("not-run");
  });

  it("in P+T is the review's when the same tests also forge on the base tree", () => {
    const record = judged({ review: review({ onSubmission: times(3, forgedRun), onBase: forgedRun }) });
    expect(record.submission.status).toBe("valid");
    expect(codes(record.review)).toEqual(["forged"]);
  });

  it("in P+T is the review's when the same tests also forge on a hidden candidate", () => {
    const onPanel = [{ candidate: "right", label: "resolved", runs: [forgedRun] }] as const;
    const record = judged({ review: review({ onSubmission: times(3, forgedRun), onPanel }) });
    expect(record.submission.status).toBe("valid");
    expect(codes(record.review)).toEqual(["forged"]);
  });

  it("is said once, by its first finding, when the submission forged before", () => {
    const record = judged({
      submission: submission(ran({ old: "passed" }, { forged: "first" })),
      review: review({ onSubmission: times(3, forgedRun) }),
    });
    expect(record.submission.reasons).toEqual([{ code: "forged", detail: "first" }]);
  });
});

describe("the panel", () => {
  const runs = (status: CheckStatus, count = 3) => times(count, ran({ new: status }));
  const panel = (onPanel: NonNullable<Parameters<typeof review>[0]>["onPanel"]) =>
    judged({ review: review({ onPanel: onPanel ?? [] }) }).panel;

  it("meets every hidden candidate as it meets a submission", () => {
    expect(
      panel([
        { candidate: "wrong", label: "unresolved", runs: runs("failed") },
        { candidate: "right", label: "resolved", runs: runs("passed", 1) },
        { candidate: "odd", label: "resolved", runs: [...runs("failed", 2), ...runs("passed", 1)] },
      ]),
    ).toEqual([
      { candidate: "wrong", label: "unresolved", effect: "killed" },
      { candidate: "right", label: "resolved", effect: "survived" },
      { candidate: "odd", label: "resolved", effect: "flaky" },
    ]);
  });

  it("leaves out candidates whose runs were lost, forged or never done", () => {
    expect(
      panel([
        { candidate: "lost", label: "resolved", runs: [unjudgeable("failed"), ...runs("failed", 2)] },
        { candidate: "forged", label: "unresolved", runs: [ran({}, { forged: "canary" })] },
        { candidate: "none", label: "unresolved", runs: [] },
      ]),
    ).toEqual([]);
  });

  it("is met by valid reviews only", () => {
    const onPanel = [{ candidate: "wrong", label: "unresolved", runs: runs("failed") }] as const;
    const onGoldRuns = times(3, ran({ old: "failed", fixed: "passed", new: "passed" }));
    expect(judged({ review: review({ onGold: onGoldRuns, onPanel }) }).panel).toEqual([]);
  });
});

describe("settling a contested kill", () => {
  const rejects = { label: "resolved", runs: times(3, ran({ new: "failed" })) } as const;
  const accepts = { label: "resolved", runs: [ran({ new: "passed" })] } as const;
  const wrong = { label: "unresolved", runs: times(3, ran({ new: "failed" })) } as const;
  const contested = (members: readonly (typeof rejects | typeof accepts | typeof wrong)[]): RoundRecord =>
    judged({
      review: review({
        onSubmission: times(3, ran({ new: "failed" })),
        onPanel: members.map((member, index) => ({ candidate: `c${index}`, ...member })),
      }),
    });

  it("needs three resolved patches, gold among them", () => {
    expect(contested([]).settlement).toBeUndefined();
    expect(contested([rejects]).settlement).toBeUndefined();
    expect(contested([rejects, wrong, wrong]).settlement).toBeUndefined();
  });

  it("finds tests over-fitted that reject most of them", () => {
    expect(contested([rejects, rejects]).settlement).toEqual({ rejected: 2, of: 3, kind: "over-fitted" });
  });

  it("finds a true kill where most accept, or just half", () => {
    expect(contested([rejects, accepts]).settlement).toEqual({ rejected: 1, of: 3, kind: "true-kill" });
    expect(contested([rejects, rejects, accepts]).settlement).toEqual({
      rejected: 2,
      of: 4,
      kind: "true-kill",
    });
    expect(settle(0, 3)?.kind).toBe("true-kill");
    expect(settle(3, 2)).toBeUndefined();
  });

  it("settles nothing that is not contested", () => {
    const onPanel = times(3, { candidate: "c", ...rejects });
    const record = judged({
      submission: submission(visible, unresolvedRun),
      review: review({ onSubmission: times(3, ran({ new: "failed" })), onPanel }),
    });
    expect(record).toMatchObject({ effect: "killed", contested: false });
    expect(record.settlement).toBeUndefined();
  });
});

describe("void", () => {
  const memory = [{ kind: "out-of-memory", detail: "killed" }] as const;
  const disk = [{ kind: "disk-full", detail: "no space" }] as const;
  const build = [{ kind: "build-failed", detail: "main.rs" }] as const;
  const none = [{ kind: "no-tests", detail: "collected 0" }] as const;

  it.each([memory, disk, build])("is out of the submitter's reach (%j)", (...incidents) => {
    const record = judged({ submission: submission(unjudgeable("passed", incidents)) });
    expect(record.void).toBeUndefined();
    expect(record.submission.status).toBe("invalid");
    expect(scoreOf(record, "strict")).toMatchObject({ submitter: -1 });
  });

  it.each([memory, disk, build, none])("is out of the reviewer's reach (%j)", (...incidents) => {
    const record = judged({ review: review({ onGold: times(3, unjudgeable("passed", incidents)) }) });
    expect(record.void).toBeUndefined();
    expect(record.review.status).toBe("invalid");
    expect(scoreOf(record, "strict")).toMatchObject({ reviewer: -1 });
  });

  it("takes the control's failure on the same host, and says whose run it was", () => {
    const lost = unjudgeable("failed", disk);
    const submitters = judged({ submission: submission(lost) });
    expect(submitters.void).toMatchObject({ cause: "control-failed", side: "submitter" });
    expect(judged({ submission: submission(visible, lost) }).void?.side).toBe("submitter");
    expect(judged({ review: review({ onGold: [onGold, lost, onGold] }) }).void?.side).toBe("reviewer");
    expect(judged({ review: review({ onSubmission: [visible, lost] }) }).void?.side).toBe("reviewer");
    expect(verdictOf(submitters)).toBe("void");
    expect(scoreOf(submitters, "paper")).toBeUndefined();
    expect(scoreOf(submitters, "strict")).toBeUndefined();
  });

  it("takes one job that was lost on this host beside others that were not", () => {
    const two = { ...baseline, speaking: new Set(["test", "second"]) };
    const lost: JudgedRun = { kind: "ran", report: report({ old: "passed" }), lostJobs: ["second"] };
    expect(judged({ baseline: two, submission: submission(lost) }).void).toMatchObject({ side: "submitter" });
    // A job that never showed anything has nothing to lose.
    expect(judged({ submission: submission(lost) }).void).toBeUndefined();
  });

  it("does not follow from a lost B+T or panel run", () => {
    const lost = unjudgeable("failed");
    const onPanel = [{ candidate: "c", label: "resolved", runs: [lost] }] as const;
    expect(judged({ review: review({ onBase: lost, onPanel }) }).void).toBeUndefined();
  });

  it("is what a fault of ours says it is", () => {
    const fault = { cause: "engine-lost", side: "baseline", detail: "gone" } as const;
    expect(judged({ fault }).void).toEqual(fault);
  });

  it("asks for a control when no check came to its end, whatever a lint job says", () => {
    expect(showsNothing({ jobs: [] })).toBe(true);
    expect(showsNothing(report({}))).toBe(true);
    expect(showsNothing(report({ a: "skipped" }))).toBe(true);
    expect(showsNothing(report({ a: "error" }))).toBe(true);
    expect(showsNothing(report({ a: "failed" }))).toBe(false);
    expect(showsNothing(report({ a: "passed", b: "error" }))).toBe(false);
    expect(showsNothing(withLint({}, "passed"))).toBe(true);
    expect(showsNothing(withLint({ a: "passed" }, "failed"))).toBe(false);
    expect(showsNothing({ jobs: withLint({}, "failed").jobs.slice(1) })).toBe(false);
  });
});

describe("the verdict and the scores", () => {
  const kill = review({ onSubmission: times(3, ran({ new: "failed" })) });
  const spare = review({ onSubmission: times(3, ran({ new: "passed" })) });
  const waver = review({ onSubmission: [ran({ new: "failed" }), ...times(2, ran({ new: "passed" }))] });
  const rejectedReview = { kind: "rejected", reasons: [{ code: "too-large", detail: "" }] } as const;
  const none = { kind: "none" } as const;
  const resolved = submission(visible);
  const unresolved = submission(visible, unresolvedRun);
  const broken = submission(ran({ old: "failed" }), unresolvedRun);
  const settledBy = (effect: CheckStatus) =>
    review({
      onSubmission: times(3, ran({ new: "failed" })),
      onPanel: ["a", "b"].map((candidate) => ({
        candidate,
        label: "resolved",
        runs: times(3, ran({ new: effect })),
      })),
    });

  type Row = readonly [
    string,
    RoundEvidence["submission"],
    RoundEvidence["review"],
    ReturnType<typeof verdictOf>,
    readonly [number, number],
    readonly [number, number],
  ];
  const rows: readonly Row[] = [
    ["resolved, no review", resolved, none, "patch-stands", [1, 0], [1, 0]],
    ["resolved, review invalid", resolved, rejectedReview, "test-invalid", [1, -1], [1, -1]],
    ["resolved, survived", resolved, spare, "patch-stands", [1, 0], [1, 0]],
    ["resolved, flaky", resolved, waver, "patch-stands", [1, 0], [1, 0]],
    ["resolved, killed, unsettled", resolved, kill, "patch-broken", [-1, 1], [0, 0]],
    ["resolved, killed, true kill", resolved, settledBy("passed"), "patch-broken", [-1, 1], [-1, 1]],
    ["resolved, killed, over-fitted", resolved, settledBy("failed"), "patch-broken", [-1, 1], [1, -1]],
    ["unresolved, no review", unresolved, none, "patch-stands", [1, 0], [-1, 0]],
    ["unresolved, review invalid", unresolved, rejectedReview, "test-invalid", [1, -1], [-1, -1]],
    ["unresolved, survived", unresolved, spare, "patch-stands", [1, 0], [-1, 0]],
    ["unresolved, killed", unresolved, kill, "patch-broken", [-1, 1], [-1, 1]],
    ["invalid, no review", broken, none, "patch-invalid", [-1, 0], [-1, 0]],
    ["invalid, review invalid", broken, rejectedReview, "patch-invalid", [-1, -1], [-1, -1]],
    ["invalid, review valid", broken, kill, "patch-invalid", [-1, 0], [-1, 0]],
  ];
  it.each(rows)("%s", (_, sub, rev, verdict, paper, strict) => {
    const record = judged({ submission: sub, review: rev });
    expect(verdictOf(record)).toBe(verdict);
    expect(scoreOf(record, "paper")).toEqual({ submitter: paper[0], reviewer: paper[1] });
    expect(scoreOf(record, "strict")).toEqual({ submitter: strict[0], reviewer: strict[1] });
  });

  it("an unlabelled submission that stands scores in both readings", () => {
    const record = judge(instance({ oracle: "jobs" }), evidence({ review: spare }));
    expect(scoreOf(record, "strict")).toEqual({ submitter: 1, reviewer: 0 });
  });
});
