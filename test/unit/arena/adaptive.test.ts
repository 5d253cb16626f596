// An adaptive run: its draws are its seed's and its results', whoever is done first, however often it was killed.
import { describe, expect, it } from "vitest";
import { CaseFault } from "../../../src/arena/case.ts";
import { mustBeDrawable } from "../../../src/arena/plan.ts";
import { ContestantFault } from "../../../src/arena/run-ending.ts";
import { type AdaptivePairing, defaultPairing } from "../../../src/domain/adaptive.ts";
import { Fault } from "../../../src/domain/fault.ts";
import { seededRandom } from "../../../src/domain/random.ts";
import type { PlannedBattle, RunStore } from "../../../src/domain/run.ts";
import { pairOf } from "../../../src/rating/index.ts";
import { boardSource } from "../../../src/report/source.ts";
import { evidenceOf } from "../../../src/report/tournament-evidence.ts";
import { openStore } from "../../../src/storage/index.ts";
import {
  issueIds,
  type Playing,
  planSimulation,
  playSimulation,
  type Simulation,
  settingsOf,
  simulatedRounds,
} from "../../support/simulated-run.ts";
import { usualWorld } from "../../support/tournaments.ts";
import { record } from "../report/rows.ts";

type Play = NonNullable<Playing["play"]>;

const ladder = (count: number, gap: number) => ({
  ...usualWorld,
  contestants: Array.from({ length: count }, (_, i) => ({
    id: `model-${i}`,
    submitter: (gap * i) / 2,
    reviewer: (gap * i) / 2,
  })),
});

const drawn: AdaptivePairing = { ...defaultPairing, battlesPerIssue: 2, issuesAtOnce: 3 };
const simulation: Simulation = { world: ladder(5, 1), seed: "drawn", issues: 40, pairing: drawn };

function begun(of: Simulation = simulation): RunStore {
  const store = openStore(":memory:");
  planSimulation(store, of);
  return store;
}

const drawsIn = (store: RunStore) => JSON.stringify([store.openedIssues(), store.battles()]);

/** Of one that was never disturbed. */
async function drawsOf(of: Simulation, playing: Playing = {}): Promise<string> {
  const store = begun(of);
  await playSimulation(store, of, playing);
  return drawsIn(store);
}

const unevenTurns = (battle: PlannedBattle): number => seededRandom(battle.battleId).integer(20);

