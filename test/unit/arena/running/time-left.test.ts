// The time left: unknown until enough battles are seen, then an interval that holds what comes as often as it says.
import { describe, expect, it } from "vitest";
import { type TimedBattle, timeLeft } from "../../../../src/arena/running/time-left.ts";
import { seededRandom } from "../../../../src/domain/random.ts";

const battles = (durations: Readonly<Record<string, readonly number[]>>): TimedBattle[] =>
  Object.entries(durations).flatMap(([instanceId, list]) =>
    list.map((seconds, index) => ({ instanceId, seconds, isFirst: index === 0 })),
  );

const opened = (timed: readonly TimedBattle[]) => new Set(timed.map(({ instanceId }) => instanceId));

const ask = (timed: readonly TimedBattle[], waiting: Readonly<Record<string, number>>, workers = 1) =>
  timeLeft({ timed, inPlay: [], waiting: new Map(Object.entries(waiting)), opened: opened(timed), workers });

const seconds = (left: ReturnType<typeof timeLeft>): number => {
  if (left.kind === "unknown") throw new Error(left.because);
  return left.seconds;
};

describe("the time left", () => {
  it("is nothing when nothing is left", () => {
    expect(ask([], {})).toMatchObject({ kind: "about", seconds: 0, highSeconds: 0 });
  });

  it.each([
    ["4 of 5 battles seen", { a: [10, 5, 5, 5] }, { a: 3 }],
    ["2 of 3 instances seen", { a: [10, 5, 5], b: [12, 6] }, { c: 2 }],
    ["no further battle on an instance seen", { a: [9], b: [9], c: [9], d: [9], e: [9] }, { f: 2 }],
  ])("is unknown: %s", (because, durations, waiting) => {
    expect(ask(battles(durations), waiting)).toEqual({ kind: "unknown", because });
  });

  it("adds up battles as they were on their own instance, and first battles apart from the others", () => {
    const timed = battles({ a: [30, 10, 10, 10], b: [50, 20, 20, 20], c: [40, 30, 30, 30] });
    expect(seconds(ask(timed, { a: 3 }))).toBeCloseTo(30, 6);
    expect(seconds(ask(timed, { b: 2, c: 1 }))).toBeCloseTo(70, 6);
    expect(seconds(ask(timed, { d: 1 }))).toBeCloseTo(40, 6);
    expect(seconds(ask(timed, { d: 3 }))).toBeCloseTo(80, 6);
  });

  it("is shared by the workers, less what battles in play have taken", () => {
    const timed = battles({ a: [30, 10, 10, 10, 10, 10, 10] });
    const inPlay = [{ instanceId: "a", seconds: 4, isFirst: false }];
    const waiting = new Map([["a", 9]]);
    const alone = timeLeft({ timed, inPlay, waiting, opened: opened(timed), workers: 1 });
    expect(seconds(alone)).toBeCloseTo(96, 6);
    const two = timeLeft({ timed, inPlay, waiting, opened: opened(timed), workers: 2 });
    expect(seconds(two)).toBeCloseTo(48 + 2.5, 6);
    // One battle left is one worker's, however many there are.
    expect(seconds(ask(timed, { a: 1 }, 8))).toBeCloseTo(10, 6);
  });

  it("is surer of instances it has seen than of others", () => {
    const timed = battles({ a: [30, 9, 11, 10], b: [50, 40, 41, 39], c: [40, 24, 26, 25] });
    const width = (waiting: Record<string, number>) => {
      const left = ask(timed, waiting);
      return left.kind === "unknown" ? Number.NaN : Math.log(left.highSeconds / left.lowSeconds);
    };
    expect(width({ c: 3 })).toBeLessThan(width({ d: 1, e: 1, f: 1 }) / 2);
  });

  it("holds the time it then takes about eight times in ten", () => {
    const random = seededRandom("time left");
    const normal = (): number =>
      Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
    let inside = 0;
    const runs = 400;
    for (let run = 0; run < runs; run += 1) {
      const pace = Array.from({ length: 20 }, () => Math.exp(3 + 0.6 * normal()));
      const durations = pace.map((mean) =>
        Array.from({ length: 4 }, (_, k) => mean * Math.exp(0.2 * normal()) + (k === 0 ? 60 : 0)),
      );
      const seen = Object.fromEntries(durations.slice(0, 6).map((list, k) => [`i${k}`, list]));
      const rest = durations.slice(6);
      const left = ask(battles(seen), Object.fromEntries(rest.map((_, k) => [`j${k}`, 4])));
      if (left.kind === "unknown") throw new Error(left.because);
      const took = rest.flat().reduce((sum, value) => sum + value, 0);
      if (took >= left.lowSeconds && took <= left.highSeconds) inside += 1;
    }
    expect(inside / runs).toBeGreaterThan(0.72);
    expect(inside / runs).toBeLessThan(0.9);
  });
});
