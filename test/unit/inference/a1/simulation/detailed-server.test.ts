// The detailed server against arithmetic done by hand, on a machine whose figures are round.
import { describe, expect, it } from "vitest";
import {
  DetailedServer,
  type DetailedSettings,
} from "../../../../../src/inference/a1/simulation/detailed-server.ts";
import type { Machine, ModelShape } from "../../../../../src/inference/a1/simulation/roofline.ts";
import type { ServerCall } from "../../../../../src/inference/a1/simulation/server.ts";
import { VirtualTime } from "../../../../../src/inference/a1/simulation/virtual-time.ts";

/** A step takes a millisecond and a microsecond per token of context; reading a tenth of a millisecond per token. */
const model: ModelShape = {
  ...{ name: "round", parameters: 1e6, weightBytes: 1e6 },
  ...{ layers: 0, width: 0, cacheBytesPerToken: 1_000 },
};
const capacity = 1_000;
const machine: Machine = {
  ...{ name: "round", bandwidth: 1e9 / 0.8, flops: 2e10 / 0.5, devices: 1 },
  ...{ overheadSeconds: 0, exchangeSeconds: 0, perSequenceSeconds: 0 },
  memory: (capacity * model.cacheBytesPerToken + model.weightBytes + 0.6 * 2 ** 30 + 500) / 0.9,
};
const settings: DetailedSettings = { stepTokens: 500, callSeconds: 0, memoryShare: 0.9, keptFree: 0 };

const never = new AbortController().signal;

const call = (question: string, sample: number, over: Partial<ServerCall> = {}): ServerCall => ({
  ...{ question, sample, promptTokens: 100, contextTokens: 100 },
  ...over,
});

function opened(over: Partial<DetailedSettings> = {}) {
  const time = new VirtualTime();
  const server = new DetailedServer(time, model, machine, { ...settings, ...over });
  /** Milliseconds until it has ended, and what was read for it. */
  const made = async (of: ServerCall, signal = never) => {
    const [startedMs, read] = [time.now(), server.use.prefilledTokens];
    await server.call(of, signal);
    return { ms: time.now() - startedMs, read: server.use.prefilledTokens - read };
  };
  return { time, server, made };
}

