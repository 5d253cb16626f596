// What a rating reads of a round: who played which role on which issue, and by how much the submitter came out ahead.
import type { Language } from "../domain/instance.ts";
import { type Reading, type RoundScore, scoreOf } from "../domain/record.ts";
import type { RoundRow } from "../domain/run.ts";

export interface RatedRound {
  readonly instanceId: string;
  readonly language: Language;
  readonly submitter: string;
  readonly reviewer: string;
  /** Absent for a void round: it is never a zero, and `voidBounds` says what it could have changed. */
  readonly score?: RoundScore;
  /**
   * 1 if absent. Inverse of the logged propensity, where an issue has one battle and the rating shall not lean on the model. With
   * several battles an issue, propensities are given the earlier draws, and weights made of them mislead: leave them out.
   */
  readonly weight?: number;
}

/** Submitter's score minus reviewer's: -2 a kill, 0 a tie (both failed, or nothing is settled), +2 stands against invalid tests. */
export type Margin = -2 | -1 | 0 | 1 | 2;
export const allMargins: readonly Margin[] = [-2, -1, 0, 1, 2];

export function marginOf({ submitter, reviewer }: RoundScore): Margin {
  const difference = submitter - reviewer;
  const margin = allMargins.find((each) => each === difference);
  if (margin !== undefined) return margin;
  throw new RangeError(
    `expected scores of -1, 0 or +1; found submitter ${submitter}, reviewer ${reviewer}: read them with scoreOf`,
  );
}

/** A stored round in one reading. */
export function ratedRound(row: RoundRow, reading: Reading): RatedRound {
  const { instanceId, language, submitter, reviewer } = row;
  const score = scoreOf(row.record, reading);
  return { instanceId, language, submitter, reviewer, ...(score === undefined ? {} : { score }) };
}
