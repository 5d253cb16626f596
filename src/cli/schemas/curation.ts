// The documents of `arena curate`: what came of a stage's rows, and what was frozen of them.
import { z } from "zod";
import { stageReport, workflowJob } from "../../curation/index.ts";
import { setPart } from "./sets.ts";

export const stageDocument = stageReport.extend({ folder: z.string() });

/** Every job of the rows: the repository's own, and those that only its host knows. */
export const workflowsDocument = stageDocument.extend({
  jobs: z.array(workflowJob.extend({ id: z.string() })),
});

export const freezeDocument = z.object({
  schemaVersion: z.literal(1),
  set: setPart,
  stages: z.array(stageReport),
  quotas: z.array(z.object({ of: z.string(), most: z.int(), came: z.int(), taken: z.int() })),
  licences: z.record(z.string(), z.int()).describe("instances by licence"),
  out: z.string(),
});

/** `out` is null where faults kept it from freezing. */
export const allDocument = z.union([
  freezeDocument,
  z.object({ schemaVersion: z.literal(1), stages: z.array(stageReport), out: z.null() }),
]);

const agreementPart = z.object({
  alpha: z.number(),
  low: z.number().optional(),
  high: z.number().optional(),
  units: z.int(),
});

export const annotateMergeDocument = stageDocument.extend({
  agreement: z.array(
    z.object({
      measure: z.enum(["clarity", "difficulty"]),
      metric: z.enum(["ordinal", "interval"]),
      agreement: agreementPart.optional().describe("absent where nobody, or everybody alike, has answered"),
    }),
  ),
});

export const annotateDealDocument = z.object({
  schemaVersion: z.literal(1),
  rows: z.int(),
  each: z.int(),
  deals: z.array(z.object({ annotator: z.string(), rows: z.int() })),
});

export const annotateFormDocument = z.object({
  schemaVersion: z.literal(1),
  annotator: z.string(),
  answered: z.int(),
  left: z.int(),
});

/** The row as it is kept, or where it ended and why. */
export const addDocument = z.discriminatedUnion("kind", [
  z.object({
    schemaVersion: z.literal(1),
    ...{ kind: z.literal("kept"), id: z.string(), image: z.string() },
    ...{ failToPass: z.array(z.string()), passToPass: z.array(z.string()) },
    ...{ set: setPart.optional(), out: z.string().optional() },
  }),
  z.object({
    schemaVersion: z.literal(1),
    ...{
      kind: z.literal("rejected"),
      id: z.string(),
      stage: z.string(),
      reason: z.string(),
      detail: z.string(),
    },
  }),
  z.object({
    schemaVersion: z.literal(1),
    ...{ kind: z.literal("fault"), id: z.string(), stage: z.string(), message: z.string() },
  }),
]);
