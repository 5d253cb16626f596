// Rows to build stores and boards from in tests: everything plain unless a test says otherwise.
import type { Effect, Label, ReviewStatus, RoundRecord } from "../../../src/domain/record.ts";
import type {
  CallFinish,
  CallStart,
  PlannedBattle,
  RoleUsage,
  RoundRow,
  RunSettings,
  ShownContext,
} from "../../../src/domain/run.ts";

export const settings: RunSettings = {
  set: "smoke/1",
  setHash: "5e7a".repeat(16),
  contestants: ["alpha", "beta"],
  seed: "test",
  rounds: 2,
  feedback: false,
  hintMode: "none",
  repeats: 3,
  panel: true,
  retrieval: { mode: "full", maxTokens: 20_000, hints: false },
};

export function battle(ordinal: number, over: Partial<PlannedBattle> = {}): PlannedBattle {
  const battleId = `battle-${ordinal}`;
  return {
    battleId,
    ordinal,
    instanceId: `one__issue-${ordinal}`,
    first: "alpha",
    second: "beta",
    rounds: 2,
    ...over,
  };
}

export interface Played {
  readonly submission?: "valid" | "invalid";
  readonly label?: Label;
  readonly review?: ReviewStatus;
  readonly effect?: Effect;
}

/** A round that went as told; a valid submission of a resolved patch that survives valid tests, unless told. */
export function record(played: Played = {}, over: Partial<RoundRecord> = {}): RoundRecord {
  const submission = played.submission ?? "valid";
  const review = played.review ?? "valid";
  const label = played.label ?? (submission === "valid" ? "resolved" : "unresolved");
  const met = submission === "valid" && review === "valid";
  const effect = met ? (played.effect ?? "survived") : "not-run";
  return {
    submission: {
      status: submission,
      reasons: submission === "valid" ? [] : [{ code: "does-not-apply", detail: "hunk 1 of src/a.py" }],
    },
    label,
    review: {
      status: review,
      reasons: review === "invalid" ? [{ code: "fails-on-gold", detail: "test::new" }] : [],
      eligible: review === "valid" ? ["test::new"] : [],
    },
    effect,
    killedBy: effect === "killed" ? ["test::new"] : [],
    contested: effect === "killed" && label === "resolved",
    panel: [],
    ...over,
  };
}

export const usage: RoleUsage = {
  attempts: 1,
  inputTokens: 1000,
  outputTokens: 100,
  costUsd: 0.01,
  seconds: 2,
};

export function round(over: Partial<RoundRow> = {}): RoundRow {
  return {
    battleId: "battle-1",
    round: 1,
    instanceId: "one__issue-1",
    language: "python",
    submitter: "alpha",
    reviewer: "beta",
    record: record(),
    submitterUsage: usage,
    reviewerUsage: usage,
    judgingSeconds: 12.5,
    reusedRuns: [],
    trust: "canaried",
    evidenceHash: "ab".repeat(32),
    ...over,
  };
}

/** So many tokens of one file whose name turns the direction of writing. */
export const shown = (tokens: number, gold?: ShownContext["gold"]): ShownContext => ({
  ...{ mode: "full", hints: false, tokenizer: "o200k_base", isApproximate: false, tokens, leftOut: 3 },
  snippets: [{ path: "src/a\u202e.py", form: "whole", firstLine: 1, lastLine: 9, tokens }],
  ...(gold === undefined ? {} : { gold }),
});

export function call(over: Partial<CallStart> = {}): CallStart {
  return {
    battleId: "battle-1",
    round: 1,
    role: "submitter",
    attempt: 1,
    contestant: "alpha",
    promptHash: "cd".repeat(32),
    worstCaseUsd: 0.05,
    worstCaseTokens: 9000,
    ...over,
  };
}

export function answer(over: Partial<CallFinish> = {}): CallFinish {
  return {
    status: "answered",
    text: "--- a\n+++ b\n",
    inputTokens: 1000,
    outputTokens: 100,
    estimated: false,
    costUsd: 0.01,
    seconds: 2,
    ...over,
  };
}
