// The same parts give the same number in every process and version: recorded decisions are replayed with it.
import { describe, expect, it } from "vitest";
import { uniformOf } from "../../../../src/inference/a1/keyed-random.ts";
import { distanceFromUniform } from "../../../../src/inference/a1/simulation/statistics.ts";

describe("a keyed number", () => {
  it("is the beginning of a digest that anyone can compute", () => {
    // printf '%s' '["a1","u","q1",3,2,0]' | sha256sum
    expect(uniformOf("a1", "u", "q1", 3, 2, 0)).toBe(0x25593451479d / 2 ** 48);
  });

  it("is uniform over its keys, and another for every part", () => {
    const values = Array.from({ length: 5_000 }, (_, at) => uniformOf("seed", at >> 4, at & 15));
    expect(distanceFromUniform(values)).toBeLessThan(0.02);
    expect(new Set(values).size).toBe(5_000);
    expect(uniformOf("a", 1)).not.toBe(uniformOf("a", "1"));
    expect(uniformOf("a", 1, 1)).not.toBe(uniformOf("a", 11));
  });
});
