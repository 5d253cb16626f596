// A tournament: bounded workers share the plan, an unsound instance is left out, an ending fault and an abort stop it.
import { afterEach, describe, expect, it } from "vitest";
import { CaseFault } from "../../../src/arena/case.ts";
import { EngineWatch } from "../../../src/arena/running/engine-watch.ts";
import { BattleGate } from "../../../src/arena/running/gate.ts";
import { DiskRoom, defaultWatermarks } from "../../../src/arena/running/room.ts";
import { playTournament, type TournamentDeps } from "../../../src/arena/tournament.ts";
import { Fault, isFault } from "../../../src/domain/fault.ts";
import { planned, type Script, type ToyArena, toyArena } from "../../support/toy-arena.ts";
import { virtualClock } from "../../support/virtual-clock.ts";

const battles = ["toy-1", "toy-2", "toy-3"].map((instanceId, ordinal) =>
  planned({ battleId: `on-${instanceId}`, ordinal, instanceId, rounds: 1 }),
);

let arena: ToyArena;
afterEach(() => arena[Symbol.asyncDispose]());

interface Played {
  readonly deps: TournamentDeps;
  readonly seen: string[];
  readonly unsound: string[];
}

async function tournament(script: Partial<Script>, over: Partial<TournamentDeps> = {}): Promise<Played> {
  arena = await toyArena(battles);
  const seen: string[] = [];
  const unsound: string[] = [];
  const { of } = arena;
  const silent: Script = { submit: () => "", review: () => "" };
  const deps: TournamentDeps = {
    ...arena.deps({ ...silent, ...script }),
    workers: 1,
    openCase: async (instanceId) => ({ ...of, instance: { ...of.instance, instanceId } }),
    onBattle: ({ battleId }, state) => seen.push(`${state} ${battleId}`),
    onUnsettled: (row, message) => unsound.push(`${row.battleId}: ${message}`),
    onUnsound: (instanceId, message) => unsound.push(`${instanceId}: ${message}`),
    signal: new AbortController().signal,
    ...over,
  };
  return { deps, seen, unsound };
}

const left = () => arena.store.unplayed().map((battle) => battle.instanceId);

