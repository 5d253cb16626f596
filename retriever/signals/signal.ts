// What every signal answers: points per file, and what was found where.
import type { Corpus } from "./corpus.ts";
import type { TermHits } from "./lists.ts";
import type { Matches, TermTable } from "./matches.ts";
import type { Query } from "./query.ts";

export interface Signal {
  /** One for each file of the corpus, 0 where nothing was found; any scale, larger is better. */
  readonly scores: Float64Array;
  /** Less than this, the best file's score is weak evidence and does not count in full. */
  readonly full?: number;
  /** What was found in a file, for people; worked out only for files that are shown. */
  found?(file: number): string | undefined;
}

/** One query on one corpus. */
export interface Looked {
  readonly corpus: Corpus;
  readonly query: Query;
  /** 1 for files that may be ranked. */
  readonly included: Uint8Array;
  /** How many those are. */
  readonly documents: number;
  /** Numbers the query's terms by their hashes. */
  readonly table: TermTable;
  readonly matches: Matches;
  /** Numbers of the query's terms in each file's path. */
  readonly pathHits: TermHits;
}

/** Sums a file's points term by term; what was found is worked out again, for the few files that are shown. */
export function summed(
  { corpus, included }: Looked,
  each: (file: number, add: (term: number, points: number) => void) => void,
  text: (term: number) => string,
): Signal {
  const scores = new Float64Array(corpus.files.length);
  for (let file = 0; file < scores.length; file += 1) {
    if (included[file] !== 1) continue;
    let sum = 0;
    each(file, (_, points) => {
      sum += points;
    });
    scores[file] = sum;
  }
  return {
    scores,
    found(file) {
      const found = new Map<string, number>();
      each(file, (term, points) => {
        if (points > 0) found.set(text(term), points);
      });
      return listed(found);
    },
  };
}

/** Lucene's inverse document frequency: never negative. */
export function idf(documents: number, containing: number): number {
  return Math.log(1 + (documents - containing + 0.5) / (containing + 0.5));
}

/** `name (3), other`: the heaviest few, ties by name. */
export function listed(found: ReadonlyMap<string, number>, limit = 4): string | undefined {
  if (found.size === 0) return undefined;
  return [...found]
    .sort(([one, first], [other, second]) => second - first || (one < other ? -1 : 1))
    .slice(0, limit)
    .map(([name]) => name)
    .join(", ");
}
