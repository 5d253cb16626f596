// The documents of commands that play, judge and show: play, its plan, judge, show, rejudge, replay.
import { z } from "zod";
import { statusSchema } from "../../arena/index.ts";
import { boardPart } from "./board.ts";
import {
  battle,
  count,
  label,
  language,
  metrics,
  mutants,
  panelResult,
  reach,
  role,
  roundRow,
  schemaVersion,
  verdict,
} from "./pieces.ts";
import { endpoint } from "./proof.ts";

export const playDocument = z.object({
  ...boardPart,
  run: z.string(),
  unsound: z.array(z.string()).describe("instances that cannot be judged on this machine"),
  quarantined: z.array(z.string()).describe("instances that had battles to play and are in quarantine"),
  interrupted: z.boolean(),
  endpoints: z.array(endpoint),
});

const unknown = z.object({ unknown: z.string() });
const reckoned = z.union([z.object({ value: z.number(), basis: z.string() }), unknown]);
const worst = { modelCalls: count, worstCaseUsd: z.number(), worstCaseTokens: count };

export const planDocument = z.object({
  schemaVersion,
  set: z.string(),
  battles: count,
  played: count,
  leastBattles: count.exactOptional().describe("where sides are drawn as results come"),
  rounds: count,
  languages: z.partialRecord(language, count),
  ...worst,
  contestants: z.array(
    z.object({
      id: z.string(),
      battles: count,
      rounds: count,
      modelCalls: count.exactOptional(),
      worstCaseUsd: z.number().exactOptional(),
      worstCaseTokens: count.exactOptional(),
    }),
  ),
  hours: reckoned,
  diskBytes: reckoned,
  tightBudgets: z.array(z.string()),
  power: z
    .union([
      z.object({
        smallestDifference: z.number(),
        unit: z.string(),
        falseAlarms: z.number(),
        found: z.number(),
        basis: z.string(),
      }),
      unknown,
    ])
    .exactOptional(),
});

export const gradeDocument = z.object({
  schemaVersion,
  set: z.string(),
  run: z.string(),
  reviewers: z
    .array(
      z.object({
        id: z.string(),
        metrics,
        reviews: z.array(
          z.object({
            instance_id: z.string(),
            status: z.enum(["none", "invalid", "valid"]),
            reasons: z.array(z.string()),
            fails_on_base: z.boolean().exactOptional(),
            panel: z.array(panelResult),
            mutants: mutants.exactOptional(),
            reach: reach.exactOptional(),
            trivial: z.boolean().exactOptional().describe("passes on base and on every mutant"),
            void: z.string().exactOptional(),
          }),
        ),
      }),
    )
    .describe("best first"),
  unsound: z.array(z.string()).describe("instances that cannot be judged on this machine"),
  interrupted: z.boolean(),
});

export const ctlDocument = z.object({
  schemaVersion,
  run: z.string(),
  answers: z.boolean().describe("whether a process plays the run"),
  said: z.string(),
  status: statusSchema.exactOptional().describe("absent where nothing is known of it"),
  process: z
    .object({ host: z.string(), pid: z.int(), startedAt: z.string() })
    .exactOptional()
    .describe("where nobody answers: who played it last"),
  secondsAgo: z.number().exactOptional(),
  life: z.string().exactOptional(),
});

export const judgeDocument = z.object({
  schemaVersion,
  set: z.string(),
  run: z.string(),
  results: z.array(
    z.object({
      instance_id: z.string(),
      model_name_or_path: z.string(),
      submission: z.enum(["valid", "invalid"]),
      label,
      verdict,
      reasons: z.array(z.string()),
      seconds: z.number(),
    }),
  ),
  unknown: z.array(z.string()),
  problems: z.array(z.object({ line: count, field: z.string(), expected: z.string(), found: z.string() })),
});

export const showDocument = z.object({
  schemaVersion,
  battles: z.array(battle.extend({ verdicts: z.array(verdict) })),
});

const candidate = z.looseObject({ sample: count, isChosen: z.boolean(), end: z.string() });

export const showBattleDocument = z.object({
  schemaVersion,
  battle,
  rounds: z.array(roundRow),
  chosen: z
    .array(z.object({ round: count, role, attempt: count, candidates: z.array(candidate) }))
    .describe("where an answer was chosen from several"),
});

export const rejudgeDocument = z.object({
  schemaVersion,
  rejudged: count,
  missing: count.describe("without evidence: kept as they were"),
  changed: z.array(
    z.looseObject({
      before: verdict,
      after: verdict,
      beforeLabel: label,
      afterLabel: label,
      changed: z.literal(true),
    }),
  ),
  written: z.boolean(),
});

export const replayDocument = z.object({
  schemaVersion,
  run: z.string(),
  rounds: count,
  differences: z.array(z.object({ battle: z.string(), round: count, before: z.string(), after: z.string() })),
  interrupted: z.boolean(),
});

const difference = z.object({ where: z.string(), expected: z.string(), found: z.string() });

export const verifyDocument = z.object({
  schemaVersion,
  verified: z.boolean(),
  runs: z.array(
    z.object({
      run: z.string(),
      hasLedger: z.boolean(),
      ledger: z.object({ seq: count, hash: z.string() }).exactOptional().describe("its last line"),
      lines: count,
      checkpoints: count,
      keys: z.array(z.string()),
      rows: count,
      files: count,
      rejudged: count,
      differences: z.array(difference),
      unchecked: z.array(z.string()),
    }),
  ),
  board: z.object({
    numbers: count,
    differences: z.array(difference),
    unchecked: z.array(z.string()),
  }),
});

export const siteDocument = z.object({
  schemaVersion,
  /** Absolute path of the first page, and how much there is. */
  site: z.object({ index: z.string(), files: count, bytes: count }),
});

export const keysDocument = z.object({
  schemaVersion,
  algorithm: z.literal("Ed25519"),
  key: z.string(),
  file: z.string(),
});
