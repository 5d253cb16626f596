// Votes are grouped the same in any order, ties fall the same way, and accuracies and their intervals are those of the formulas.
import { describe, expect, it } from "vitest";
import { seededRandom, shuffled } from "../../../../../src/domain/random.ts";
import { majorityAccuracy, passAt, passAtK, wilson } from "../../../../../src/inference/a1/tasks/accuracy.ts";
import { clusteredInterval } from "../../../../../src/inference/a1/tasks/clustered-bootstrap.ts";
import { groupAnswers, majorityOf, Votes } from "../../../../../src/inference/a1/tasks/voting.ts";

describe("votes", () => {
  it("are put together where answers say the same", () => {
    expect(groupAnswers(["0.5", "3", undefined, "\\frac12", "x = 3", "1/2"])).toEqual([
      { answer: "0.5", samples: [0, 3, 5] },
      { answer: "3", samples: [1, 4] },
    ]);
  });

  it("that equal a third are together although they do not equal each other", () => {
    expect(groupAnswers(["50", "\\frac12", "50\\%"])).toHaveLength(1);
    expect(groupAnswers(["50", "\\frac12"])).toHaveLength(2);
  });

  it("do not depend on the order in which samples end", () => {
    const random = seededRandom("order of votes");
    const answers = [
      "1",
      "2",
      "2.0",
      "\\frac22",
      undefined,
      "50",
      "0.5",
      "50\\%",
      "(1,2)",
      "(1, 2)",
      "nonsense \\",
      "1.0",
    ];
    const straight = groupAnswers(answers);
    for (let round = 0; round < 50; round += 1) {
      const votes = new Votes();
      for (const [sample, answer] of shuffled([...answers.entries()], random)) votes.add(sample, answer);
      expect(votes.groups()).toEqual(straight);
      expect(votes.counts()).toEqual(straight.map(({ samples }) => samples.length));
      expect(votes.unanswered).toBe(1);
    }
  });

  it("that are level go to the answer that was given first", () => {
    expect(majorityOf(["7", "5", "5", "7"])?.answer).toBe("7");
    expect(majorityOf([undefined, "5", "7", "7", "5"])?.answer).toBe("5");
    expect(majorityOf([undefined])).toBeUndefined();
  });

  it("are cast once, answered or not", () => {
    const votes = new Votes();
    votes.add(0, undefined);
    expect(() => votes.add(0, "5")).toThrow("a second of 0");
  });

  it("of one text are compared once", () => {
    let asked = 0;
    const votes = new Votes((one, other) => {
      asked += 1;
      return one === other ? "equal" : "different";
    });
    for (let sample = 0; sample < 100; sample += 1) votes.add(sample, sample % 2 === 0 ? "a" : "b");
    expect(asked).toBe(1);
    expect(votes.counts()).toEqual([50, 50]);
  });
});

describe("accuracy", () => {
  it("of k samples is the mean over all ways to choose them", () => {
    // 5 samples, 2 right: of the 10 pairs 3 are wrong throughout.
    expect(passAtK(5, 2, 2)).toBeCloseTo(0.7, 12);
    expect(passAtK(16, 0, 16)).toBe(0);
    expect(passAtK(16, 1, 16)).toBe(1);
    expect(passAtK(4, 3, 1)).toBeCloseTo(0.75, 12);
    expect(() => passAtK(4, 1, 5)).toThrow("n=4, c=1, k=5");
  });

  it("of k samples is without bias", () => {
    const random = seededRandom("pass at k");
    const chance = 0.3;
    let sum = 0;
    const rounds = 20_000;
    for (let round = 0; round < rounds; round += 1) {
      const right = Array.from({ length: 8 }, () => random.next() < chance).filter((each) => each).length;
      sum += passAtK(8, right, 3);
    }
    expect(sum / rounds).toBeCloseTo(1 - (1 - chance) ** 3, 2);
  });

  it("is told over questions, with Wilson's interval", () => {
    const graded = (right: number, isMajorityCorrect: boolean) => ({
      isCorrect: Array.from({ length: 4 }, (_, sample) => sample < right),
      isMajorityCorrect,
    });
    const questions = [graded(4, true), graded(1, false), graded(0, false), graded(3, true)];
    expect(passAt(1, questions)?.value).toBeCloseTo(0.5, 12);
    expect(passAt(4, questions)?.value).toBeCloseTo(0.75, 12);
    expect(majorityAccuracy(questions)).toMatchObject({ value: 0.5, n: 4 });
    expect(passAt(1, [])).toBeUndefined();
  });

  it("has the intervals of Wilson's formula", () => {
    const { low, high } = wilson(7, 15);
    expect(low).toBeCloseTo(0.2481, 4);
    expect(high).toBeCloseTo(0.6988, 4);
    expect(wilson(0, 10)).toMatchObject({ value: 0, low: 0, high: expect.closeTo(0.2775, 4) });
    expect(wilson(10, 10)).toMatchObject({ value: 1, low: expect.closeTo(0.7225, 4), high: 1 });
    expect(() => wilson(1, 0)).toThrow("1 of 0");
    expect(() => wilson(3, 2)).toThrow("3 of 2");
  });
});

describe("the bootstrap over questions", () => {
  /** Shares of right samples where a question's samples are all right or all wrong. */
  const figureOf = (values: readonly number[]) => (weights: Uint32Array) =>
    values.reduce((sum, value, at) => sum + value * (weights[at] ?? 0), 0) / values.length;

  it("holds the truth about as often as it says", () => {
    const random = seededRandom("coverage");
    let held = 0;
    for (let round = 0; round < 300; round += 1) {
      const values = Array.from({ length: 60 }, () => (random.next() < 0.4 ? 1 : 0));
      const interval = clusteredInterval(values.length, figureOf(values), { random, resamples: 300 });
      if (interval !== undefined && interval.low <= 0.4 && interval.high >= 0.4) held += 1;
    }
    expect(held / 300).toBeGreaterThan(0.9);
    expect(held / 300).toBeLessThan(0.985);
  });

  it("is as wide as the square root of the questions says, and the same for the same seed", () => {
    const values = Array.from({ length: 100 }, (_, at) => (at % 2 === 0 ? 1 : 0));
    const interval = (seed: string) =>
      clusteredInterval(100, figureOf(values), { random: seededRandom(seed) });
    const { value = 0, low = 0, high = 0 } = interval("a") ?? {};
    expect(value).toBe(0.5);
    expect(high - low).toBeCloseTo(2 * 1.96 * 0.05, 1);
    expect(interval("a")).toEqual(interval("a"));
  });

  it("is not given where there is no figure", () => {
    const draws = { random: seededRandom("none"), resamples: 20 };
    expect(clusteredInterval(3, () => undefined, draws)).toBeUndefined();
    let calls = 0;
    expect(clusteredInterval(3, () => (calls++ < 5 ? 1 : undefined), draws)).toBeUndefined();
  });
});
