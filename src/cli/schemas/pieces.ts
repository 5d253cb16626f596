// What several printed documents are made of: estimates, records, rounds, battles.
import { z } from "zod";
import { languages } from "../../domain/instance.ts";
import { reasonCodes } from "../../domain/record.ts";
import { retrievalModes } from "../../domain/run.ts";

export const schemaVersion = z.literal(1);
export const count = z.int().nonnegative();
export const language = z.enum(languages);
export const reading = z.enum(["strict", "paper"]);
export const role = z.enum(["submitter", "reviewer"]);
export const side = z.enum(["submitter", "reviewer", "baseline"]);
export const label = z.enum(["resolved", "unresolved", "unlabelled"]);
export const verdict = z.enum(["patch-stands", "patch-broken", "patch-invalid", "test-invalid", "void"]);

export const estimate = z.object({
  value: z.number(),
  low: z.number(),
  high: z.number(),
  n: count.describe("instances, never rounds"),
});
export const metrics = z
  .record(z.string(), estimate)
  .describe("by name, see the glossary; a metric without a denominator is absent");

/** A paired difference over issues, whoever is paired. */
export const paired = {
  metric: z.string(),
  difference: z.number(),
  low: z.number(),
  high: z.number(),
  n: count,
  p: z.number(),
  isExact: z.boolean(),
  adjustedP: z.number(),
};

const reason = z.object({
  code: z.enum(reasonCodes),
  detail: z.string(),
  undisclosed: z.string().exactOptional(),
});
const met = z.enum(["killed", "survived", "flaky"]);
export const panelResult = z.object({
  candidate: z.string(),
  label: z.enum(["resolved", "unresolved"]),
  effect: met,
});
export const reach = z.object({
  changeOf: z.enum(["submission", "gold"]),
  reached: z.array(z.string()),
  known: count,
});
export const mutants = z.object({
  met: z.array(z.object({ mutant: z.string(), noticedBy: z.enum(["visible", "hidden"]), effect: met })),
  leftOut: z.object({ notCompiling: count, endsOthers: count, notShownToDiffer: count }),
});
export const reviewReasons = z.array(reason);

export const record = z.object({
  submission: z.object({ status: z.enum(["valid", "invalid"]), reasons: z.array(reason) }),
  label,
  review: z.object({
    status: z.enum(["none", "invalid", "valid"]),
    reasons: z.array(reason),
    eligible: z.array(z.string()),
    failsOnBase: z.boolean().exactOptional(),
    reach: reach.exactOptional(),
  }),
  effect: z.enum(["killed", "survived", "flaky", "not-run"]),
  killedBy: z.array(z.string()),
  contested: z.boolean(),
  settlement: z
    .object({ rejected: count, of: count, kind: z.enum(["over-fitted", "true-kill"]) })
    .exactOptional(),
  panel: z.array(panelResult),
  mutants: mutants.exactOptional(),
  void: z.object({ cause: z.string(), side, detail: z.string() }).exactOptional(),
});

export const reranker = z.object({
  fingerprint: z.string(),
  device: z.enum(["cpu", "cuda"]),
  asked: z.literal("cuda").exactOptional(),
});

const tally = z.object({ passed: count, total: count });
const usage = z.object({
  attempts: count,
  inputTokens: count,
  outputTokens: count,
  costUsd: z.number().exactOptional(),
  seconds: z.number(),
});
const context = z.object({
  mode: z.enum(retrievalModes),
  hints: z.boolean(),
  reranker: reranker.exactOptional(),
  tokenizer: z.string(),
  isApproximate: z.boolean(),
  tokens: count,
  snippets: z.array(
    z.object({
      path: z.string(),
      form: z.enum(["whole", "signature"]),
      firstLine: count,
      lastLine: count,
      tokens: count,
    }),
  ),
  leftOut: count,
  gold: tally.exactOptional(),
});

export const roundRow = z.object({
  battleId: z.string(),
  round: count,
  instanceId: z.string(),
  language,
  submitter: z.string(),
  reviewer: z.string(),
  record,
  submitterJobs: tally.exactOptional(),
  reviewerJobs: tally.exactOptional(),
  failToPass: tally.exactOptional(),
  submitterUsage: usage,
  reviewerUsage: usage,
  submitterContext: context.exactOptional(),
  reviewerContext: context.exactOptional(),
  judgingSeconds: z.number(),
  reusedRuns: z.array(z.string()),
  trust: z.enum(["canaried", "weak"]),
  evidenceHash: z.string(),
});

export const battle = z.object({
  battleId: z.string(),
  ordinal: count,
  instanceId: z.string(),
  first: z.string(),
  second: z.string(),
  rounds: count,
});
