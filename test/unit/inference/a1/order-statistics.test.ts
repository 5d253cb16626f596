// The multiset against a sorted array, through thousands of insertions and removals.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import { OrderStatistics } from "../../../../src/inference/a1/order-statistics.ts";

describe("order statistics", () => {
  it("count, rank and give back what a sorted array does", () => {
    const random = seededRandom("order");
    const kept = new OrderStatistics();
    const naive: number[] = [];
    for (let step = 0; step < 6_000; step += 1) {
      // Few values: ties are what goes wrong. Now and then an infinity.
      const value = random.next() < 0.02 ? Infinity : random.integer(40) / 8;
      if (random.next() < 0.7) {
        kept.insert(value);
        naive.push(value);
      } else {
        const at = naive.indexOf(value);
        expect(kept.remove(value)).toBe(at >= 0);
        if (at >= 0) naive.splice(at, 1);
      }
      if (step % 50 !== 0) continue;
      naive.sort((one, other) => one - other);
      expect([...kept.values()]).toEqual(naive);
      const asked = random.integer(42) / 8;
      expect(kept.countGreater(asked)).toBe(naive.filter((each) => each > asked).length);
      expect(kept.countEqual(asked)).toBe(naive.filter((each) => each === asked).length);
      const rank = 1 + random.integer(naive.length + 2);
      expect(kept.at(rank)).toBe(naive[rank - 1]);
    }
    expect(kept.size).toBe(naive.length);
    expect(naive.length).toBeGreaterThan(1_500);
  });

  it("begin with many values at once, in any order", () => {
    const random = seededRandom("many");
    const values = Array.from({ length: 3_000 }, () => random.next());
    const kept = new OrderStatistics(values);
    expect([...kept.values()]).toEqual(values.toSorted((one, other) => one - other));
    expect([kept.size, kept.at(0), kept.at(3_001)]).toEqual([3_000, undefined, undefined]);
  });

  it("count equal values that fill many blocks, and what lies beside them", () => {
    const kept = new OrderStatistics();
    for (let step = 0; step < 3_000; step += 1) {
      kept.insert(1);
      if (step % 3 === 0) kept.insert(step % 2 === 0 ? 0 : 2);
      // Asked between changes: counts that are kept must not outlive them.
      if (step % 500 === 0) expect(kept.countEqual(1)).toBe(step + 1);
    }
    expect([kept.countGreater(0), kept.countGreater(1), kept.countGreater(2)]).toEqual([3_500, 500, 0]);
    expect([kept.countEqual(0), kept.countEqual(1), kept.countEqual(2), kept.countEqual(0.5)]).toEqual([
      ...[500, 3_000, 500, 0],
    ]);
    expect([kept.countGreater(-1), kept.countGreater(9)]).toEqual([4_000, 0]);
    while (kept.remove(1)) if (kept.size % 700 === 0) expect(kept.countEqual(1)).toBe(kept.size - 1_000);
    expect([kept.countEqual(1), kept.countGreater(1), kept.countGreater(0)]).toEqual([0, 500, 500]);
  });

  it("refuse what is no number: it has no place", () => {
    const kept = new OrderStatistics([1]);
    expect(() => kept.insert(Number.NaN)).toThrow("found NaN");
    expect(() => new OrderStatistics([1, Number.NaN])).toThrow("found NaN");
    expect(kept.size).toBe(1);
  });
});