describe("the draws of an adaptive run", () => {
  it("are the same to the byte at any number of workers, whoever is done first", async () => {
    const one = await drawsOf(simulation, { workers: 1 });
    expect(JSON.parse(one)[0]).toHaveLength(40);
    for (const workers of [2, 5, 16]) {
      expect(await drawsOf(simulation, { workers })).toBe(one);
      expect(await drawsOf(simulation, { workers, turnsOf: unevenTurns })).toBe(one);
    }
    expect(await drawsOf({ ...simulation, seed: "other" })).not.toBe(one);
  });

  it("hang on the results that they know", async () => {
    const [plain, turned] = [simulation, { ...simulation, world: ladder(5, -1) }];
    const [one, other] = [await drawsOf(plain), await drawsOf(turned)].map((text) => JSON.parse(text)[0]);
    // Nothing is known before the window is full.
    expect(one.slice(0, 3)).toEqual(other.slice(0, 3));
    expect(one).not.toEqual(other);
  });

  it("are stored before anything of theirs is played, each with its chance", async () => {
    const store = begun();
    const seen: number[] = [];
    await playSimulation(store, simulation, {
      onBattle: ({ battleId }, state) => {
        if (state === "finished") return;
        const issue = store
          .openedIssues()
          .find(({ draws }) => draws.some((draw) => draw.battleId === battleId));
        seen.push(issue?.draws.length ?? 0);
      },
    });
    expect(seen).toEqual(Array.from({ length: 80 }, () => 2));
    for (const { draws } of store.openedIssues()) {
      const [first, second] = draws.map(({ propensity }) => propensity);
      const floors = [drawn.floor / 10, drawn.floor / 9];
      for (const [place, chance] of [first, second].entries()) {
        const floor = floors[place] ?? 0;
        const isFloor = Math.abs((chance ?? 0) - floor) < 1e-12;
        expect(isFloor || Math.abs((chance ?? 0) - (floor + 1 - drawn.floor)) < 1e-12).toBe(true);
      }
    }
  });

  it("know the results of every issue but the last opened, and wait for these alone", async () => {
    const store = begun();
    const finished = new Set<string>();
    await playSimulation(store, simulation, {
      workers: 16,
      turnsOf: unevenTurns,
      onBattle: ({ battleId, instanceId }, state) => {
        if (state === "finished") finished.add(battleId);
        const opened = store.openedIssues();
        const { seen = 0, ordinal = 0 } = opened.find((issue) => issue.instanceId === instanceId) ?? {};
        expect(seen).toBe(Math.max(0, ordinal - 2));
        const known = opened.slice(0, seen).flatMap(({ draws }) => draws.map((draw) => draw.battleId));
        expect(known.every((id) => finished.has(id))).toBe(true);
      },
    });
  });

  it("keep as many workers busy as issues at once have battles", async () => {
    let [playing, most] = [0, 0];
    await playSimulation(begun(), simulation, {
      workers: 16,
      turnsOf: () => 5,
      onBattle: (_, state) => {
        playing += state === "started" ? 1 : -1;
        most = Math.max(most, playing);
      },
    });
    expect(most).toBe(6);
  });

  it("open issues in an order that is the seed's, each once, and let sides begin by turns", async () => {
    const store = begun();
    await playSimulation(store, simulation);
    const order = store.openedIssues().map(({ instanceId }) => instanceId);
    expect(order).not.toEqual(issueIds(40));
    expect(order.toSorted()).toEqual(issueIds(40));
    const starts = new Map<string, number>();
    for (const { first, second } of store.battles()) {
      const { one, other } = pairOf(first, second);
      const key = `${one} ${other}`;
      starts.set(key, (starts.get(key) ?? 0) + (first === one ? 1 : -1));
    }
    for (const difference of starts.values()) expect(Math.abs(difference)).toBeLessThanOrEqual(1);
  });

  it("go to whoever tells more for a dollar", async () => {
    const dear = (contestant: string) => (contestant === "model-4" ? 10 : 0.01);
    const battles = async (costUsd: (contestant: string) => number) => {
      const store = begun();
      await playSimulation(store, { ...simulation, costUsd });
      return store.battles().filter(({ first, second }) => [first, second].includes("model-4")).length;
    };
    expect(await battles(dear)).toBeLessThan(await battles(() => 0.01));
  });
});

describe("an adaptive run that was cut off", () => {
  it.each([1, 4])("goes on with the same draws after a fault at any battle, %d workers", async (workers) => {
    const undisturbed = await drawsOf(simulation);
    for (const at of [0, 1, 5, 33, 79]) {
      const store = begun();
      let started = 0;
      const onBattle: Playing["onBattle"] = (_, state) => {
        if (state === "started" && started++ === at)
          throw new Fault("budget-exhausted", "spent", { retryable: false });
      };
      const cut = playSimulation(store, simulation, { workers, turnsOf: unevenTurns, onBattle });
      await expect(cut).rejects.toMatchObject({ code: "budget-exhausted" });
      const battles = store.battles();
      expect(battles.length).toBeLessThanOrEqual(80);
      const rest = await playSimulation(store, simulation, { workers });
      expect(rest.interrupted).toBe(false);
      expect(drawsIn(store)).toBe(undisturbed);
      expect(store.unplayed()).toEqual([]);
    }
  });

  it("goes on with the same draws after a kill between the rounds of a battle", async () => {
    const store = begun();
    const killed = new Fault("store-failed", "killed", { retryable: false });
    let battles = 0;
    const play: Play = async (battle, onRound) => {
      const [first, second] = simulatedRounds(simulation, battle);
      if (first === undefined || second === undefined) throw new Error("two rounds");
      store.recordRound(first);
      onRound(first);
      battles += 1;
      if (battles === 9) throw killed;
      store.recordRound(second);
      store.finishBattle(battle.battleId);
      return true;
    };
    await expect(playSimulation(store, simulation, { play })).rejects.toBe(killed);
    await playSimulation(store, simulation);
    expect(drawsIn(store)).toBe(await drawsOf(simulation));
  });

  it("hands nothing out after an abort, not to those who wait either", async () => {
    const stop = new AbortController();
    const store = begun();
    let started = 0;
    const result = await playSimulation(store, simulation, {
      ...{ workers: 16, signal: stop.signal, turnsOf: () => 3 },
      onBattle: () => {
        started += 1;
        if (started === 10) stop.abort();
      },
    });
    expect(result.interrupted).toBe(true);
    expect(store.openedIssues().length).toBeLessThan(40);
    await playSimulation(store, simulation);
    expect(drawsIn(store)).toBe(await drawsOf(simulation));
  });

  it("draws on only once void rounds are played again", async () => {
    const nothing = record({}, { void: { cause: "x", side: "baseline", detail: "d" } });
    const store = begun();
    const short: Simulation = { ...simulation, issues: 10 };
    const withVoid: Playing["play"] = async (battle) => {
      for (const row of simulatedRounds(short, battle))
        store.recordRound(battle.ordinal === 2 ? { ...row, record: nothing } : row);
      store.finishBattle(battle.battleId);
      return true;
    };
    await playSimulation(store, short, { play: withVoid });
    const before = drawsIn(store);
    expect(store.reopenVoids()).toBe(2);
    expect(store.openedIssues().map(({ isClosed }) => isClosed)).toEqual([
      true,
      false,
      ...Array(8).fill(true),
    ]);
    const seen: string[] = [];
    await playSimulation(store, short, { onBattle: ({ battleId }) => seen.push(battleId) });
    expect(new Set(seen).size).toBe(1);
    expect(drawsIn(store)).toBe(before);
  });
});

