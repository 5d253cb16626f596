// What a pair's calls would take on servers of a given size, and what they would hold there: figures that agree with each other.
import { expect, it } from "vitest";
import { virtualTimes } from "../../../../../src/inference/a1/bench/virtual.ts";
import type { TracedSample } from "../../../../../src/inference/a1/simulation/trace.ts";

const samples: readonly TracedSample[] = Array.from({ length: 24 }, (_, at) => ({
  ...{ question: `q${Math.floor(at / 8)}`, sample: at % 8, answer: "a" },
  turns: Array.from({ length: 2 + (at % 3) }, (_, turn) => ({
    ...{ draftTokens: 100 + 10 * at, nll: 1, takeoverTokens: turn === 0 ? 80 : 0 },
    ...{ isHandedOver: turn === 0, hasAnswer: turn === 1 + (at % 3) },
  })),
}));

it("tells seconds and GPU-seconds of the pair, in step, and of the target alone, which holds fewer devices", async () => {
  const { makespanSeconds, gpuSeconds } = await virtualTimes(samples);
  for (const way of ["async", "turnSync", "targetOnly"] as const)
    expect(makespanSeconds[way]).toBeGreaterThan(0);
  // An 8B draft on one device and a 32B target on two.
  expect(gpuSeconds.async).toBeCloseTo(3 * makespanSeconds.async, 9);
  expect(gpuSeconds.turnSync).toBeCloseTo(3 * makespanSeconds.turnSync, 9);
  expect(gpuSeconds.targetOnly).toBeCloseTo(2 * makespanSeconds.targetOnly, 9);
  expect(gpuSeconds.async).toBeLessThan(gpuSeconds.turnSync);
});
