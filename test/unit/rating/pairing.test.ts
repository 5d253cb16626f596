// Who meets next: what is worth knowing, at its price, with a chance for everybody.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/domain/random.ts";
import { drawPairs, leaderOf, type PairHistory, type PairName } from "../../../src/rating/index.ts";
import { proofs, wrongWinners } from "../../support/duels.ts";
import { usualWorld } from "../../support/tournaments.ts";

const contestants = ["a", "b", "c", "d"];
const played = (one: string, other: string, mean: number, issues = 40): PairHistory => ({
  one,
  other,
  issues,
  sum: mean * issues,
  sumOfSquares: issues * (mean * mean + 0.2),
});
/** a and b are near each other and far ahead. */
const history = [played("a", "b", 0.02), played("a", "c", 0.4), played("b", "d", 0.5), played("c", "d", 0.1)];
const draw = (
  more: { seed?: string; battles?: number; floor?: number; costUsd?: (pair: PairName) => number } = {},
) => {
  const { seed = "draw", battles = 1, floor = 0.1, costUsd = () => 1 } = more;
  return drawPairs({ contestants, history, battles, floor, costUsd, random: seededRandom(seed) });
};

describe("a drawn pair", () => {
  it("is the one that tells most about who is first", () => {
    expect(draw({ floor: 1e-9 })).toMatchObject([{ one: "a", other: "b" }]);
    expect(leaderOf(contestants, history)).toBe("a");
  });

  it("is another where that one costs too much", () => {
    const costUsd = ({ one, other }: PairName) => (one === "a" && other === "b" ? 1_000 : 1);
    const [pair] = draw({ floor: 1e-9, costUsd });
    expect([pair?.one, pair?.other]).not.toEqual(["a", "b"]);
  });

  it("comes with the chance it had: over many draws, shares are propensities", () => {
    const draws = Array.from({ length: 3_000 }, (_, i) => draw({ seed: `draw ${i}`, floor: 0.3 })[0]);
    for (const name of new Set(draws.map((pair) => `${pair?.one}${pair?.other}`))) {
      const own = draws.filter((pair) => `${pair?.one}${pair?.other}` === name);
      const propensity = own[0]?.propensity ?? 0;
      expect(propensity).toBeGreaterThanOrEqual(0.3 / 6 - 1e-12);
      expect(Math.abs(own.length / 3_000 - propensity)).toBeLessThan(4 * Math.sqrt(propensity / 3_000));
    }
    expect(new Set(draws.map((pair) => pair?.propensity)).size).toBe(2);
  });

  it("is drawn once an issue, and all are where there is room", () => {
    const all = draw({ battles: 99 });
    expect(new Set(all.map(({ one, other }) => one + other)).size).toBe(6);
    expect(all.at(-1)?.propensity).toBeCloseTo(1, 12);
  });

  it("is one of the leader's that is not proven yet, where a winner is to be proven", () => {
    const towards = (proven: string) =>
      drawPairs({
        contestants,
        history,
        battles: 1,
        floor: 1e-9,
        costUsd: () => 1,
        isProven: (better, worse) => better === "a" && proven.includes(worse),
        random: seededRandom("proof"),
      })[0];
    // d is as far behind as it gets, so it is proven soonest; then c; b is left.
    expect(towards("")).toMatchObject({ one: "a", other: "d" });
    expect(towards("d")).toMatchObject({ one: "a", other: "c" });
    expect(towards("cd")).toMatchObject({ one: "a", other: "b" });
    expect(towards("bcd")?.informationPerUsd).toBe(0);
  });

  it("is of those who play on, and asks who is first of these", () => {
    const without = (out: string, battles: number) =>
      drawPairs({
        ...{ contestants, history, battles, floor: 1e-9, out: new Set(out) },
        ...{ costUsd: () => 1, random: seededRandom("out") },
      });
    const all = without("a", 99);
    expect(all.map(({ one, other }) => one + other).sort()).toEqual(["bc", "bd", "cd"]);
    expect(all.at(-1)?.propensity).toBeCloseTo(1, 12);
    // d was never near b; whether c is, only a told.
    expect(without("a", 1)).toMatchObject([{ one: "b", other: "c" }]);
    expect(without("abcd", 1)).toEqual([]);
  });

  it("is worth less for what open battles will tell anyway", () => {
    const asked = { contestants, history, battles: 1, floor: 1e-9, costUsd: () => 1 };
    /** What the best pair is worth beside so many open battles of the two that are nearest. */
    const worth = (open: number): number => {
      const pending = Array.from({ length: open }, () => ({ one: "a", other: "b" }));
      return drawPairs({ ...asked, pending, random: seededRandom("pending") })[0]?.informationPerUsd ?? 0;
    };
    expect(worth(60)).toBeLessThan(worth(0) / 2);
    const strange = { ...asked, pending: [{ one: "a", other: "z" }], random: seededRandom("pending") };
    expect(() => drawPairs(strange)).toThrow("expected contestants of the tournament; found a and z");
  });

  it("is the same for the same seed", () => {
    expect(draw({ battles: 3 })).toEqual(draw({ battles: 3 }));
  });

  it("is not drawn from what cannot be", () => {
    expect(() => draw({ floor: 0 })).toThrow("expected a floor above 0, at most 1; found 0");
    expect(() => draw({ costUsd: () => 0 })).toThrow('expected a cost above 0 for ["a","b"]; found 0');
    const strange = { contestants: ["a"], history, battles: 1, costUsd: () => 1, random: seededRandom("x") };
    expect(() => drawPairs(strange)).toThrow("expected contestants of the tournament; found a and b");
  });
});

describe("pairing towards proof", () => {
  it("proves the right winner with fewer battles than uniform pairing", () => {
    const contestants = Array.from({ length: 5 }, (_, i) => ({
      id: `m${i}`,
      submitter: 0.5 * i,
      reviewer: 0.5 * i,
    }));
    const of = { tournaments: 12, most: 1_500, best: "m4" };
    const [uniform, proof] = (["uniform", "proof"] as const).map((pairing) =>
      proofs({ ...usualWorld, contestants }, pairing, of),
    );
    expect(proof).toMatchObject({ unnamed: 0, wrong: 0 });
    expect(proof?.medianBattles).toBeLessThan(0.6 * (uniform?.medianBattles ?? 0));
  });
});

describe("adaptive pairing", () => {
  it("names the wrong winner less often than uniform pairing after as many battles", () => {
    const contestants = Array.from({ length: 6 }, (_, i) => ({
      id: `m${i}`,
      submitter: 0.3 * i,
      reviewer: 0.3 * i,
    }));
    const world = { ...usualWorld, contestants, ownDeviation: 0.5 };
    const of = { tournaments: 60, checkpoints: [90], best: "m5", battlesPerIssue: 2 };
    const [uniform = 0] = wrongWinners(world, "uniform", of);
    const [adaptive = 1] = wrongWinners(world, "adaptive", of);
    expect(adaptive).toBeLessThan(uniform);
  });
});
