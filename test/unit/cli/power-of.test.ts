// What a plan can resolve, as the planner asks for it: with the rating house's figure, or with why there is none.
import { describe, expect, it } from "vitest";
import { powerOf } from "../../../src/cli/power-of.ts";
import { smallestDifference } from "../../../src/rating/index.ts";

const plan = { contestants: 4, instances: 30, pairs: 6, roundsPerBattle: 2 };

describe("the smallest difference a plan resolves", () => {
  it("is the rating house's, with what it assumes", () => {
    expect(powerOf(plan)).toMatchObject({
      smallestDifference: smallestDifference({ contestants: 4, issues: 30, rounds: 2 }),
      ...{ found: 0.8, basis: expect.stringContaining("without a pilot") },
    });
  });

  it.each([
    ["one contestant", { contestants: 1, pairs: 0 }],
    ["one instance", { instances: 1 }],
    ["one round", { roundsPerBattle: 1 }],
    ["pairs that never meet", { pairs: 5 }],
  ])("is unknown with %s", (_, change) => {
    expect(powerOf({ ...plan, ...change })).toHaveProperty("unknown");
  });
});
