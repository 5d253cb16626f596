// The documents of `arena curate`: what came of a stage's rows, and what was frozen of them.
import { z } from "zod";
import { stageReport } from "../../curation/index.ts";
import { setPart } from "./sets.ts";

export const stageDocument = stageReport.extend({ folder: z.string() });

export const freezeDocument = z.object({
  schemaVersion: z.literal(1),
  set: setPart,
  stages: z.array(stageReport),
  out: z.string(),
});
