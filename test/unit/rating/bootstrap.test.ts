// The bootstrap: analytic values, what it must not do, and how often its intervals cover the truth.
import { describe, expect, it } from "vitest";
import { type Random, seededRandom } from "../../../src/domain/random.ts";
import { Bootstrap, type Cluster } from "../../../src/rating/index.ts";
import { normalBelow, normalQuantile } from "../../../src/rating/normal.ts";
import { studentQuantile } from "../../../src/rating/student.ts";

const rate = { least: 0, greatest: 1 };
const bootstrap = (seed = "test", resamples = 2_000) =>
  new Bootstrap({ random: seededRandom(seed), resamples });
const share = (numerator: number, denominator = 1): Cluster => [{ numerator, denominator }];
const many = (count: number, cluster: Cluster): Cluster[] => Array.from({ length: count }, () => cluster);

describe("an estimate", () => {
  it("is the ratio of sums, not the mean of ratios", () => {
    expect(bootstrap().estimate([share(1, 1), share(0, 3)], rate)?.value).toBe(0.25);
  });

  it("counts instances that had something to say, never rounds", () => {
    expect(bootstrap().estimate([share(5, 10), share(9, 10), share(0, 0)], rate)?.n).toBe(2);
  });

  it("is absent without a denominator", () => {
    expect(bootstrap().estimate([], rate)).toBeUndefined();
    expect(bootstrap().estimate([share(0, 0), share(0, 0)], rate)).toBeUndefined();
    const oneRoleOnly: Cluster = [
      { numerator: 1, denominator: 1 },
      { numerator: 0, denominator: 0 },
    ];
    expect(bootstrap().estimate([oneRoleOnly, oneRoleOnly], rate)).toBeUndefined();
  });

  it("of several shares is the mean of their ratios, however unequal their denominators", () => {
    const cluster: Cluster = [
      { numerator: 1, denominator: 1 },
      { numerator: 0, denominator: 9 },
    ];
    expect(bootstrap().estimate(many(3, cluster), rate)?.value).toBe(0.5);
  });

  it("is the same for the same seed and near it for another", () => {
    const clusters = Array.from({ length: 40 }, (_, index) => share((index * 0.37) % 1));
    const [one, again, other] = [bootstrap("a"), bootstrap("a"), bootstrap("b")].map((boot) =>
      boot.estimate(clusters, rate),
    );
    expect(again).toEqual(one);
    expect(other?.low).not.toBe(one?.low);
    expect(Math.abs((other?.low ?? 0) - (one?.low ?? 1))).toBeLessThan(0.04);
  });

  it("agrees with the normal interval where there are many instances", () => {
    const clusters = [...many(300, share(1)), ...many(700, share(0))];
    const found = bootstrap().estimate(clusters, rate);
    const half = 1.96 * Math.sqrt((0.3 * 0.7) / 1000);
    expect(found?.low).toBeCloseTo(0.3 - half, 2);
    expect(found?.high).toBeCloseTo(0.3 + half, 2);
  });

  it("gains nothing from more rounds on the same instances", () => {
    const width = (rounds: number) => {
      const clusters = [...many(10, share(rounds, rounds)), ...many(10, share(0, rounds))];
      const found = bootstrap().estimate(clusters, rate);
      return (found?.high ?? 0) - (found?.low ?? 0);
    };
    expect(width(50)).toBeCloseTo(width(1), 9);
    expect(width(1)).toBeGreaterThan(0.35);
  });

  it("is no certainty when all instances agree: 8 of 8 gives the exact bound", () => {
    const all = bootstrap().estimate(many(8, share(2, 2)), rate);
    expect(all).toMatchObject({ value: 1, high: 1, n: 8 });
    expect(all?.low).toBeCloseTo(0.025 ** (1 / 8), 9);
    const none = bootstrap().estimate(many(8, share(-2, 2)), { least: -1, greatest: 1 });
    expect(none).toMatchObject({ value: -1, low: -1 });
    expect(none?.high).toBeCloseTo(-1 + 2 * (1 - 0.025 ** (1 / 8)), 9);
    const one = bootstrap().estimate([share(1, 2)], rate);
    expect(one?.low).toBeLessThan(0.02);
    expect(one?.high).toBeGreaterThan(0.98);
  });

  it("of fewer than five instances leaves the range nearly open, however well they agree", () => {
    const found = bootstrap().estimate([share(1, 2), share(2, 2), share(2, 2)], rate);
    expect(found?.low).toBeCloseTo(0.5 * 0.025 ** (1 / 3), 9);
    expect(found?.high).toBe(1);
    const tokens = bootstrap().estimate([share(900), share(1100), share(1000)]);
    expect(tokens?.low).toBeGreaterThanOrEqual(900);
    expect(bootstrap().estimate([share(900)])).toEqual({ value: 900, low: 900, high: 900, n: 1 });
  });

  it("stays within what is possible and contains its value", () => {
    const random = seededRandom("any");
    for (let trial = 0; trial < 200; trial += 1) {
      const n = 1 + random.integer(12);
      const clusters = Array.from({ length: n }, () => {
        const denominator = random.integer(4);
        return share(random.integer(denominator + 1), denominator);
      });
      const found = bootstrap("any", 200).estimate(clusters, rate);
      if (found === undefined) continue;
      expect(found.low).toBeGreaterThanOrEqual(0);
      expect(found.high).toBeLessThanOrEqual(1);
      expect(found.low).toBeLessThanOrEqual(found.value);
      expect(found.high).toBeGreaterThanOrEqual(found.value);
    }
  });
});

