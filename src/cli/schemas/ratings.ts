// The ratings part of a board's document.
import { z } from "zod";
import { noticeCodes } from "../../rating/index.ts";
import { count, language, reading } from "./pieces.ts";

export const rank = z.object({ best: count, worst: count }).describe("places that the data leave open");
const bounds = z.object({ low: z.number(), high: z.number() });
const openBounds = {
  value: z.number(),
  low: z.number().exactOptional().describe("absent: this end is open"),
  high: z.number().exactOptional().describe("absent: this end is open"),
};

const strength = z.object({
  ...openBounds,
  standardError: z.number().exactOptional(),
  freedom: z.number().exactOptional(),
  bootstrap: bounds.exactOptional(),
  unclustered: bounds.exactOptional(),
  rank,
  among: count,
  separation: z.enum(["above", "below", "open"]).exactOptional(),
  elo: z.object(openBounds).describe("the same on the chess scale, for reading only"),
});

const shownRatings = {
  contestants: z.array(
    z.object({
      id: z.string(),
      issues: count,
      tooFewIssues: z.boolean(),
      rounds: z.object({ submitter: count, reviewer: count, void: count }),
      submitter: strength.exactOptional(),
      reviewer: strength.exactOptional(),
      overall: strength.exactOptional(),
    }),
  ),
  issues: count,
  rounds: z.object({ played: count, void: count }),
  level: z.number(),
  tooFewIssues: z.boolean(),
  correction: z.enum(["CR1", "CR2"]).exactOptional(),
  issueDeviation: z.number().exactOptional(),
  penalty: z.number(),
  margins: z.array(z.object({ margin: z.int(), share: z.number() })),
  languages: z.array(
    z.object({ language, issues: count, value: z.number(), low: z.number(), high: z.number() }),
  ),
  notices: z.array(z.object({ code: z.enum(noticeCodes), text: z.string() })),
};

const voidBounds = z.object({
  id: z.string(),
  rounds: count,
  submitter: bounds.exactOptional(),
  reviewer: bounds.exactOptional(),
  overall: bounds.exactOptional(),
});

const readingRatings = z.object({
  reading,
  resamples: count,
  ...shownRatings,
  byLanguage: z.partialRecord(language, z.object(shownRatings)),
  rankFlip: z
    .object({
      first: z.string(),
      issues: count,
      flip: z
        .object({ newFirst: z.string(), dropped: z.array(z.string()), share: z.number() })
        .exactOptional(),
    })
    .exactOptional(),
  voids: z.object({
    contestants: z.array(voidBounds),
    first: z.string().exactOptional(),
    overtakenBy: z.array(z.string()),
  }),
});

export const ratings = z.object({ strict: readingRatings, paper: readingRatings });
