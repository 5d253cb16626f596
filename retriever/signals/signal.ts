// What every signal answers: points per file, and what was found where.
import type { Corpus } from "./corpus.ts";
import type { Matches } from "./matches.ts";
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
  readonly matches: Matches;
  /** Number of each term in the matches' table, by its hash; -1 for none. */
  numberOf(hash: number): number;
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
