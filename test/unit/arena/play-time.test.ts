// Hours as a budget: counted over sessions by a clock that is given, refused before a battle, never in the middle of one.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type HourLimits, HoursFault, PlayTime } from "../../../src/arena/play-time.ts";
import { playTournament } from "../../../src/arena/tournament.ts";
import type { RunStore } from "../../../src/domain/run.ts";
import { openStore } from "../../../src/storage/index.ts";
import { planned, type ToyArena, toyArena } from "../../support/toy-arena.ts";
import { battle, round, usage } from "../report/rows.ts";

const minute = 60_000;

let store: RunStore;
let nowMs: number;
beforeEach(() => {
  store = openStore(":memory:");
  store.planBattles([battle(1), battle(2)]);
  nowMs = 5 * minute;
});
afterEach(() => store.close());

const session = (limits: HourLimits) => new PlayTime({ store, limits, monotonicMs: () => nowMs });

describe("the time of a run", () => {
  it("is put on record as it goes, and added to what earlier sessions took", () => {
    const first = session({});
    nowMs += minute;
    first.played(round());
    nowMs += minute;
    first.mustHaveTimeFor(battle(2));
    expect(store.playedSeconds()).toBe(120);
    // Hours between two sessions are nobody's.
    nowMs += 600 * minute;
    const second = session({});
    nowMs += minute;
    second.lap();
    expect(store.playedSeconds()).toBe(180);
  });

  it("lets no battle begin once it is used up, in this session or before", () => {
    const time = session({ total: 0.05 });
    nowMs += 2 * minute;
    expect(() => time.mustHaveTimeFor(battle(1))).not.toThrow();
    nowMs += minute;
    expect(() => time.mustHaveTimeFor(battle(2))).toThrow(HoursFault);
    expect(() => session({ total: 0.05 }).mustHaveTimeFor(battle(2))).toThrow(
      /the time of the run may be 0\.05 hours; 0\.05 hours are used: .*Raise the budget and resume/,
    );
    expect(() => session({ total: 0.06 }).mustHaveTimeFor(battle(2))).not.toThrow();
  });
});

describe("the time of a contestant", () => {
  const slow = round({
    submitterUsage: { ...usage, seconds: 200 },
    reviewerUsage: { ...usage, seconds: 100 },
  });

  it("is that of its model calls in stored rounds and in new ones, in either role", () => {
    const limits = { perContestant: 0.1 };
    const time = session(limits);
    expect(() => time.mustHaveTimeFor(battle(2))).not.toThrow();
    store.recordRound(slow);
    time.played(slow);
    expect(() => time.mustHaveTimeFor(battle(2))).not.toThrow();
    time.played({
      ...slow,
      submitter: slow.reviewer,
      reviewer: "gold",
      submitterUsage: { ...usage, seconds: 260 },
    });
    expect(() => time.mustHaveTimeFor(battle(2))).toThrow(
      new RegExp(
        `the time of ${slow.reviewer}, its model calls together, may be 0\\.1 hours; 0\\.1 hours are used`,
      ),
    );
    expect(() => session({ perContestant: 200 / 3600 }).mustHaveTimeFor(battle(2))).toThrow(
      new RegExp(`the time of ${slow.submitter},`),
    );
    expect(() => time.mustHaveTimeFor({ ...battle(3), first: slow.submitter, second: "gold" })).not.toThrow();
  });
});

describe("a tournament with hours", () => {
  let arena: ToyArena;
  afterEach(() => arena[Symbol.asyncDispose]());

  it("plays what has begun to its end, begins nothing more, and goes on with more of them", async () => {
    const ids = ["toy-1", "toy-2"];
    arena = await toyArena(
      ids.map((instanceId, ordinal) =>
        planned({ battleId: `on-${instanceId}`, ordinal, instanceId, rounds: 2 }),
      ),
    );
    const { of } = arena;
    let clockMs = 0;
    const onRecord: (number | undefined)[] = [];
    const deps = {
      ...arena.deps({
        // Every submission takes an hour: the first round uses up what there is.
        submit: () => {
          clockMs += 3_600_000;
          return "";
        },
        review: () => "",
      }),
      // Nothing that the wall clock does counts: nobody has played for the hours that it leaps over, or takes back.
      now: () => (clockMs % 2 === 0 ? 10 : -10) * 3_600_000 * clockMs,
      monotonicMs: () => clockMs,
      workers: 1,
      openCase: async (instanceId: string) => ({ ...of, instance: { ...of.instance, instanceId } }),
      onRound: () => onRecord.push(arena.store.playedSeconds()),
      ...{ onBattle: () => {}, onUnsettled: () => {}, onUnsound: () => {} },
    };
    await expect(playTournament({ ...deps, hours: { total: 1 } })).rejects.toMatchObject({
      code: "budget-exhausted",
    });
    expect(arena.store.rounds().map((row) => `${row.battleId} ${row.round}`)).toEqual([
      "on-toy-1 1",
      "on-toy-1 2",
    ]);
    expect(arena.store.unplayed().map(({ instanceId }) => instanceId)).toEqual(["toy-2"]);
    // After every round: a session that is killed loses no more than the round it was in.
    expect(onRecord).toEqual([3600, 7200]);
    expect(await playTournament({ ...deps, hours: { total: 3 } })).toMatchObject({
      played: 1,
      interrupted: false,
    });
    expect(arena.store.playedSeconds()).toBe(14_400);
  });
});
