// What a metric counts in one round; a round it does not speak of is out of its denominator, not a 0.
import { type Side, scoreOf } from "../domain/record.ts";
import type { RoundRow, Tally } from "../domain/run.ts";
import type { Range, Share } from "../rating/index.ts";

export interface MetricDefinition {
  readonly role: Side;
  readonly reading?: "paper" | "strict";
  readonly range?: Range;
  /** True where one unknown round leaves the whole metric unknown (costs): a part is not the sum. */
  readonly wholeOnly?: true;
  /** What it is, over which rounds; void rounds are in none. */
  readonly what: string;
  readonly of: (row: RoundRow) => Share | undefined;
}

export const rate: Range = { least: 0, greatest: 1 };
export const scale: Range = { least: -1, greatest: 1 };

export const amount = (numerator: number): Share => ({ numerator, denominator: 1 });
export const one = (hit: boolean): Share => amount(hit ? 1 : 0);

export const isValid = ({ record }: RoundRow): boolean => record.submission.status === "valid";
export const hasValidReview = ({ record }: RoundRow): boolean => record.review.status === "valid";
export const isLabelled = ({ record }: RoundRow): boolean => record.label !== "unlabelled";

export const score =
  (side: Side, reading: "paper" | "strict") =>
  ({ record }: RoundRow): Share | undefined => {
    const scores = scoreOf(record, reading);
    return scores === undefined ? undefined : amount(scores[side]);
  };

/** Share of a tally; what was never run because there was nothing valid to run counts as nothing passed. */
export function tallied(tally: Tally | undefined, hadSomethingToRun: boolean): Share | undefined {
  if (tally !== undefined && tally.total > 0) return amount(tally.passed / tally.total);
  return hadSomethingToRun ? undefined : amount(0);
}

/** `of`, in the rounds where `condition` holds only. */
export const where =
  (condition: (row: RoundRow) => boolean, of: (row: RoundRow) => Share | undefined) =>
  (row: RoundRow): Share | undefined =>
    condition(row) ? of(row) : undefined;

export const rounds = "non-void rounds as submitter";
export const reviews = "non-void rounds as reviewer";
