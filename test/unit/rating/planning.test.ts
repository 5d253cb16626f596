// Plans, paired metrics and the chess scale: formulas against counts that can be made by hand, and against simulation.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/domain/random.ts";
import {
  Bootstrap,
  eloOf,
  holm,
  issuesFor,
  marginVariance,
  pairedDifference,
  plannedError,
  rate,
  type Share,
  smallestDifference,
} from "../../../src/rating/index.ts";
import { playAll, spread, usualWorld } from "../../support/tournaments.ts";

describe("a plan", () => {
  const plan = { contestants: 5, issues: 100, rounds: 2 };

  it.each([0, 0.6])(
    "foretells the standard error that ratings turn out to have: own deviation %d",
    (ownDeviation) => {
      const world = {
        ...usualWorld,
        contestants: spread(5, 1e-9),
        ownDeviation,
        issueDeviation: 0.5,
        languages: usualWorld.languages.slice(0, 1),
      };
      const values: number[] = [];
      let shares: ReturnType<typeof rate>["margins"] = [];
      for (let trial = 0; trial < 50; trial += 1) {
        const random = seededRandom(`plan ${trial}`);
        const ratings = rate(playAll(world, { issues: 60, repeats: 1 }, random), { random, resamples: 0 });
        const value = (id: string) =>
          ratings.contestants.find((one) => one.id === id)?.overall?.value ?? Number.NaN;
        values.push(value("model-00") - value("model-01"));
        shares = ratings.margins;
      }
      const spreadOf = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
      const planned = plannedError(
        { contestants: 5, issues: 60, rounds: 2 },
        { marginVariance: marginVariance(shares), ownDeviation },
      );
      // The rating shrinks a little towards 0 with an own deviation that it does not know of; 50 trials know the spread to 10 %.
      expect(spreadOf / planned).toBeGreaterThan(0.75);
      expect(spreadOf / planned).toBeLessThan(1.25);
    },
  );

  it("finds 80 % of differences of the size it names: (1.96 + 0.84) standard errors where issues are many", () => {
    const many = { ...plan, issues: 100_000 };
    expect(smallestDifference(many) / plannedError(many)).toBeCloseTo(1.959_964 + 0.841_621, 3);
    expect(smallestDifference(plan, { comparisons: 10 })).toBeGreaterThan(smallestDifference(plan));
    expect(smallestDifference(plan, { power: 0.9 })).toBeGreaterThan(smallestDifference(plan));
  });

  it("gains from issues without end, from repeats only down to the own deviation", () => {
    const of = (more: object) => smallestDifference({ ...plan, ...more });
    expect(of({ issues: 400 }) / of({})).toBeCloseTo(0.5, 1);
    expect(of({ rounds: 2_000 })).toBeGreaterThan(0.35);
    expect(of({ rounds: 20 }) / of({ rounds: 2 })).toBeGreaterThan(0.7);
  });

  it("turns round: the issues that a difference needs are the fewest that resolve it", () => {
    const difference = smallestDifference(plan);
    expect(issuesFor(difference, plan)).toBe(100);
    expect(issuesFor(difference * 1.0001, plan)).toBe(100);
    expect(issuesFor(difference * 0.999, plan)).toBe(101);
    expect(issuesFor(1e-6, plan)).toBeUndefined();
  });

  it("that cannot be is refused", () => {
    expect(() => smallestDifference({ ...plan, issues: 1 })).toThrow("found 5, 1, 2");
    expect(() => plannedError(plan, { marginVariance: 5, ownDeviation: 0 })).toThrow(
      "margin variance in (0, 4]",
    );
  });
});

describe("a paired difference", () => {
  const options = () => ({
    bootstrap: new Bootstrap({ random: seededRandom("paired"), resamples: 500 }),
    random: seededRandom("paired"),
    range: { least: 0, greatest: 1 },
  });
  const metric = (values: readonly (number | undefined)[]): ReadonlyMap<string, Share> =>
    new Map(
      values.flatMap((value, i) =>
        value === undefined ? [] : [[`issue-${i}`, { numerator: value, denominator: 1 }] as const],
      ),
    );

  it("is McNemar's exact test where metrics are yes or no", () => {
    // Seven issues differ, six of them for the first: 2 (C(7,0) + C(7,1)) / 2^7.
    const one = metric([1, 1, 1, 1, 1, 1, 0, 1, 0]);
    const other = metric([0, 0, 0, 0, 0, 0, 1, 1, 0]);
    const found = pairedDifference(one, other, options());
    expect(found).toMatchObject({ difference: 5 / 9, n: 9, isExact: true });
    expect(found?.p).toBeCloseTo((2 * (1 + 7)) / 128, 12);
  });

  it("uses shared issues only: what one did not play is no 0", () => {
    expect(pairedDifference(metric([1, 1, undefined]), metric([undefined, 0, 1]), options())?.n).toBe(1);
    expect(pairedDifference(metric([1]), metric([undefined, 1]), options())).toBeUndefined();
    const empty = new Map([["issue-0", { numerator: 0, denominator: 0 }]]);
    expect(pairedDifference(metric([1]), empty, options())).toBeUndefined();
  });

  it("samples signs where there are too many to look at all, near the exact chance", () => {
    const values = Array.from({ length: 40 }, (_, i) => (i % 8 < 5 ? 1 : 0));
    const found = pairedDifference(metric(values), metric(values.map((value) => 1 - value)), options());
    expect(found?.isExact).toBe(false);
    // 25 of 40 for the first: the binomial chance of as far from 20, both sides.
    expect(found?.p).toBeGreaterThan(0.14);
    expect(found?.p).toBeLessThan(0.17);
    expect(pairedDifference(metric(values), metric(values), options())?.p).toBe(1);
  });

  it("errs as seldom as it says where there is no difference", () => {
    const random = seededRandom("null");
    let found = 0;
    for (let trial = 0; trial < 400; trial += 1) {
      const draw = () => metric(Array.from({ length: 12 }, () => (random.next() < 0.5 ? 1 : 0)));
      if ((pairedDifference(draw(), draw(), options())?.p ?? 1) <= 0.05) found += 1;
    }
    expect(found / 400).toBeLessThanOrEqual(0.05);
  });
});

describe("Holm's correction", () => {
  it("multiplies by what is left, and never falls", () => {
    expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
    expect(holm([0.6, 0.9])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });
});

describe("the chess scale", () => {
  it("has 400 points for odds of ten, and half an overall strength for each round of a battle", () => {
    expect(eloOf(0, "overall")).toBe(1_500);
    expect(eloOf(Math.log(10), "submitter")).toBeCloseTo(1_900, 9);
    expect(eloOf(Math.log(10), "overall")).toBeCloseTo(1_700, 9);
  });
});
