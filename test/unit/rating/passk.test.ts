// pass@k and pass^k against values worked out by hand and against counting every choice.
import { describe, expect, it } from "vitest";
import { passAtK, passHatK } from "../../../src/rating/index.ts";

/** Every choice of k out of n tries of which the first c succeed. */
function choices(n: number, k: number): number[][] {
  if (k === 0) return [[]];
  return Array.from({ length: n }, (_, last) => last).flatMap((last) =>
    choices(last, k - 1).map((rest) => [...rest, last]),
  );
}

describe("passAtK and passHatK", () => {
  it("agree with the formulas by hand", () => {
    expect(passAtK(10, 3, 1)).toBeCloseTo(0.3, 12);
    expect(passAtK(5, 2, 3)).toBeCloseTo(0.9, 12);
    expect(passHatK(5, 4, 2)).toBeCloseTo(0.6, 12);
    expect(passHatK(4, 4, 4)).toBe(1);
  });

  it("agree with counting all choices of k out of n", () => {
    for (let n = 1; n <= 6; n += 1)
      for (let k = 1; k <= n; k += 1)
        for (let c = 0; c <= n; c += 1) {
          const all = choices(n, k);
          const some = all.filter((chosen) => chosen.some((one) => one < c)).length;
          const every = all.filter((chosen) => chosen.every((one) => one < c)).length;
          expect(passAtK(n, c, k)).toBeCloseTo(some / all.length, 12);
          expect(passHatK(n, c, k)).toBeCloseTo(every / all.length, 12);
        }
  });

  it("are 0 without a success and 1 without a failure", () => {
    expect([passAtK(7, 0, 7), passHatK(7, 6, 7)]).toEqual([0, 0]);
    expect([passAtK(7, 1, 7), passHatK(7, 7, 7)]).toEqual([1, 1]);
    expect(passHatK(7, 5, 7)).toBe(0);
  });

  it("stay exact where factorials overflow", () => {
    expect(passAtK(10_000, 1, 5_000)).toBeCloseTo(0.5, 9);
    expect(passHatK(10_000, 9_999, 5_000)).toBeCloseTo(0.5, 9);
  });

  it("refuse more tries than there are, and numbers that count nothing", () => {
    for (const [n, c, k] of [
      [3, 1, 4],
      [3, 4, 2],
      [3, -1, 2],
      [3, 1, 0],
      [3.5, 1, 2],
    ] as const) {
      expect(() => passAtK(n, c, k)).toThrow(RangeError);
      expect(() => passHatK(n, c, k)).toThrow(RangeError);
    }
  });
});