describe("an issue that cannot be judged", () => {
  it("is left out with its reason, and draws go on without it", async () => {
    const store = begun();
    const [bad = ""] = await (async () => {
      const probe = begun();
      await playSimulation(probe, simulation);
      return probe.openedIssues().map(({ instanceId }) => instanceId);
    })();
    const unsound: string[] = [];
    const fault = new CaseFault("unsound-instance", "gold does not apply", { retryable: false });
    const play: Play = async (battle) => {
      if (battle.instanceId === bad) throw fault;
      for (const row of simulatedRounds(simulation, battle)) store.recordRound(row);
      store.finishBattle(battle.battleId);
      return true;
    };
    const onUnsound = (id: string) => unsound.push(id);
    const result = await playSimulation(store, simulation, { play, onUnsound, workers: 1 });
    expect([result.played, result.unsound, unsound]).toEqual([78, [bad], [bad]]);
    const [first, ...others] = store.openedIssues();
    expect(first).toMatchObject({ instanceId: bad, isClosed: true, leftOut: "gold does not apply" });
    expect(others.every((issue) => issue.isClosed && issue.leftOut === undefined)).toBe(true);
    // Mended, it is played, and what was drawn stays.
    const before = JSON.stringify(store.battles());
    expect((await playSimulation(store, simulation)).played).toBe(2);
    expect(JSON.stringify(store.battles())).toBe(before);
    expect(store.openedIssues()[0]).not.toHaveProperty("leftOut");
  });
});

describe("an issue that is played in part and left out", () => {
  const fault = new CaseFault("unsound-instance", "gold does not apply", { retryable: false });

  /** The battles of the third issue that is opened: as many are played, then it cannot be judged any more. */
  async function drawsAfter(playedOfIt: number): Promise<string> {
    const store = begun();
    let played = 0;
    const play: Play = async (battle) => {
      const isBad = store.openedIssues()[2]?.instanceId === battle.instanceId;
      if (isBad && played >= playedOfIt) throw fault;
      if (isBad) played += 1;
      for (const row of simulatedRounds(simulation, battle)) store.recordRound(row);
      store.finishBattle(battle.battleId);
      return true;
    };
    await playSimulation(store, simulation, { play, workers: 1 });
    expect(store.openedIssues()[2]).toMatchObject({ leftOut: "gold does not apply" });
    expect(played).toBe(playedOfIt);
    return drawsIn(store);
  }

  it("tells draws nothing, as it counts for nothing on any board", async () => {
    expect(await drawsAfter(1)).toBe(await drawsAfter(0));
  });
});

