// Slots shrink once per episode of rate limits, grow with success, and are handed out in order.
import { describe, expect, it } from "vitest";
import { Slots } from "../../../src/inference/index.ts";
import { virtualClock } from "../../support/virtual-clock.ts";

const never = new AbortController().signal;

describe("Slots", () => {
  it("hands out no more than the limit, first come first served, and a release counts once", async () => {
    const slots = new Slots({ initial: 1, max: 1 }, virtualClock());
    const order: number[] = [];
    const release = await slots.acquire(never);
    const others = [1, 2].map((name) =>
      slots.acquire(never).then((free) => {
        order.push(name);
        free();
      }),
    );
    expect(slots.snapshot()).toEqual({ limit: 1, running: 1, queued: 2 });
    release();
    release();
    await Promise.all(others);
    expect(order).toEqual([1, 2]);
    expect(slots.snapshot()).toEqual({ limit: 1, running: 0, queued: 0 });
  });

  it("serves parties in turn, each in its own order, and forgets who gave up", async () => {
    const slots = new Slots({ initial: 1, max: 1 }, virtualClock());
    const order: string[] = [];
    const release = await slots.acquire(never);
    const giveUp = new AbortController();
    const asked = ["a1", "a2", "a3", "b1", "c1", "b2"].map((name) =>
      slots.acquire(name === "a2" ? giveUp.signal : never, { party: name.slice(0, 1) }).then(
        (free) => {
          order.push(name);
          free();
        },
        () => order.push(`not ${name}`),
      ),
    );
    giveUp.abort(new Error("no longer"));
    release();
    await Promise.all(asked);
    expect(order).toEqual(["not a2", "a1", "b1", "c1", "a3", "b2"]);
    expect(slots.snapshot()).toEqual({ limit: 1, running: 0, queued: 0 });
  });

  it("cuts by a fifth once per episode, never below one", async () => {
    const clock = virtualClock();
    const slots = new Slots({ initial: 20, max: 100 }, clock);
    for (let call = 0; call < 20; call += 1) slots.limited();
    expect(slots.snapshot().limit).toBe(16);
    await clock.sleep(15_000, never);
    slots.limited();
    expect(slots.snapshot().limit).toBe(12);
    for (let episode = 0; episode < 50; episode += 1) {
      await clock.sleep(15_000, never);
      slots.limited();
    }
    expect(slots.snapshot().limit).toBe(1);
  });

  it("grows by one after as many successes as the limit is high, up to the most", () => {
    const slots = new Slots({ initial: 2, max: 3 }, virtualClock());
    slots.succeeded();
    expect(slots.snapshot().limit).toBe(2);
    slots.succeeded();
    expect(slots.snapshot().limit).toBe(3);
    for (let call = 0; call < 10; call += 1) slots.succeeded();
    expect(slots.snapshot().limit).toBe(3);
  });

  it("forgets a waiter that was aborted", async () => {
    const slots = new Slots({ initial: 1, max: 1 }, virtualClock());
    const release = await slots.acquire(never);
    const controller = new AbortController();
    const waiting = slots.acquire(controller.signal);
    controller.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    release();
    expect(slots.snapshot()).toEqual({ limit: 1, running: 0, queued: 0 });
  });
});
