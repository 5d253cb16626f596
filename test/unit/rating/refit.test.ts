// The short way to a fit must end where the long way ends, and step aside where it cannot.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/domain/random.ts";
import { evaluate } from "../../../src/rating/evaluate.ts";
import { type Estimated, type Fit, fitRounds } from "../../../src/rating/fit.ts";
import { type RatedRound, rankFlip, rate, rateInFull, voidSensitivity } from "../../../src/rating/index.ts";
import { type Decide, filled, Refits } from "../../../src/rating/refit.ts";
import { Scores } from "../../../src/rating/score.ts";
import { firstOf, leadOf } from "../../../src/rating/voids.ts";
import { playAll, spread, usualWorld, type World } from "../../support/tournaments.ts";

const options = { roles: "two" as const, issueEffects: true };

const withoutScore = ({ score: _, ...rest }: RatedRound): RatedRound => rest;

function tournament(seed: string, world: World, of: { issues: number; voids: number; repeats?: number }) {
  const random = seededRandom(seed);
  const plan = { issues: of.issues, repeats: of.repeats ?? 1 };
  return playAll(world, plan, random).map((round) =>
    random.next() < of.voids ? withoutScore(round) : round,
  );
}

/** Every void round somebody's at random, or nobody's. */
function deciding(rounds: readonly RatedRound[], seed: string): Decide {
  const random = seededRandom(seed);
  const winners = ["submitter", "reviewer", undefined] as const;
  const drawn = new Map(rounds.map((round) => [round, winners[random.integer(3)]]));
  return (round) => drawn.get(round);
}

const tookTheShortWay = (found: Estimated | undefined): boolean =>
  found !== undefined && !("evaluation" in found);

function expectSame(quick: Estimated | undefined, slow: Fit | undefined): void {
  if (quick === undefined || slow === undefined) throw new Error("nothing was fitted");
  expect(firstOf(quick)).toBe(firstOf(slow));
  const [reference = "", ...others] = slow.design.contestants;
  for (const other of others) {
    const [found, wanted] = [leadOf(quick, reference, other), leadOf(slow, reference, other)];
    expect(found).toBeCloseTo(wanted ?? Number.NaN, 5);
  }
}

const worlds = {
  "two languages": { ...usualWorld, contestants: spread(4, 1) },
  "one language and own luck": {
    ...usualWorld,
    contestants: spread(6, 1.5),
    ownDeviation: 0.8,
    languages: [{ name: "go" as const, effect: 0 }],
  },
  "a margin that only void rounds come to": {
    ...usualWorld,
    contestants: spread(5, 1),
    levels: [-0.4, 0, -0.8, 0.5, Number.NEGATIVE_INFINITY],
  },
  "no ties": { ...usualWorld, levels: [0, -0.5, Number.NEGATIVE_INFINITY, -0.5, 0] },
};

describe.each(Object.entries(worlds))("fits from a fit, %s", (name, world) => {
  const rounds = tournament(name, world, { issues: 50, voids: 0.08 });
  const refits = new Refits(rounds, options);
  // Where void rounds come to a margin that was never seen, the first such fit is what others start from.
  refits.decided(deciding(rounds, "first"));

  it.each([1, 2, 3])("with void rounds decided anyhow, draw %i", (draw) => {
    const decide = deciding(rounds, `${name} ${draw}`);
    const quick = refits.decided(decide);
    expect(tookTheShortWay(quick)).toBe(true);
    expectSame(quick, fitRounds(filled(rounds, decide), options));
  });

  it.each([1, 7, 25])("without %i issues", (count) => {
    const issues = [...new Set(rounds.map(({ instanceId }) => instanceId))].sort();
    const random = seededRandom(`${name} issues`);
    const dropped = new Set(Array.from({ length: count }, () => issues[random.integer(issues.length)] ?? ""));
    const quick = refits.without(dropped);
    expect(tookTheShortWay(quick)).toBe(true);
    expectSame(
      quick,
      fitRounds(
        rounds.filter(({ instanceId }) => !dropped.has(instanceId)),
        options,
      ),
    );
  });

  it("scores as the whole likelihood does", () => {
    const fit = refits.base;
    if (fit === undefined) throw new Error("nothing was fitted");
    const theta = fit.theta.map((value, i) => value + 0.05 * Math.sin(i));
    const places = () => ({ mean: fit.placement.mean.slice(), spread: fit.placement.spread.slice() });
    const { score } = evaluate(fit.design, theta, { placement: places(), keepsInformation: false });
    const found = new Scores(fit.design).at(theta, places());
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(score[i] ?? Number.NaN, 9);
    });
  });
});

describe("fits that start anew", () => {
  const world = { ...usualWorld, contestants: spread(4, 1) };
  const rounds = tournament("anew", world, { issues: 40, voids: 0 });
  const lost = (holds: (round: RatedRound) => boolean) =>
    rounds.map((round) => (holds(round) ? withoutScore(round) : round));
  const submitterWins = (round: RatedRound): RatedRound => ({
    ...round,
    score: { submitter: 1, reviewer: -1 },
  });

  it.each([
    [
      "a strength gets an end that had none",
      rounds.map((round) =>
        round.submitter !== "model-03"
          ? round
          : round.instanceId < "issue-000004"
            ? withoutScore(round)
            : submitterWins(round),
      ),
    ],
    ["an issue was all void", lost(({ instanceId }) => instanceId === "issue-000002")],
    ["a role was all void", lost(({ submitter }) => submitter === "model-01")],
    [
      "rounds have weights",
      lost(({ reviewer }) => reviewer === "model-01").map((r) => ({ ...r, weight: 2 })),
    ],
  ])("where %s", (_, given) => {
    const lose: Decide = () => "reviewer";
    const found = new Refits(given, options).decided(lose);
    expect(tookTheShortWay(found)).toBe(false);
    expect(found).toEqual(fitRounds(filled(given, lose), options));
  });

  it("where an issue that is dropped was a language's only one", () => {
    const odd = rounds.map(
      (round): RatedRound => (round.instanceId === "issue-000001" ? { ...round, language: "go" } : round),
    );
    const found = new Refits(odd, options).without(new Set(["issue-000001"]));
    expect(tookTheShortWay(found)).toBe(false);
  });

  it("or are none, where nothing is left", () => {
    expect(new Refits([], options).base).toBeUndefined();
    const all = new Set(rounds.map(({ instanceId }) => instanceId));
    expect(new Refits(rounds, options).without(all)).toBeUndefined();
  });
});

describe("a rating in full", () => {
  it("says what its parts say", () => {
    const rounds = tournament("full", usualWorld, { issues: 30, voids: 0.1 });
    const random = () => seededRandom("full");
    const { ratings, rankFlip: flip, voids } = rateInFull(rounds, { random: random(), resamples: 50 });
    expect(ratings).toEqual(rate(rounds, { random: random(), resamples: 50 }));
    expect(flip).toEqual(rankFlip(rounds));
    expect(voids).toEqual(voidSensitivity(rounds));
  });
});
