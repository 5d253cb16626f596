// A tournament left alone while its provider, engine, disk, worker and clock fail it by turns: it ends whole, within its budget.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { spentSoFar } from "../../src/arena/spent.ts";
import { openStoreReadOnly } from "../../src/storage/index.ts";
import { arena, arenaProcess } from "../support/command-line.ts";
import { engineForTests } from "../support/engine.ts";
import { FaultyProvider, identityOf } from "../support/faulty-provider.ts";
import { diffAnswer, smokeIssue, smokePatch, smokeSet } from "../support/http-contestants.ts";
import { type PrivateEngine, privateEngine } from "../support/private-engine.ts";
import { killWhatIsLeft, type RunProcess, startArena } from "../support/run-process.ts";
import type { SeenRequest } from "../support/scripted-endpoint.ts";
import { flippedByte, sampledBytes } from "../support/tampering.ts";

/** How long the run takes, roughly: nothing is asserted of it. */
const minutes = Number(process.env.ARENA_UNATTENDED_MINUTES ?? "60");
const samples = Number(process.env.ARENA_TAMPERED_BYTES ?? "24");
const seed = process.env.ARENA_UNATTENDED_SEED ?? "unattended";

const folder = mkdtempSync(join(tmpdir(), "arena-alone-"));
const disk = join(folder, "disk");
const run = join(disk, "run");
const clockFile = join(folder, "clock");
const preload = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

const ids = ["ada", "ann", "bob", "cal"];
const battles = (ids.length * (ids.length - 1)) / 2;
const rounds = 2 * Math.max(1, Math.round(minutes / 5));
const roundsInAll = battles * rounds;
/** Somebody is asked twice in every round, and cal once more. */
const requestsInAll = 2 * roundsInAll;
const usage = { input: 3000, output: 1000 };
const tokensEach = usage.input + usage.output;
/** Enough for all answers and a score of those that are lost. */
const budgetTokens = 2 * requestsInAll * tokensEach + 400_000;
/** The wall clock leaps over more than these. */
const budgetHours = Math.max(1, minutes / 20);
const leap = "+12h";

/** ada and ann are right, bob is plausibly wrong, cal writes nothing; no two answers are the same, so all are run. */
function script(request: SeenRequest) {
  const reviews = request.prompt.includes("You are the *reviewer*");
  const model = String(request.body.model);
  const tag = createHash("sha256").update(identityOf(request)).digest("hex").slice(0, 8);
  const [name, line] = reviews
    ? (["test.patch", "+ONE_DAY = timedelta(days=1)"] as const)
    : model.startsWith("a")
      ? ([
          "gold.patch",
          "+                # of a short month says nothing about the dates after it.",
        ] as const)
      : (["panel/wrong-1.patch", "+                # been moved by a short month."] as const);
  const nothing = reviews ? '```json\n{"tests": []}\n```\n' : "I would change the loop.";
  const patch = smokePatch(name);
  if (!patch.includes(`${line}\n`)) throw new Error(`${name} lacks the line that is made different`);
  const text = model === "cal" ? nothing : diffAnswer(patch.replace(`${line}\n`, `${line}  # ${tag}\n`));
  return { kind: "answer", text, usage, delayMs: 6_000 } as const;
}

function tournament(baseUrl: string): unknown {
  const entry = (id: string) => ({
    ...{ id, provider: "openai", baseUrl, model: id, contextTokens: 32_000, maxOutputTokens: 4_000 },
    ...{ answer: "diff", attempts: 2, requestTimeoutSeconds: 120, seed: 7 },
    prices: { inputPerMillion: 1, outputPerMillion: 2 },
  });
  return {
    ...{ set: smokeSet, contestants: ids.map(entry), filters: { only: [smokeIssue] } },
    ...{ rounds, repeats: 1, panel: false, workers: 2, seed, patienceMinutes: Math.max(10, minutes / 3) },
    ...{ sandbox: { class: "docker", atOnce: 2 }, canary: { everyBattles: 3 } },
    budgets: { total: { tokens: budgetTokens, hours: budgetHours } },
  };
}

const filler = join(disk, "filler");
const marks = ["--disk-low", "0.3", "--disk-high", "0.4"];
let engine: PrivateEngine | undefined;
let provider: FaultyProvider;
let lack: string | undefined;

