// The shapes of what is stored, checked on the way in and on the way out: nothing is believed because we wrote it.
import { z } from "zod";
import { languages } from "../domain/instance.ts";
import { reasonCodes } from "../domain/record.ts";
import { retrievalModes } from "../domain/run.ts";

const count = z.int().nonnegative();
const amount = z.number().nonnegative();
const tally = z.strictObject({ passed: count, total: count });
const reasons = z.array(
  z.strictObject({ code: z.enum(reasonCodes), detail: z.string(), undisclosed: z.string().exactOptional() }),
);

export const ownerRow = z.strictObject({ host: z.string(), pid: z.int(), startedAt: z.string() });

const reranker = z.strictObject({
  fingerprint: z.string(),
  device: z.enum(["cpu", "cuda"]),
  asked: z.literal("cuda").exactOptional(),
});

export const settingsShape = z.strictObject({
  set: z.string(),
  setHash: z.string(),
  contestants: z.array(z.string()),
  seed: z.string(),
  rounds: count,
  feedback: z.boolean(),
  hintMode: z.enum(["none", "changed-regions", "diff"]),
  repeats: count,
  panel: z.boolean(),
  mutants: count.exactOptional(),
  grading: z.literal(true).exactOptional(),
  retrieval: z.strictObject({
    mode: z.enum(retrievalModes),
    maxTokens: count,
    hints: z.boolean(),
    reranker: reranker.exactOptional(),
  }),
  pairing: z
    .strictObject({
      battlesPerIssue: z.int().positive(),
      issuesAtOnce: z.int().positive(),
      floor: z.number().positive().max(1),
      battleUsd: z.number().positive(),
      stop: z.strictObject({ error: z.number().positive().lt(1) }).exactOptional(),
    })
    .exactOptional(),
});

export const battleShape = z.strictObject({
  battleId: z.string(),
  ordinal: z.int(),
  instanceId: z.string(),
  first: z.string(),
  second: z.string(),
  rounds: z.int().positive(),
});

export const drawShape = z.strictObject({
  battleId: z.string(),
  propensity: z.number().positive().max(1),
  informationPerUsd: z.number(),
  expectedUsd: z.number().positive(),
});

export const drawnIssueShape = z.strictObject({
  ordinal: count,
  instanceId: z.string(),
  seen: count,
  draws: z.array(drawShape).min(1),
});

/** Keys in the order `judge` makes them: a record read back is the same text, too. */
export const recordShape = z.strictObject({
  submission: z.strictObject({ status: z.enum(["valid", "invalid"]), reasons }),
  label: z.enum(["resolved", "unresolved", "unlabelled"]),
  review: z.strictObject({
    status: z.enum(["none", "invalid", "valid"]),
    reasons,
    eligible: z.array(z.string()),
    failsOnBase: z.boolean().exactOptional(),
    reach: z
      .strictObject({
        changeOf: z.enum(["submission", "gold"]),
        reached: z.array(z.string()),
        known: count,
      })
      .exactOptional(),
  }),
  effect: z.enum(["killed", "survived", "flaky", "not-run"]),
  killedBy: z.array(z.string()),
  contested: z.boolean(),
  panel: z.array(
    z.strictObject({
      candidate: z.string(),
      label: z.enum(["resolved", "unresolved"]),
      effect: z.enum(["killed", "survived", "flaky"]),
    }),
  ),
  mutants: z
    .strictObject({
      met: z.array(
        z.strictObject({
          mutant: z.string(),
          noticedBy: z.enum(["visible", "hidden"]),
          effect: z.enum(["killed", "survived", "flaky"]),
        }),
      ),
      leftOut: z.strictObject({ notCompiling: count, endsOthers: count, notShownToDiffer: count }),
    })
    .exactOptional(),
  settlement: z
    .strictObject({ rejected: count, of: count, kind: z.enum(["over-fitted", "true-kill"]) })
    .exactOptional(),
  void: z
    .strictObject({
      cause: z.string(),
      side: z.enum(["submitter", "reviewer", "baseline"]),
      detail: z.string(),
    })
    .exactOptional(),
});

