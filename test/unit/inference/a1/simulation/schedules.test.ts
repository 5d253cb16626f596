// The simulator against arithmetic done by hand, against itself, and against the table that was measured on recorded samples.
import { describe, expect, it } from "vitest";
import { asynchronous } from "../../../../../src/inference/a1/simulation/asynchronous.ts";
import {
  pairOn,
  prefillSeconds,
  stepParts,
  stepSeconds,
} from "../../../../../src/inference/a1/simulation/roofline.ts";
import type { Workload } from "../../../../../src/inference/a1/simulation/stage.ts";
import { turnSynchronous } from "../../../../../src/inference/a1/simulation/synchronous.ts";
import {
  defaultSyntheticSettings,
  syntheticSamples,
} from "../../../../../src/inference/a1/simulation/synthetic.ts";
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

describe("in step", () => {
  const samples = [
    ...samplesOf("a", [turn(100)], [turn(100), turn(100)]),
    ...samplesOf("b", [turn(100)], [turn(100)]),
  ];
  const lasts = async (over: Parameters<typeof turnSynchronous>[1]) =>
    (await turnSynchronous(workload(samples), over)).latenciesSeconds;

  it("so many samples wait for each other, whatever their question, and none before it has to", async () => {
    const [first = 0, second = 0, ...others] = await lasts({ concurrency: 2 });
    expect(second).toBeGreaterThan(1.9 * first);
    expect(others).toHaveLength(2);
    const together = await turnSynchronous(workload(samples), { concurrency: 4 });
    const apart = await turnSynchronous(workload(samples), { concurrency: 2 });
    expect(together.makespanSeconds).toBeLessThan(0.8 * apart.makespanSeconds);
  });

  it("one at a time is what the state machine takes for one at a time", async () => {
    const serial = await turnSynchronous(workload(samples), { concurrency: 1 });
    const alone = await asynchronous(workload(samples), { concurrency: 1, takeovers: 1 });
    expect(serial.makespanSeconds).toBeCloseTo(alone.makespanSeconds, 6);
  });

  it("may fill places at every turn, and is faster for it", async () => {
    const uneven = samplesOf(
      "q",
      ...Array.from({ length: 8 }, (_, at) => [turn(100), ...(at % 2 ? [turn(100), turn(100)] : [])]),
    );
    const waiting = await turnSynchronous(workload(uneven), { concurrency: 2 });
    const refilled = await turnSynchronous(workload(uneven), { concurrency: 2, isRefilled: true });
    expect(refilled.makespanSeconds).toBeLessThan(0.9 * waiting.makespanSeconds);
    expect(refilled.latenciesSeconds).toHaveLength(8);
  });
});

describe("what is measured", () => {
  it("is arithmetic over memory and waiting, in seconds of samples", async () => {
    const { model, machine } = pair.target;
    const samples = samplesOf("q", [turn(200)], [turn(100)]);
    const { intensity, makespanSeconds, gpuSeconds, questionsPerSecond } = await targetOnly(
      { pair, samples, promptTokens: 0 },
      { concurrency: 2, hasQuestionBarrier: true },
    );
    const both = stepParts(model, machine, { sequences: 2, contextTokens: 0 });
    const one = stepParts(model, machine, { sequences: 1, contextTokens: 100 });
    expect(intensity.computingSeconds).toBeCloseTo(200 * both.computing + 100 * one.computing, 9);
    expect(intensity.memorySeconds).toBeCloseTo(200 * both.reading + 100 * one.reading, 9);
    // The shorter one's place is held until the longer one has ended.
    expect(intensity.waitingSeconds).toBeCloseTo(100 * one.seconds, 9);
    expect(makespanSeconds).toBeCloseTo(100 * both.seconds + 100 * one.seconds, 9);
    expect([gpuSeconds, questionsPerSecond]).toEqual([2 * makespanSeconds, 1 / makespanSeconds]);
    const { computingSeconds, memorySeconds, waitingSeconds, r } = intensity;
    expect(r).toBe(computingSeconds / (memorySeconds + waitingSeconds));
  });

  it("waits less without barriers, so that more of the time is arithmetic", async () => {
    const samples = samplesOf(
      "q",
      ...Array.from({ length: 8 }, (_, at) =>
        Array.from({ length: 1 + at }, () => turn(100, at % 3 ? 0 : 80)),
      ),
    );
    const inStep = await turnSynchronous(workload(samples));
    const free = await asynchronous(workload(samples), { concurrency: 8, takeovers: 8 });
    expect(free.intensity.r).toBeGreaterThan(1.5 * inStep.intensity.r);
  });
});

describe("a question that is decided", () => {
  const answered = (question: string, answers: readonly string[], turns: number): TracedSample[] =>
    answers.map((answer, sample) => ({
      ...{ question, sample, answer },
      turns: Array.from({ length: sample === answers.length - 1 ? turns : 1 }, () => turn(100, 50)),
    }));
  // Three agree; whatever the fourth says, and it takes long, changes nothing.
  const samples = [...answered("a", ["x", "x", "x", "y"], 12), ...answered("b", ["x", "y", "x", "y"], 12)];
  const plays: readonly (readonly [string, (of: Workload) => ReturnType<typeof targetOnly>])[] = [
    ["without barriers", (of) => asynchronous(of, { concurrency: 4, takeovers: 4 })],
    ["with a barrier", (of) => asynchronous(of, { concurrency: 4, takeovers: 4, hasQuestionBarrier: true })],
    ["in step", (of) => turnSynchronous(of)],
    ["in step, refilled", (of) => turnSynchronous(of, { concurrency: 4, isRefilled: true })],
    ["by the target alone", (of) => targetOnly(of, { concurrency: 4 })],
  ];
  it.each(plays)("calls off its last sample %s, and no other question's", async (_, play) => {
    const late = await play(workload(samples));
    const early = await play({ ...workload(samples), stopsEarly: true });
    expect([late.calledOff, early.calledOff]).toEqual([0, 1]);
    expect(late.latenciesSeconds).toHaveLength(8);
    expect(early.latenciesSeconds).toHaveLength(7);
    const [decided = 0, open = 0] = early.questionLatenciesSeconds;
    expect(decided).toBeLessThan(0.4 * open);
    expect(early.makespanSeconds).toBeLessThan(late.makespanSeconds);
  });
});

/** What the issue asks for, on the virtual clock; measured 3.0 and 6.8 on real traces. */
async function expectSpeed(of: Workload): Promise<void> {
  const inStep = await turnSynchronous(of, { concurrency: 256 });
  const barrier = await asynchronous(of, { concurrency: 16, takeovers: 16, hasQuestionBarrier: true });
  const free = await asynchronous(of, { concurrency: 256, takeovers: 256 });
  expect(inStep.makespanSeconds / free.makespanSeconds).toBeGreaterThan(2.5);
  expect(free.questionsPerSecond / barrier.questionsPerSecond).toBeGreaterThan(4.14);
}

describe("without barriers, synthetic samples", () => {
  it("are 2.5 times as fast as in step at equal concurrency, 4.14 times as in the published shape", async () => {
    await expectSpeed(workload(syntheticSamples({ ...defaultSyntheticSettings, questions: 64 })));
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

  it.each([false, true])(
    "is as fast as asked for beside pipelines in step: stopping early %s",
    async (stopsEarly) => {
      await expectSpeed({ ...reference, stopsEarly });
    },
  );
});
