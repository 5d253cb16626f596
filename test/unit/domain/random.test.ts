// Seeded draws: replayable to the digit, uniform, and untouched by what other purposes draw.
import { describe, expect, it } from "vitest";
import { seededRandom, shuffled } from "../../../src/domain/random.ts";

const draws = (seed: string, count = 20) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random.next());
};

describe("seededRandom", () => {
  it("gives the same stream for the same seed, on every machine", () => {
    expect(draws("seed")).toEqual(draws("seed"));
    // The stream is part of every manifest: a change of it would change what a stored seed means.
    expect(draws("seed", 3).map((value) => Math.floor(value * 1e9))).toMatchInlineSnapshot(`
      [
        803910236,
        532519687,
        56840200,
      ]
    `);
  });

  it("gives unrelated streams for near seeds", () => {
    const all = new Set(Array.from({ length: 200 }, (_, index) => draws(`seed ${index}`, 1)[0]));
    expect(all.size).toBe(200);
  });

  it("is uniform on [0, 1): each tenth is drawn about as often", () => {
    const counts = Array.from({ length: 10 }, () => 0);
    for (const value of draws("uniform", 20_000)) {
      expect(value >= 0 && value < 1).toBe(true);
      const tenth = Math.floor(value * 10);
      counts[tenth] = (counts[tenth] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });

  it("draws integers below a bound, all of them, and 0 where there is no choice", () => {
    const random = seededRandom("integers");
    const seen = new Set(Array.from({ length: 500 }, () => random.integer(7)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(random.integer(1)).toBe(0);
    expect(random.integer(0)).toBe(0);
  });

  it("forks streams that depend on seed and purpose only", () => {
    const used = seededRandom("s");
    used.next();
    expect(used.fork("a").next()).toBe(seededRandom("s").fork("a").next());
    expect(used.fork("a").next()).not.toBe(used.fork("b").next());
    expect(seededRandom("s").fork("a").fork("b").next()).not.toBe(
      seededRandom("s").fork("b").fork("a").next(),
    );
  });
});

describe("shuffled", () => {
  const items = Array.from({ length: 30 }, (_, index) => index);

  it("keeps every item and leaves the caller's list alone", () => {
    const copy = [...items];
    const result = shuffled(copy, seededRandom("s"));
    expect(copy).toEqual(items);
    expect(result).not.toEqual(items);
    expect([...result].sort((a, b) => a - b)).toEqual(items);
    expect(shuffled(items, seededRandom("s"))).toEqual(result);
  });

  it("puts every item in every place about as often", () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 3000; seed += 1) {
      const order = shuffled(["a", "b", "c"], seededRandom(`${seed}`)).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 500)).toBeLessThan(100);
  });

  it("takes empty lists and undefined items", () => {
    expect(shuffled([], seededRandom("s"))).toEqual([]);
    expect(shuffled([undefined, undefined], seededRandom("s"))).toEqual([undefined, undefined]);
  });
});
