// The order of a board: by overall strength, or by mean scores where no rating could be fitted.
import type { Reading } from "../domain/record.ts";
import type { Estimate } from "../rating/index.ts";
import type { Standing } from "./board.ts";
import { type Ranking, type ReadingRatings, ratedOf } from "./ratings.ts";

/** Places that the intervals leave open: 1 to 1 is a first place, 1 to 3 a claim to one of three. */
export interface Rank {
  readonly best: number;
  readonly worst: number;
}

export const scoreName = { strict: "scoreStrict", paper: "scorePaper" } as const;

const count = <T>(items: readonly T[], holds: (item: T) => boolean): number => items.filter(holds).length;

/** Others are ahead or behind only where the intervals do not touch. */
export function rankAmong(own: Estimate, all: readonly Estimate[]): Rank {
  const ahead = count(all, (other) => other.low > own.high);
  const behind = count(all, (other) => other.high < own.low);
  return { best: 1 + ahead, worst: all.length - behind };
}

type Unranked = Omit<Standing, "rank">;

/** Places by mean scores: what is left where no rating could be fitted. */
function rankOnScores(standings: readonly Unranked[], reading: Reading): (one: Unranked) => Rank | undefined {
  const scoreOf = ({ metrics }: Unranked) => metrics[scoreName[reading]];
  const scores = standings.flatMap((standing) => scoreOf(standing) ?? []);
  return (standing) => {
    const own = scoreOf(standing);
    return own === undefined ? undefined : rankAmong(own, scores);
  };
}

/** Standings by rank; those without one last. */
export function ranked(
  standings: readonly Unranked[],
  { ranking, ratings }: { readonly ranking: Ranking; readonly ratings: ReadingRatings },
): Standing[] {
  const strengthOf = ({ id }: Unranked) => ratedOf(ratings, id)?.overall;
  const onScores = rankOnScores(standings, ratings.reading);
  const rankOf = ranking.by === "score" ? onScores : (one: Unranked) => strengthOf(one)?.rank;
  const lowest = Number.NEGATIVE_INFINITY;
  const worth = (one: Unranked): readonly [number, number] => [
    ranking.by === "score" ? 0 : (strengthOf(one)?.value ?? lowest),
    one.metrics[scoreName[ratings.reading]]?.value ?? lowest,
  ];
  return standings
    .map((standing): Standing => {
      const rank = rankOf(standing);
      return rank === undefined ? standing : { ...standing, rank };
    })
    .sort((a, b) => {
      const [[strength, score], [otherStrength, otherScore]] = [worth(a), worth(b)];
      if (strength !== otherStrength) return otherStrength - strength;
      return score === otherScore ? (a.id < b.id ? -1 : 1) : otherScore - score;
    });
}
