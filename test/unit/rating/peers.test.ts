// Agreement with public implementations on the same games, where the models coincide; bench/rating-peers.py made theirs.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { seededRandom } from "../../../src/domain/random.ts";
import { type RatedContestant, type RatedRound, rate } from "../../../src/rating/index.ts";
import { scoreAt } from "../../support/tournaments.ts";

const strengths = z.array(z.number());
const byScale = z.object({ submitter: strengths, reviewer: strengths, overall: strengths });
const peers = z
  .object({
    oneRole: z.object({ peer: z.string(), games: z.array(z.tuple([z.number(), z.number()])), strengths }),
    twoRoles: z.object({
      peer: z.string(),
      rounds: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
      strengths: byScale,
      standardErrors: byScale,
    }),
  })
  .parse(JSON.parse(readFileSync(new URL("../../fixtures/rating/peers.json", import.meta.url), "utf8")));

const name = (player: number): string => `player-${player}`;
const round = (issue: number, submitter: number, reviewer: number, won: boolean): RatedRound => ({
  instanceId: `issue-${issue}`,
  language: "python",
  submitter: name(submitter),
  reviewer: name(reviewer),
  score: scoreAt(won ? 1 : -1),
});

const options = { random: seededRandom("peers"), resamples: 0, issueEffects: false };
const largest = (gaps: readonly number[]): number => Math.max(...gaps.map(Math.abs));

function gaps(
  theirs: readonly number[],
  ours: readonly RatedContestant[],
  of: (one: RatedContestant) => number | undefined,
) {
  return theirs
    .map((value, player) => {
      const own = ours.find(({ id }) => id === name(player));
      return (own === undefined ? undefined : of(own)) ?? Number.POSITIVE_INFINITY - value;
    })
    .map((own, player) => own - (theirs[player] ?? Number.NaN));
}

describe("ratings", () => {
  it(`agree with ${peers.oneRole.peer} to 1e-6: one role, no ties`, () => {
    const { games, strengths: theirs } = peers.oneRole;
    const rounds = games.map(([winner, loser], issue) => round(issue, winner, loser, true));
    // Who won is all that is said: entered as a win or as the other's loss, it is the same game.
    const mixed = rounds.map((each, index) => {
      const [winner, loser] = games[index] ?? [0, 0];
      return index % 3 === 0 ? round(index, loser, winner, false) : each;
    });
    const ours = rate(mixed, { ...options, roles: "one" });
    expect(largest(gaps(theirs, ours.contestants, ({ submitter }) => submitter?.value))).toBeLessThan(1e-6);
  });

  it.each(["submitter", "reviewer", "overall"] as const)(
    `agree with ${peers.twoRoles.peer} to 1e-6, standard errors too: %s`,
    (scale) => {
      const rounds = peers.twoRoles.rounds.map(([issue, a, b, won]) => round(issue, a, b, won === 1));
      const { contestants, correction } = rate(rounds, options);
      expect(correction).toBe("CR1");
      const values = gaps(peers.twoRoles.strengths[scale], contestants, (one) => one[scale]?.value);
      const errors = gaps(
        peers.twoRoles.standardErrors[scale],
        contestants,
        (one) => one[scale]?.standardError,
      );
      expect(largest(values)).toBeLessThan(1e-6);
      expect(largest(errors)).toBeLessThan(1e-6);
    },
  );
});
