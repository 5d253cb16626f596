// What the pair costs beside its target alone, by how often the target intervenes: and where it stops being cheaper.
import { turnBucket } from "../calibrator.ts";
import { uniformOf } from "../keyed-random.ts";
import { asynchronous } from "./asynchronous.ts";
import type { Workload } from "./stage.ts";
import { targetOnly } from "./target-only.ts";
import type { TracedSample, TracedTurn } from "./trace.ts";

export interface RatePoint {
  readonly rate: number;
  readonly makespanSeconds: number;
  readonly gpuSeconds: number;
  /** Of the target alone writing the same text, which is longer where it intervenes more. */
  readonly targetGpuSeconds: number;
}

export interface RateSweep {
  readonly stopsEarly: boolean;
  /** Each at the concurrency of the curve at which it is cheapest. */
  readonly concurrency: { readonly async: number; readonly targetOnly: number };
  readonly points: readonly RatePoint[];
  /** Of the target alone writing what was recorded. */
  readonly targetGpuSeconds: number;
  /** Up to this rate the pair is cheaper, between points by their line; null where it never is. */
  readonly cheaperUpTo: { readonly recordedText: number | null; readonly sameText: number | null };
}

/**
 * The same turns at another rate: of every bucket of turns its worst chunks are handed over. What the target wrote is
 * known of those that were handed over; of others it is drawn from these. That samples would end sooner or later with
 * another rate is known to nobody, and left out.
 */
export function samplesAtRate(samples: readonly TracedSample[], rate: number): TracedSample[] {
  const all = samples.flatMap(({ turns }) => turns.map((of, turn) => ({ of, bucket: turnBucket(turn) })));
  const takeovers = all.flatMap(({ of }) => (of.isHandedOver ? [of.takeoverTokens] : []));
  const handedOver = new Set<TracedTurn>();
  for (const bucket of new Set(all.map((each) => each.bucket))) {
    const own = all.flatMap((each) => (each.bucket === bucket ? [each.of] : []));
    const worst = own.toSorted((one, other) => other.nll - one.nll);
    for (const of of worst.slice(0, Math.round(rate * own.length))) handedOver.add(of);
  }
  const drawn = (...name: readonly (string | number)[]): number =>
    takeovers[Math.floor(uniformOf("takeover", ...name) * takeovers.length)] ?? 0;
  return samples.map((sample) => ({
    ...sample,
    turns: sample.turns.map((of, turn) => {
      if (!handedOver.has(of)) return { ...of, isHandedOver: false, isWrittenAnew: false, takeoverTokens: 0 };
      if (of.isHandedOver) return of;
      return { ...of, isHandedOver: true, takeoverTokens: drawn(sample.question, sample.sample, turn) };
    }),
  }));
}

export async function rateSweep(
  workload: Workload,
  {
    concurrency,
    rates,
  }: { readonly concurrency: RateSweep["concurrency"]; readonly rates: readonly number[] },
  onPoint: (rate: number) => void | Promise<void> = () => {},
): Promise<RateSweep> {
  const alone = async (samples: readonly TracedSample[]): Promise<number> =>
    (await targetOnly({ ...workload, samples }, { concurrency: concurrency.targetOnly })).gpuSeconds;
  const recorded = await alone(workload.samples);
  const points: RatePoint[] = [];
  for (const rate of rates) {
    const samples = samplesAtRate(workload.samples, rate);
    const { makespanSeconds, gpuSeconds } = await asynchronous(
      { ...workload, samples },
      { concurrency: concurrency.async, takeovers: concurrency.async },
    );
    points.push({ rate, makespanSeconds, gpuSeconds, targetGpuSeconds: await alone(samples) });
    await onPoint(rate);
  }
  return {
    ...{ stopsEarly: workload.stopsEarly === true, concurrency, points, targetGpuSeconds: recorded },
    cheaperUpTo: {
      recordedText: cheaperUpTo(points.map((at) => ({ ...at, beside: recorded }))),
      sameText: cheaperUpTo(points.map((at) => ({ ...at, beside: at.targetGpuSeconds }))),
    },
  };
}

/** The last rate at which costs are at most those beside them, from the least rate on; by a line between points. */
export function cheaperUpTo(
  points: readonly { readonly rate: number; readonly gpuSeconds: number; readonly beside: number }[],
): number | null {
  let last: { readonly rate: number; readonly saved: number } | undefined;
  for (const { rate, gpuSeconds, beside } of points) {
    const saved = beside - gpuSeconds;
    if (saved < 0) {
      if (last === undefined) return null;
      return last.rate + ((rate - last.rate) * last.saved) / (last.saved - saved);
    }
    last = { rate, saved };
  }
  return last?.rate ?? null;
}
