// How a run stands while it is played: counted from stored rounds and new ones, timed by whole battles alone.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BattleGate } from "../../../../src/arena/running/gate.ts";
import { RunProgress } from "../../../../src/arena/running/progress.ts";
import { statusSchema } from "../../../../src/arena/running/status.ts";
import type { RunStore } from "../../../../src/domain/run.ts";
import { openStore } from "../../../../src/storage/index.ts";
import { battle, record, round } from "../../report/rows.ts";

let store: RunStore;
let nowMs: number;
let gate: BattleGate;
const stop = new AbortController();
beforeEach(() => {
  store = openStore(":memory:");
  store.planBattles([1, 2, 3, 4, 5, 6].map((n) => battle(n)));
  nowMs = 0;
  gate = new BattleGate({ workers: 2, signal: stop.signal });
});
afterEach(() => store.close());

const progress = (isGrowing = false) =>
  new RunProgress({
    isGrowing,
    ...{ store, contestantIds: ["ann", "bob"], gate, limits: { total: { usd: 5 } } },
    ...{ spent: (id?: string) => ({ usd: id === undefined ? 3 : 1, tokens: 10 }), monotonicMs: () => nowMs },
  });

describe("the progress of a run", () => {
  it("goes on from the rounds that are stored, and counts voids for both sides and no score for either", () => {
    const first = round();
    store.recordRound(first);
    const at = progress();
    const { submitter, reviewer } = first;
    at.onRound({
      ...first,
      round: 2,
      record: { ...record(), void: { cause: "x", side: "reviewer", detail: "" } },
    });
    const status = at.status();
    expect(status.rounds).toEqual({ played: 2, void: 1 });
    const of = (id: string) => status.contestants.find((one) => one.id === id);
    expect(of(submitter)).toMatchObject({ submitter: { rounds: 1 }, void: 1, spent: { usd: 1 } });
    expect(of(reviewer)).toMatchObject({ reviewer: { rounds: 1 }, void: 1 });
    expect(of(submitter)?.submitter.meanScore).toBeTypeOf("number");
    expect([status.spent, status.limit]).toEqual([{ usd: 3, tokens: 10 }, { usd: 5 }]);
    expect(statusSchema.parse(status)).toEqual(status);
  });

  it("shows what is played now, for how long, and in which round", () => {
    const at = progress();
    at.onBattle(battle(1), "started");
    nowMs = 4000;
    expect(at.status().inPlay).toMatchObject([{ battleId: battle(1).battleId, round: 1, seconds: 4 }]);
    at.onRound(round({ battleId: battle(1).battleId }));
    expect(at.status().inPlay).toMatchObject([{ round: 2 }]);
    store.finishBattle(battle(1).battleId);
    at.onBattle(battle(1), "finished");
    expect(at.status()).toMatchObject({ inPlay: [], battles: { planned: 6, played: 1 }, state: "playing" });
  });

  it("times whole battles alone: not those begun before, given back or put off", () => {
    store.recordRound(round({ battleId: battle(1).battleId }));
    const at = progress();
    const play = (n: number, end: "finished" | "given-back" | "put-off") => {
      at.onBattle(battle(n), "started");
      nowMs += 10_000;
      at.onBattle(battle(n), end);
    };
    play(1, "finished");
    play(2, "given-back");
    play(3, "put-off");
    play(3, "finished");
    expect(at.status().timeLeft).toEqual({ kind: "unknown", because: "1 of 5 battles seen" });
  });

  it("says why nothing begins, and that kills are settled once all is played", () => {
    const at = progress();
    gate.pause();
    expect(at.status().state).toBe("paused");
    at.onUnsound(battle(1).instanceId);
    for (const each of store.unplayed()) at.onUnsound(each.instanceId);
    expect(at.status()).toMatchObject({ state: "settling", timeLeft: { kind: "about", seconds: 0 } });
    gate.stop();
    expect(at.status().state).toBe("stopping");
  });

  it("takes up battles that are drawn while it is played, and knows no end of them", () => {
    const at = progress(true);
    expect(at.status().timeLeft).toEqual({ kind: "unknown", because: "battles are drawn as it goes" });
    store.planBattles([1, 2, 3, 4, 5, 6, 7].map((n) => battle(n)));
    at.onBattle(battle(7), "started");
    expect(at.status().battles).toEqual({ planned: 7, played: 0 });
  });
});
