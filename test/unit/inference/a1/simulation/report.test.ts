// The whole simulation at a small size: its shape, its texts, what it refuses, and what rates cost.
import { describe, expect, it } from "vitest";
import { cheaperUpTo, samplesAtRate } from "../../../../../src/inference/a1/simulation/rate-sweep.ts";
import { simulate } from "../../../../../src/inference/a1/simulation/report.ts";
import { simulationText } from "../../../../../src/inference/a1/simulation/report-text.ts";
import {
  defaultSyntheticSettings,
  syntheticSamples,
} from "../../../../../src/inference/a1/simulation/synthetic.ts";

const small = {
  synthetic: { ...defaultSyntheticSettings, questions: 4, samples: 4 },
  ...{ concurrency: [1, 8], headline: 8, sweepRates: [0, 0.4, 1] },
};

describe("a simulation", () => {
  it.each(["reference", "detailed"] as const)("reports under the %s model", async (model) => {
    const steps: string[] = [];
    const report = await simulate({
      ...{ ...small, model },
      onProgress: ({ done, of, name }) => {
        steps.push(`${done}/${of} ${name}`);
      },
    });
    expect(JSON.parse(JSON.stringify(report))).toMatchObject({
      schemaVersion: 1,
      workload: { source: { kind: "synthetic" }, model, questions: 4, samples: 16, problems: [] },
      intervention: { nominal: 0.4, overall: expect.any(Number) },
    });
    expect(report.intervention.byBucket[0]).toEqual({ bucket: "0", rate: expect.any(Number), n: 16 });
    // Nine of the published comparison, three kinds at two concurrencies; each with and without early stopping.
    expect(report.schedules).toHaveLength(2 * (9 + 3 * 2));
    expect(new Set(report.schedules.map(({ name, stopsEarly }) => `${name} ${stopsEarly}`)).size).toBe(30);
    for (const row of report.schedules) {
      expect(row.makespanSeconds).toBeGreaterThan(0);
      expect(row.gpuSeconds / row.makespanSeconds).toBeCloseTo(row.family === "target-only" ? 2 : 3, 9);
      expect(row.sampleSeconds.p50).toBeLessThanOrEqual(row.sampleSeconds.max);
    }
    expect(report.comparisons).toHaveLength(12);
    expect(report.rateSweeps.map(({ stopsEarly }) => stopsEarly)).toEqual([false, true]);
    expect(steps).toHaveLength(1 + 2 * (15 + 3));
    expect(steps.at(-1)).toBe("37/37 intervention rate 1");
    const text = simulationText(report);
    for (const name of [
      "as recorded",
      "constant score",
      "turn-sync refilled, C=8",
      "The pair is cheaper",
      "proves little",
    ])
      expect(text).toContain(name);
    expect(text).not.toContain("NaN");
    expect(text).not.toContain("undefined");
  });

  it("is the same again", async () => {
    const least = { ...small, concurrency: [8], sweepRates: [0.4] };
    expect(await simulate(least)).toEqual(await simulate(least));
  });

  const head = "run,question,sample,turn,attempt,ppl,rejected,draft_chars,draft_boxed,target_chars";
  const traces = `${head}\na,0,0,0,0,2,1,277,0,277\nb,0,0,0,0,2,0,277,0,0\nb,0,1,0,0,x,0,277,0,0`;
  it("takes one run of a table, tells what was wrong with it, and stops no question early without answers", async () => {
    const { workload, schedules } = await simulate({ ...small, traces, run: "b" });
    expect(workload).toMatchObject({ source: { kind: "recorded", run: "b" }, samples: 1, draftTokens: 100 });
    expect(workload.problems).toHaveLength(1);
    expect(schedules.some(({ stopsEarly }) => stopsEarly)).toBe(false);
  });

  it.each([
    [{ traces }, "expected one run, found a, b: name the one to simulate"],
    [{ traces, run: "c" }, "expected samples of the run c, found none"],
    [{ rate: 1.5 }, "expected a number from 0 to 1, found 1.5"],
    [{ concurrency: [0] }, "expected whole numbers from 1 on, found 0"],
  ])("refuses %j", async (over, message) => {
    await expect(simulate({ ...small, ...over })).rejects.toThrow(message);
  });
});

describe("another rate", () => {
  const samples = syntheticSamples({ ...defaultSyntheticSettings, questions: 20 });

  it("hands over that share of every bucket of turns, its worst chunks", () => {
    for (const rate of [0, 0.2, 1]) {
      const turns = samplesAtRate(samples, rate).map((each) => each.turns[0]);
      const gone = turns.filter((of) => of?.isHandedOver);
      expect(gone).toHaveLength(Math.round(rate * samples.length));
      const least = Math.min(...gone.map((of) => of?.nll ?? 0));
      const kept = turns.filter((of) => !of?.isHandedOver);
      expect(kept.every((of) => (of?.nll ?? 0) <= least && of?.takeoverTokens === 0)).toBe(true);
    }
  });

  it("keeps takeovers that were recorded, and draws the others from them", () => {
    const known = samples.flatMap(({ turns }) =>
      turns.flatMap((of) => (of.isHandedOver ? [of.takeoverTokens] : [])),
    );
    for (const [at, { turns }] of samplesAtRate(samples, 1).entries())
      for (const [turn, { takeoverTokens }] of turns.entries()) {
        const was = samples[at]?.turns[turn];
        if (was?.isHandedOver) expect(takeoverTokens).toBe(was.takeoverTokens);
        else expect(known).toContain(takeoverTokens);
      }
  });

  it("is cheaper up to where the costs cross, or never, or always", () => {
    const points = (...gpuSeconds: readonly number[]) =>
      gpuSeconds.map((each, at) => ({ rate: at / 2, gpuSeconds: each, beside: 10 }));
    expect(cheaperUpTo(points(5, 9, 12))).toBeCloseTo(0.5 + 0.5 / 3, 12);
    expect(cheaperUpTo(points(11, 12, 13))).toBeNull();
    expect(cheaperUpTo(points(5, 6, 7))).toBe(1);
  });
});
