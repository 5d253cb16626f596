// Battles are taken so that everybody gets on alike, one slow contestant holds no more than its share of the workers.
import { describe, expect, it } from "vitest";
import { BattleQueue } from "../../../src/arena/battle-queue.ts";
import type { PlannedBattle } from "../../../src/domain/run.ts";
import { planned } from "../../support/toy-arena.ts";

const contestants = ["ann", "bob", "cid", "dan"];

function battlesOf(ids: readonly string[], issues: number): PlannedBattle[] {
  const pairs = ids.flatMap((first, index) => ids.slice(index + 1).map((second) => ({ first, second })));
  return Array.from({ length: issues }, (_, issue) =>
    pairs.map((pair, index) => {
      const ordinal = issue * pairs.length + index;
      return planned({ ...pair, battleId: `b${ordinal}`, ordinal, instanceId: `issue-${issue}` });
    }),
  ).flat();
}

function queueOf(battles: readonly PlannedBattle[]): BattleQueue {
  const queue = new BattleQueue();
  queue.add(battles);
  return queue;
}

const sides = (battle: PlannedBattle | undefined): string[] =>
  battle === undefined ? [] : [battle.first, battle.second];

describe("BattleQueue", () => {
  it("gives every battle once, of a pair in plan order", () => {
    const battles = battlesOf(contestants, 3);
    const queue = queueOf(battles);
    const taken: PlannedBattle[] = [];
    for (let battle = queue.take(); battle !== undefined; battle = queue.take()) {
      taken.push(battle);
      queue.ended(battle);
    }
    expect(new Set(taken)).toEqual(new Set(battles));
    expect(taken).toHaveLength(battles.length);
    const annBob = taken.filter(({ first, second }) => first === "ann" && second === "bob");
    expect(annBob.map(({ instanceId }) => instanceId)).toEqual(["issue-0", "issue-1", "issue-2"]);
  });

  it("keeps progress even: nobody is ever more than two battles ahead of another", () => {
    // In an order that would play one contestant to its end first.
    const byFirst = battlesOf(contestants, 8).sort((a, b) =>
      a.first < b.first ? -1 : a.first > b.first ? 1 : 0,
    );
    const queue = queueOf(byFirst.map((battle, ordinal) => ({ ...battle, ordinal })));
    const begun = new Map(contestants.map((id) => [id, 0]));
    for (let battle = queue.take(); battle !== undefined; battle = queue.take()) {
      for (const id of sides(battle)) begun.set(id, (begun.get(id) ?? 0) + 1);
      const counts = [...begun.values()];
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
      queue.ended(battle);
    }
  });

  it("lets a contestant whose battles never end hold one worker of two, while there are others", () => {
    const battles = battlesOf(contestants, 5);
    const queue = queueOf(battles);
    const slow = queue.take();
    const held = sides(slow)[0] ?? "";
    for (let count = 0; count < 5; count += 1) {
      const battle = queue.take();
      expect(sides(battle)).not.toContain(held);
      if (battle !== undefined) queue.ended(battle);
    }
  });

  it("leaves battles of whose model answers nothing to the end, and then gives them", () => {
    const queue = queueOf(battlesOf(["ann", "bob", "cid"], 1));
    const isSilent = (id: string) => id === "ann";
    const taken = [1, 2, 3].map(() => queue.take(isSilent));
    expect(taken.map((battle) => sides(battle).includes("ann"))).toEqual([false, true, true]);
  });

  it("goes by who has begun less in earlier sessions, too", () => {
    const battles = battlesOf(["ann", "bob", "cid"], 4);
    const begun = battles.filter(({ first, second }) => first === "ann" && second === "bob").slice(0, 2);
    const queue = new BattleQueue(begun);
    queue.add(battles.filter((battle) => !begun.includes(battle)));
    expect(sides(queue.take())).toContain("cid");
  });

  it("takes nothing more of who was dropped, what comes later included", () => {
    const battles = battlesOf(["ann", "bob", "cid"], 2);
    const queue = queueOf(battles.slice(0, 3));
    queue.drop("ann");
    queue.add(battles.slice(3));
    const taken = [queue.take(), queue.take(), queue.take()];
    expect(taken.map(sides)).toEqual([["bob", "cid"], ["bob", "cid"], []]);
  });
});
