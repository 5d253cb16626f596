// A heartbeat tells a run that ended from one that was killed, one that is stuck and one that plays, whatever clocks do.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { heartbeatOf, makeControlFolder } from "../../../../src/arena/running/control-folder.ts";
import {
  ageOf,
  type Heartbeat,
  type HeartDeps,
  lifeOf,
  readHeartbeat,
  startHeart,
} from "../../../../src/arena/running/heartbeat.ts";
import type { RunStatus } from "../../../../src/arena/running/status.ts";

const status: RunStatus = {
  ...{ state: "playing", workers: 1, battles: { planned: 1, played: 0 }, unsound: [] },
  ...{ rounds: { played: 0, void: 0 }, seconds: 0, inPlay: [], contestants: [] },
  ...{ timeLeft: { kind: "unknown", because: "x" }, spent: { usd: 0, tokens: 0 }, limit: {} },
};

let run: string;
let nowMs: number;
let fire: () => void;
let notes: string[];
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), "arena-heart-"));
  nowMs = 1_000_000;
  notes = [];
  fire = () => {};
});
afterEach(() => rmSync(run, { recursive: true, force: true }));

const deps = (): HeartDeps => ({
  clock: {
    now: () => nowMs,
    after: (_, action) => {
      fire = action;
      return () => {
        fire = () => {};
      };
    },
  },
  uptimeSeconds: () => nowMs / 1000,
  process: { host: "here", pid: 7, startedAt: "then" },
  status: () => status,
  note: (line) => notes.push(line),
  everySeconds: 5,
});

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
  }
}

describe("a heart", () => {
  it("beats at once, again and again, and says at last how it ended", async () => {
    await makeControlFolder(run);
    const heart = await startHeart(run, deps());
    expect(await readHeartbeat(run)).toMatchObject({ atMs: nowMs, process: { pid: 7 }, status });
    nowMs += 5000;
    fire();
    await until(async () => ((await readHeartbeat(run))?.atMs === nowMs ? true : undefined));
    await heart.stop("all was played");
    expect(await readHeartbeat(run)).toMatchObject({ status: { state: "ended", because: "all was played" } });
    const last = await readHeartbeat(run);
    nowMs += 5000;
    fire();
    expect(await readHeartbeat(run)).toEqual(last);
  });

  it("says once that a beat cannot be written, and goes on", async () => {
    await makeControlFolder(run);
    const beating = deps();
    const heart = await startHeart(run, beating);
    rmSync(run, { recursive: true });
    writeFileSync(run, "no folder any more");
    for (let beat = 0; beat < 2; beat += 1) {
      fire();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await heart.stop("x");
    expect(notes).toEqual([expect.stringContaining("cannot be written")]);
  });
});

describe("what is read of it", () => {
  it.each(["", "{", '{"schemaVersion":1}', "null"])("is nothing where it is damaged: %s", async (text) => {
    await makeControlFolder(run);
    writeFileSync(heartbeatOf(run), text);
    expect(await readHeartbeat(run)).toBeUndefined();
  });

  it("is nothing where there is none", async () => {
    expect(await readHeartbeat(run)).toBeUndefined();
  });
});

const beat: Heartbeat = {
  ...{ schemaVersion: 1, process: { host: "here", pid: 7, startedAt: "then" }, everySeconds: 5 },
  ...{ atMs: 100_000, uptimeSeconds: 50, status },
};

describe("the life of a run", () => {
  it.each([
    ["alive", 10, "alive"],
    ["alive", 61, "stuck"],
    ["dead", 1, "dead"],
    ["dead", 1000, "dead"],
    ["unknown", 1, "elsewhere"],
  ] as const)("of a process that is %s, %d s after its last beat: %s", (process, ageSeconds, kind) => {
    expect(lifeOf(beat, { process, ageSeconds }).kind).toBe(kind);
  });

  it("has ended where it says so, even if a process lives under the same name", () => {
    const ended = { ...beat, status: { ...status, state: "ended" as const, because: "all was played" } };
    expect(lifeOf(ended, { process: "alive", ageSeconds: 9 })).toEqual({
      kind: "ended",
      because: "all was played",
    });
  });

  it("is aged by the uptime of the machine while it is up, so that a clock that jumps makes nobody stuck", () => {
    expect(ageOf(beat, { atMs: 9e12, uptimeSeconds: 53, isSameBoot: true })).toBe(3);
    expect(ageOf(beat, { atMs: 130_000, uptimeSeconds: 1, isSameBoot: false })).toBe(30);
    expect(ageOf(beat, { atMs: 0, uptimeSeconds: 1, isSameBoot: false })).toBe(0);
  });
});
