// The whole of what ratings claim about themselves, by simulation: 500 and 1,000 tournaments; prints its figures.
import { describe, expect, it } from "vitest";
import { type Random, seededRandom } from "../../src/domain/random.ts";
import { type Coverage, coverageOf, drawnFrom, limitOf } from "../support/coverage.ts";
import {
  battlesFor,
  Duels,
  falseClaims,
  type Pairing,
  peekedErrors,
  proofs,
  wrongWinners,
} from "../support/duels.ts";
import { usualWorld, type World } from "../support/tournaments.ts";

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const lucky: World = { ...usualWorld, ownDeviation: 0.8 };

function print(what: string, { share, ranks, width, tournaments }: Coverage): void {
  console.log(
    `${what}: clustered ${percent(share.clustered)}, bootstrap ${percent(share.bootstrap)}, ` +
      `unclustered ${percent(share.unclustered)}; ranks right ${percent(ranks)}; mean width ${width.toFixed(2)}; ${tournaments} tournaments`,
  );
}

describe("95 % intervals", () => {
  const truth = limitOf(lucky, { issues: 10_000, repeats: 2 }, seededRandom("limit"));

  it.each([100, 30, 20, 8])("of %d issues, model true", (issues) => {
    const plan = { issues, repeats: 1, tournaments: 500, resamples: 200 };
    const found = coverageOf(usualWorld, plan, { truth: drawnFrom(usualWorld), seed: "model" });
    print(`coverage, ${issues} issues, model true`, found);
    expect(found.share.clustered).toBeGreaterThanOrEqual(issues < 10 ? 0.9 : 0.92);
    expect(found.share.clustered).toBeLessThanOrEqual(issues < 30 ? 0.99 : 0.98);
  });

  it.each([100, 30, 20, 8])("of %d issues, with luck that repeats share", (issues) => {
    const plan = { issues, repeats: 2, tournaments: 500, resamples: 200 };
    const found = coverageOf(lucky, plan, { truth, seed: "luck" });
    print(`coverage, ${issues} issues, own deviation 0.8`, found);
    expect(found.share.clustered).toBeGreaterThanOrEqual(issues < 10 ? 0.9 : 0.92);
    expect(found.share.clustered).toBeLessThanOrEqual(issues < 30 ? 0.99 : 0.98);
    if (issues === 100) expect(found.share.unclustered).toBeLessThan(0.9);
  });
});

describe("95 % intervals of adaptively drawn pairs", () => {
  it.each([1, 3])("hold the truth without weights, %d battles an issue", (battles) => {
    const plan = { issues: 200, repeats: 1, tournaments: 500, resamples: 200 };
    const play = (random: Random) => {
      const duels = new Duels(usualWorld, "adaptive", random);
      return Array.from({ length: plan.issues }, () => duels.openNext(battles).rounds).flat();
    };
    const found = coverageOf(usualWorld, plan, { truth: drawnFrom(usualWorld), seed: "adaptive", play });
    print(`coverage, adaptive pairs, 200 issues, ${battles} battles each`, found);
    expect(found.share.clustered).toBeGreaterThanOrEqual(0.92);
    expect(found.share.clustered).toBeLessThanOrEqual(0.98);
  });
});

/** Overall strengths `gap` apart. */
function ladder(count: number, gap: number): World {
  const contestants = Array.from({ length: count }, (_, i) => ({
    id: `model-${i}`,
    submitter: (i * gap) / 2,
    reviewer: (i * gap) / 2,
  }));
  return { ...usualWorld, contestants, ownDeviation: 0.5 };
}

