// The corrected sandwich where its value is known: issues with the same pairings inform alike, and CR2 is CR1 exactly.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/domain/random.ts";
import { overParameters, standpoints } from "../../../src/rating/contrast.ts";
import { fitRounds } from "../../../src/rating/fit.ts";
import { Sandwich } from "../../../src/rating/sandwich.ts";
import { playAll, usualWorld } from "../../support/tournaments.ts";

function fitOf(issues: number) {
  const rounds = playAll(usualWorld, { issues, repeats: 1 }, seededRandom("sandwich"));
  const fit = fitRounds(rounds, { roles: "two", issueEffects: false });
  if (fit === undefined) throw new Error("no fit");
  const vectors = standpoints(fit.design, "overall").map(({ weights }) =>
    overParameters(fit.design, weights),
  );
  return { fit, vectors };
}

describe("the corrected sandwich", () => {
  it.each([6, 12, 400])(
    "of %d issues alike in all but outcome is G / (G - 1) times the plain one",
    (issues) => {
      const { fit, vectors } = fitOf(issues);
      const [plain, corrected] = [new Sandwich(fit, "CR1"), new Sandwich(fit, "CR2")];
      for (const vector of vectors) {
        expect(corrected.spread(vector).standardError).toBeCloseTo(plain.spread(vector).standardError, 6);
      }
    },
  );

  it("has G - 1 degrees of freedom there, and fewer where issues inform unequally", () => {
    const { fit, vectors } = fitOf(12);
    for (const vector of vectors) expect(new Sandwich(fit, "CR2").spread(vector).freedom).toBeCloseTo(11, 6);
    const rounds = playAll(usualWorld, { issues: 12, repeats: 1 }, seededRandom("sandwich"));
    const uneven = fitRounds(
      rounds.map((round) => (round.instanceId === "issue-000003" ? { ...round, weight: 20 } : round)),
      { roles: "two", issueEffects: false },
    );
    if (uneven === undefined) throw new Error("no fit");
    const [vector] = standpoints(uneven.design, "overall").map(({ weights }) =>
      overParameters(uneven.design, weights),
    );
    expect(new Sandwich(uneven).spread(vector ?? new Float64Array(0)).freedom).toBeLessThan(6);
  });

  it("is what is used as soon as one role was played on fewer than 30 issues", () => {
    expect(new Sandwich(fitOf(29).fit).correction).toBe("CR2");
    expect(new Sandwich(fitOf(30).fit).correction).toBe("CR1");
  });
});
