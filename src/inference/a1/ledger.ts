// What a run of the pair was told and decided, event by event and append-only: enough to go on from and to decide again.
import { createHash } from "node:crypto";
import type { Trial } from "../model.ts";
import type { CandidateEnd, QuestionAnswer } from "./backend.ts";
import type { ChunkFacts, Decision } from "./calibrator.ts";
import type { ChunkScore } from "./chunk-scorers.ts";
import type { CallKey, EngineFaultCode, Generated } from "./engine.ts";

export type CallRole = "draft" | "score" | "takeover";

/** What a gate said of a draft. */
export type Gated =
  | { readonly kind: "open" }
  | { readonly kind: "answered"; readonly answer: string }
  | { readonly kind: "refused"; readonly because: string }
  /** A sibling has written the same, byte for byte. */
  | { readonly kind: "duplicate" };

/** Of one question's candidates: what is known of them, and whose trials are worth it. */
export interface TrialPlan {
  /** Best first. `nonconformity` is null where none was scored; `p` is absent while too few have failed to tell. */
  readonly contenders: readonly {
    readonly sample: number;
    readonly nonconformity: number | null;
    readonly p?: number;
  }[];
  /** Samples, best first. */
  readonly hopeful: readonly number[];
  /** Sample of the one drawn by lot. */
  readonly lot?: number;
}

/** Kept of a call: all that the sample goes on from. */
export type CallResult =
  | { readonly generated: Generated }
  | { readonly scored: ChunkScore }
  | { readonly fault: { readonly code: EngineFaultCode; readonly message: string } };

export type LedgerEvent =
  /** First of every process that writes here. */
  | { readonly kind: "run"; readonly schemaVersion: 1; readonly fingerprint: string; readonly atMs: number }
  /** A question was asked; its name stands for this one alone. */
  | { readonly kind: "question"; readonly question: string; readonly fingerprint: string }
  /** A draft is about to be asked for: its place in the calibration bank is taken. */
  | { readonly kind: "issued"; readonly key: CallKey }
  | {
      readonly kind: "call";
      readonly role: CallRole;
      readonly key: CallKey;
      readonly waitedMs: number;
      readonly startedMs: number;
      readonly endedMs: number;
      readonly result: CallResult;
    }
  | { readonly kind: "gated"; readonly key: CallKey; readonly gated: Gated }
  /** `facts.nonconformity` is null where the chunk could not be scored: infinitely bad. */
  | {
      readonly kind: "decided";
      readonly key: CallKey;
      readonly facts: Omit<ChunkFacts, "nonconformity"> & { readonly nonconformity: number | null };
      readonly decision: Decision;
    }
  | { readonly kind: "withdrawn"; readonly key: CallKey }
  /** The draft was never made in time: infinitely bad. */
  | { readonly kind: "timed-out"; readonly key: CallKey; readonly facts: Omit<ChunkFacts, "nonconformity"> }
  /** The calibration bank's epoch was ended by time. */
  | { readonly kind: "epoch-ended" }
  | { readonly kind: "own-bank"; readonly question: string; readonly nonconformities: readonly number[] }
  /** Which candidates are to be run, decided before any is; `of` names pair and task. */
  | ({ readonly kind: "trials-planned"; readonly question: string; readonly of: string } & TrialPlan)
  /** A candidate was run; `text` is its fingerprint, `of` names pair and task. */
  | {
      readonly kind: "tried";
      readonly question: string;
      readonly sample: number;
      readonly text: string;
      readonly of: string;
      readonly trial: Trial;
      readonly nonconformity: number | null;
      /** Drawn by lot; absent in ledgers of before, whose trials nothing is measured by. */
      readonly isAudit?: boolean;
    }
  | { readonly kind: "ended"; readonly question: string; readonly sample: number; readonly end: CandidateEnd }
  | { readonly kind: "answered"; readonly question: string; readonly answer: QuestionAnswer }
  /** Nobody waits for it any more, or it cannot be answered; under its name it may be asked again. */
  | { readonly kind: "abandoned"; readonly question: string };

export interface Ledger {
  /** Written before anything is done because of it. */
  append(event: LedgerEvent): void;
}

/** A ledger that is not one, is damaged, or is of other engines, settings or questions. */
export class LedgerFault extends Error {
  readonly isFault = true;
  readonly retryable = false;
  readonly code: "ledger-unusable" | "ledger-of-another-run";

  constructor(
    code: "ledger-unusable" | "ledger-of-another-run",
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
    this.name = "LedgerFault";
    this.code = code;
  }
}

/** Keeps nothing: for runs that nobody will ask about. */
export const noLedger: Ledger = { append: () => {} };

export const nameOfCall = ({ question, sample, turn, attempt }: CallKey, role = ""): string =>
  JSON.stringify([question, sample, turn, attempt, role]);

/** Settings that decide anything, as one short name: a ledger is gone on with under the same alone. */
export function fingerprintOf(settings: unknown): string {
  return createHash("sha256").update(JSON.stringify(settings)).digest("hex").slice(0, 16);
}
