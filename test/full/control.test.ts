// A run that is spoken to while it plays: paused, resumed, stopped and killed by others, and nothing is asked twice.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { openStoreReadOnly } from "../../src/storage/index.ts";
import { hasBubblewrap } from "../support/bubblewrap.ts";
import { arena } from "../support/command-line.ts";
import { Glass } from "../support/glass.ts";
import {
  diffAnswer,
  smokeIssue,
  smokePatch,
  smokeSet,
  writeContestants,
} from "../support/http-contestants.ts";
import { killWhatIsLeft, type RunProcess, startArena } from "../support/run-process.ts";
import { type ScriptedEndpoint, type SeenRequest, scriptedEndpoint } from "../support/scripted-endpoint.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-control-"));
const models = join(folder, "models.yaml");
const env = { ARENA_CACHE: join(folder, "cache") };

/** Answers are held back until a test lets them go; one at a time where it asks for that. */
class Valve {
  #open: () => void = () => {};
  held: Promise<void> = Promise.resolve();

  close(): void {
    this.held = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
    this.held = Promise.resolve();
  }
}

const valve = new Valve();
let endpoint: ScriptedEndpoint;
let canPlay = false;
beforeAll(async () => {
  canPlay = await hasBubblewrap();
  endpoint = await scriptedEndpoint(({ prompt }) => {
    const patch = smokePatch(prompt.includes("You are the *reviewer*") ? "test.patch" : "gold.patch");
    return { kind: "answer", text: diffAnswer(patch), until: valve.held };
  });
  writeContestants(models, { ids: ["ada", "bob", "cal"], baseUrl: endpoint.baseUrl, seed: 7 });
});
afterAll(async () => {
  killWhatIsLeft();
  valve.open();
  await endpoint[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Three battles of two rounds, one at a time: twelve requests. */
const small = ["--rounds", "2", "--repeats", "1", "--no-panel", "--workers", "1", "--seed", "control"];
const begin = (run: string, ...more: string[]) => [
  ...["play", smokeSet, "--contestants", models, "--only", smokeIssue, ...small],
  ...["--sandbox", "bubblewrap", "--run", run, ...more],
];
const requestsInAll = 12;

/** Battle, round and role have a seed of their own, and a further attempt has more messages. */
function identity({ body: { model, seed, messages } }: SeenRequest): string {
  return JSON.stringify([model, seed, Array.isArray(messages) ? messages.length : 0]);
}

/** Five processes one after another, on a machine that others may use. */
const long = { timeout: 900_000 };

const asked = (since: number) => endpoint.requests.slice(since).map(identity);

async function requests(n: number, run: RunProcess): Promise<void> {
  let isOver = false;
  void run.ended.then(() => {
    isOver = true;
  });
  while (endpoint.requests.length < n && !isOver) await sleep(20);
  expect(endpoint.requests.length, run.said()).toBeGreaterThanOrEqual(n);
}

const answerShape = z.object({
  answers: z.boolean(),
  said: z.string(),
  life: z.string().optional(),
  status: z
    .object({
      state: z.string(),
      workers: z.number(),
      battles: z.object({ planned: z.number(), played: z.number() }),
      inPlay: z.array(z.object({ round: z.number(), instanceId: z.string() })),
      contestants: z.array(z.object({ id: z.string(), submitter: z.object({ rounds: z.number() }) })),
    })
    .optional(),
});

/** From this process, which is another one than the run's. */
async function ctl(run: string, ...words: string[]) {
  const ran = await arena("ctl", run, ...words, "--json");
  expect(ran.code, ran.stderr).toBe(0);
  return answerShape.parse(JSON.parse(ran.stdout));
}

const refused = async (run: string, ...words: string[]) => {
  const { code, stdout, stderr } = await arena("ctl", run, ...words);
  return { code, stdout, stderr };
};

function stored(run: string) {
  const store = openStoreReadOnly(join(run, "arena.db"));
  try {
    return { rounds: store.rounds(), unplayed: store.unplayed().length, calls: store.calls() };
  } finally {
    store.close();
  }
}

async function resumed(run: string): Promise<string> {
  const again = startArena(["play", "--resume", run], { cwd: folder, env });
  expect(await again.ended, again.said()).toBe(0);
  return again.said();
}

describe("[sandbox] a run that another terminal speaks to", () => {
  it("pauses, goes on, takes more workers and fewer, and stops after its round", long, async ({ skip }) => {
    if (!canPlay) skip("no bubblewrap here");
    const run = join(folder, "spoken");
    const before = endpoint.requests.length;
    valve.close();
    const playing = startArena(begin(run), { cwd: folder, env });
    await requests(before + 1, playing);
    const first = await ctl(run, "status");
    expect(first).toMatchObject({
      answers: true,
      status: { state: "playing", workers: 1, inPlay: [{ round: 1, instanceId: smokeIssue }] },
    });
    expect(statSync(join(run, "control")).mode & 0o777).toBe(0o700);
    expect((await ctl(run, "pause")).said).toContain(
      "paused: no battle begins, 1 being played go on to their end",
    );
    valve.open();
    const isIdle = async () => (await ctl(run, "status")).status?.inPlay.length === 0;
    while (!(await isIdle())) await sleep(50);
    expect((await ctl(run, "status")).status).toMatchObject({
      state: "paused",
      battles: { planned: 3, played: 1 },
    });
    expect(endpoint.requests.length).toBe(before + 4);
    expect(await refused(run, "workers", "65")).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/at most 64/),
    });
    expect((await ctl(run, "workers", "3")).status?.workers).toBe(3);
    expect((await ctl(run, "workers", "1")).status?.workers).toBe(1);
    valve.close();
    expect((await ctl(run, "resume")).said).toBe("goes on");
    await requests(before + 5, playing);
    expect((await ctl(run, "cancel")).said).toBe("stopping after the rounds being played");
    expect((await ctl(run, "status")).status?.state).toBe("stopping");
    expect(await refused(run, "pause")).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/being stopped/),
    });
    valve.open();
    expect(await playing.ended, playing.said()).toBe(3);
    expect(playing.said()).toMatch(/from another terminal: paused.*interrupted: go on with/s);
    expect(existsSync(join(run, "control", "socket"))).toBe(false);
    const kept = stored(run);
    expect([kept.rounds.length, kept.unplayed]).toEqual([3, 2]);
    expect(kept.calls.every(({ finish }) => finish?.status === "answered")).toBe(true);

    const over = await ctl(run, "status");
    expect(over).toMatchObject({ answers: false, life: "ended" });
    expect(over.said).toMatch(/no process plays this run: the last one ended .* ago, it was interrupted/);
    expect(await refused(run, "pause")).toMatchObject({
      code: 3,
      stdout: "",
      stderr: expect.stringMatching(/pause is not heard: no process plays this run/),
    });
    await resumed(run);
    const all = asked(before);
    expect([all.length, new Set(all).size]).toEqual([requestsInAll, requestsInAll]);
    expect(stored(run)).toMatchObject({ unplayed: 0, rounds: { length: 6 } });
    expect((await ctl(run, "status")).said).toContain("all was played");
  });

  it("is told from one that was never played, and from a folder that holds none", async () => {
    expect(await refused(join(folder, "nowhere"), "status")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/is no run folder/),
    });
    expect(await refused(folder, "explode")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/expected status, pause, resume, cancel, workers, found "explode"/),
    });
  });
});

