// Lanes under pressure: halved when a server is full, growing while it has room, and never growing while work waits there.
import { describe, expect, it } from "vitest";
import { EngineFault, type EngineLoad } from "../../../../src/inference/a1/engine.ts";
import { Lane, PressureWatch } from "../../../../src/inference/a1/lanes.ts";
import { VirtualTime } from "../../../../src/inference/a1/simulation/virtual-time.ts";
import { ScriptedEngine } from "../../../support/engine-script.ts";

const never = new AbortController().signal;
const key = { question: "q", sample: 0, turn: 0, attempt: 0 };

async function successes(lane: Lane, count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await lane.run(key, never, () => Promise.resolve());
}

describe("a lane", () => {
  it("grows by one for each round of successes, up to its most", async () => {
    const lane = new Lane("draft", { initial: 2, max: 4 }, new VirtualTime());
    await successes(lane, 2);
    expect(lane.load().limit).toBe(3);
    await successes(lane, 30);
    expect(lane.load().limit).toBe(4);
  });

  it.each(["overloaded", "timed-out"] as const)("is halved, once an episode, by %s", async (code) => {
    const lane = new Lane("draft", { initial: 16, max: 32 }, new VirtualTime());
    const failing = () => lane.run(key, never, () => Promise.reject(new EngineFault(code, "full")));
    await Promise.allSettled([failing(), failing(), failing()]);
    expect(lane.load()).toMatchObject({ limit: 8, running: 0 });
  });

  it("lets questions take turns, and of each whoever is nearest to its end", async () => {
    const lane = new Lane("score", { initial: 1, max: 1 }, new VirtualTime());
    const order: string[] = [];
    const run = (question: string, sample: number, turn: number) =>
      lane.run({ ...key, question, sample, turn }, never, async () => {
        order.push(`${question}${sample}`);
        await Promise.resolve();
      });
    await Promise.all([
      run("a", 0, 0),
      run("a", 1, 0),
      run("a", 2, 2),
      run("a", 3, 1),
      run("b", 0, 0),
      run("a", 4, 2),
    ]);
    expect(order).toEqual(["a0", "a2", "b0", "a4", "a3", "a1"]);
  });

  it("does not grow while work waits at the server", async () => {
    const lane = new Lane("draft", { initial: 2, max: 32 }, new VirtualTime());
    lane.pressedBy({ running: 9, queued: 3 });
    await successes(lane, 20);
    expect(lane.load().limit).toBe(2);
    lane.pressedBy({ running: 9, queued: 0 });
    await successes(lane, 2);
    expect(lane.load().limit).toBe(3);
  });
});

describe("watching a server", () => {
  const watched = async (loads: readonly (EngineLoad | "down")[]) => {
    const time = new VirtualTime();
    const lane = new Lane("takeover", { initial: 16, max: 32 }, time);
    const left = loads.values();
    const engine = new ScriptedEngine(
      {
        ...{ name: "target", write: () => "" },
        load: () => {
          const next = left.next();
          if (next.value === "down") throw new EngineFault("unreachable", "nobody there");
          return next.value;
        },
      },
      time,
    );
    await time.run(
      new PressureWatch(engine, [lane], { clock: time, signal: never, isBusy: () => true }).whileBusy(),
    );
    return { lane, asked: time.now() };
  };

  it("cuts its lanes where its memory is nearly full, and looks every two seconds", async () => {
    const { lane, asked } = await watched([
      { running: 1, queued: 0, cacheShare: 0.5 },
      { running: 1, queued: 0, cacheShare: 0.97 },
      { running: 1, queued: 0, cacheShare: 0.9 },
    ]);
    expect([lane.load().limit, asked]).toEqual([8, 6_000]);
    await successes(lane, 20);
    expect(lane.load().limit).toBe(8);
  });

  it("takes one that cannot say how it is for one with work waiting", async () => {
    const { lane } = await watched([{ running: 1, queued: 0 }, "down"]);
    await successes(lane, 40);
    expect(lane.load().limit).toBe(16);
  });
});
