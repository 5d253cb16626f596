// Agreement beyond chance against published worked examples, and rows dealt so that everybody has their share.
import { describe, expect, it } from "vitest";
import { agreement, alpha, type Unit } from "../../../../src/curation/annotate/agreement.ts";
import { deal } from "../../../../src/curation/annotate/deal.ts";
import { seededRandom } from "../../../../src/domain/random.ts";

/** Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C: four observers, twelve units, some values missing. */
const observers = [
  [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
  [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
  [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
  [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
];
const published: Unit[] = Array.from({ length: 12 }, (_, unit) =>
  observers.flatMap((values) => (values[unit] === 0 ? [] : [values[unit] ?? 0])),
);

describe("Krippendorff's alpha", () => {
  it.each([
    ["nominal", 0.743],
    ["ordinal", 0.815],
    ["interval", 0.849],
  ] as const)("is what was published, %s", (metric, expected) => {
    expect(alpha(published, metric)).toBeCloseTo(expected, 3);
  });

  it("is 1 where all agree, and below 0 where they disagree on purpose", () => {
    expect(
      alpha(
        [
          [1, 1],
          [2, 2],
          [3, 3, 3],
        ],
        "ordinal",
      ),
    ).toBe(1);
    expect(
      alpha(
        [
          [0, 3],
          [3, 0],
          [0, 3],
        ],
        "interval",
      ),
    ).toBeLessThan(0);
  });

  it("is nothing where nobody annotated what another did, or all gave one value", () => {
    expect(alpha([[1], [2]], "nominal")).toBeUndefined();
    expect(
      alpha(
        [
          [2, 2],
          [2, 2],
        ],
        "ordinal",
      ),
    ).toBeUndefined();
    expect(alpha([], "interval")).toBeUndefined();
  });

  it("has an interval that holds it, the same for the same seed", () => {
    const one = agreement(published, "ordinal", seededRandom("a"));
    expect(one).toEqual(agreement(published, "ordinal", seededRandom("a")));
    expect(one?.units).toBe(11);
    expect(one?.low).toBeLessThan(0.815);
    expect(one?.high).toBeGreaterThan(0.815);
  });
});

describe("a deal", () => {
  const ids = Array.from({ length: 31 }, (_, index) => `row-${index}`);
  const annotators = ["ann", "ben", "cid", "dee"];
  const dealt = (seed: string) => deal(ids, { annotators, each: 2, random: seededRandom(seed) });

  it("gives every row to two people, and everybody as many as the others", () => {
    const counts = new Map<string, number>();
    for (const id of dealt("a").flatMap((each) => each.ids)) counts.set(id, (counts.get(id) ?? 0) + 1);
    expect([...counts.values()]).toEqual(ids.map(() => 2));
    const loads = dealt("a").map((each) => each.ids.length);
    expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
    for (const each of dealt("a")) expect(new Set(each.ids).size).toBe(each.ids.length);
  });

  it("mixes who meets whom, and is the same for the same seed", () => {
    const [first, ...others] = dealt("a");
    const ann = first?.ids ?? [];
    for (const { ids: own } of others) expect(own.some((id) => ann.includes(id))).toBe(true);
    expect(dealt("a")).toEqual(dealt("a"));
    expect(dealt("a")).not.toEqual(dealt("b"));
  });

  it("needs as many people as look at a row", () => {
    expect(() => deal(ids, { annotators: ["ann"], each: 2, random: seededRandom("a") })).toThrow("found 1");
  });
});
