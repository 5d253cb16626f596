// Contestants of known chances, nothing but draws deciding, through the real plan, workers and store: what ratings find; prints its figures.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { playSchedule } from "../../src/arena/index.ts";
import { battlesOf } from "../../src/arena/plan.ts";
import { seededRandom } from "../../src/domain/random.ts";
import type { RunSettings } from "../../src/domain/run.ts";
import { type RatedRound, rate, ratedRound } from "../../src/rating/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { type Chances, chanceRounds } from "../support/known-chances.ts";
import { issueIds } from "../support/simulated-run.ts";
import { settings as plainSettings } from "../unit/report/rows.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-known-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs of each kind; all figures of docs/rating.md are of 20. */
const runs = Number(process.env.ARENA_TOURNAMENTS ?? "20");
const rounds = 4;

const models: readonly Chances[] = [
  { id: "model-strong", right: 0.8, kills: 0.8 },
  { id: "model-middle", right: 0.55, kills: 0.6 },
  { id: "model-sharp", right: 0.35, kills: 0.9 },
  { id: "model-weak", right: 0.25, kills: 0.3 },
];
const half: Chances = { id: "half-right", right: 0.5, kills: 0.5 };
const wrong: Chances = { id: "wrong", right: 0, kills: 1 };
const gold: Chances = { id: "gold", right: 1, kills: 1 };
/** Neither always right nor always wrong: these have a finite strength. */
const finite = [...models, half];

const ratedBy = (rows: readonly RatedRound[]) =>
  rate(rows, { random: seededRandom("known"), resamples: 0 }).contestants;

function settingsOf(chances: readonly Chances[], seed: string): RunSettings {
  return { ...plainSettings, contestants: chances.map(({ id }) => id), seed, rounds };
}

/** Everybody against everybody by the real plan, workers and store; draws alone decide. */
async function simulated(
  chances: readonly Chances[],
  of: { seed: string; issues: number },
  path = ":memory:",
) {
  const store = openStore(path);
  try {
    const settings = settingsOf(chances, of.seed);
    store.saveSettings(settings);
    store.planBattles(battlesOf(settings, { instanceIds: issueIds(of.issues) }));
    await playSchedule({
      ...{ store, settings, workers: 4, now: () => 0, monotonicMs: () => 0 },
      signal: new AbortController().signal,
      ...{ onRound: () => {}, onBattle: () => {}, onUnsound: () => {}, settle: async () => {} },
      play: async (battle) => {
        for (const row of chanceRounds(battle, chances, of.seed)) store.recordRound(row);
        store.finishBattle(battle.battleId);
        return true;
      },
    });
    return store.rounds().map((row) => ratedRound(row, "strict"));
  } finally {
    store.close();
  }
}

/** What the rating comes to where nothing is left to luck: the model is another than theirs, so its limit is the truth. */
let truth: ReadonlyMap<string, number> = new Map();
beforeAll(async () => {
  const all = ratedBy(await simulated(finite, { seed: "limit", issues: 2_000 }));
  truth = new Map(all.map(({ id, overall }) => [id, overall?.value ?? Number.NaN]));
}, 600_000);

interface Recovered {
  readonly id: string;
  readonly holds: boolean;
  readonly text: string;
}

function recovered(rows: readonly RatedRound[]): readonly Recovered[] {
  return ratedBy(rows).map(({ id, overall }) => {
    const real = truth.get(id) ?? Number.NaN;
    const {
      value = Number.NaN,
      low = Number.NEGATIVE_INFINITY,
      high = Number.POSITIVE_INFINITY,
    } = overall ?? {};
    const [at, from, to, of] = [value, low, high, real].map((each) => each.toFixed(2));
    return {
      id,
      holds: low <= real && real <= high,
      text: `${id}: truth ${of}, found ${at} [${from}, ${to}]`,
    };
  });
}

describe("known chances in simulation", () => {
  it("give strengths in their order, thousands of rounds on disk", async () => {
    const all = [gold, ...finite, wrong];
    const rows = await simulated(all, { seed: "thousands", issues: 60 }, join(folder, "simulated.db"));
    expect(rows.length).toBeGreaterThan(5_000);
    const ranking = ratedBy(rows).map(({ id }) => id);
    const ids = new Set(finite.map(({ id }) => id));
    const found = recovered(rows.filter((row) => ids.has(row.submitter) && ids.has(row.reviewer)));
    console.log(`simulated, 60 issues, ${rows.length} rounds of ${all.length} contestants; the finite ones:`);
    for (const { text } of found) console.log(text);
    expect(ranking[0]).toBe("gold");
    expect(found.map(({ id }) => id)).toEqual([...truth].toSorted(([, a], [, b]) => b - a).map(([id]) => id));
    expect(found.filter(({ holds }) => holds).length).toBeGreaterThanOrEqual(4);
  });

  it.each([100, 8])("are held by their intervals, %d issues", async (count) => {
    const found: Recovered[] = [];
    for (let run = 0; run < runs; run += 1)
      found.push(...recovered(await simulated(finite, { seed: `cover ${run}`, issues: count })));
    const share = found.filter(({ holds }) => holds).length / found.length;
    console.log(
      `95 % intervals of known chances, ${count} issues: ${(100 * share).toFixed(1)} % of ${found.length} hold`,
    );
    expect(share).toBeGreaterThanOrEqual(0.9);
    expect(share).toBeLessThanOrEqual(0.995);
  });
});