describe("[sandbox] a run that is killed", () => {
  it("is said to be dead, though its socket is there, and goes on", long, async ({ skip }) => {
    if (!canPlay) skip("no bubblewrap here");
    const run = join(folder, "killed");
    const before = endpoint.requests.length;
    valve.close();
    const playing = startArena(begin(run), { cwd: folder, env });
    await requests(before + 1, playing);
    await playing.until(/battles, 3 to play/);
    playing.child.kill("SIGSTOP");
    playing.child.kill("SIGKILL");
    expect(await playing.ended).toBe("SIGKILL");
    valve.open();
    expect(existsSync(join(run, "control", "socket"))).toBe(true);
    const { life, said } = await ctl(run, "status");
    expect(life).toBe("dead");
    expect(said).toMatch(
      /process \d+ died without a word after it last lived, .* ago; .*0 of 3 battles.*--resume/,
    );
    expect(await refused(run, "cancel")).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/not heard/),
    });
    await resumed(run);
    // The request in flight when it died is asked again, and no other.
    expect([asked(before).length, new Set(asked(before)).size]).toEqual([requestsInAll + 1, requestsInAll]);
  });
});

describe("[sandbox] Ctrl-C on a terminal", () => {
  it("finishes the round at the first press, whatever runs for it, and gives the battle back", async ({
    skip,
  }) => {
    if (!canPlay) skip("no bubblewrap here");
    if (spawnSync("script", ["--version"]).status !== 0) skip("no `script` for a pseudo-terminal here");
    const run = join(folder, "pressed");
    const before = endpoint.requests.length;
    valve.close();
    const playing = startArena(begin(run), { cwd: folder, env, terminal: true });
    await requests(before + 1, playing);
    await playing.until(/round 1 of 2/);
    const seen = new Glass(80);
    seen.write(playing.said().replaceAll("\r\n", "\n"));
    expect(seen.shown().join("\n")).toMatch(
      /playing, 1 worker\n\[\.+\] 0 of 3 battles, no round yet\ntime left unknown \(0 of 5 battles seen\)\nspent 0\.00 USD/,
    );
    playing.child.stdin?.write("\u0003");
    await playing.until(/again to cut them off/);
    valve.open();
    expect(await playing.ended, playing.said()).toBe(3);
    const kept = stored(run);
    expect(kept.rounds.map(({ record }) => [record.void, record.submission.status])).toEqual([
      [undefined, "valid"],
    ]);
    expect(kept.unplayed).toBe(3);
    const whole = new Glass(80);
    whole.write(playing.said().replaceAll("\r\n", "\n"));
    const shown = whole.shown().join("\n");
    expect(shown).toContain("stopping: no battle begins, the rounds being played are finished");
    expect(shown).toMatch(/round 1: \w+ against \w+: /);
    expect(shown).not.toContain("time left");
  });

  it(
    "cuts off at the second press, keeps what was stored, and asks again only for what was in flight",
    long,
    async ({ skip }) => {
      if (!canPlay) skip("no bubblewrap here");
      const run = join(folder, "twice");
      const before = endpoint.requests.length;
      valve.close();
      const playing = startArena(begin(run), { cwd: folder, env });
      await requests(before + 1, playing);
      playing.child.kill("SIGINT");
      await playing.until(/again to cut them off/);
      playing.child.kill("SIGINT");
      expect(await playing.ended, playing.said()).toBe(3);
      expect(playing.said()).toMatch(/stopping now: sandboxes are being closed.*interrupted/s);
      valve.open();
      expect(stored(run)).toMatchObject({ rounds: [], unplayed: 3 });
      await resumed(run);
      expect([asked(before).length, new Set(asked(before)).size]).toEqual([requestsInAll + 1, requestsInAll]);
    },
  );
});

