// Is it measuring something? Contestants of known skill: how far two runs differ, what reviewers add, what they catch; prints it.
import { beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../../src/domain/random.ts";
import { type RatedContestant, rate, ratedRound } from "../../src/rating/index.ts";
import { type Skill, skilledRun, skills, type Told } from "../support/skilled-run.ts";

/** Runs of each kind. */
const count = Number(process.env.ARENA_TOURNAMENTS ?? "20");

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1));

function ratingsOf(told: readonly Told[]): ReadonlyMap<string, RatedContestant> {
  const rounds = told.map(({ row }) => ratedRound(row, "strict"));
  const { contestants } = rate(rounds, { random: seededRandom("measuring"), resamples: 0 });
  return new Map(contestants.map((contestant) => [contestant.id, contestant]));
}

/** Share of pairs in the right order less those in the wrong one (Kendall 1938). */
function agreement(skill: (of: Skill) => number, found: (id: string) => number): number {
  const signs = skills.flatMap((one, place) =>
    skills
      .slice(place + 1)
      .map((other) => Math.sign(skill(one) - skill(other)) * Math.sign(found(one.id) - found(other.id))),
  );
  return mean(signs);
}

let runs: readonly (readonly Told[])[] = [];
beforeAll(async () => {
  const played = (_: unknown, run: number) => skilledRun({ issues: 40, seed: `issues ${run}`, luck: "once" });
  runs = await Promise.all(Array.from({ length: count }, played));
}, 1_800_000);

/** What a board without reviewers ranks by: patches past the hidden tests. */
function resolvedShare(told: readonly Told[], id: string): number {
  const own = told.filter(({ row }) => row.submitter === id);
  return own.filter(({ row }) => row.record.label === "resolved").length / own.length;
}

describe("two runs over the same issues", () => {
  it("differ by no more than their intervals say", async () => {
    const repeats = await Promise.all(
      Array.from({ length: count }, (_, run) =>
        skilledRun({ issues: 40, seed: "same", luck: `luck ${run}` }),
      ),
    );
    const rated = repeats.map(ratingsOf);
    for (const { id } of skills) {
      const all = rated.map((ratings) => ratings.get(id)?.overall);
      const spread = deviation(all.map((one) => one?.value ?? Number.NaN));
      const stated = mean(
        all.map((one) => ((one?.high ?? Number.NaN) - (one?.low ?? Number.NaN)) / 2 / 1.96),
      );
      console.log(
        `${id}: overall strength ${mean(all.map((one) => one?.value ?? Number.NaN)).toFixed(2)}, spread over ${count} repeats ` +
          `${spread.toFixed(3)}, standard error stated ${stated.toFixed(3)}`,
      );
      expect(spread).toBeLessThan(1.5 * stated);
    }
  }, 1_800_000);
});

describe("a ranking", () => {
  it("with reviewers is nearer to what is right than one by hidden tests alone", () => {
    const rated = runs.map((told) => ({ told, ratings: ratingsOf(told) }));
    const byTests = rated.map(({ told }) =>
      agreement(
        ({ right }) => right,
        (id) => resolvedShare(told, id),
      ),
    );
    const strengthOf = (ratings: ReadonlyMap<string, RatedContestant>, id: string) =>
      ratings.get(id)?.submitter?.value ?? Number.NaN;
    const withReviewers = rated.map(({ ratings }) =>
      agreement(
        ({ right }) => right,
        (id) => strengthOf(ratings, id),
      ),
    );
    const reviewers = rated.map(({ ratings }) =>
      agreement(
        ({ catches }) => catches,
        (id) => ratings.get(id)?.reviewer?.value ?? Number.NaN,
      ),
    );
    const first = rated.filter(({ ratings }) =>
      skills.every(({ id }) => strengthOf(ratings, id) <= strengthOf(ratings, "honest-a")),
    );
    const firstByTests = rated.filter(({ told }) =>
      skills.every(({ id }) => resolvedShare(told, id) <= resolvedShare(told, "honest-a")),
    );
    console.log(
      `agreement with the share of right patches (Kendall), ${count} runs: hidden tests alone ${mean(byTests).toFixed(2)}, ` +
        `with reviewers ${mean(withReviewers).toFixed(2)}; of reviewer strength with what they catch ${mean(reviewers).toFixed(2)}`,
    );
    console.log(
      `the best submitter is first: by hidden tests alone ${percent(firstByTests.length / count)}, with reviewers ${percent(first.length / count)}`,
    );
    // Reviewers who see through half of what fools the tests cannot make a whole of it.
    expect(mean(withReviewers)).toBeGreaterThan(mean(byTests) + 0.1);
    expect(first.length).toBeGreaterThan(firstByTests.length);
    expect(mean(reviewers)).toBeGreaterThan(0.7);
  }, 1_800_000);
});

describe("patches that are wrong and pass the hidden tests", () => {
  it("are caught by reviewers, who seldom accuse right ones", () => {
    const all = runs.flat();
    const fooling = all.filter(({ row, isRight }) => !isRight && row.record.label === "resolved");
    const right = all.filter(({ isRight }) => isRight);
    const counts = ({ row }: Told) => row.record.settlement?.kind === "true-kill";
    const killed = (told: readonly Told[]) =>
      told.filter(({ row }) => row.record.effect === "killed").length / told.length;
    console.log(
      `${fooling.length} wrong patches past the hidden tests: killed ${percent(killed(fooling))}, counted against them ` +
        `${percent(fooling.filter(counts).length / fooling.length)}; ${right.length} right ones: killed ${percent(killed(right))}, ` +
        `counted against them ${percent(right.filter(counts).length / right.length)}`,
    );
    expect(fooling.filter(counts).length / fooling.length).toBeGreaterThan(0.2);
    expect(right.filter(counts)).toEqual([]);
  });
});
