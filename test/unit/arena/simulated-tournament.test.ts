// A few small tournaments of known truth through the real runner: what test/full/tournament.test.ts shows with many large ones.
import { describe, expect, it } from "vitest";
import { type AdaptivePairing, defaultPairing } from "../../../src/domain/adaptive.ts";
import { evidenceIn, ladder, recovered, uniform, withRun } from "../../support/simulated-tournaments.ts";
import { usualWorld } from "../../support/tournaments.ts";

describe("a simulated tournament", () => {
  it("recovers the strengths that its battles were drawn from", async () => {
    const world = { ...ladder(6, 0.8, usualWorld), ownDeviation: 0 };
    const simulation = { world, seed: "small", issues: 80, pairing: defaultPairing };
    const found = await withRun(simulation, (store) => recovered(store, world));
    const holding = found.filter(({ truth, low, high }) => low <= truth && truth <= high);
    expect(holding.length).toBeGreaterThanOrEqual(5);
    expect(found[0]?.id).toBe("model-5");
  });

  it("that may stop is decided for the best one with fewer battles than uniform pairing takes", async () => {
    const battles = async (pairing: AdaptivePairing): Promise<number> => {
      let sum = 0;
      for (const seed of ["one", "two", "three"]) {
        const stopping = { ...pairing, stop: { error: 0.05 } };
        const simulation = { world: ladder(5, 3, usualWorld), seed, issues: 250, pairing: stopping };
        const [winner, played] = await withRun(simulation, (store) => [
          evidenceIn(store).winner,
          store.battles().length,
        ]);
        expect(winner).toBe("model-4");
        sum += played;
      }
      return sum;
    };
    expect(await battles(defaultPairing)).toBeLessThan(0.6 * (await battles(uniform(defaultPairing))));
  });
});