describe("a contestant who drops out of an adaptive run", () => {
  /** Plays until so many of its battles are played, then never again. */
  const leaving =
    (store: RunStore, of: Simulation, who: string, most: number): Play =>
    async (battle, onRound) => {
      const isIts = [battle.first, battle.second].includes(who);
      const done = store.rounds().filter(({ submitter }) => submitter === who).length;
      for (const row of simulatedRounds(of, battle)) {
        if (isIts && done >= most)
          throw new ContestantFault(who, { code: "budget-exhausted", message: "its budget is used up" });
        store.recordRound(row);
        onRound(row);
      }
      store.finishBattle(battle.battleId);
      return true;
    };

  const boardOf = (store: RunStore) =>
    evidenceOf([boardSource({ name: "run", sandbox: "scripted", sampling: [] }, store)], "strict");

  it.each([1, 4])(
    "is drawn no more; others play on, and what it left counts for nothing, %d workers",
    async (workers) => {
      const store = begun();
      const told: string[] = [];
      const result = await playSimulation(store, simulation, {
        ...{ workers, turnsOf: unevenTurns, play: leaving(store, simulation, "model-4", 5) },
        onDropOut: (contestant, reason) => told.push(`${contestant}: ${reason}`),
      });
      expect(result).toMatchObject({ droppedOut: ["model-4"], interrupted: false });
      expect(told).toEqual(["model-4: its budget is used up"]);
      expect(store.dropouts()).toMatchObject([{ contestant: "model-4" }]);
      const opened = store.openedIssues();
      expect(opened).toHaveLength(40);
      expect(opened.every(({ isClosed }) => isClosed)).toBe(true);
      const unplayed = new Set(store.unplayed().map(({ instanceId }) => instanceId));
      expect(unplayed.size).toBeGreaterThan(0);
      for (const { instanceId, leftOut } of opened)
        expect(leftOut).toBe(
          unplayed.has(instanceId) ? "model-4 has dropped out: its budget is used up" : undefined,
        );
      // No more than were open together when it left.
      expect(unplayed.size).toBeLessThanOrEqual(drawn.issuesAtOnce);
      const last = opened.findLastIndex(({ instanceId }) => unplayed.has(instanceId));
      const later = new Set(opened.slice(last + 1).map(({ instanceId }) => instanceId));
      const sides = store.battles().filter(({ instanceId }) => later.has(instanceId));
      expect(sides.some(({ first, second }) => [first, second].includes("model-4"))).toBe(false);
      expect(boardOf(store)).toMatchObject({ issues: 40 - unplayed.size, leftOut: unplayed.size });
    },
  );

  it("is in again when the run goes on, and plays what it left", async () => {
    const store = begun();
    await playSimulation(store, simulation, { play: leaving(store, simulation, "model-4", 5) });
    const before = JSON.stringify(store.battles());
    const left = store.unplayed().length;
    expect(await playSimulation(store, simulation)).toMatchObject({ played: left, droppedOut: [] });
    expect(JSON.stringify(store.battles())).toBe(before);
    expect(store.openedIssues().some((issue) => issue.leftOut !== undefined)).toBe(false);
    expect(boardOf(store)).toMatchObject({ issues: 40, leftOut: 0 });
  });

  it("ends the run where no two others are left", async () => {
    const two: Simulation = { ...simulation, world: ladder(2, 1) };
    const store = begun(two);
    const ended = playSimulation(store, two, { play: leaving(store, two, "model-1", 3) });
    await expect(ended).rejects.toMatchObject({ contestant: "model-1" });
    expect(store.dropouts()).toEqual([]);
    expect(store.openedIssues().some((issue) => issue.leftOut !== undefined)).toBe(false);
    // Nothing of it is lost to who resumes.
    await playSimulation(store, two);
    expect(drawsIn(store)).toBe(await drawsOf(two));
  });

  it("is waited for by no proof: the first of the others is enough, and a later session asks for more", async () => {
    const stop: Simulation = {
      ...simulation,
      world: ladder(3, 4),
      issues: 300,
      pairing: { ...drawn, stop: { error: 0.05 } },
    };
    const store = begun(stop);
    const result = await playSimulation(store, stop, { play: leaving(store, stop, "model-0", 1) });
    expect(result).toMatchObject({ winner: "model-2", droppedOut: ["model-0"] });
    const opened = store.openedIssues().length;
    expect(opened).toBeLessThan(150);
    expect(boardOf(store)).not.toHaveProperty("winner");
    expect(await playSimulation(store, stop)).toMatchObject({ winner: "model-2", droppedOut: [] });
    expect(store.openedIssues().length).toBeGreaterThan(opened);
    expect(boardOf(store)).toMatchObject({ winner: "model-2" });
  });
});

