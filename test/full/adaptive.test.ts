// An adaptive tournament with real sandboxes: killed and resumed, its draws stay, and its results give the same draws again.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { playSchedule } from "../../src/arena/index.ts";
import type { OpenedIssue } from "../../src/domain/adaptive.ts";
import type { PlannedBattle, RoundRow, RunSettings } from "../../src/domain/run.ts";
import { openStore, openStoreReadOnly } from "../../src/storage/index.ts";
import { arena } from "../support/command-line.ts";
import { engineForTests } from "../support/engine.ts";
import { smokeSet } from "../support/http-contestants.ts";
import { root } from "../support/source.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-adaptive-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = join(folder, "adaptive.yaml");
const instanceIds = ["smoke__dayrule-7", "smoke__layered-ini-14"];
writeFileSync(
  file,
  `set: ${smokeSet}
filters: { only: [${instanceIds.join(", ")}] }
contestants: [gold, mutant, trivial, empty]
repeats: 1
panel: false
sandbox: { class: docker }
seed: adaptive
pairing: { mode: adaptive, battlesPerIssue: 2, issuesAtOnce: 1, stop: { error: 0.05 } }
`,
);

interface Stored {
  readonly settings: RunSettings;
  readonly opened: readonly OpenedIssue[];
  readonly battles: readonly PlannedBattle[];
  readonly rounds: readonly RoundRow[];
}

function stored(run: string): Stored {
  const store = openStoreReadOnly(join(run, "arena.db"));
  try {
    const { settings } = store;
    if (settings === undefined) throw new Error("expected a planned run");
    return { settings, opened: store.openedIssues(), battles: store.battles(), rounds: store.rounds() };
  } finally {
    store.close();
  }
}

const drawsOf = ({ opened }: Pick<Stored, "opened">) => opened.map(({ isClosed, ...issue }) => issue);

/** Plays until the first round is told, then `kill -9`. */
async function killedAfterOneRound(run: string): Promise<void> {
  const child = spawn(process.execPath, [join(root, "bin", "arena.mjs"), "play", file, "--run", run], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let told = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    told += text;
    if (/ round 1: /.test(told)) child.kill("SIGKILL");
  });
  const [code, signal] = await once(child, "close");
  expect([code, signal], told).toEqual([null, "SIGKILL"]);
}

const boardShape = z.looseObject({
  evidence: z.looseObject({ known: z.literal(true), pairing: z.literal("adaptive"), issues: z.number() }),
});

describe("[engine] an adaptive tournament", () => {
  let canPlay = false;
  beforeAll(async () => {
    canPlay = (await engineForTests(["python"])) !== undefined;
  }, 600_000);

  it("goes on after kill -9 with what was drawn, and its results give the same draws again", async ({
    skip,
  }) => {
    if (!canPlay) skip("no container engine can be had here");
    const run = join(folder, "run");
    await killedAfterOneRound(run);
    const killed = stored(run);
    // One issue is open at a time: nothing of the second was drawn before all of the first was known.
    const [first, second] = killed.opened;
    expect(killed.battles).toHaveLength(2 * killed.opened.length);
    if (second !== undefined) expect([first?.isClosed, second.seen]).toEqual([true, 1]);
    expect(killed.rounds.length).toBeGreaterThanOrEqual(1);

    const resumed = await arena("play", "--resume", run, "--json");
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toMatch(
      /2 issues, 2 battles drawn for each; [12] are open or played, with \d of their [24] battles to play/,
    );
    const whole = stored(run);
    expect(drawsOf(whole).slice(0, killed.opened.length)).toEqual(drawsOf(killed));
    for (const row of killed.rounds) expect(whole.rounds).toContainEqual(row);
    expect(whole.opened.map(({ instanceId }) => instanceId).toSorted()).toEqual(instanceIds);
    expect(whole.opened.every(({ isClosed }) => isClosed)).toBe(true);
    expect([whole.battles.length, whole.rounds.length]).toEqual([4, 8]);
    expect(boardShape.parse(JSON.parse(resumed.stdout)).evidence.issues).toBe(2);

    expect(await drawnFrom(whole)).toBe(JSON.stringify([whole.opened, whole.battles]));
    const shown = await arena("board", run);
    expect(shown.stdout).toContain("4 battles where everybody against everybody takes 12 (33%)");
  });
});

/** The draws of a run with these settings and these results, at other workers. */
async function drawnFrom({ settings, rounds }: Stored): Promise<string> {
  const store = openStore(":memory:");
  store.saveSettings(settings);
  await playSchedule({
    ...{ store, settings, instanceIds, workers: 7, now: () => 0, monotonicMs: () => 0 },
    signal: new AbortController().signal,
    ...{ onRound: () => {}, onBattle: () => {}, onUnsound: () => {}, settle: async () => {} },
    play: async ({ battleId }) => {
      for (const row of rounds.filter((each) => each.battleId === battleId)) store.recordRound(row);
      store.finishBattle(battleId);
      return true;
    },
  });
  return JSON.stringify([store.openedIssues(), store.battles()]);
}
