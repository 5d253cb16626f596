// A cache's room: never over-filled, short work first, nothing starved, and whoever gives up leaves it as it was.
import { describe, expect, it } from "vitest";
import { CacheRoom } from "../../../../src/inference/a1/cache-room.ts";

const never = new AbortController().signal;

/** Calls that end when they are told to. */
function calls(room: CacheRoom) {
  const entered: string[] = [];
  const ends = new Map<string, () => void>();
  const settled = new Map<string, Promise<unknown>>();
  return {
    entered,
    ask(name: string, tokens: number, { isShort = false, signal = never } = {}): void {
      const work = () =>
        new Promise<void>((resolve) => {
          entered.push(name);
          ends.set(name, resolve);
        });
      const done = room.run({ tokens, isShort }, signal, work);
      settled.set(
        name,
        done.catch((error: unknown) => error),
      );
    },
    async end(name: string): Promise<unknown> {
      ends.get(name)?.();
      const result = await settled.get(name);
      await new Promise(setImmediate);
      return result;
    },
  };
}

const settle = () => new Promise(setImmediate);

describe("a cache's room", () => {
  it("lets in what fits nine tenths of the cache, and the rest as room is freed", async () => {
    const of = calls(new CacheRoom(1000));
    for (const name of ["a", "b", "c"]) of.ask(name, 400);
    await settle();
    expect(of.entered).toEqual(["a", "b"]);
    await of.end("a");
    expect(of.entered).toEqual(["a", "b", "c"]);
  });

  it("lets short work in first, and nothing else out of its turn", async () => {
    const room = new CacheRoom(1000);
    const of = calls(room);
    of.ask("running", 800);
    of.ask("large", 600);
    of.ask("small", 50);
    of.ask("score", 50, { isShort: true });
    await settle();
    expect(of.entered).toEqual(["running", "score"]);
    expect(room.snapshot()).toEqual({ taken: 850, inside: 2, waiting: 2 });
    await of.end("running");
    expect(of.entered).toEqual(["running", "score", "large", "small"]);
  });

  it("lets in what is larger than all room once nothing else is there", async () => {
    const of = calls(new CacheRoom(100));
    of.ask("a", 50);
    of.ask("huge", 5_000);
    await settle();
    expect(of.entered).toEqual(["a"]);
    await of.end("a");
    expect(of.entered).toEqual(["a", "huge"]);
  });

  it("is as it was once callers have given up or failed", async () => {
    const room = new CacheRoom(100);
    const of = calls(room);
    const impatient = new AbortController();
    of.ask("a", 80);
    of.ask("given up", 80, { signal: impatient.signal });
    of.ask("behind it", 5);
    await settle();
    impatient.abort(new Error("gone"));
    await settle();
    expect(await of.end("given up")).toMatchObject({ message: "gone" });
    expect(of.entered).toEqual(["a", "behind it"]);
    await Promise.all([of.end("a"), of.end("behind it")]);
    await expect(
      room.run({ tokens: 1, isShort: false }, never, () => Promise.reject(new Error("broke"))),
    ).rejects.toThrow("broke");
    await expect(
      room.run({ tokens: 1, isShort: false }, impatient.signal, async () => "too late"),
    ).rejects.toThrow("gone");
    expect(room.snapshot()).toEqual({ taken: 0, inside: 0, waiting: 0 });
  });

  it("lets no long call wait for ever behind short ones", async () => {
    const room = new CacheRoom(1000);
    const of = calls(room);
    of.ask("running", 800, { isShort: true });
    of.ask("long", 800);
    let last = "running";
    for (let next = 0; next < 100 && !of.entered.includes("long"); next += 1) {
      of.ask(`short ${next}`, 800, { isShort: true });
      await settle();
      await of.end(last);
      last = `short ${next}`;
    }
    expect(of.entered).toContain("long");
    // Short work does come first for a while.
    expect(of.entered.length).toBeGreaterThan(10);
  });
});
