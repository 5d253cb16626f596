// What a first place hangs on: a handful of issues, or rounds that were void.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/domain/random.ts";
import { type RatedRound, rankFlip, rate, voidSensitivity } from "../../../src/rating/index.ts";
import { playAll, spread, usualWorld } from "../../support/tournaments.ts";

const first = (rounds: readonly RatedRound[]): string | undefined =>
  rate(rounds, { random: seededRandom("first"), resamples: 0 }).contestants[0]?.id;

/** Every contestant as strong as every other. */
const even = { ...usualWorld, contestants: spread(4, 1e-9) };

describe("the rank-flip distance", () => {
  const close = playAll(even, { issues: 40, repeats: 1 }, seededRandom("close"));

  it("names issues without which somebody else is first, as a rating of the rest shows", () => {
    const found = rankFlip(close);
    const dropped = new Set(found?.flip?.dropped);
    expect(found?.first).toBe(first(close));
    expect(dropped.size).toBeGreaterThan(0);
    expect(dropped.size).toBeLessThan(8);
    expect(found?.flip?.share).toBe(dropped.size / 40);
    const rest = close.filter(({ instanceId }) => !dropped.has(instanceId));
    expect(first(rest)).toBe(found?.flip?.newFirst);
    expect(found?.flip?.newFirst).not.toBe(found?.first);
  });

  it("is one where one issue decides", () => {
    // Mirrored rounds leave everybody equal; one issue then makes its winner first.
    const mirrored = close.map((round): RatedRound => {
      const swap = (id: string) => `model-${String(3 - Number(id.slice(-2))).padStart(2, "0")}`;
      return {
        ...round,
        instanceId: `${round.instanceId} mirrored`,
        submitter: swap(round.submitter),
        reviewer: swap(round.reviewer),
      };
    });
    const decisive = close.slice(0, 12).map((round): RatedRound => {
      const wins = round.submitter === "model-02" || round.reviewer !== "model-02";
      return {
        ...round,
        instanceId: "decisive",
        language: "go",
        score: wins ? { submitter: 1, reviewer: 0 } : { submitter: -1, reviewer: 1 },
      };
    });
    const found = rankFlip([...close, ...mirrored, ...decisive]);
    if (found?.first === "model-02") expect(found.flip?.dropped).toContain("decisive");
    expect(found?.flip?.dropped.length).toBeLessThanOrEqual(2);
  });

  it("is long where the first is far ahead", () => {
    const far = playAll(
      { ...usualWorld, contestants: spread(4, 3) },
      { issues: 40, repeats: 1 },
      seededRandom("far"),
    );
    const found = rankFlip(far);
    expect(found?.flip?.dropped.length ?? 40).toBeGreaterThan(15);
  });

  it("is no figure where nobody is first", () => {
    expect(rankFlip([])).toBeUndefined();
  });
});

describe("void rounds", () => {
  const rounds = playAll(usualWorld, { issues: 60, repeats: 1 }, seededRandom("voids"));
  const lose = (share: number, of: (round: RatedRound) => boolean): RatedRound[] => {
    const random = seededRandom("lost");
    return rounds.map((round) => {
      if (!of(round) || random.next() >= share) return round;
      const { score: _, ...rest } = round;
      return rest;
    });
  };

  it("bound a strength by all lost and all won, and hold what was lost between", () => {
    const voided = lose(0.2, ({ submitter }) => submitter === "model-04");
    const { contestants } = voidSensitivity(voided);
    const own = contestants.find(({ id }) => id === "model-04");
    const whole = rate(rounds, { random: seededRandom("whole"), resamples: 0 }).contestants.find(
      ({ id }) => id === "model-04",
    );
    expect(own?.rounds).toBe(voided.filter(({ score }) => score === undefined).length);
    for (const scale of ["submitter", "overall"] as const) {
      expect(own?.[scale]?.low).toBeLessThan(whole?.[scale]?.value ?? Number.NaN);
      expect(own?.[scale]?.high).toBeGreaterThan(whole?.[scale]?.value ?? Number.NaN);
    }
  });

  it("name who would be first were they decided otherwise", () => {
    const few = voidSensitivity(lose(0.02, () => true));
    expect(few.first).toBe("model-04");
    expect(few.overtakenBy).toEqual([]);
    const many = voidSensitivity(
      lose(0.6, ({ submitter, reviewer }) => submitter === "model-04" || reviewer === "model-04"),
    );
    expect(many.overtakenBy).toContain("model-03");
  });

  it("that are not there bound nothing", () => {
    expect(voidSensitivity(rounds)).toEqual({ contestants: [], first: "model-04", overtakenBy: [] });
    expect(voidSensitivity([])).toEqual({ contestants: [], overtakenBy: [] });
  });
});
