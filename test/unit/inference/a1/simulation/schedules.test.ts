// The simulator against arithmetic done by hand, against itself, and against the table that research/a1.md 8.4 measured.
import { describe, expect, it } from "vitest";
import { asynchronous } from "../../../../../src/inference/a1/simulation/asynchronous.ts";
import { pairOn, prefillSeconds, stepSeconds } from "../../../../../src/inference/a1/simulation/roofline.ts";
import type { Workload } from "../../../../../src/inference/a1/simulation/stage.ts";
import { turnSynchronous } from "../../../../../src/inference/a1/simulation/synchronous.ts";
import { targetOnly } from "../../../../../src/inference/a1/simulation/target-only.ts";
import type { TracedSample } from "../../../../../src/inference/a1/simulation/trace.ts";
import { recordedSamples } from "../../../../support/a1-data.ts";

const pair = pairOn("8b-32b", "h200");

const turn = (draftTokens: number, takeoverTokens = 0) => ({
  ...{ draftTokens, takeoverTokens, isHandedOver: takeoverTokens > 0, nll: 0.5, hasAnswer: false },
});

const workload = (samples: readonly TracedSample[]): Workload => ({ pair, samples, promptTokens: 100 });

const samplesOf = (question: string, ...all: readonly TracedSample["turns"][]): TracedSample[] =>
  all.map((turns, sample) => ({ question, sample, turns }));

describe("a schedule", () => {
  it("takes for one sample what its steps take", async () => {
    const { makespanSeconds, draft, target } = await asynchronous(
      workload(samplesOf("q", [turn(200, 100)])),
      { concurrency: 1, takeovers: 1 },
    );
    const step = (side: "draft" | "target", contextTokens: number) =>
      stepSeconds(pair[side].model, pair[side].machine, { sequences: 1, contextTokens });
    const read = prefillSeconds(pair.target.model, pair.target.machine, { newTokens: 300, cachedTokens: 0 });
    expect(makespanSeconds).toBeCloseTo(200 * step("draft", 100) + read + 100 * step("target", 300), 6);
    expect(draft?.decodedTokens).toBeCloseTo(200, 6);
    expect(target.decodedTokens).toBeCloseTo(100, 6);
    expect(target.prefilledTokens).toBe(300);
  });

  it("has no barrier: one sample that never ends soon holds up nobody", async () => {
    const usual = Array.from({ length: 7 }, () => [turn(200, 100), turn(200)]);
    const alone = await asynchronous(workload(samplesOf("q", ...usual)), { concurrency: 8, takeovers: 8 });
    const beside = await asynchronous(workload(samplesOf("q", ...usual, [turn(20_000)])), {
      concurrency: 8,
      takeovers: 8,
    });
    const others = beside.latenciesSeconds.slice(0, 7);
    // An eighth sequence makes the draft's steps a little longer, and nothing else.
    expect(Math.max(...others)).toBeLessThan(1.05 * Math.max(...alone.latenciesSeconds));
    expect(beside.latenciesSeconds[7]).toBeGreaterThan(10 * Math.max(...others));
    const synchronous = await turnSynchronous(workload(samplesOf("q", ...usual, [turn(20_000)])));
    expect(synchronous.makespanSeconds).toBeGreaterThan(beside.makespanSeconds);
  });

  it("is the same again, to the last digit", async () => {
    const samples = samplesOf("q", [turn(300, 50), turn(70)], [turn(20), turn(400, 90)], [turn(90)]);
    const once = () =>
      asynchronous(workload(samples), { concurrency: 2, takeovers: 1, isScoringShared: true });
    expect(await once()).toEqual(await once());
  });

  it("with a barrier waits for a question's last sample before it begins another", async () => {
    const samples = [...samplesOf("a", [turn(900)], [turn(90)]), ...samplesOf("b", [turn(90)])];
    const free = await asynchronous(workload(samples), { concurrency: 2, takeovers: 2 });
    const held = await asynchronous(workload(samples), {
      concurrency: 2,
      takeovers: 2,
      hasQuestionBarrier: true,
    });
    expect(held.makespanSeconds).toBeGreaterThan(free.makespanSeconds * 1.05);
  });
});

const recorded = recordedSamples?.("dt_chat");

describe.skipIf(recorded === undefined)("on real traces", { timeout: 600_000 }, () => {
  const samples = recorded ?? [];
  const reference = workload(samples);
  const other: Workload = {
    ...reference,
    pair: pairOn("1.5b-70b", "h200"),
  };
  const free = (concurrency: number, takeovers = concurrency) => ({ concurrency, takeovers });
  const published = { ...free(16, 4), isScoringShared: true };
  it.each([
    ["target alone, one at a time", 41_676, () => targetOnly(reference, { concurrency: 1 })],
    [
      "in step, all serial",
      13_188,
      () => turnSynchronous(reference, { isScoringSerial: true, areTakeoversSerial: true }),
    ],
    ["in step, serial scoring", 4_487, () => turnSynchronous(reference, { isScoringSerial: true })],
    ["in step", 4_480, () => turnSynchronous(reference)],
    [
      "target alone, a question at a time",
      4_811,
      () => targetOnly(reference, { concurrency: 16, hasQuestionBarrier: true }),
    ],
    ["published", 4_377, () => asynchronous(reference, { ...published, hasQuestionBarrier: true })],
    ["a question at a time", 3_380, () => asynchronous(reference, { ...free(16), hasQuestionBarrier: true })],
    ["published lanes, no barrier", 3_227, () => asynchronous(reference, published)],
    ["16 at once", 1_973, () => asynchronous(reference, free(16))],
    ["64 at once", 767, () => asynchronous(reference, free(64))],
    ["256 at once", 496, () => asynchronous(reference, free(256))],
    ["target alone, 64 at once", 1_123, () => targetOnly(reference, { concurrency: 64 })],
    ["target alone, 256 at once", 670, () => targetOnly(reference, { concurrency: 256 })],
    ["another pair in step", 3_418, () => turnSynchronous(other)],
    ["another pair, 256 at once", 425, () => asynchronous(other, free(256))],
    [
      "64 at once, one takeover",
      11_372,
      () => asynchronous(reference, { ...free(64, 1), isScoringShared: true }),
    ],
    [
      "64 at once, 16 takeovers",
      1_060,
      () => asynchronous(reference, { ...free(64, 16), isScoringShared: true }),
    ],
  ])("%s takes %d seconds, within five in a hundred", async (_, expected, play) => {
    expect(samples).toHaveLength(1_600);
    const { makespanSeconds } = await play();
    expect(Math.abs(makespanSeconds / expected - 1)).toBeLessThan(0.05);
  });
});
