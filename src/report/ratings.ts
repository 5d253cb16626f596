// The ratings part of a board: strengths of both roles in both readings, and what a first place hangs on.
import type { Language } from "../domain/instance.ts";
import { type Random, seededRandom } from "../domain/random.ts";
import type { Reading } from "../domain/record.ts";
import type { RoundRow } from "../domain/run.ts";
import {
  defaultRatingResamples,
  eloOf,
  type RankFlip,
  type RatedContestant,
  type Ratings,
  rateByLanguage,
  ratedRound,
  rateInFull,
  type Scale,
  type Strength,
  type VoidSensitivity,
} from "../rating/index.ts";

/** The same strength in points of Elo, for reading only; open ends are absent. */
export interface Elo {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

export interface ShownStrength extends Strength {
  readonly elo: Elo;
}

/** A contestant's strengths in log-odds; absent where a role was not played, or can be compared with nobody's. */
export interface ShownContestant extends Omit<RatedContestant, Scale> {
  readonly submitter?: ShownStrength;
  readonly reviewer?: ShownStrength;
  readonly overall?: ShownStrength;
}

/** A rating as `rate` gives it, with Elo beside every strength. */
export interface ShownRatings extends Omit<Ratings, "contestants"> {
  /** By overall strength; those without one last. */
  readonly contestants: readonly ShownContestant[];
}

export interface ReadingRatings extends ShownRatings {
  readonly reading: Reading;
  /** Of the bootstrap over issues. */
  readonly resamples: number;
  /** Each from its own rounds alone: nothing is borrowed from other languages. */
  readonly byLanguage: Readonly<Partial<Record<Language, ShownRatings>>>;
  /** Absent where nobody is first. */
  readonly rankFlip?: RankFlip;
  readonly voids: VoidSensitivity;
}

export type BoardRatings = Readonly<Record<Reading, ReadingRatings>>;

/** What a board's order rests on. */
export type Ranking =
  | { readonly by: "strength" }
  /** Why there is no rating to rank by: never silent. */
  | { readonly by: "score"; readonly because: string };

export interface RatingSettings {
  readonly seed: string;
  /** Of each reading's bootstrap; 1,000 unless said otherwise. */
  readonly resamples?: number;
}

function shownStrength(strength: Strength, scale: Scale): ShownStrength {
  const { value, low, high } = strength;
  const elo: Elo = {
    value: eloOf(value, scale),
    ...(low === undefined ? {} : { low: eloOf(low, scale) }),
    ...(high === undefined ? {} : { high: eloOf(high, scale) }),
  };
  return { ...strength, elo };
}

function shownContestant({ submitter, reviewer, overall, ...rest }: RatedContestant): ShownContestant {
  return {
    ...rest,
    ...(submitter === undefined ? {} : { submitter: shownStrength(submitter, "submitter") }),
    ...(reviewer === undefined ? {} : { reviewer: shownStrength(reviewer, "reviewer") }),
    ...(overall === undefined ? {} : { overall: shownStrength(overall, "overall") }),
  };
}

const shownRatings = (ratings: Ratings): ShownRatings => ({
  ...ratings,
  contestants: ratings.contestants.map(shownContestant),
});

function readingRatings(
  rows: readonly RoundRow[],
  reading: Reading,
  { random, resamples }: { readonly random: Random; readonly resamples: number },
): ReadingRatings {
  const rounds = rows.map((row) => ratedRound(row, reading));
  const byLanguage = [...rateByLanguage(rounds, { random: random.fork("languages"), resamples })];
  const { ratings, ...hangsOn } = rateInFull(rounds, { random, resamples });
  return {
    reading,
    resamples,
    ...shownRatings(ratings),
    byLanguage: Object.fromEntries(byLanguage.map(([language, of]) => [language, shownRatings(of)])),
    ...hangsOn,
  };
}

/** Both readings of the same rounds. Pure: the same rounds in whatever order and the same seed give the same figures. */
export function boardRatings(rows: readonly RoundRow[], settings: RatingSettings): BoardRatings {
  const { seed, resamples = defaultRatingResamples } = settings;
  const random = seededRandom(seed).fork("ratings");
  const of = (reading: Reading) => readingRatings(rows, reading, { random: random.fork(reading), resamples });
  return { strict: of("strict"), paper: of("paper") };
}

/** Notices after which a rating must not order anybody. */
const disqualifying: ReadonlySet<string> = new Set(["nothing-played", "no-contrast", "not-converged"]);

/** Whether the rating can carry the board's order, and if not, why. */
export function rankingOn({ contestants, notices }: ShownRatings): Ranking {
  const hindrance = notices.find(({ code }) => disqualifying.has(code));
  if (hindrance !== undefined) return { by: "score", because: hindrance.text };
  if (contestants.some(({ overall }) => overall !== undefined)) return { by: "strength" };
  return { by: "score", because: "No two contestants can be compared in both roles." };
}

export const ratedOf = ({ contestants }: ShownRatings, id: string): ShownContestant | undefined =>
  contestants.find((contestant) => contestant.id === id);
