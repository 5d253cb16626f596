// A score that only knows hard questions looks good over all pairs and is chance within questions: the two figures part.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../../src/domain/random.ts";
import {
  pooledAuc,
  type ScoredQuestion,
  withinQuestionAuc,
} from "../../../../../src/inference/a1/tasks/auc.ts";

const draws = () => ({ random: seededRandom("auc"), resamples: 400 });
const samples = (right: readonly number[], wrong: readonly number[]): ScoredQuestion => [
  ...right.map((score) => ({ score, isCorrect: true })),
  ...wrong.map((score) => ({ score, isCorrect: false })),
];

describe("the area under the curve", () => {
  it("counts pairs of one question, ties half", () => {
    // 3 beats 1 and 2, and ties with 3; 1 ties with 1.
    const question = samples([3, 1], [1, 2, 3]);
    expect(withinQuestionAuc([question], draws())?.value).toBeCloseTo((2.5 + 0.5) / 6, 12);
    expect(pooledAuc([question], draws())?.value).toBeCloseTo(3 / 6, 12);
  });

  it("leaves out questions that have no pairs", () => {
    expect(withinQuestionAuc([samples([1, 2], []), samples([], [5])], draws())).toBeUndefined();
    expect(withinQuestionAuc([samples([1, 2], []), samples([2], [1])], draws())).toMatchObject({
      value: 1,
      n: 1,
    });
  });

  it("takes infinities, and no score that is not a number", () => {
    expect(withinQuestionAuc([samples([Infinity], [Infinity, -Infinity])], draws())?.value).toBe(0.75);
    expect(() => pooledAuc([samples([1], [2]), samples([Number.NaN], [])], draws())).toThrow("in question 1");
  });

  it("within questions is chance for a score that only knows which questions are hard", () => {
    const random = seededRandom("hard questions");
    const questions = Array.from({ length: 150 }, (_, at) => {
      const ease = (at + 0.5) / 150;
      return Array.from({ length: 8 }, () => ({
        score: ease + 0.05 * random.next(),
        isCorrect: random.next() < ease,
      }));
    });
    const within = withinQuestionAuc(questions, draws());
    const pooled = pooledAuc(questions, draws());
    expect(pooled?.value).toBeGreaterThan(0.78);
    expect(pooled?.low).toBeGreaterThan(0.7);
    expect(within?.low).toBeLessThan(0.5);
    expect(within?.high).toBeGreaterThan(0.5);
    expect(within?.value).toBeCloseTo(0.5, 1);
  });

  it("is what a count of all pairs says", () => {
    const random = seededRandom("brute force");
    for (let round = 0; round < 100; round += 1) {
      const questions = Array.from({ length: 4 }, () =>
        Array.from({ length: 5 }, () => ({ score: random.integer(4), isCorrect: random.integer(2) === 0 })),
      );
      const within = questions.flatMap((question) => outcomes(question, question));
      const pooled = outcomes(questions.flat(), questions.flat());
      expect(withinQuestionAuc(questions, draws())?.value ?? Number.NaN).toBeCloseTo(mean(within), 12);
      expect(pooledAuc(questions, draws())?.value ?? Number.NaN).toBeCloseTo(mean(pooled), 12);
    }
  });

  it("has an interval over questions, each drawn with all of its samples", () => {
    const questions = [samples([3, 1], [1, 2, 3]), samples([1], [2]), samples([2], [1])];
    // Whoever draws nothing but the first question sees no spread.
    const first = { random: { next: () => 0 }, resamples: 10 };
    expect(withinQuestionAuc(questions, first)).toMatchObject({ low: 0.5, high: 0.5, n: 3 });
    expect(pooledAuc(questions, first)).toMatchObject({ low: 0.5, high: 0.5, n: 3 });
  });
});

/** 1, 0 or a half for each pair of a right sample of one and a wrong sample of the other. */
function outcomes(some: ScoredQuestion, others: ScoredQuestion): number[] {
  const wrongs = others.filter(({ isCorrect }) => !isCorrect);
  return some
    .filter(({ isCorrect }) => isCorrect)
    .flatMap((right) => wrongs.map((wrong) => (1 + Math.sign(right.score - wrong.score)) / 2));
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