const usage = z.strictObject({
  attempts: count,
  inputTokens: count,
  outputTokens: count,
  costUsd: amount.exactOptional(),
  seconds: amount,
});

const shownContext = z.strictObject({
  mode: z.enum(retrievalModes),
  hints: z.boolean(),
  reranker: reranker.exactOptional(),
  tokenizer: z.string(),
  isApproximate: z.boolean(),
  tokens: count,
  snippets: z.array(
    z.strictObject({
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

/** What was counted in a round, apart from how it was judged. */
export const measuresShape = z.strictObject({
  submitterJobs: tally.exactOptional(),
  reviewerJobs: tally.exactOptional(),
  failToPass: tally.exactOptional(),
  submitterUsage: usage,
  reviewerUsage: usage,
  submitterContext: shownContext.exactOptional(),
  reviewerContext: shownContext.exactOptional(),
  reusedRuns: z.array(z.string()),
});

export const roundColumns = z.strictObject({
  battleId: z.string(),
  round: count,
  instanceId: z.string(),
  language: z.enum(languages),
  submitter: z.string(),
  reviewer: z.string(),
  trust: z.enum(["canaried", "weak"]),
  evidenceHash: z.string(),
  judgingSeconds: amount,
});

export const roundShape = z.strictObject({
  ...roundColumns.shape,
  ...measuresShape.shape,
  record: recordShape,
});

export const callStartShape = z.strictObject({
  battleId: z.string(),
  round: count,
  role: z.enum(["submitter", "reviewer"]),
  attempt: count,
  contestant: z.string(),
  promptHash: z.string(),
  worstCaseUsd: amount.exactOptional(),
  worstCaseTokens: count,
});

export const lostAnswersShape = z.strictObject({ usd: amount, tokens: count });

const callCandidateShape = z.strictObject({
  sample: count,
  isChosen: z.boolean(),
  end: z.string(),
  isUnchecked: z.boolean(),
  trial: z
    .strictObject({
      kind: z.enum(["passed", "failed", "unknown"]),
      because: z.string().exactOptional(),
      isAudit: z.boolean(),
      p: z.number().exactOptional(),
    })
    .exactOptional(),
  text: z.string(),
  chunks: z.array(
    z.strictObject({
      turn: count,
      author: z.enum(["draft", "target"]),
      characters: count,
      isKept: z.boolean(),
      nonconformity: z.number().exactOptional(),
      p: z.number().exactOptional(),
      level: z.number().exactOptional(),
      u: z.number().exactOptional(),
      bank: z.strictObject({ key: z.string(), size: z.int().nonnegative() }).exactOptional(),
      isAudit: z.boolean().exactOptional(),
      isHandedOver: z.boolean().exactOptional(),
      unscored: z.string().exactOptional(),
    }),
  ),
});

export const callFinishShape = z.strictObject({
  status: z.enum(["answered", "refusal", "truncated", "context-overflow", "answer-too-large", "fault"]),
  text: z.string(),
  inputTokens: count,
  outputTokens: count,
  estimated: z.boolean(),
  costUsd: amount.exactOptional(),
  seconds: amount,
  error: z.string().exactOptional(),
  candidates: z.array(callCandidateShape).exactOptional(),
});

export const judgementShape = z.strictObject({
  instanceId: z.string(),
  contestant: z.string(),
  patchHash: z.string(),
  record: recordShape,
  seconds: amount,
  evidenceHash: z.string(),
});

export const cachedRunShape = z.strictObject({ key: z.string(), report: z.string(), evidence: z.string() });

/** A column of JSON text, as the shape it must have. */
export function json<Shape extends z.ZodType>(shape: Shape) {
  const parsed = z.string().transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: "expected JSON" });
      return z.NEVER;
    }
  });
  return parsed.pipe(shape);
}
