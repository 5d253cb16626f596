// The gate before a battle: workers, pauses, stops and a low disk decide when one begins, and when none does any more.
import { beforeEach, describe, expect, it } from "vitest";
import { BattleGate, type HostWatch } from "../../../../src/arena/running/gate.ts";

let signal: AbortSignal;
beforeEach(() => {
  ({ signal } = new AbortController());
});
/** Lets everything that waits for nothing else go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** How many of `n` callers are inside, and the way out for each of them. */
function callers(gate: BattleGate, n: number) {
  const inside: (() => void)[] = [];
  let sentAway = 0;
  for (let caller = 0; caller < n; caller += 1) {
    void gate.enter().then((leave) => {
      if (leave === undefined) sentAway += 1;
      else inside.push(leave);
    });
  }
  return { inside, sentAway: () => sentAway };
}

/** What `n` who have a battle in hand were told by now. */
function beginners(gate: BattleGate, n: number): boolean[] {
  const told: boolean[] = [];
  for (let each = 0; each < n; each += 1) void gate.mayBegin().then((may) => told.push(may));
  return told;
}

describe("a gate", () => {
  it("lets so many in as there are workers, the next when one leaves, and one leaves only once", async () => {
    const gate = new BattleGate({ workers: 2, signal });
    const { inside } = callers(gate, 4);
    await settled();
    expect(inside).toHaveLength(2);
    inside[0]?.();
    inside[0]?.();
    await settled();
    expect(inside).toHaveLength(3);
  });

  it("takes more workers and fewer while it is used, never none and never above its most", async () => {
    const gate = new BattleGate({ workers: 1, mostWorkers: 3, signal });
    const { inside } = callers(gate, 5);
    gate.setWorkers(2);
    await settled();
    expect(inside).toHaveLength(2);
    gate.setWorkers(9);
    await settled();
    expect([inside.length, gate.workers]).toEqual([3, 3]);
    gate.setWorkers(0);
    expect(gate.workers).toBe(1);
    for (const leave of inside.slice(0, 2)) leave();
    await settled();
    expect(inside).toHaveLength(3);
    inside[2]?.();
    await settled();
    expect(inside).toHaveLength(4);
  });

  it("lets no battle begin while it is paused, though it may be taken up, and those in hand when it goes on", async () => {
    const gate = new BattleGate({ workers: 2, signal });
    gate.pause();
    const { inside } = callers(gate, 2);
    const told = beginners(gate, 2);
    await settled();
    expect([inside.length, told, gate.state]).toEqual([2, [], "paused"]);
    gate.resume();
    await settled();
    expect([told, gate.state]).toEqual([[true, true], "open"]);
  });

  it("lets no more begin than there are workers left, though more were taken up while it was paused", async () => {
    const gate = new BattleGate({ workers: 1, mostWorkers: 3, signal });
    gate.pause();
    gate.setWorkers(3);
    const { inside } = callers(gate, 3);
    const told = beginners(gate, 3);
    gate.setWorkers(1);
    gate.resume();
    await settled();
    expect([inside.length, told]).toEqual([3, [true]]);
    gate.over();
    await settled();
    expect(told).toEqual([true, true]);
  });

  it.each([
    ["closed", (gate: BattleGate) => gate.close(), [], false],
    ["halted", (gate: BattleGate) => gate.halt(), [false], false],
    ["stopped", (gate: BattleGate) => gate.stop(), [false], true],
  ] as const)("sends who waits for a place away when it is %s", async (_, end, told, isStopping) => {
    const gate = new BattleGate({ workers: 1, signal });
    const { inside, sentAway } = callers(gate, 2);
    gate.pause();
    const inHand = beginners(gate, 1);
    await settled();
    end(gate);
    await settled();
    expect([inside.length, sentAway(), inHand, gate.isStopping]).toEqual([1, 1, told, isStopping]);
    expect(await gate.enter()).toBeUndefined();
    // What is in hand when there is nothing more to take up is still played.
    gate.resume();
    await settled();
    expect(inHand).toEqual(told.length === 0 ? [true] : told);
  });

  it("sends everybody away when the run is aborted", async () => {
    const stop = new AbortController();
    const gate = new BattleGate({ workers: 1, signal: stop.signal });
    const { inside, sentAway } = callers(gate, 3);
    gate.pause();
    const told = beginners(gate, 2);
    await settled();
    stop.abort();
    await settled();
    expect([inside.length, sentAway(), told, gate.state]).toEqual([1, 2, [false, false], "stopping"]);
  });
});

/** A disk that is short so often when it is looked at, and timers that are fired by hand. */
function lacking(state: HostWatch["state"], shortLooks: number) {
  const timers: (() => void)[] = [];
  let looks = 0;
  const watch: HostWatch = {
    state,
    lookAgainMs: 5,
    shortage: async () => {
      looks += 1;
      return looks <= shortLooks ? "1 GiB is free" : undefined;
    },
    met: (error) => error === state,
    clock: {
      after: (_, action) => {
        timers.push(action);
        return () => {};
      },
    },
  };
  return { watch, fire: () => timers.shift()?.() };
}

describe("a gate over a host", () => {
  it("lets no battle begin while it is low, and looks again when it is time", async () => {
    const { watch, fire } = lacking("low-disk", 2);
    const gate = new BattleGate({ workers: 1, signal, watches: [watch] });
    const told = beginners(gate, 1);
    await settled();
    expect([told, gate.state, gate.shortage]).toEqual([[], "low-disk", "1 GiB is free"]);
    fire();
    await settled();
    expect(told).toEqual([]);
    fire();
    await settled();
    expect([told, gate.state]).toEqual([[true], "open"]);
  });

  it("does not hold back who is sent away while the disk is low", async () => {
    const { watch } = lacking("low-disk", Number.POSITIVE_INFINITY);
    const gate = new BattleGate({ workers: 2, signal, watches: [watch] });
    const told = beginners(gate, 2);
    await settled();
    gate.stop();
    await settled();
    expect(told).toEqual([false, false]);
  });

  it("holds back for either of two, and says of which it is", async () => {
    const [disk, engine] = [lacking("low-disk", 1), lacking("no-engine", 1)];
    const gate = new BattleGate({ workers: 1, signal, watches: [disk.watch, engine.watch] });
    const told = beginners(gate, 1);
    await settled();
    expect(gate.state).toBe("low-disk");
    disk.fire();
    await settled();
    expect([told, gate.state]).toEqual([[], "no-engine"]);
    engine.fire();
    await settled();
    expect([told, gate.state]).toEqual([[true], "open"]);
  });

  it("puts a battle off that met what is lacking, three times and not for ever, and nothing else", () => {
    const watches = [lacking("low-disk", 0).watch, lacking("no-engine", 0).watch];
    const gate = new BattleGate({ workers: 1, signal, watches });
    const putOff = (what: string, error: string) => gate.putOff(what, error);
    expect([1, 2, 3, 4].map(() => putOff("b1", "low-disk"))).toEqual([true, true, true, false]);
    expect([putOff("b1", "no-engine"), putOff("b2", "low-disk"), putOff("b2", "a bug")]).toEqual([
      true,
      true,
      false,
    ]);
    expect(new BattleGate({ workers: 1, signal }).putOff("b1", "low-disk")).toBe(false);
  });

  it("ends who waits when the host is waited for no longer", async () => {
    const watch = {
      ...lacking("no-engine", 0).watch,
      shortage: async () => Promise.reject(new Error("gone")),
    };
    const gate = new BattleGate({ workers: 1, signal, watches: [watch] });
    await expect(gate.mayBegin()).rejects.toThrow("gone");
  });
});
