// Watermarks: no battle begins below the low one, none again before the high one, and each turn is said once.
import { describe, expect, it } from "vitest";
import { DiskRoom, isDiskFull, isShort, keptForSure } from "../../../../src/arena/running/room.ts";
import { Fault } from "../../../../src/domain/fault.ts";
import { StoreFault } from "../../../../src/storage/index.ts";
import { virtualClock } from "../../../support/virtual-clock.ts";

const gibibyte = 1024 ** 3;
const marks = { lowBytes: 2 * gibibyte, highBytes: 3 * gibibyte };

describe("two marks", () => {
  it.each([
    [false, 2, false],
    [false, 1.9, true],
    [true, 2, true],
    [true, 2.9, true],
    [true, 3, false],
  ])("short before: %s, %d GiB free: short %s", (wasShort, free, expected) => {
    expect(isShort(wasShort, free * gibibyte, marks)).toBe(expected);
  });
});

function disk(free: Record<string, number | Error>) {
  const notes: string[] = [];
  const room = new DiskRoom({
    folders: Object.keys(free),
    marks,
    freeBytes: async (folder) => {
      const bytes = free[folder];
      if (typeof bytes === "number") return bytes * gibibyte;
      throw bytes;
    },
    note: (line) => notes.push(line),
    lookAgainMs: 1,
    clock: { after: () => () => {} },
  });
  return { room, notes, free };
}

describe("a watched disk", () => {
  it("is short when one of its folders is, until all are above the high mark, and says both once", async () => {
    const { room, notes, free } = disk({ run: 10, cache: 10 });
    expect(await room.shortage()).toBeUndefined();
    free.cache = 1.5;
    expect(await room.shortage()).toBe("1.5 GiB are free under cache, expected at least 2 GiB");
    free.cache = 2.5;
    expect(await room.shortage()).toBe("2.5 GiB are free under cache, expected at least 3 GiB");
    free.cache = 3;
    expect(await room.shortage()).toBeUndefined();
    free.cache = 2.5;
    expect(await room.shortage()).toBeUndefined();
    expect(notes).toEqual([
      "no battle begins: 1.5 GiB are free under cache, expected at least 2 GiB; it goes on by itself once 3 GiB are free",
      "the disk has room again: battles begin again",
    ]);
  });

  it("is short after a write that failed, until it is above the high mark", async () => {
    const { room, notes } = disk({ run: 2.5 });
    const full = Object.assign(new Error("x"), { code: "ENOSPC" });
    expect([new Error("x"), full, full].map((error) => room.met(error))).toEqual([false, true, true]);
    expect(await room.shortage()).toContain("expected at least 3 GiB");
    expect(notes).toEqual(["the disk was full: no battle begins until 3 GiB are free"]);
  });

  it("is not watched where it does not tell, which is said once", async () => {
    const { room, notes } = disk({ run: new Error("EIO"), cache: 10 });
    expect(await room.shortage()).toBeUndefined();
    expect(await room.shortage()).toBeUndefined();
    expect(notes).toEqual(["how much room is left under run cannot be read, nobody watches it: EIO"]);
  });
});

describe("a full disk", () => {
  const withCode = (code: string) => Object.assign(new Error(code), { code });
  it.each([
    [withCode("ENOSPC"), true],
    [withCode("EDQUOT"), true],
    [withCode("ENOENT"), false],
    [new Fault("host-disk-full", "full", { retryable: false }), true],
    [new StoreFault("store-failed", "x", { retryable: false, cause: withCode("SQLITE_FULL") }), true],
    [new StoreFault("store-failed", "No space left on device", { retryable: false }), false],
    [new Fault("git-failed", "No space left on device", { retryable: false }), false],
    ["ENOSPC", false],
  ])("is known by its code, never by words that a contestant can choose: %s", (error, expected) => {
    expect(isDiskFull(error)).toBe(expected);
  });
});

describe("what must be kept", () => {
  const full = () => {
    throw new StoreFault("store-failed", "x", {
      retryable: false,
      cause: Object.assign(new Error(), { code: "SQLITE_FULL" }),
    });
  };

  it("waits in memory while the disk is full, which is said once", async () => {
    const notes: string[] = [];
    const clock = virtualClock();
    let tries = 0;
    const write = () => {
      tries += 1;
      if (tries < 4) full();
    };
    const { signal } = new AbortController();
    await keptForSure(write, { clock, signal, note: (line) => notes.push(line) });
    expect([tries, clock.slept.length, notes.length]).toEqual([4, 3, 2]);
  });

  it("is given up when the run is cut off, and for any other reason at once", async () => {
    const stop = new AbortController();
    const deps = { clock: virtualClock(), signal: stop.signal, note: () => stop.abort(new Error("cut off")) };
    await expect(keptForSure(full, deps)).rejects.toThrow("cut off");
    const fault = new StoreFault("store-failed", "damaged", { retryable: false });
    const failing = () => {
      throw fault;
    };
    await expect(keptForSure(failing, deps)).rejects.toBe(fault);
  });
});