describe("a detailed server", () => {
  it("reads what it does not know, writes behind it, and remembers both", async () => {
    const { time, made } = opened();
    await time.run(
      (async () => {
        const first = await made(call("a", 0, { writtenTokens: 10 }));
        expect(first.ms).toBeCloseTo(100 * 0.1 + 10 * 1.1, 6);
        const second = await made(call("a", 0, { contextTokens: 110, writtenTokens: 10 }));
        expect(second.ms).toBeCloseTo(10 * 1.11, 6);
        const sibling = await made(call("a", 1, { writtenTokens: 10 }));
        expect(sibling.read).toBe(0);
        const other = await made(call("b", 0, { writtenTokens: 10 }));
        expect(other.read).toBe(100);
        // Another's text of 30 tokens behind the 120 it knows: a draft reads what the target wrote.
        const behind = await made(call("a", 0, { contextTokens: 150, writtenTokens: 10 }));
        expect(behind.read).toBe(30);
        expect(behind.ms).toBeCloseTo(30 * 0.1 + 10 * 1.15, 6);
      })(),
    );
  });

  it("reads again what is scored, known or not", async () => {
    const { time, made } = opened();
    await time.run(
      (async () => {
        const first = await made(call("a", 0, { contextTokens: 140, scoredTokens: 40 }));
        expect([first.read, first.ms]).toEqual([140, expect.closeTo(14, 6)]);
        const again = await made(call("a", 0, { contextTokens: 140, scoredTokens: 40 }));
        expect([again.read, again.ms]).toEqual([40, expect.closeTo(4, 6)]);
      })(),
    );
  });

  it("makes steps longer by the prompts that are read in them", async () => {
    const { time, server, made } = opened();
    await time.run(
      (async () => {
        await made(call("a", 0));
        const writing = made(call("a", 0, { writtenTokens: 10 }));
        await time.sleep(1e-6, never);
        const reading = await made(call("b", 0, { promptTokens: 50, contextTokens: 50 }));
        // One step: the sequence's own, and the arithmetic of fifty tokens on top.
        expect(reading.ms).toBeCloseTo(1.1 + 5, 3);
        const { ms } = await writing;
        // Nine tokens at the length that steps have then.
        expect(ms).toBeCloseTo(6.1 + 9 * 1.101, 3);
        expect(server.use.decodedTokens).toBeCloseTo(10, 6);
      })(),
    );
  });

  it("cuts long prompts to the size of a step, and counts what each call costs before it comes", async () => {
    const { time, made } = opened({ stepTokens: 100, callSeconds: 0.01 });
    const { ms } = await time.run(made(call("a", 0, { contextTokens: 250 })));
    expect(ms).toBeCloseTo(10 + 10 + 10 + 5, 6);
    const { ms: least } = await time.run(made(call("a", 0, { contextTokens: 251 })));
    // A single token: reading the weights takes longer than its arithmetic.
    expect(least).toBeCloseTo(10 + 1, 6);
  });

  it("forgets the end of what was used longest ago, and reads it again", async () => {
    const { time, server, made } = opened();
    await time.run(
      (async () => {
        await made(call("old", 0, { contextTokens: 400 }));
        await made(call("young", 0, { contextTokens: 300 }));
        await made(call("new", 0, { contextTokens: 500 }));
        expect(server.use.evictedTokens).toBe(200);
        expect((await made(call("young", 0, { contextTokens: 300 }))).read).toBe(0);
        expect((await made(call("old", 0, { contextTokens: 400 }))).read).toBe(200);
      })(),
    );
  });

  it("lets a call wait until it fits, in the order of calls", async () => {
    const { time, made } = opened();
    const ends: string[] = [];
    const one = async (name: string, of: Partial<ServerCall>) => {
      await made(call(name, 0, of));
      ends.push(name);
    };
    await time.run(
      Promise.all([
        one("large", { contextTokens: 700, writtenTokens: 50 }),
        one("larger", { contextTokens: 800 }),
        // It would fit beside the first, and does not pass the second.
        one("small", { contextTokens: 100 }),
      ]),
    );
    expect(ends).toEqual(["large", "larger", "small"]);
  });

  it("puts the youngest sequence off when sequences outgrow the memory, and reads again what it lost", async () => {
    const { time, server, made } = opened();
    const text = { contextTokens: 300, writtenTokens: 300 };
    const [first, second] = await time.run(Promise.all([made(call("a", 0, text)), made(call("b", 0, text))]));
    expect(server.use.preemptions).toBe(1);
    expect(first?.ms).toBeLessThan(second?.ms ?? 0);
    // The first has a token when the second has been read; both grow by 199.5 until 1000 are full; then the first writes
    // its last 99.5 at the second's expense, which reads those again, and forgets the first's end for its own last 100.5.
    expect(server.use.prefilledTokens).toBeCloseTo(600 + 99.5, 6);
    expect(server.use.evictedTokens).toBeCloseTo(99.5 + 99.5 + 100.5, 6);
    expect(server.use.decodedTokens).toBeCloseTo(600, 3);
    expect(server.use.peakCacheTokens).toBeLessThanOrEqual(capacity);
  });

  it("refuses what never fits, and says what would", async () => {
    const { time, made } = opened();
    await expect(time.run(made(call("a", 3, { contextTokens: 900, writtenTokens: 200 })))).rejects.toThrow(
      "at most 1000 tokens of round on round, found 1100 (question a, sample 3): take a larger machine",
    );
  });

  it.each([
    ["waits", 5],
    ["is read for", 120],
    ["is written", 200],
  ])("is rid of a call that is called off while it %s", async (_, atMs) => {
    const { time, server, made } = opened();
    const off = new AbortController();
    await time.run(
      (async () => {
        const beside = made(call("a", 0, { contextTokens: 700, writtenTokens: 10 }));
        const called = made(call("b", 0, { contextTokens: 900, writtenTokens: 90 }), off.signal);
        time.after(atMs, () => off.abort(new Error("called off")));
        await expect(called).rejects.toThrow("called off");
        expect(time.now()).toBeCloseTo(atMs, 6);
        await beside;
        const { ms } = await made(call("c", 0, { contextTokens: 900, writtenTokens: 100 }));
        expect(ms).toBeLessThan(90 + 100 * 2 + 51);
        // Nothing is held for it any more.
        expect(server.use.peakCacheTokens).toBeLessThanOrEqual(capacity);
        expect(server.use.preemptions).toBe(0);
      })(),
    );
  });
});