describe("playTournament", () => {
  it("one worker plays in the order of the plan, and a second call finds nothing left", async () => {
    const { deps, seen } = await tournament({});
    const done = { voidRounds: 0, unsound: [], quarantined: [], droppedOut: [], interrupted: false };
    expect(await playTournament(deps)).toEqual({ played: 3, ...done });
    expect(seen).toEqual(battles.flatMap(({ battleId }) => [`started ${battleId}`, `finished ${battleId}`]));
    expect(await playTournament(deps)).toEqual({ played: 0, ...done });
  });

  it("two workers play two battles at once, never three", { timeout: 60_000 }, async () => {
    let inside = 0;
    let most = 0;
    let release = () => {};
    const bothIn = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { deps } = await tournament(
      {
        submit: async () => {
          inside += 1;
          most = Math.max(most, inside);
          if (inside === 2) release();
          // With a single worker nobody would ever come to release the first.
          await bothIn;
          return "";
        },
        review: () => {
          inside -= 1;
          return "";
        },
      },
      { workers: 2 },
    );
    expect((await playTournament(deps)).played).toBe(3);
    expect(most).toBe(2);
  });

  it.each([
    new CaseFault("unsound-instance", "gold does not apply", { retryable: false }),
    new Fault("preparation-failed", "no network", { retryable: false }),
  ])("leaves the battles of an instance that cannot be judged unplayed and says so: $code", async (fault) => {
    const { deps, unsound } = await tournament({});
    const openCase = async (instanceId: string) => {
      if (instanceId !== "toy-2") return deps.openCase(instanceId);
      throw fault;
    };
    const result = await playTournament({ ...deps, openCase });
    expect(result).toMatchObject({ played: 2, voidRounds: 0, unsound: ["toy-2"], interrupted: false });
    expect(unsound).toEqual([`toy-2: ${fault.message}`]);
    expect(left()).toEqual(["toy-2"]);
  });

  it("counts void rounds", async () => {
    const { deps } = await tournament({
      submit: ({ of }) => {
        if (of.instance.instanceId === "toy-1") throw new Fault("endpoint-down", "gone", { retryable: true });
        return "";
      },
    });
    expect(await playTournament(deps)).toMatchObject({ played: 3, voidRounds: 1 });
  });

  it("stops at a fault that would void every other round too; what it had not played stays", async () => {
    const { deps, seen } = await tournament({
      submit: ({ of }) => {
        if (of.instance.instanceId === "toy-2")
          throw new Fault("budget-exhausted", "spent", { retryable: false });
        return "";
      },
    });
    await expect(playTournament(deps)).rejects.toMatchObject({ code: "budget-exhausted" });
    expect(seen).not.toContain("started on-toy-3");
    expect(left()).toEqual(["toy-2", "toy-3"]);
  });

  it("takes no further battle after an abort, says it was interrupted and can be resumed", async () => {
    const stop = new AbortController();
    const { deps } = await tournament({}, { signal: stop.signal });
    const onBattle: TournamentDeps["onBattle"] = (_, state) => {
      if (state === "finished") stop.abort();
    };
    expect(await playTournament({ ...deps, onBattle })).toMatchObject({ played: 1, interrupted: true });
    expect(left()).toEqual(["toy-2", "toy-3"]);
    const resumed = { ...deps, signal: new AbortController().signal };
    expect(await playTournament(resumed)).toMatchObject({ played: 2, interrupted: false });
  });

  it("gives a battle back after the round that was played when it is to stop, and goes on from there", async () => {
    const { deps, seen } = await tournament({});
    const two = planned({ battleId: "long", ordinal: 3, instanceId: "toy-4", rounds: 3 });
    arena.store.planBattles([two]);
    const gate = new BattleGate({ workers: 1, signal: deps.signal });
    const onRound: TournamentDeps["onRound"] = ({ battleId }) => {
      if (battleId === "long") gate.stop();
    };
    const stopped = await playTournament({ ...deps, onRound, gate });
    expect(stopped).toMatchObject({ played: 3, interrupted: true });
    expect(seen.at(-1)).toBe("given-back long");
    expect(arena.store.rounds("long").map(({ round }) => round)).toEqual([1]);
    expect(await playTournament(deps)).toMatchObject({ played: 1, interrupted: false });
    expect(arena.store.rounds("long").map(({ round }) => round)).toEqual([1, 2, 3]);
    expect(arena.asked.filter(({ ask }) => ask.call.battleId === "long")).toHaveLength(6);
  });

  it("begins nothing while it is paused, and ends although it is when all was played", async () => {
    const { deps, seen } = await tournament({});
    const gate = new BattleGate({ workers: 1, signal: deps.signal });
    let goOn: () => void = () => {};
    const isPaused = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const onBattle: TournamentDeps["onBattle"] = (battle, state) => {
      deps.onBattle(battle, state);
      if (state !== "finished") return;
      gate.pause();
      goOn();
    };
    const playing = playTournament({ ...deps, onBattle, gate });
    await isPaused;
    expect(seen).toEqual(["started on-toy-1", "finished on-toy-1"]);
    gate.resume();
    await new Promise((resolve) => setImmediate(resolve));
    gate.resume();
    while (left().length > 0) {
      gate.resume();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await playing).played).toBe(3);
    expect(gate.state).toBe("paused");
  });

  it("plays a battle again once there is room when the disk was full, and nobody is charged with that", async () => {
    let isFull = true;
    const { deps, seen } = await tournament({
      submit: ({ of }) => {
        if (of.instance.instanceId !== "toy-2" || !isFull) return "";
        isFull = false;
        throw new Fault("host-disk-full", "no room", { retryable: false });
      },
    });
    const room = new DiskRoom({
      ...{ folders: [], marks: defaultWatermarks, freeBytes: async () => 0, note: () => seen.push("full") },
      ...{ lookAgainMs: 1, clock: { after: () => () => {} } },
    });
    const gate = new BattleGate({ workers: 1, signal: deps.signal, watches: [room] });
    expect(await playTournament({ ...deps, gate })).toMatchObject({ played: 3, voidRounds: 0 });
    expect(seen.slice(2, 7)).toEqual([
      ...["started on-toy-2", "full", "put-off on-toy-2", "full", "started on-toy-2"],
    ]);
  });

  it("waits for an engine that has gone, plays the battle again and ends only when its patience does", async () => {
    const lacking = new Set(["toy-2", "toy-3"]);
    const gone = () => new Fault("engine-unreachable", "nothing answers", { retryable: false });
    const { deps, seen } = await tournament({
      submit: ({ of }) => {
        if (lacking.has(of.instance.instanceId)) throw gone();
        return "";
      },
    });
    let pings = 0;
    const clock = virtualClock();
    const engine = new EngineWatch({
      ...{ patienceMs: 60_000, lookAgainMs: 5_000, note: (line) => seen.push(line) },
      ping: async () => {
        pings += 1;
        // It is back at the third look, and the next time never.
        if (pings !== 3) throw gone();
        lacking.delete("toy-2");
      },
      clock: {
        monotonicMs: clock.monotonicMs,
        after: (ms, action) => {
          void clock.sleep(ms, deps.signal).then(action);
          return () => {};
        },
      },
    });
    const gate = new BattleGate({ workers: 1, signal: deps.signal, watches: [engine] });
    await expect(playTournament({ ...deps, gate })).rejects.toMatchObject({
      code: "engine-unreachable",
      message: expect.stringMatching(/has not answered for 1 minutes, longer than the run has patience/),
    });
    expect(seen.slice(2)).toEqual([
      "started on-toy-2",
      "no battle begins until the container engine answers, which is waited for up to 1 minutes: nothing answers",
      "put-off on-toy-2",
      "the container engine answers again after 0.17 minutes: battles begin again",
      ...["started on-toy-2", "finished on-toy-2", "started on-toy-3"],
      "no battle begins until the container engine answers, which is waited for up to 1 minutes: nothing answers",
      "put-off on-toy-3",
    ]);
    expect(arena.store.rounds().filter(({ record }) => record.void !== undefined)).toEqual([]);
    expect(left()).toEqual(["toy-3"]);
  });

  it("ends at a full disk that nobody watches", async () => {
    const { deps } = await tournament({
      submit: () => {
        throw Object.assign(new Error("write"), { code: "ENOSPC" });
      },
    });
    await expect(playTournament(deps)).rejects.toSatisfy(
      (error) => isFault(error) && error.code === "host-disk-full",
    );
    expect(left()).toEqual(["toy-1", "toy-2", "toy-3"]);
  });
});
