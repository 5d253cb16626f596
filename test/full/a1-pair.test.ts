// The claims made for A1, on a thousand questions in one run, with intervals over questions: the decisive test of the pair.
import { beforeAll, describe, expect, it } from "vitest";
import { armIn, figuresIn, gainIn, type PairReport, pairBench, secondsIn } from "../support/pair-bench.ts";

/** The largest loss that counts as none, in share of questions. */
const margin = 0.02;

describe("the trained pair on 1,000 questions", () => {
  let report: PairReport;
  beforeAll(async () => {
    report = await pairBench("--questions", "1000", "--arms", "a1,draft,target,random,turn-sync,scored");
    console.log(figuresIn(report));
  }, 3_600_000);

  it("is asked whole: no engine fails, so that all figures are over the same questions", () => {
    expect(report.arms.flatMap(({ failed }) => failed)).toEqual([]);
  });

  it("is not worse than its target alone, while its draft alone is", () => {
    for (const measure of ["pass1", "majority"]) {
      expect(gainIn(report, "target", measure).low, measure).toBeGreaterThan(-margin);
    }
    expect(armIn(report, "draft").majority.high).toBeLessThan(armIn(report, "target").majority.low - margin);
  });

  it("is better than chance at the same rate", () => {
    const rates = ["a1", "random"].map((arm) => armIn(report, arm).interventionRate ?? Number.NaN);
    console.log(`drafts that went to the target: a1 ${rates[0]}, random ${rates[1]}`);
    expect(Math.abs((rates[0] ?? 0) - (rates[1] ?? 1))).toBeLessThan(0.02);
    expect(gainIn(report, "random", "pass1").low).toBeGreaterThan(0);
    expect(gainIn(report, "random", "majority").low).toBeGreaterThan(0);
  });

  it("scores by what tells wrong from right within a question", () => {
    const chosen = report.scores.find(({ score, over }) => score === "worst-window" && over === "worst");
    expect(chosen?.within?.low).toBeGreaterThan(0.5);
  });

  it("is faster than in step", () => {
    const { async: free = 0, turnSync = 0 } = report.virtual?.makespanSeconds ?? {};
    expect(turnSync).toBeGreaterThan(free);
  });
});

describe("the trained pair with 24 candidates, until three agree", () => {
  const many = ["--samples", "24"];

  it("answers a question in half the time that all candidates take in step", async () => {
    const report = await pairBench("--questions", "50", ...many, "--arms", "a1");
    console.log(figuresIn(report));
    const { turnSync } = secondsIn(report, "all");
    expect(turnSync / secondsIn(report, "agree-3").async).toBeGreaterThanOrEqual(2);
  }, 600_000);

  it("is not worse than all candidates in step", async () => {
    const arms = ["--stop", "agree-3", "--arms", "a1,turn-sync"];
    const early = await pairBench("--questions", "1000", ...many, ...arms);
    console.log(figuresIn(early));
    expect(gainIn(early, "turn-sync", "majority").low).toBeGreaterThan(-margin);
  }, 3_600_000);
});