/** Instances of mixed difficulty: some always won or lost, the rest a coin of chance p a round. */
function population(random: Random, of: { n: number; p: number; clear: number; rounds: number }): Cluster[] {
  return Array.from({ length: of.n }, () => {
    const chance = random.next() < of.clear ? (random.next() < of.p ? 1 : 0) : of.p;
    const wins = Array.from({ length: of.rounds }, () => random.next() < chance).filter(Boolean).length;
    return share(wins, of.rounds);
  });
}

describe("coverage", () => {
  // The hard cases fall short of 95 %, as every interval of few skewed clusters does: hence "too few issues".
  it.each([
    { n: 3, p: 0.8, clear: 0.5, rounds: 4, atLeast: 0.95 },
    { n: 8, p: 0.8, clear: 0.5, rounds: 4, atLeast: 0.89 },
    { n: 20, p: 0.5, clear: 0.5, rounds: 4, atLeast: 0.93 },
    { n: 20, p: 0.95, clear: 0.5, rounds: 4, atLeast: 0.93 },
    { n: 32, p: 0.9, clear: 0.5, rounds: 4, atLeast: 0.88 },
    { n: 50, p: 0.7, clear: 1, rounds: 10, atLeast: 0.92 },
  ])("of 95 % intervals at $n instances, p = $p, holds up", ({ atLeast, ...of }) => {
    const random = seededRandom(`coverage ${of.n} ${of.p}`);
    const boot = bootstrap("coverage", 500);
    const trials = 400;
    let covered = 0;
    for (let trial = 0; trial < trials; trial += 1) {
      const found = boot.estimate(population(random, of), rate);
      if (found !== undefined && found.low <= of.p + 1e-9 && of.p - 1e-9 <= found.high) covered += 1;
    }
    expect(covered / trials).toBeGreaterThanOrEqual(atLeast);
  });
});

describe("the normal distribution", () => {
  it("has its known values and inverts", () => {
    expect(normalBelow(0)).toBeCloseTo(0.5, 7);
    expect(normalBelow(-1.959_964)).toBeCloseTo(0.025, 6);
    expect(normalBelow(3)).toBeCloseTo(0.998_650_1, 6);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959_964, 4);
    expect(normalQuantile(normalBelow(-0.7))).toBeCloseTo(-0.7, 6);
  });

  it("has Student's for a companion where instances are few", () => {
    expect(studentQuantile(0.975, 4)).toBeCloseTo(2.776_445, 5);
    expect(studentQuantile(0.975, 9)).toBeCloseTo(2.262_157, 5);
    expect(studentQuantile(0.025, 49)).toBeCloseTo(-2.009_575, 5);
  });
});
