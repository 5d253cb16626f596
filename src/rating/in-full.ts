// A rating with what its first place hangs on: all of it rests on one fit, which is made once.
import type { RatedRound } from "./outcome.ts";
import { type RankFlip, rankFlipOf } from "./rank-flip.ts";
import { completed, type RatingOptions, type Ratings, rateFit } from "./rate.ts";
import { Refits } from "./refit.ts";
import { type VoidSensitivity, voidSensitivityOf } from "./voids.ts";

export interface FullRating {
  readonly ratings: Ratings;
  /** Absent where nobody is first. */
  readonly rankFlip?: RankFlip;
  readonly voids: VoidSensitivity;
}

/** The same figures as `rate`, `rankFlip` and `voidSensitivity`, without fitting the same rounds three times. */
export function rateInFull(rounds: readonly RatedRound[], given: RatingOptions): FullRating {
  const options = completed(given);
  const refits = new Refits(rounds, options);
  const rankFlip = rankFlipOf(refits);
  return {
    ratings: rateFit(rounds, refits.base, options),
    ...(rankFlip === undefined ? {} : { rankFlip }),
    voids: voidSensitivityOf(refits),
  };
}