describe("[sandbox] a disk that fills up", () => {
  const disk = join(folder, "disk");
  let isMounted = false;
  beforeAll(() => {
    mkdirSync(disk);
    const argv = ["-t", "tmpfs", "-o", "size=64m", "tmpfs", disk];
    isMounted = process.getuid?.() === 0 && spawnSync("mount", argv).status === 0;
  });
  afterAll(() => {
    if (isMounted) spawnSync("umount", ["-l", disk]);
  });

  it("holds battles back below the low mark and keeps answers in memory when it is full", async ({
    skip,
  }) => {
    if (!canPlay) skip("no bubblewrap here");
    if (!isMounted) skip("no small file system can be mounted here: that takes root");
    const filler = join(disk, "filler");
    const run = join(disk, "run");
    const before = endpoint.requests.length;
    writeFileSync(filler, Buffer.alloc(50 * 1024 * 1024));
    const marks = ["--disk-low", "0.02", "--disk-high", "0.03"];
    valve.close();
    const playing = startArena(begin(run, ...marks), { cwd: folder, env });
    await playing.until(/no battle begins: .* GiB are free under/);
    expect((await ctl(run, "status")).status).toMatchObject({ state: "low-disk", inPlay: [] });
    rmSync(filler);
    await playing.until(/the disk has room again/);
    await requests(before + 1, playing);
    // Now to the last byte, while an answer is on its way.
    spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=1k"]);
    valve.open();
    await playing.until(/waits in memory until there is room|the disk was full/);
    rmSync(filler);
    expect(await playing.ended, playing.said()).toBe(0);
    expect([asked(before).length, new Set(asked(before)).size]).toEqual([requestsInAll, requestsInAll]);
    const { rounds } = stored(run);
    expect(rounds.map(({ record }) => [record.void, record.submission.status])).toEqual(
      Array.from({ length: 6 }, () => [undefined, "valid"]),
    );
  });
});
