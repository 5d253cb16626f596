// What a board says of proof and of what it leaves out: evidence of pairs, quarantine, drop-outs, vendors.
import { z } from "zod";
import { count, paired } from "./pieces.ts";

const bounds = z.object({ low: z.number(), high: z.number() });
const both = z.object({ with: count, without: count });

const pair = z.object({
  one: z.string(),
  other: z.string(),
  issues: count,
  voidIssues: count,
  mean: z.number().exactOptional().describe("payoff in favour of `one`; absent before the first issue"),
  eOne: z.number(),
  eOther: z.number(),
  eOneVoidsLost: z.number(),
  eOtherVoidsLost: z.number(),
  anytime: bounds.describe("holds at every peek"),
  fixed: bounds.exactOptional().describe("holds at a number of issues fixed beforehand"),
});

export const evidence = z.union([
  z.object({ known: z.literal(false), because: z.string() }),
  z.object({
    known: z.literal(true),
    pairing: z.enum(["adaptive", "everybody"]),
    holdsAtAnyPeek: z.boolean(),
    leader: z.string().exactOptional(),
    battles: z.object({ played: count, uniform: count }),
    leftOut: count.describe("issues that could not be judged"),
    leastPropensity: z.number().exactOptional(),
    stopsAt: z.number().exactOptional(),
    issues: count,
    level: z.number(),
    pairs: z.array(pair),
    discoveries: z.array(
      z.object({ better: z.string(), worse: z.string(), eValue: z.number(), survivesVoids: z.boolean() }),
    ),
    winner: z.string().exactOptional(),
    isDecided: z.boolean(),
  }),
]);

export const quarantine = z.object({
  canaries: count,
  failed: count,
  instances: z.array(
    z.object({
      run: z.string(),
      instanceId: z.string(),
      reason: z.string(),
      at: z.string(),
      controls: z.array(z.string()),
      evidence: z.string(),
      evidenceHash: z.string(),
      battlesUnplayed: count,
    }),
  ),
  denominators: z.object({
    instances: both,
    rounds: both,
    contestants: z.array(both.extend({ id: z.string() })),
  }),
});

export const droppedOut = z.object({
  run: z.string(),
  contestant: z.string(),
  at: z.string(),
  code: z.string(),
  reason: z.string(),
  battlesUnplayed: count,
});

export const collusion = z.object({
  sameVendorRounds: z.object({ same: count, known: count }),
  biases: z.array(
    z.object({
      reviewer: z.string(),
      vendor: z.string(),
      ...paired,
      isFlagged: z.boolean(),
    }),
  ),
});

/** Of a provider's endpoint, as a run has found it. */
export const endpoint = z.object({
  endpoint: z.string(),
  contestants: z.array(z.string()),
  limit: z.number(),
  running: count,
  queued: count,
  silentSinceMs: z.number().exactOptional(),
  cuts: z.array(z.object({ atMs: z.number(), from: z.number(), to: z.number(), because: z.string() })),
});