beforeAll(async () => {
  const shared = await engineForTests(["python"]);
  mkdirSync(disk);
  const mount = ["-t", "tmpfs", "-o", "size=1200m", "tmpfs", disk];
  if (shared === undefined) lack = "no container engine can be had here";
  else if (process.getuid?.() !== 0 || spawnSync("mount", mount).status !== 0)
    lack = "no small file system can be mounted here, nor a second engine started: both take root";
  if (lack !== undefined || shared === undefined) return;
  engine = await privateEngine(join(folder, "docker"), ["python"], shared.socketPath);
  provider = await FaultyProvider.open(script);
  writeFileSync(clockFile, "+0\n");
  writeFileSync(join(folder, "tournament.yaml"), JSON.stringify(tournament(provider.baseUrl)));
});
afterAll(async () => {
  killWhatIsLeft();
  await provider?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
  spawnSync("umount", ["-l", disk]);
  rmSync(folder, { recursive: true, force: true });
});

const hasClock = existsSync(preload);
const environment = (): Record<string, string> => ({
  ...{ DOCKER_HOST: `unix://${engine?.socketPath}`, ARENA_CACHE: join(disk, "cache") },
  ...(hasClock
    ? {
        ...{ LD_PRELOAD: preload, FAKETIME_TIMESTAMP_FILE: clockFile, FAKETIME_NO_CACHE: "1" },
        ...{ FAKETIME_DONT_FAKE_MONOTONIC: "1", NO_FAKE_STAT: "1" },
      }
    : {}),
});

const started = performance.now();
const tell = (what: string): void => {
  const [seconds, answers] = [(performance.now() - started) / 1000, provider.answered.length];
  console.log(`${seconds.toFixed(0)} s, ${answers} answers: ${what}`);
};

function stored() {
  const store = openStoreReadOnly(join(run, "arena.db"));
  try {
    const spentTokens = [...spentSoFar(store).values()].reduce((sum, { tokens }) => sum + tokens, 0);
    const playedHours = (store.playedSeconds() ?? 0) / 3600;
    return { rounds: store.rounds(), unplayed: store.unplayed().length, spentTokens, playedHours };
  } finally {
    store.close();
  }
}

/** The run as it is being played: another process after it was killed, or has met its budget. */
class Alone {
  playing: RunProcess;

  constructor() {
    this.playing = startArena(["play", join(folder, "tournament.yaml"), "--run", run, ...marks], {
      ...{ cwd: folder, env: environment() },
    });
  }

  resume(...more: string[]): void {
    this.playing = startArena(["play", "--resume", run, ...marks, ...more], {
      ...{ cwd: folder, env: environment() },
    });
  }

  /** Until so many of all answers have been given. */
  async reached(share: number): Promise<void> {
    await this.#until(() => provider.answered.length >= share * requestsInAll);
  }

  async goesOn(): Promise<void> {
    const before = provider.answered.length;
    await this.#until(() => provider.answered.length > before + 1);
  }

  async said(pattern: RegExp): Promise<void> {
    await this.playing.until(pattern);
    expect(this.playing.said()).toMatch(pattern);
  }

  async #until(isSo: () => boolean): Promise<void> {
    let over: number | string | undefined;
    void this.playing.ended.then((code) => {
      over = code;
    });
    while (!isSo()) {
      if (over !== undefined) throw new Error(`ended with ${over}: ${this.playing.said()}`);
      await sleep(100);
    }
  }
}

/** What is held back now has not left, and what has left has been stored: who fails now loses no answer. */
async function settled(): Promise<void> {
  provider.hold();
  await sleep(2_000);
}

const outage = (share: number): Promise<unknown> => sleep(Math.max(25, share * minutes * 60) * 1000);

async function providerGoesDown(): Promise<void> {
  await settled();
  await provider.goDown();
  provider.release();
  tell("the provider is down");
}

async function running(): Promise<string> {
  for (;;) {
    const [container] = (await engine?.docker.listContainers()) ?? [];
    if (container !== undefined) return container.Id;
    await sleep(50);
  }
}

async function stateOf(): Promise<string> {
  const { stdout } = await arena("ctl", run, "status", "--json");
  return JSON.parse(stdout).status.state;
}

