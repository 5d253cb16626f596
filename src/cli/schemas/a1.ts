// The documents of commands under `arena a1`: a pair benched, calibrated, simulated, served.
import { z } from "zod";
import { count, estimate, schemaVersion } from "./pieces.ts";

const seconds = z.number().nonnegative();
const share = z.number().min(0).max(1);
const latency = z.object({ p50: seconds, p95: seconds, max: seconds });

const arm = z.object({
  name: z.string(),
  pass1: estimate.exactOptional(),
  majority: estimate.exactOptional(),
  passAll: estimate.exactOptional().describe("absent where candidates were called off"),
  interventionRate: share.exactOptional().describe("absent where nothing was decided about"),
  coldStarts: count.describe("drafts decided about by chance"),
  draftTokens: count,
  targetTokens: count,
  scoredTokens: count,
  seconds: seconds.exactOptional().describe("absent where an earlier run has answered some"),
  latencySeconds: latency.exactOptional(),
  cancelled: count,
  unanswered: count,
  unscored: z.record(z.string(), count).describe("chunks without the score they should have, by why"),
  unchecked: count,
  failed: z.array(z.object({ id: z.string(), because: z.string() })),
});

const scoreQualities = z.array(
  z.object({
    score: z.string(),
    over: z.enum(["mean", "worst"]),
    within: estimate.exactOptional().describe("AUC among candidates of one question"),
    pooled: estimate.exactOptional().describe("AUC over all questions together"),
    intraclass: z.number().exactOptional(),
  }),
);

const inBothSchedules = { async: seconds, turnSync: seconds };
const inAllSchedules = z.object({ ...inBothSchedules, targetOnly: seconds });

export const a1BenchDocument = z.object({
  schemaVersion,
  dataset: z.string(),
  questions: count,
  samples: count,
  arms: z.array(arm),
  differences: z.array(
    z.object({ one: z.string(), other: z.string(), measure: z.enum(["pass1", "majority"]), gain: estimate }),
  ),
  scores: scoreQualities,
  virtual: z
    .object({
      settings: z.object({
        pair: z.string(),
        gpu: z.string(),
        concurrency: count,
        scores: count,
        promptTokens: count,
        alone: count,
      }),
      makespanSeconds: inAllSchedules,
      gpuSeconds: inAllSchedules,
      questionSeconds: z.array(z.object({ stop: z.string(), ...inBothSchedules })),
    })
    .exactOptional()
    .describe("absent without the arm a1"),
});

export const a1CalibrateDocument = z.object({
  schemaVersion,
  dataset: z.string(),
  questions: count,
  samples: count,
  draft: arm,
  quantiles: z.array(z.object({ share, nonconformity: z.number() })),
  scoredChunks: count,
  intraclass: z.number().exactOptional(),
  effective: z.number().exactOptional(),
  scores: scoreQualities,
  learnedWithin: estimate.exactOptional().describe("on questions it was not learned from"),
  learned: z
    .object({
      bias: z.number(),
      weights: z.array(
        z.object({ name: z.string(), mean: z.number(), deviation: z.number(), weight: z.number() }),
      ),
    })
    .exactOptional()
    .describe("absent where there was nothing to learn"),
});

const bucket = z.enum(["0", "1", "2-4", "5+"]).describe("of turns");
const rate = share.nullable().describe("null where nothing was decided about");
const rates = z.object({
  overall: rate,
  byBucket: z.array(z.object({ bucket, rate, n: count })),
  ofQuestions: z.object({ q10: rate, median: rate, q90: rate }),
});
const tokensOfBoth = z.object({ draft: count, target: count });

export const a1SimulateDocument = z.object({
  schemaVersion,
  workload: z.object({
    source: z.union([
      z.object({ kind: z.literal("recorded"), run: z.string() }),
      z.object({ kind: z.literal("synthetic") }),
    ]),
    model: z.enum(["reference", "detailed"]),
    pair: z.string(),
    gpu: z.string(),
    headline: count,
    questions: count,
    samples: count,
    turns: count,
    draftTokens: count,
    takeoverTokens: count,
    promptTokens: count,
    cacheCapacityTokens: tokensOfBoth,
    problems: z.array(z.string()),
    droppedAttempts: count,
  }),
  intervention: rates.extend({
    nominal: share,
    published: rates,
    controls: z.array(rates.extend({ score: z.enum(["constant", "random"]) })),
    before: z.array(
      z.object({
        coverage: z.enum(["marginal", "one a question", "conditional", "first turn"]),
        rates,
        uniformity: z.array(
          z.object({ bucket, clusters: count, values: count, distance: z.number(), pValue: share }),
        ),
      }),
    ),
  }),
  schedules: z.array(
    z.object({
      name: z.string(),
      family: z.enum(["target-only", "turn-sync", "async"]),
      concurrency: count,
      isOfCurve: z.boolean(),
      stopsEarly: z.boolean(),
      makespanSeconds: seconds,
      gpuSeconds: seconds,
      questionsPerSecond: z.number(),
      intensity: z.object({
        computingSeconds: seconds,
        memorySeconds: seconds,
        waitingSeconds: seconds,
        r: z.number(),
      }),
      peakCacheTokens: tokensOfBoth,
      evictedTokens: count,
      preemptions: count,
      sampleSeconds: latency,
      questionSeconds: latency,
      calledOff: count,
    }),
  ),
  comparisons: z.array(
    z.object({
      stopsEarly: z.boolean(),
      name: z.string(),
      baseline: z.string(),
      schedule: z.string(),
      speedup: z.number(),
      cost: z.number(),
      remark: z.string(),
    }),
  ),
  rateSweeps: z.array(
    z.object({
      stopsEarly: z.boolean(),
      concurrency: z.object({ async: count, targetOnly: count }),
      points: z.array(
        z.object({ rate: share, makespanSeconds: seconds, gpuSeconds: seconds, targetGpuSeconds: seconds }),
      ),
      targetGpuSeconds: seconds,
      cheaperUpTo: z
        .object({ recordedText: share.nullable(), sameText: share.nullable() })
        .describe("null where the pair never is"),
    }),
  ),
});

export const a1ServeDocument = z.object({ schemaVersion, ended: z.literal(true) });
