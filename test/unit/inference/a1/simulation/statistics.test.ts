// Quantiles, Kolmogorov's distribution at tabulated points, and a test of uniformity that siblings cannot deceive.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../../src/domain/random.ts";
import {
  clusteredUniformity,
  distanceFromUniform,
  kolmogorovPValue,
  quantile,
} from "../../../../../src/inference/a1/simulation/statistics.ts";

it("a quantile lies between neighbours, and there is none of nothing", () => {
  expect([0, 0.25, 0.5, 1].map((share) => quantile([4, 1, 3, 2], share))).toEqual([1, 1.75, 2.5, 4]);
  expect(quantile([], 0.5)).toBeUndefined();
});

it("the distance from the uniform distribution is the greatest one", () => {
  expect(distanceFromUniform([0.5])).toBe(0.5);
  expect(distanceFromUniform([0.1, 0.2, 0.3, 0.4])).toBeCloseTo(0.6, 12);
  expect(distanceFromUniform([0.125, 0.375, 0.625, 0.875])).toBe(0.125);
});

it("Kolmogorov's p-values are those of the tables", () => {
  // Critical distances for n = 100 at 10, 5 and 1 in a hundred.
  for (const [distance, level] of [
    [0.1207, 0.1],
    [0.134, 0.05],
    [0.1608, 0.01],
  ] as const)
    expect(kolmogorovPValue(distance, 100)).toBeCloseTo(level, 2);
  expect(kolmogorovPValue(0, 100)).toBe(1);
});

describe("the test over clusters", () => {
  const clusters = (value: (cluster: number) => () => number, count = 60, siblings = 30) =>
    new Map(
      Array.from({ length: count }, (_, cluster) => {
        const draw = value(cluster);
        return [`q${cluster}`, Array.from({ length: siblings }, draw)] as const;
      }),
    );

  it("does not take thirty equal siblings for thirty observations", () => {
    const random = seededRandom("equal siblings");
    let [rejected, naively] = [0, 0];
    for (let round = 0; round < 20; round += 1) {
      const equal = clusters(() => {
        const own = random.next();
        return () => own;
      });
      if (clusteredUniformity(equal, "test").pValue < 0.05) rejected += 1;
      const all = [...equal.values()].flat();
      if (kolmogorovPValue(distanceFromUniform(all), all.length) < 0.05) naively += 1;
    }
    expect(rejected).toBeLessThanOrEqual(1);
    expect(naively).toBe(20);
  });

  it("finds values that are not uniform", () => {
    const random = seededRandom("squares");
    const squares = clusters(() => () => random.next() ** 2);
    expect(clusteredUniformity(squares, "test")).toMatchObject({ clusters: 60, values: 1_800 });
    expect(clusteredUniformity(squares, "test").pValue).toBeLessThan(0.01);
  });

  it("says nothing of nothing, and the same of the same", () => {
    expect(clusteredUniformity(new Map([["q", []]]), "test").pValue).toBe(1);
    const random = seededRandom("same");
    const some = clusters(() => () => random.next());
    expect(clusteredUniformity(some, "test")).toEqual(clusteredUniformity(some, "test"));
  });
});