describe("claims at any peek", () => {
  it.each(["uniform", "adaptive", "proof"] as const)(
    "of equals are seldom false, 1,000 tournaments, pairing %s",
    (pairing) => {
      const of = { tournaments: 1_000, issues: 150, battlesPerIssue: 2, isFalse: () => true };
      const found = falseClaims(ladder(4, 0), pairing, of);
      console.log(
        `false claims, 4 equals, ${pairing}, 150 peeks: discovery ${percent(found.falseDiscovery)}, winner ${percent(found.falseWinner)}`,
      );
      expect(found.falseDiscovery).toBeLessThanOrEqual(0.05);
      expect(found.falseWinner).toBeLessThanOrEqual(0.05);
    },
  );

  it("of one pair of equals are false in at most 5 % of 1,000, where a fixed-n interval that is peeked at is not", () => {
    const found = peekedErrors(ladder(2, 0), { pairs: 1_000, issues: 150 });
    console.log(
      `one pair of equals, 150 peeks: bet ${percent(found.bet)}, fixed-n interval ${percent(found.fixed)}`,
    );
    expect(found.bet).toBeLessThanOrEqual(0.05);
    expect(found.fixed).toBeGreaterThan(0.1);
  });

  it("with two equals at the top are as seldom false", () => {
    const world = ladder(4, 1);
    const [low, middle, top, other] = world.contestants;
    if (low === undefined || middle === undefined || top === undefined || other === undefined)
      throw new Error("four");
    const tied: World = { ...world, contestants: [low, middle, top, { ...top, id: other.id }] };
    const equals = new Set([top.id, other.id]);
    const isFalse = (better: string, worse: string) =>
      (equals.has(better) && equals.has(worse)) || better < worse;
    const of = { tournaments: 1_000, issues: 150, battlesPerIssue: 2, isFalse };
    const found = falseClaims(tied, "adaptive", of);
    console.log(
      `false claims, 2 equals at the top of 4, adaptive: discovery ${percent(found.falseDiscovery)}, winner ${percent(found.falseWinner)}`,
    );
    expect(found.falseDiscovery).toBeLessThanOrEqual(0.05);
    expect(found.falseWinner).toBeLessThanOrEqual(0.05);
  });
});

/** One ahead of seven equals: nobody can be left out, so least can be saved. */
function oneAhead(gap: number): World {
  const world = ladder(8, 0);
  const contestants = world.contestants.map((each) =>
    each.id === "model-7" ? { ...each, submitter: gap / 2, reviewer: gap / 2 } : each,
  );
  return { ...world, contestants };
}

function battlesUntil(world: World, pairing: Pairing, target: number): number | undefined {
  const checkpoints = Array.from({ length: 30 }, (_, i) => 20 * (i + 1));
  const of = { tournaments: 400, checkpoints, best: "model-7", battlesPerIssue: 2 };
  return battlesFor(target, checkpoints, wrongWinners(world, pairing, of));
}

describe("adaptive pairing", () => {
  it.each([
    { what: "8 contestants 0.6 apart", world: ladder(8, 0.6), target: 0.1, most: 0.6 },
    { what: "8 contestants 0.6 apart", world: ladder(8, 0.6), target: 0.05, most: 0.6 },
    { what: "one 0.8 ahead of 7 equals", world: oneAhead(0.8), target: 0.1, most: 1 },
  ])(
    "$what: needs fewer battles than uniform pairing to be wrong as seldom",
    ({ what, world, target, most }) => {
      const [uniform, adaptive] = [
        battlesUntil(world, "uniform", target),
        battlesUntil(world, "adaptive", target),
      ];
      console.log(
        `battles until the wrong winner is named in ${percent(target)}, ${what}: uniform ${uniform?.toFixed(0)}, adaptive ${adaptive?.toFixed(0)}`,
      );
      expect(uniform).toBeDefined();
      expect(adaptive).toBeDefined();
      expect((adaptive ?? 1) / (uniform ?? 1)).toBeLessThanOrEqual(most);
    },
  );
});

describe("a winner that is proven", () => {
  it("takes at most 60 % of the battles of uniform pairing, and is seldom the wrong one", () => {
    const world = ladder(6, 0.8);
    const of = { tournaments: 200, most: 3_000, best: "model-5" };
    const [uniform, proof] = [proofs(world, "uniform", of), proofs(world, "proof", of)];
    for (const [pairing, found] of [["uniform", uniform] as const, ["towards proof", proof] as const]) {
      console.log(
        `battles until a winner is proven, 6 contestants 0.8 apart, ${pairing}: median ${found.medianBattles}, ` +
          `none by 3,000 in ${percent(found.unnamed)}, wrong in ${percent(found.wrong)}`,
      );
      expect(found.wrong).toBeLessThanOrEqual(0.05);
    }
    expect(proof.medianBattles / uniform.medianBattles).toBeLessThanOrEqual(0.6);
  });
});
