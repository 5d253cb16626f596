// Rules stop when they should: never before a majority is safe, at four of four for the posterior, and at once where one is enough.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../../src/domain/random.ts";
import {
  leaderProbability,
  type StopState,
  stopRuleNamed,
  whenAgreed,
  whenConfident,
  whenDecided,
} from "../../../../../src/inference/a1/tasks/stopping.ts";

const state = (counts: readonly number[], remaining = 10, unanswered = 0): StopState => ({
  counts,
  remaining,
  unanswered,
});

describe("a rule", () => {
  it.each([
    ["all", state([16], 0), false],
    ["first", state([]), false],
    ["first", state([1]), true],
    ["agree-3", state([2, 2]), false],
    ["agree-3", state([3, 2]), true],
    ["decided", state([8, 2], 6), false],
    ["decided", state([9, 2], 6), true],
    ["decided", state([9], 7), true],
    ["decided", state([], 0), false],
    ["beta", state([]), false],
    ["beta", state([3]), false],
    ["beta", state([4]), true],
    ["beta", state([5, 1]), false],
    ["beta", state([7, 1]), true],
    ["beta", state([4], 10, 6), true],
  ])("%s on %j", (name, votes, stops) => {
    expect(stopRuleNamed(name)(votes)).toBe(stops);
  });

  it.each(["", "agree-0", "agree-", "agree-1.5", "All", "constructor"])("is not named %j", (name) => {
    expect(() => stopRuleNamed(name)).toThrow(
      "expected a stop rule (all, first, decided, beta, agree-<votes>)",
    );
  });

  it("is not made of nonsense", () => {
    expect(() => whenAgreed(0)).toThrow("found 0");
    expect(() => whenConfident(1)).toThrow("found 1");
  });
});

describe("decided", () => {
  it("is never wrong about who wins, whatever comes", () => {
    const random = seededRandom("decided");
    for (let round = 0; round < 5_000; round += 1) {
      const samples = 4 + random.integer(13);
      const counts = [0, 0, 0];
      let leader: number | undefined;
      for (let sample = 0; sample < samples; sample += 1) {
        const vote = random.integer(3);
        counts[vote] = (counts[vote] ?? 0) + 1;
        const sorted = [...counts].sort((one, other) => other - one);
        const stops = whenDecided({ counts: sorted, unanswered: 0, remaining: samples - sample - 1 });
        if (stops) leader ??= counts.indexOf(sorted[0] ?? 0);
      }
      // Alone at the top, so that no tie is left to be broken.
      if (leader !== undefined)
        expect(counts.filter((count) => count >= (counts[leader ?? 0] ?? 0))).toHaveLength(1);
    }
  });
});

describe("the posterior", () => {
  it.each([
    [0, 0, 0.5],
    [3, 3, 0.5],
    [1, 0, 0.75],
    [4, 0, 31 / 32],
    [5, 1, 0.9375],
    [0, 4, 1 / 32],
  ])("of %d against %d is %d", (leader, second, probability) => {
    expect(leaderProbability(leader, second)).toBeCloseTo(probability, 12);
  });

  it("is the area of the Beta density above a half", () => {
    for (const [leader, second] of [
      [6, 2],
      [2, 5],
      [11, 9],
    ] as const) {
      const density = (share: number): number => share ** leader * (1 - share) ** second;
      const area = (from: number): number => {
        let sum = 0;
        const steps = 20_000;
        for (let step = 0; step < steps; step += 1)
          sum += density(from + ((step + 0.5) / steps) * (1 - from));
        return (sum / steps) * (1 - from);
      };
      expect(leaderProbability(leader, second)).toBeCloseTo(area(0.5) / area(0), 6);
    }
  });

  it("stays a probability for thousands of votes", () => {
    expect(leaderProbability(5_000, 5_000)).toBeCloseTo(0.5, 9);
    expect(leaderProbability(6_000, 4_000)).toBeCloseTo(1, 12);
    expect(leaderProbability(4_000, 6_000)).toBeGreaterThanOrEqual(0);
  });
});
