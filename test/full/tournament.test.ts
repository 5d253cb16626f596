// Whole tournaments with a known truth through the real runner, store and draws, only their battles scripted; prints its figures.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type AdaptivePairing, defaultPairing } from "../../src/domain/adaptive.ts";
import { battlesFor } from "../support/duels.ts";
import type { Simulation } from "../support/simulated-run.ts";
import {
  evidenceIn,
  ladder,
  type Recovered,
  recovered,
  uniform,
  withRun,
  wrongLeaders,
} from "../support/simulated-tournaments.ts";
import { usualWorld } from "../support/tournaments.ts";

/** Runs of every kind; all figures of docs/rating.md are of 100. */
const runs = Number(process.env.ARENA_TOURNAMENTS ?? "100");

const folder = mkdtempSync(join(tmpdir(), "arena-simulated-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const holds = ({ truth, low, high }: Recovered): boolean => low <= truth && truth <= high;
const world = { ...ladder(6, 0.8, usualWorld), ownDeviation: 0 };

describe("a tournament of thousands of rounds", () => {
  it("recovers the strengths that its battles were drawn from, adaptively paired, on disk", async () => {
    const simulation: Simulation = { world, seed: "thousands", issues: 600, pairing: defaultPairing };
    const found = await withRun(
      simulation,
      (store) => {
        console.log(
          `${store.rounds().length} rounds of 6 contestants in ${store.openedIssues().length} issues`,
        );
        return recovered(store, world);
      },
      join(folder, "arena.db"),
    );
    for (const { id, truth, value, low, high } of found)
      console.log(
        `${id}: truth ${truth.toFixed(2)}, found ${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`,
      );
    expect(found.map(({ id }) => id).slice(0, 3)).toEqual(["model-5", "model-4", "model-3"]);
    expect(found.filter(holds).length).toBeGreaterThanOrEqual(5);
  });

  it.each([
    ["adaptive", defaultPairing],
    ["uniform", uniform(defaultPairing)],
  ] as const)("has intervals that hold, pairs %s", async (name, pairing) => {
    const all: Recovered[] = [];
    for (let run = 0; run < runs; run += 1) {
      const simulation: Simulation = { world, seed: `cover ${name} ${run}`, issues: 100, pairing };
      all.push(...(await withRun(simulation, (store) => recovered(store, world))));
    }
    const share = all.filter(holds).length / all.length;
    console.log(
      `95 % intervals, 6 contestants, 100 issues, ${name}: ${percent(share)} of ${all.length} hold`,
    );
    expect(share).toBeGreaterThanOrEqual(0.9);
    expect(share).toBeLessThanOrEqual(0.99);
  });
});

const stopping = (pairing: AdaptivePairing): AdaptivePairing => ({ ...pairing, stop: { error: 0.05 } });

describe("decisions", () => {
  it("of runs that may stop at any issue are seldom false, where two equals are the best", async () => {
    const [low, middle, top] = ladder(4, 1, usualWorld).contestants;
    if (low === undefined || middle === undefined || top === undefined) throw new Error("three contestants");
    const tied = { ...ladder(4, 1, usualWorld), contestants: [low, middle, top, { ...top, id: "model-3" }] };
    const count = { stopped: 0, falseOrder: 0 };
    for (let run = 0; run < 2 * runs; run += 1) {
      const simulation: Simulation = {
        world: tied,
        seed: `tied ${run}`,
        issues: 60,
        pairing: stopping(defaultPairing),
      };
      const { winner, discoveries } = await withRun(simulation, evidenceIn);
      if (winner !== undefined) count.stopped += 1;
      const equals = new Set(["model-2", "model-3"]);
      const isFalse = ({ better, worse }: { better: string; worse: string }) =>
        (equals.has(better) && equals.has(worse)) || better < worse;
      if (discoveries.some(isFalse)) count.falseOrder += 1;
    }
    const [wrong, orders] = [count.stopped / (2 * runs), count.falseOrder / (2 * runs)];
    console.log(
      `two equals at the top of 4, 60 issues, ${2 * runs} runs: a winner in ${percent(wrong)}, a false order in ${percent(orders)}`,
    );
    expect(wrong).toBeLessThanOrEqual(0.05);
    expect(orders).toBeLessThanOrEqual(0.05);
  });

  it("are reached with at most 60 % of the battles of uniform pairing, at the same error", async () => {
    const battles = async (pairing: AdaptivePairing): Promise<number[]> => {
      const all: number[] = [];
      for (let run = 0; run < Math.max(5, runs / 5); run += 1) {
        const steep = ladder(6, 1.2, usualWorld);
        const simulation: Simulation = {
          world: steep,
          seed: `proof ${run}`,
          issues: 800,
          pairing: stopping(pairing),
        };
        const [winner, played] = await withRun(simulation, (store) => [
          evidenceIn(store).winner,
          store.battles().length,
        ]);
        expect([undefined, "model-5"]).toContain(winner);
        all.push(played);
      }
      return all.toSorted((a, b) => a - b);
    };
    const median = (sorted: readonly number[]) => sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
    const adaptive = median(await battles(defaultPairing));
    const even = median(await battles(uniform(defaultPairing)));
    console.log(
      `battles until a winner is proven at 5 %, 6 contestants 1.2 apart: uniform ${even}, adaptive ${adaptive} (${percent(adaptive / even)})`,
    );
    expect(adaptive / even).toBeLessThanOrEqual(0.6);
  });
});

describe("adaptive pairing", () => {
  it("puts the wrong one first as seldom as uniform pairing with at most 60 % of its battles", async () => {
    const checkpoints = Array.from({ length: 20 }, (_, place) => 20 * (place + 1));
    const needed = async (pairing: AdaptivePairing) => {
      const simulation: Simulation = {
        world: ladder(8, 0.6, usualWorld),
        seed: "wrong",
        issues: 200,
        pairing,
      };
      return battlesFor(
        0.1,
        checkpoints,
        await wrongLeaders(simulation, { runs, checkpoints, best: "model-7" }),
      );
    };
    const [even, adaptive] = [await needed(uniform(defaultPairing)), await needed(defaultPairing)];
    console.log(
      `battles until the wrong one is first in 10 %, 8 contestants 0.6 apart: uniform ${even?.toFixed(0)}, adaptive ${adaptive?.toFixed(0)}`,
    );
    expect(adaptive).toBeDefined();
    expect(even).toBeDefined();
    expect((adaptive ?? 1) / (even ?? 1)).toBeLessThanOrEqual(0.6);
  });
});
