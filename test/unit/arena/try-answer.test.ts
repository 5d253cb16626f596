// Answers run before they are given: by the round's own runs, judged as the round would without anything hidden.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type TrialRuns, tryReview, trySubmission } from "../../../src/arena/try-answer.ts";
import { Fault } from "../../../src/domain/fault.ts";
import { type ToyArena, toyArena } from "../../support/toy-arena.ts";

let arena: ToyArena;
let runs: TrialRuns;
let ran: string[];
beforeEach(async () => {
  arena = await toyArena([]);
  const real = arena.deps({ submit: () => "", review: () => "" }).runs;
  ran = [];
  runs = {
    baseline: (of) => real.baseline(of),
    run: async (of, state) => {
      const done = await real.run(of, state);
      ran.push(`${state.name}${done.reused ? ", reused" : ""}`);
      return done;
    },
  };
});
afterEach(() => arena[Symbol.asyncDispose]());

const submitted = async (app: string) => {
  const patch = await arena.files.patch({ "app.py": app });
  return await trySubmission(arena.of, { kind: "patch", patch }, runs);
};
const reviewed = async (test: string) => {
  const patch = await arena.files.patch({ "tests/test_new.py": test });
  return await tryReview(arena.of, { kind: "patch", patch, bounded: true }, runs);
};

describe("a submission", () => {
  it("passes that keeps the visible tests, whether or not it mends anything: the hidden ones are not run", async () => {
    expect(await submitted("old = 2\n")).toEqual({ kind: "passed" });
    expect(ran).toEqual(["P"]);
  });

  it("fails that breaks a visible test twice, and says which", async () => {
    expect(await submitted("new = 1\n")).toMatchObject({
      kind: "failed",
      because: expect.stringContaining("tests/test_old.py"),
    });
    expect(ran).toEqual(["P", "P again"]);
  });

  it("is not run again for the round", async () => {
    const tree = await arena.files.tree({ "app.py": "old = 2\n" });
    await trySubmission(arena.of, { kind: "tree", tree }, runs);
    const state = { name: "P", tree, comparison: "single", repeat: 1, withLint: true } as const;
    await runs.run(arena.of, state);
    expect(ran).toEqual(["P", "P, reused"]);
  });

  it("fails that may not be judged at all, without a run", async () => {
    const patch = await arena.files.patch({ "app.py": "# only words\nold = 1\n" });
    expect(await trySubmission(arena.of, { kind: "patch", patch }, runs)).toMatchObject({ kind: "failed" });
    expect(ran).toEqual([]);
  });
});

describe("tests", () => {
  it("pass that fail on base", async () => {
    expect(await reviewed("# needs fixed\nassert hidden_word\n")).toEqual({ kind: "passed" });
    expect(ran).toEqual(["B, reused", "B+T"]);
  });

  it("fail that pass on base, and that are none", async () => {
    expect(await reviewed("# needs old\nassert old\n")).toEqual({
      kind: "failed",
      because: "no new check fails on base",
    });
    expect(await tryReview(arena.of, { kind: "patch", patch: "", bounded: true }, runs)).toEqual({
      kind: "failed",
      because: "no tests",
    });
  });
});

describe("a host that fails", () => {
  const failing = (code: string, retryable: boolean): TrialRuns => ({
    ...runs,
    run: () => Promise.reject(new Fault(code, "the host broke", { retryable })),
  });
  const tryWith = async (broken: TrialRuns) =>
    await trySubmission(
      arena.of,
      { kind: "tree", tree: await arena.files.tree({ "app.py": "old = 3\n" }) },
      broken,
    );

  it("is never the answer's fault", async () => {
    expect(await tryWith(failing("sandbox-failed", true))).toEqual({
      kind: "unknown",
      because: "the host broke",
    });
  });

  it("ends the run where every other round would meet the same", async () => {
    await expect(tryWith(failing("host-disk-full", false))).rejects.toMatchObject({ code: "host-disk-full" });
  });

  it("is not taken for an answer where it loses a job, in gold too", async () => {
    const silent = {
      jobs: [{ job: "test", checks: [], trust: "canaried", incidents: [], seconds: 1 }],
    } as const;
    const judged = { kind: "unjudgeable", report: silent, control: "failed" } as const;
    const losing: TrialRuns = {
      ...runs,
      run: async () => ({ judged, evidence: "", reused: false }),
    };
    expect(await tryWith(losing)).toMatchObject({ kind: "unknown" });
    const patch = await arena.files.patch({ "tests/test_new.py": "# needs fixed\nassert x\n" });
    expect(await tryReview(arena.of, { kind: "patch", patch, bounded: true }, losing)).toMatchObject({
      kind: "unknown",
    });
  });
});
