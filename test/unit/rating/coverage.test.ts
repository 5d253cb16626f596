// Intervals hold the truth as often as they say: a sample of what test/full/rating.test.ts does with 500 tournaments.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/domain/random.ts";
import { coverageOf, drawnFrom, limitOf } from "../../support/coverage.ts";
import { usualWorld } from "../../support/tournaments.ts";

describe("95 % intervals", () => {
  it("of 100 issues hold the truth where the model leaves nothing out", () => {
    const plan = { issues: 100, repeats: 1, tournaments: 30, resamples: 0 };
    const { share, ranks } = coverageOf(usualWorld, plan, { truth: drawnFrom(usualWorld), seed: "model" });
    expect(share.clustered).toBeGreaterThan(0.91);
    expect(share.clustered).toBeLessThan(0.99);
    expect(ranks).toBeGreaterThan(0.85);
  });

  it("hold it where contestants have luck with issues, and unclustered ones do not", () => {
    const world = { ...usualWorld, ownDeviation: 0.8 };
    const truth = limitOf(world, { issues: 1_500, repeats: 2 }, seededRandom("limit"));
    const { share } = coverageOf(
      world,
      { issues: 40, repeats: 2, tournaments: 30, resamples: 100 },
      { truth, seed: "luck" },
    );
    expect(share.clustered).toBeGreaterThan(0.9);
    expect(share.bootstrap).toBeGreaterThan(0.9);
    expect(share.unclustered).toBeLessThan(0.88);
  });

  it("of 8 issues hold it too, corrected", () => {
    const plan = { issues: 8, repeats: 1, tournaments: 40, resamples: 0 };
    const { share } = coverageOf(usualWorld, plan, { truth: drawnFrom(usualWorld), seed: "few" });
    expect(share.clustered).toBeGreaterThan(0.91);
  });
});
