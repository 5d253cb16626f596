// What the arena asks of a contestant: a patch, then tests; a model, a control and a replayed file all answer alike.
import type { Reason } from "../domain/record.ts";
import type { CallKey, HintMode, RetrievalSettings, RoleUsage, ShownContext } from "../domain/run.ts";
import type { Case } from "./case.ts";

/** What a side may know of its own earlier rounds in the same role (DESIGN 4.9). */
export interface Feedback {
  readonly round: number;
  /** Its own answer: a diff. */
  readonly answer: string;
  /** The outcome of P without H, or of its own tests' new checks. */
  readonly outcome: string;
}

export interface SubmitAsk {
  readonly of: Case;
  readonly call: Omit<CallKey, "role" | "attempt">;
  /** How often this side has played this role in the battle before. */
  readonly turn: number;
  /** Empty unless the run gives feedback. */
  readonly feedback: readonly Feedback[];
  readonly seed: string;
  /** What the run shows of the source, unless the contestant has a mode of its own. */
  readonly retrieval: RetrievalSettings;
}

export interface ReviewAsk extends SubmitAsk {
  readonly hintMode: HintMode;
  /** The submission as a diff, for the hint modes; absent when there is none to show. */
  readonly submissionDiff?: string;
}

export type SubmitAnswer =
  | { readonly kind: "patch"; readonly patch: string }
  | { readonly kind: "tree"; readonly tree: string }
  | { readonly kind: "rejected"; readonly reasons: readonly Reason[] };

/** `bounded` is false for the gold and mutant controls, whose hidden tests are exempt from a review's bounds. */
export type ReviewAnswer =
  | { readonly kind: "patch"; readonly patch: string; readonly bounded: boolean }
  | {
      readonly kind: "files";
      readonly files: ReadonlyMap<string, Buffer | undefined>;
      readonly bounded: boolean;
    }
  | { readonly kind: "rejected"; readonly reasons: readonly Reason[] };

/** Files to keep beside the verdict: prompts and raw answers by name. */
export type Transcript = ReadonlyMap<string, string>;

export interface Answered<A> {
  readonly answer: A;
  readonly usage: RoleUsage;
  readonly transcript: Transcript;
  /** What of the source the question showed; absent where there was no prompt. */
  readonly shown?: ShownContext;
}

export interface Player {
  readonly id: string;
  /** @throws a fault when the world fails (endpoint down, budget spent); anything the contestant did is an answer */
  submit(ask: SubmitAsk): Promise<Answered<SubmitAnswer>>;
  review(ask: ReviewAsk): Promise<Answered<ReviewAnswer>>;
}

/** Controls and replays call no model. */
export const noUsage: RoleUsage = { attempts: 1, inputTokens: 0, outputTokens: 0, costUsd: 0, seconds: 0 };

export function free<A>(answer: A): Answered<A> {
  return { answer, usage: noUsage, transcript: new Map() };
}