async function faults(alone: Alone): Promise<void> {
  await alone.reached(0.1);
  await providerGoesDown();
  await outage(0.05);
  await provider.comeBack();
  await alone.goesOn();
  tell("the provider is back");

  await alone.reached(0.25);
  await running();
  await engine?.stop();
  tell("the engine has gone");
  await alone.said(/no battle begins until the container engine answers/);
  await outage(0.03);
  expect(await stateOf()).toBe("no-engine");
  await engine?.start();
  await alone.said(/the container engine answers again after/);
  await alone.goesOn();
  tell("the engine is back");

  await alone.reached(0.4);
  await running();
  spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=64k"]);
  tell("the disk is full");
  await alone.said(/the disk was full|waits in memory until there is room|no battle begins: .* GiB are free/);
  await outage(0.01);
  rmSync(filler);
  await alone.said(/the disk has room again/);
  await alone.goesOn();
  tell("the disk has room");

  await alone.reached(0.5);
  await engine?.docker.getContainer(await running()).kill();
  await alone.goesOn();
  tell("a sandbox was killed");

  await alone.reached(0.6);
  await settled();
  alone.playing.child.kill("SIGKILL");
  expect(await alone.playing.ended).toBe("SIGKILL");
  provider.release();
  const limit = stored().spentTokens + 5 * tokensEach;
  alone.resume("--budget-tokens", String(limit));
  tell("the process was killed, and goes on with a small budget");
  expect(await alone.playing.ended, alone.playing.said()).toBe(3);
  expect(alone.playing.said()).toContain("budget-exhausted");
  expect(stored().spentTokens).toBeLessThanOrEqual(limit);
  expect(provider.answered.length * tokensEach).toBeLessThanOrEqual(limit);
  alone.resume("--budget-tokens", String(budgetTokens));
  tell("the budget was met, and is larger");

  await alone.reached(0.75);
  await providerGoesDown();
  await sleep(5_000);
  writeFileSync(clockFile, `${leap}\n`);
  await sleep(20_000);
  await provider.comeBack();
  await alone.goesOn();
  tell(hasClock ? `the clock has leapt by ${leap} while the provider was down` : "no clock can be set here");
  await alone.reached(0.85);
  writeFileSync(clockFile, "+0\n");
  await alone.goesOn();
  tell("the clock was set back");
}

describe("[engine] a tournament that is left alone", () => {
  it("goes on after everything that fails, asks nothing twice and keeps to its budget", {
    timeout: Math.max(1_800_000, minutes * 60_000 * 4),
  }, async ({ skip }) => {
    if (lack !== undefined) skip(lack);
    const alone = new Alone();
    await faults(alone);
    expect(await alone.playing.ended, alone.playing.said()).toBe(0);
    tell("it has ended");
    const { rounds: rows, unplayed, spentTokens, playedHours } = stored();
    console.log(
      `${rows.length} rounds, ${provider.requests.length} requests, ${provider.answered.length} answers, ` +
        `${spentTokens} of ${budgetTokens} tokens charged, ${playedHours.toFixed(2)} of ${budgetHours} hours played`,
    );
    expect([rows.length, unplayed]).toEqual([roundsInAll, 0]);
    expect(rows.flatMap(({ record }) => record.void?.detail ?? [])).toEqual([]);
    expect(provider.again).toEqual([]);
    const answered = provider.answered.map(identityOf);
    expect(new Set(answered).size).toBe(answered.length);
    expect(new Set(provider.requests.map(identityOf))).toEqual(new Set(answered));
    expect(answered.length * tokensEach).toBeLessThanOrEqual(spentTokens);
    expect(spentTokens).toBeLessThanOrEqual(budgetTokens);
    expect(playedHours).toBeLessThan(budgetHours);
    // Nobody's outcome comes from what failed: every answer has the verdict that it has in peace.
    const submitted = new Set(
      rows.map(({ submitter, record: { submission, label } }) =>
        [submitter, submission.status, label].join(" "),
      ),
    );
    expect([...submitted].sort()).toEqual([
      ...["ada valid resolved", "ann valid resolved", "bob valid unresolved"],
      "cal invalid unresolved",
    ]);
  });

  it("leaves a ledger that holds, and a changed byte in any of its files is found", {
    timeout: 3_600_000,
  }, async ({ skip }) => {
    if (lack !== undefined) skip(lack);
    const whole = await arenaProcess(["board", run, "--verify"], { cwd: folder, env: {} });
    expect(whole.code, `${whole.stdout}${whole.stderr}`).toBe(0);
    console.log(whole.stdout.split("\n").slice(0, 12).join("\n"));
    const missed: string[] = [];
    for (const byte of sampledBytes(run, { samples, seed })) {
      using _ = flippedByte(byte);
      const { code } = await arena("board", run, "--verify");
      if (code === 0) missed.push(`${byte.file} at ${byte.offset}`);
    }
    console.log(`${samples} bytes were changed, ${missed.length} of them unseen`);
    expect(missed).toEqual([]);
  });
});
