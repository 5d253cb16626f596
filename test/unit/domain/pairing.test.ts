// Who meets whom: complete, the same for the same seed, and fair to both sides wherever a run is cut short.
import { describe, expect, it } from "vitest";
import { type PairingRequest, planBattles } from "../../../src/domain/pairing.ts";
import { seededRandom } from "../../../src/domain/random.ts";

const request: PairingRequest = {
  contestants: ["a", "b", "c", "d"],
  instanceIds: Array.from({ length: 25 }, (_, index) => `issue-${index}`),
  rounds: 2,
  selfPlay: false,
};
const plan = (seed: string, over: Partial<PairingRequest> = {}) =>
  planBattles({ ...request, ...over }, seededRandom(seed));
const meeting = (battle: { first: string; second: string; instanceId: string }) =>
  [...[battle.first, battle.second].sort(), battle.instanceId].join(" ");

describe("planBattles", () => {
  it("plans every pair on every instance once, numbered in order", () => {
    const battles = plan("s");
    expect(battles).toHaveLength(6 * 25);
    expect(new Set(battles.map(meeting)).size).toBe(6 * 25);
    expect(new Set(battles.map((battle) => battle.battleId)).size).toBe(6 * 25);
    expect(battles.map((battle) => battle.ordinal)).toEqual(battles.map((_, index) => index));
    expect(battles.every((battle) => battle.rounds === 2 && battle.first !== battle.second)).toBe(true);
  });

  it("is the same for the same seed, another order and other sides for another", () => {
    expect(plan("s")).toEqual(plan("s"));
    expect(plan("s").map(meeting)).not.toEqual(plan("t").map(meeting));
    expect(plan("s").map(meeting).sort()).toEqual(plan("t").map(meeting).sort());
  });

  it("names a battle by what meets, not by the seed or the side that begins", () => {
    const ids = (seed: string) => new Map(plan(seed).map((battle) => [meeting(battle), battle.battleId]));
    expect(ids("s")).toEqual(ids("t"));
  });

  it("lets each of a pair begin as often as the other, at every point where a run may be cut short", () => {
    for (const seed of ["s", "t", "u", "v"]) {
      const ahead = new Map<string, number>();
      for (const { first, second } of plan(seed)) {
        const pair = [first, second].sort().join(" ");
        const lead = (ahead.get(pair) ?? 0) + (first < second ? 1 : -1);
        ahead.set(pair, lead);
        expect(Math.abs(lead)).toBeLessThanOrEqual(1);
      }
    }
  });

  it("draws who begins: over many seeds each side does so half the time", () => {
    const firsts = Array.from({ length: 400 }, (_, seed) => plan(`${seed}`, { instanceIds: ["one"] })[0]);
    const share =
      firsts.filter((battle) => battle !== undefined && battle.first < battle.second).length / 400;
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
  });

  it("adds self-play only when asked", () => {
    const battles = plan("s", { selfPlay: true });
    expect(battles.filter((battle) => battle.first === battle.second)).toHaveLength(4 * 25);
    expect(battles).toHaveLength(10 * 25);
  });

  it("keeps only pairs with an anchor, when there are any", () => {
    const battles = plan("s", { anchors: ["a"] });
    expect(battles).toHaveLength(3 * 25);
    expect(battles.every(({ first, second }) => first === "a" || second === "a")).toBe(true);
    expect(plan("s", { anchors: [] })).toEqual([]);
  });

  it("plans nothing for nobody or nothing", () => {
    expect(plan("s", { contestants: ["a"] })).toEqual([]);
    expect(plan("s", { instanceIds: [] })).toEqual([]);
  });
});
