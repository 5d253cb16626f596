// The paper's tables in a board's document (`arena board --paper --json`).
import { z } from "zod";
import { failureKinds } from "../../report/index.ts";
import { count, estimate, language, metrics, paired, reading, role } from "./pieces.ts";

const tried = { best: estimate.exactOptional(), all: estimate.exactOptional() };
const contestant = z.string();

const pairedMetric = z.object({ ...paired, one: z.string(), other: z.string() });

export const paperPart = z.object({
  pairs: z.array(
    z.object({ submitter: z.string(), reviewer: z.string(), rounds: count, void: count, metrics }),
  ),
  k: count,
  bestByLanguage: z.array(
    z.object({ contestant, role, language: z.union([language, z.literal("all")]), ...tried }),
  ),
  curves: z.array(z.object({ contestant, role, points: z.array(z.object({ k: count, ...tried })) })),
  twins: z.array(
    z.object({
      contestant,
      twin: z.string(),
      mode: z.string(),
      figures: z.array(
        z.object({
          metric: z.string(),
          whole: estimate.exactOptional(),
          twin: estimate.exactOptional(),
          paired: pairedMetric.exactOptional(),
        }),
      ),
    }),
  ),
  reviewing: z.array(z.object({ contestant, metrics })),
  turns: z.array(z.object({ contestant, role, turn: count, rounds: count, metrics })),
  uses: z.array(z.object({ contestant, role, rounds: count, metrics })),
  failures: z.array(
    z.object({
      contestant,
      role,
      kind: z.enum(failureKinds),
      code: z.string().exactOptional(),
      rounds: count,
      share: z.number(),
      goldNotShown: count,
    }),
  ),
  glossary: z.record(
    z.string(),
    z.object({
      role: z.enum(["submitter", "reviewer", "both"]),
      reading: reading.exactOptional(),
      what: z.string(),
    }),
  ),
});
