// The rate is held over all and in every bucket of turns, by scores that know something and by such as know nothing.
import { describe, expect, it } from "vitest";
import {
  type CalibratorSettings,
  defaultCalibratorSettings,
} from "../../../../../src/inference/a1/calibrator.ts";
import { type Arrival, asynchronous } from "../../../../../src/inference/a1/simulation/asynchronous.ts";
import {
  type Coverage,
  type InterventionReport,
  interventionReport,
  type Rates,
} from "../../../../../src/inference/a1/simulation/interventions.ts";
import { pairOn } from "../../../../../src/inference/a1/simulation/roofline.ts";
import {
  defaultSyntheticSettings,
  syntheticSamples,
} from "../../../../../src/inference/a1/simulation/synthetic.ts";
import { type TracedSample, tracesOf } from "../../../../../src/inference/a1/simulation/trace.ts";
import { recordedSamples } from "../../../../support/a1-data.ts";

async function reportOf(
  samples: readonly TracedSample[],
  over: Partial<CalibratorSettings> = {},
): Promise<InterventionReport> {
  const arrivals: Arrival[] = [];
  await asynchronous(
    { pair: pairOn("8b-32b", "h200"), samples, promptTokens: 100 },
    { concurrency: 256, takeovers: 256, onArrival: (arrival) => arrivals.push(arrival) },
  );
  return interventionReport(
    { arrivals, traces: tracesOf(samples) },
    { ...defaultCalibratorSettings, ...over },
  );
}

function expectHeld({ overall, byBucket }: Rates, nominal: number, what: string): void {
  expect(Math.abs(overall - nominal), what).toBeLessThan(0.01);
  expect(byBucket.map(({ bucket }) => bucket)).toEqual(["0", "1", "2-4", "5+"]);
  for (const { bucket, rate } of byBucket)
    expect(Math.abs(rate - nominal), `${what}, turn ${bucket}`).toBeLessThan(0.02);
}

function expectAllHeld(report: InterventionReport): void {
  expectHeld(report, report.nominal, "recorded score");
  expect(report.controls.map(({ score }) => score)).toEqual(["constant", "random"]);
  for (const control of report.controls) expectHeld(control, report.nominal, control.score);
}

const pValues = (report: InterventionReport, coverage: Coverage): Record<string, number> =>
  Object.fromEntries(
    report.before
      .find((of) => of.coverage === coverage)
      ?.uniformity.map(({ bucket, pValue }) => [bucket, pValue]) ?? [],
  );

const few = { ...defaultSyntheticSettings, questions: 64 };

describe("on exchangeable samples", () => {
  it("the rate is held, and p-values are uniform before any adaptation, under every coverage", async () => {
    const report = await reportOf(syntheticSamples(few));
    expectAllHeld(report);
    for (const { coverage, uniformity } of report.before) {
      expect(uniformity).toHaveLength(4);
      // Sixteen tests: one in twenty thousand for each would be found by chance once in twelve hundred runs.
      for (const { bucket, pValue } of uniformity)
        expect(pValue, `${coverage}, turn ${bucket}`).toBeGreaterThan(0.002);
    }
  });
});

describe("where scores rise from turn to turn", () => {
  it("the rate is held still, banks by turns stay uniform, and those of first turns do not", async () => {
    const report = await reportOf(syntheticSamples({ ...few, turnDrift: 0.1 }));
    expectAllHeld(report);
    for (const pValue of Object.values(pValues(report, "conditional"))) expect(pValue).toBeGreaterThan(0.002);
    const published = pValues(report, "first turn");
    expect(published["0"]).toBeGreaterThan(0.05);
    for (const bucket of ["2-4", "5+"]) expect(published[bucket]).toBeLessThan(0.001);
  });
});

it("without steps the rate of a question is its own, and a constant score's is chance", async () => {
  const samples = syntheticSamples({ ...defaultSyntheticSettings, questions: 24 });
  const { ofQuestions, controls, published } = await reportOf(samples, { step: 0, auditShare: 0 });
  expect(ofQuestions.q90 - ofQuestions.q10).toBeGreaterThan(0.5);
  expect(published.ofQuestions.q90 - published.ofQuestions.q10).toBeGreaterThan(0.5);
  for (const { ofQuestions: of } of controls) expect(of.q90 - of.q10).toBeLessThan(0.3);
});

describe.skipIf(recordedSamples === undefined)("on real traces", { timeout: 60_000 }, () => {
  it.each([
    ["dt_chat", [0.385, 0.279, 0.418, 0.457]],
    ["dt_raw", [0.4025, 0.301, 0.43, 0.483]],
  ] as const)("%s: the rate is held where the published rule drifts", async (run, drifted) => {
    const report = await reportOf(recordedSamples?.(run) ?? []);
    expectAllHeld(report);
    const published = report.published.byBucket.map(({ rate }) => rate);
    for (const [at, rate] of drifted.entries()) expect(published[at]).toBeCloseTo(rate, 3);
    for (const coverage of ["marginal", "one a question", "conditional"] as const)
      for (const pValue of Object.values(pValues(report, coverage))) expect(pValue).toBeGreaterThan(0.05);
    const firstTurn = pValues(report, "first turn");
    expect(firstTurn["0"]).toBeGreaterThan(0.05);
    expect(firstTurn["1"]).toBeLessThan(0.001);
  });
});
