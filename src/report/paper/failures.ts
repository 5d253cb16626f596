// What went wrong, counted once a round by its first cause: the failure taxonomy of submitters and of reviewers.
import type { ReasonCode } from "../../domain/record.ts";
import type { Role, RoundRow } from "../../domain/run.ts";
import { isValid } from "../metric-definition.ts";

/** Closed. A round without one of these went well for the role, or had nothing to do. */
export const failureKinds = [
  "void",
  "invalid",
  "killed",
  "rejected-though-right",
  "wrong-and-uncaught",
  "no-tests",
  "invalid-tests",
  "missed",
  "flaky-tests",
  "rejected-a-right-one",
] as const;
export type FailureKind = (typeof failureKinds)[number];

export interface Failure {
  readonly contestant: string;
  readonly role: Role;
  readonly kind: FailureKind;
  /** The first reason of an invalid answer, or a void round's cause; absent for kinds that say all. */
  readonly code?: ReasonCode | string;
  readonly rounds: number;
  /** Of the role's rounds: void ones for `void`, those that are not void for all others. */
  readonly share: number;
  /** Of these rounds, those whose prompt showed no text of any file that gold changes; void rounds have no prompt here. */
  readonly goldNotShown: number;
}

interface Cause {
  readonly kind: FailureKind;
  readonly code?: string;
}

const because = (kind: FailureKind, code: string | undefined): Cause =>
  code === undefined ? { kind } : { kind, code };

function submitterCause({ record }: RoundRow): Cause | undefined {
  const { submission, label, effect } = record;
  if (submission.status === "invalid") return because("invalid", submission.reasons[0]?.code);
  if (label === "resolved") return effect === "killed" ? { kind: "rejected-though-right" } : undefined;
  if (effect === "killed") return { kind: "killed" };
  return label === "unresolved" ? { kind: "wrong-and-uncaught" } : undefined;
}

function reviewerCause(row: RoundRow): Cause | undefined {
  const { review, label, effect } = row.record;
  if (review.status === "none") return because("no-tests", review.reasons[0]?.code);
  if (review.status === "invalid") return because("invalid-tests", review.reasons[0]?.code);
  if (effect === "flaky") return { kind: "flaky-tests" };
  if (effect === "killed") return label === "resolved" ? { kind: "rejected-a-right-one" } : undefined;
  return isValid(row) && label === "unresolved" ? { kind: "missed" } : undefined;
}

function causeOf(row: RoundRow, role: Role): Cause | undefined {
  if (row.record.void !== undefined) return { kind: "void", code: row.record.void.cause };
  return role === "submitter" ? submitterCause(row) : reviewerCause(row);
}

function lacksGold(row: RoundRow, role: Role): boolean {
  const gold = (role === "submitter" ? row.submitterContext : row.reviewerContext)?.gold;
  return row.record.void === undefined && gold !== undefined && gold.total > 0 && gold.passed === 0;
}

function failuresIn(contestant: string, role: Role, rows: readonly RoundRow[]): Failure[] {
  const own = rows.filter((row) => row[role] === contestant);
  const judged = own.filter(({ record }) => record.void === undefined).length;
  const groups = new Map<string, { readonly cause: Cause; rounds: number; goldNotShown: number }>();
  for (const row of own) {
    const cause = causeOf(row, role);
    if (cause === undefined) continue;
    const key = JSON.stringify(cause);
    const group = groups.get(key) ?? { cause, rounds: 0, goldNotShown: 0 };
    group.rounds += 1;
    if (lacksGold(row, role)) group.goldNotShown += 1;
    groups.set(key, group);
  }
  return [...groups.values()]
    .map(({ cause, rounds, goldNotShown }) => ({
      ...{ contestant, role, ...cause, rounds },
      share: rounds / (cause.kind === "void" ? own.length : judged),
      goldNotShown,
    }))
    .sort((a, b) => b.rounds - a.rounds || (`${a.kind} ${a.code}` < `${b.kind} ${b.code}` ? -1 : 1));
}

/** By contestant and role, most frequent first. */
export function failuresOf(contestants: readonly string[], rows: readonly RoundRow[]): Failure[] {
  return contestants.flatMap((contestant) =>
    (["submitter", "reviewer"] as const).flatMap((role) => failuresIn(contestant, role, rows)),
  );
}
