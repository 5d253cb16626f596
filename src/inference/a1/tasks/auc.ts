// Whether a score tells right samples from wrong ones of the same question, which is all that choosing among them can use.
import { clusteredInterval, type Draws, type Interval } from "./clustered-bootstrap.ts";

export interface ScoredSample {
  /** Higher should be right more often; turn a nonconformity round. */
  readonly score: number;
  readonly isCorrect: boolean;
}

/** The samples of one question. */
export type ScoredQuestion = readonly ScoredSample[];

/** Pairs of a right and a wrong sample, and in how many the right one scores higher; a tie is half. */
interface Pairs {
  readonly won: number;
  readonly all: number;
}

/**
 * Area under the curve within questions: of all pairs of a right and a wrong sample of one question, the share in which
 * the right one scores higher (Mann and Whitney 1947). A half is chance. Questions with only right or only wrong samples
 * have no pairs and say nothing; undefined where all are so. Hard questions, whatever they score, cannot move it.
 * @throws RangeError for a score that is not a number
 */
export function withinQuestionAuc(questions: readonly ScoredQuestion[], draws: Draws): Interval | undefined {
  const pairs = questions.map((samples) => pairsOf(sortedByScore([samples])));
  const counted = pairs.filter(({ all }) => all > 0);
  return clusteredInterval(
    counted.length,
    (weights) => {
      const total = (part: (pairs: Pairs) => number): number =>
        counted.reduce((sum, each, at) => sum + (weights[at] ?? 0) * part(each), 0);
      return shareOf({ won: total(({ won }) => won), all: total(({ all }) => all) });
    },
    draws,
  );
}

/**
 * The same over pairs of any two samples: also high where a score only knows easy questions from hard ones. To be read
 * beside the other, never instead of it.
 * @throws RangeError for a score that is not a number
 */
export function pooledAuc(questions: readonly ScoredQuestion[], draws: Draws): Interval | undefined {
  const sorted = sortedByScore(questions);
  return clusteredInterval(questions.length, (weights) => shareOf(pairsOf(sorted, weights)), draws);
}

const shareOf = ({ won, all }: Pairs): number | undefined => (all === 0 ? undefined : won / all);

interface Placed extends ScoredSample {
  readonly question: number;
}

function sortedByScore(questions: readonly ScoredQuestion[]): readonly Placed[] {
  const placed = questions.flatMap((samples, question) => samples.map((sample) => ({ ...sample, question })));
  const broken = placed.find(({ score }) => Number.isNaN(score));
  if (broken !== undefined)
    throw new RangeError(`expected numbers as scores, found NaN in question ${broken.question}, from 0`);
  // Infinities of one sign are equal, and their difference would not be a number.
  return placed.sort((one, other) => (one.score < other.score ? -1 : one.score > other.score ? 1 : 0));
}

/** One walk from the lowest score up: each right sample beats the wrong ones below it, and half of its equals. */
function pairsOf(sorted: readonly Placed[], weights?: Uint32Array): Pairs {
  let [won, wrongBelow, right] = [0, 0, 0];
  for (let start = 0; start < sorted.length; ) {
    let [end, rightHere, wrongHere] = [start, 0, 0];
    for (
      let each = sorted[end];
      each !== undefined && each.score === sorted[start]?.score;
      each = sorted[end]
    ) {
      const weight = weights === undefined ? 1 : (weights[each.question] ?? 0);
      if (each.isCorrect) rightHere += weight;
      else wrongHere += weight;
      end += 1;
    }
    won += rightHere * (wrongBelow + wrongHere / 2);
    wrongBelow += wrongHere;
    right += rightHere;
    start = end;
  }
  return { won, all: right * wrongBelow };
}
