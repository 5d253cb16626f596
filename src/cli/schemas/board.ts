// The documents of `arena board`, `arena board --compare`, and the board that `arena play` ends in.
import { z } from "zod";
import { retrievalModes } from "../../domain/run.ts";
import { paperPart } from "./paper.ts";
import { count, language, metrics, paired, reading, reranker, schemaVersion, side } from "./pieces.ts";
import { collusion, droppedOut, evidence, quarantine } from "./proof.ts";
import { rank, ratings } from "./ratings.ts";

const voidCount = z.object({ cause: z.string(), side, rounds: count });

const standing = z.object({
  id: z.string(),
  rank: rank.exactOptional().describe("absent for whoever has none of what ranks"),
  tooFewIssues: z.boolean(),
  rounds: z.object({ submitter: count, reviewer: count }),
  metrics,
  languages: z.partialRecord(language, metrics),
  difficulties: z.record(z.string(), metrics),
  voids: z.object({
    rounds: count,
    byCause: z.array(voidCount),
    winRateBounds: z.object({ low: z.number(), high: z.number() }).exactOptional(),
  }),
  spend: z.object({
    calls: count,
    faultCalls: count,
    inFlightCalls: count,
    inFlightWorstCaseUsd: z.number().exactOptional(),
    inputTokens: count,
    outputTokens: count,
    estimatedCalls: count,
    costUsd: z.number().exactOptional().describe("absent when the price of any call is unknown"),
    seconds: z.number(),
  }),
});

const run = z.object({
  name: z.string(),
  set: z.string(),
  setHash: z.string(),
  sandbox: z.string(),
  seed: z.string(),
  repeats: count,
  feedback: z.boolean(),
  hintMode: z.string(),
  retrieval: z.object({
    mode: z.enum(retrievalModes),
    maxTokens: count,
    hints: z.boolean(),
    reranker: reranker.exactOptional(),
  }),
  roundsPlanned: count,
  roundsRecorded: count,
});

export const glossary = z.record(
  z.string(),
  z.object({
    role: z.enum(["submitter", "reviewer", "both"]),
    reading: reading.exactOptional(),
    what: z.string(),
  }),
);

export const boardPart = {
  schemaVersion,
  reading,
  runs: z.array(run),
  instances: count,
  rounds: z.object({ planned: count, recorded: count, void: count }),
  voids: z.array(voidCount),
  quarantine: quarantine.exactOptional().describe("absent where no run had its controls run on its host"),
  droppedOut: z.array(droppedOut),
  weakShare: z.number().exactOptional(),
  intervals: z.object({ method: z.string(), level: z.number(), resamples: count, seed: z.string() }),
  tooFewIssues: z.boolean(),
  ratings,
  ranking: z.union([
    z.object({ by: z.literal("strength") }),
    z.object({ by: z.literal("score"), because: z.string() }),
  ]),
  evidence,
  contestants: z.array(standing),
  facts: z.object({
    dated: count,
    withDifficulty: count,
    missing: z.array(z.object({ run: z.string(), because: z.string() })),
  }),
  cutOff: z.object({ after: z.string(), kept: count, leftOut: count, undated: count }).exactOptional(),
  glossary,
  collusion: collusion.exactOptional().describe("absent where no round has a known vendor on both sides"),
};

export const boardDocument = z.object({
  ...boardPart,
  paper: paperPart.exactOptional().describe("with --paper"),
  paired: z
    .array(z.object({ ...paired, one: z.string(), other: z.string() }))
    .exactOptional()
    .describe("with --paired: one less other"),
  thresholds: z
    .array(
      z.object({
        threshold: z.string(),
        must: z.enum(["not-be-under", "not-be-over"]),
        contestant: z.string(),
        found: z.number().exactOptional(),
        isMet: z.boolean(),
      }),
    )
    .exactOptional()
    .describe("with --fail-under or --fail-over"),
});

export const comparisonDocument = z.object({
  schemaVersion,
  first: run,
  second: run,
  changed: z.array(z.object({ setting: z.string(), first: z.string(), second: z.string() })),
  onlyInFirst: z.array(z.string()),
  onlyInSecond: z.array(z.string()),
  contestants: z.array(
    z.object({
      id: z.string(),
      metrics: z
        .array(z.object({ ...paired, first: z.number(), second: z.number() }))
        .describe("second less first"),
      gained: z.array(z.string()),
      lost: z.array(z.string()),
    }),
  ),
  intervals: z.object({ method: z.string(), level: z.number(), seed: z.string() }),
  glossary,
});