describe("contested kills", () => {
  it("are settled issue by issue, before any draw knows their results", async () => {
    const store = begun();
    const settled: string[] = [];
    await playSimulation(store, simulation, {
      workers: 4,
      turnsOf: unevenTurns,
      settle: async (rows) => {
        if (rows === undefined) return;
        expect(new Set(rows.map(({ instanceId }) => instanceId)).size).toBe(1);
        expect(rows).toHaveLength(4);
        settled.push(rows[0]?.instanceId ?? "");
      },
      onBattle: ({ instanceId }) => {
        const opened = store.openedIssues();
        const seen = opened.find((issue) => issue.instanceId === instanceId)?.seen ?? 0;
        for (const issue of opened.slice(0, seen)) expect(settled).toContain(issue.instanceId);
      },
    });
    expect(settled.toSorted()).toEqual(issueIds(40));
  });

  it("of issues that a killed session had played are settled by the next one", async () => {
    const store = begun();
    const cut = playSimulation(store, simulation, {
      workers: 1,
      settle: async () => {
        throw new Fault("engine-unreachable", "gone", { retryable: true });
      },
    });
    await expect(cut).rejects.toMatchObject({ code: "engine-unreachable" });
    expect(store.openedIssues()).toHaveLength(1);
    const settled: (string | undefined)[] = [];
    const settle: Playing["settle"] = async (rows) => {
      if (rows !== undefined) settled.push(rows[0]?.instanceId);
    };
    await playSimulation(store, simulation, { settle });
    expect(settled[0]).toBe(store.openedIssues()[0]?.instanceId);
    expect(new Set(settled).size).toBe(40);
    expect(drawsIn(store)).toBe(await drawsOf(simulation));
  });
});

describe("a run that may stop", () => {
  const stopping: Simulation = {
    ...simulation,
    world: ladder(3, 4),
    issues: 300,
    pairing: { ...drawn, stop: { error: 0.05 } },
  };

  it("ends once a winner is proven: nothing more is opened, what is open is played", async () => {
    const store = begun(stopping);
    const result = await playSimulation(store, stopping, { workers: 4, turnsOf: unevenTurns });
    expect(result).toMatchObject({ winner: "model-2", interrupted: false });
    expect(store.openedIssues().length).toBeLessThan(150);
    expect(store.unplayed()).toEqual([]);
    // As its seed's and results' say, not as the clock does; and it stays ended.
    const before = drawsIn(store);
    expect(await drawsOf(stopping, { workers: 1 })).toBe(before);
    expect(await playSimulation(store, stopping)).toMatchObject({ played: 0, winner: "model-2" });
    expect(drawsIn(store)).toBe(before);
  });

  it("plays every issue where it may not stop, or nothing is proven", async () => {
    const { stop, ...pairing } = { ...drawn, stop: undefined };
    const open = { ...stopping, issues: 60, pairing };
    const store = begun(open);
    expect(await playSimulation(store, open)).not.toHaveProperty("winner");
    expect(store.openedIssues()).toHaveLength(60);
    const equals = { ...stopping, world: ladder(3, 0), issues: 60 };
    const even = begun(equals);
    expect(await playSimulation(even, equals)).not.toHaveProperty("winner");
    expect(even.openedIssues()).toHaveLength(60);
  });
});

describe("adaptive pairing", () => {
  it.each([
    [{ ...simulation, world: ladder(1, 1) }, {}, "two contestants at least, found model-0"],
    [{ ...simulation, rounds: 1 }, {}, "two rounds of a battle at least"],
    [simulation, { anchors: ["model-0"] }, "no anchors"],
  ])("is refused where nothing could be drawn: %#", (of, more, expected) => {
    expect(() => mustBeDrawable(settingsOf(of), { instanceIds: ["a"], ...more })).toThrow(expected);
  });
});
