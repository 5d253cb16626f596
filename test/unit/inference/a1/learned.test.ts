// The learned score and conformal admission against laws that are known because the data were drawn from them.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import { admitted, failurePValue, type Verdict } from "../../../../src/inference/a1/admission.ts";
import { type LabelledChunk, learn, learnedScore } from "../../../../src/inference/a1/learned.ts";

const random = seededRandom("learned");
const normal = (): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

function drawn(count: number): LabelledChunk[] {
  return Array.from({ length: count }, () => {
    const [a, b] = [3 + 2 * normal(), normal()];
    const odds = -0.5 + 1.2 * ((a - 3) / 2) - 0.7 * b;
    return { features: { a, b, flat: 1 }, isWrong: random.next() < 1 / (1 + Math.exp(-odds)) };
  });
}

describe("a learned score", () => {
  it("finds the weights that the answers were drawn by, and leaves out what never varies", () => {
    const map = learn(drawn(20_000));
    expect(map.weights.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(map.weights[0]?.weight).toBeCloseTo(1.2, 1);
    expect(map.weights[1]?.weight).toBeCloseTo(-0.7, 1);
    expect(map.bias).toBeCloseTo(-0.5, 1);
  });

  it("is larger for what is worse, and takes the mean for what is missing", () => {
    const map = learn(drawn(2_000));
    expect(learnedScore(map, { a: 9, b: 0 })).toBeGreaterThan(learnedScore(map, { a: 1, b: 0 }));
    expect(learnedScore(map, {})).toBe(map.bias);
  });

  it("stays finite where one feature tells all", () => {
    const chunks = Array.from({ length: 40 }, (_, at) => ({ features: { a: at }, isWrong: at >= 20 }));
    expect(Math.abs(learn(chunks).weights[0]?.weight ?? Infinity)).toBeLessThan(20);
  });

  it("refuses answers that are all alike", () => {
    expect(() => learn(drawn(50).map((each) => ({ ...each, isWrong: true })))).toThrow(/found 50 wrong/);
  });
});

describe("admission to continuous integration", () => {
  const verdict = (): Verdict => {
    const hasPassed = random.next() < 0.4;
    return { nonconformity: normal() + (hasPassed ? 0 : 1.5), hasPassed };
  };

  it("knows when it cannot tell", () => {
    const few = Array.from({ length: 19 }, () => ({ nonconformity: 1, hasPassed: false }));
    expect(failurePValue(0, few)).toBeUndefined();
    expect(admitted([0, 1], few, 0.1)).toBeUndefined();
  });

  it("counts failures that looked as good, ties against the candidate", () => {
    const past = Array.from({ length: 39 }, (_, at) => ({ nonconformity: at, hasPassed: false }));
    expect(failurePValue(0, past)).toBe(2 / 40);
    expect(failurePValue(-1, past)).toBe(1 / 40);
    expect(failurePValue(99, past)).toBe(1);
  });

  it("keeps the share of failures among the admitted below its level, and admits some", () => {
    let [failed, all] = [0, 0];
    let shares = 0;
    const trials = 400;
    for (let trial = 0; trial < trials; trial += 1) {
      const past = Array.from({ length: 300 }, verdict);
      const now = Array.from({ length: 20 }, verdict);
      const taken = admitted(
        now.map(({ nonconformity }) => nonconformity),
        past,
        0.2,
      );
      const wrong = (taken ?? []).filter((at) => now[at]?.hasPassed === false).length;
      shares += taken === undefined || taken.length === 0 ? 0 : wrong / taken.length;
      failed += wrong;
      all += taken?.length ?? 0;
    }
    expect(shares / trials).toBeLessThan(0.2 + 0.03);
    expect(all).toBeGreaterThan(trials);
    expect(failed).toBeGreaterThan(0);
  });
});
