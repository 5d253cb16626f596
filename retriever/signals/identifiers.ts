// Names that the issue quotes, looked for as they are written; and its sentences, looked for in string literals.
import { idf, type Looked, listed, type Signal } from "./signal.ts";
import { TermCounts } from "./sums.ts";

export interface IdentifierHits {
  /** Per chunk. */
  readonly chunks: Float64Array;
  readonly files: Signal;
}

/** A name that stands in a file ten times says hardly more than one that stands there three times. */
const saturation = 1;
/** Word triples in one file's literals from which they count in full: one alone may be chance. */
const fullShingles = 3;

/** Names of the query by their terms; rare ones weigh more: the name in every file is the project's own. */
function namesOf({
  query,
  table,
  matches,
  documents,
}: Looked): Map<number, { text: string; weight: number }> {
  const names = new Map<number, { text: string; weight: number }>();
  for (const name of query.names) {
    const term = table.find(name.termHash);
    if (term < 0) continue;
    const rarity = idf(documents, matches.fileFrequency[term] ?? 0);
    const weight = name.weight * rarity + (names.get(term)?.weight ?? 0);
    names.set(term, { text: name.text, weight });
  }
  return names;
}

export function identifiers(looked: Looked): IdentifierHits {
  const { corpus, table, matches, documents } = looked;
  const names = namesOf(looked);
  const weights = new Float64Array(table.size);
  const isName = new Uint8Array(table.size);
  for (const [term, { weight }] of names) {
    weights[term] = weight;
    isName[term] = 1;
  }
  const points = (term: number, count: number): number =>
    ((weights[term] ?? 0) * count) / (count + saturation);
  const counts = new TermCounts(table.size);
  const eachName = (file: number, each: (at: number, term: number, count: number) => void): void => {
    const end = matches.starts[file + 1] ?? 0;
    for (let at = matches.starts[file] ?? 0; at < end; at += 1) {
      const term = matches.terms[at] ?? 0;
      if (isName[term] === 1) each(at, term, matches.counts[at] ?? 0);
    }
  };
  const chunks = new Float64Array(corpus.fileOfChunk.length);
  const scores = new Float64Array(corpus.files.length);
  for (let file = 0; file < scores.length; file += 1) {
    eachName(file, (at, term, count) => {
      counts.add(term, count);
      const chunk = matches.chunks[at] ?? 0;
      chunks[chunk] = (chunks[chunk] ?? 0) + points(term, count);
    });
    let sum = 0;
    counts.drain((term, count) => {
      sum += points(term, count);
    });
    scores[file] = sum;
  }
  return {
    chunks,
    files: {
      scores,
      // One name that a single file holds, twice.
      full: idf(documents, 1),
      found(file) {
        const found = new Map<string, number>();
        eachName(file, (_, term, count) => counts.add(term, count));
        counts.drain((term, count) =>
          found.set(`${names.get(term)?.text ?? ""} (${count})`, points(term, count)),
        );
        return listed(found);
      },
    },
  };
}

/** Three words in a row of the issue inside a string literal of the file: an error message, an option's help. */
export function phrases({ corpus, query, included, documents }: Looked): Signal {
  const scores = new Float64Array(corpus.files.length);
  const counts = new Uint32Array(corpus.files.length);
  for (const shingle of query.shingles) {
    const files: number[] = [];
    corpus.literalShingles.find(shingle, (file) => {
      if (included[file] === 1) files.push(file);
    });
    const points = idf(documents, files.length);
    for (const file of files) {
      scores[file] = (scores[file] ?? 0) + points;
      counts[file] = (counts[file] ?? 0) + 1;
    }
  }
  return {
    scores,
    full: fullShingles * idf(documents, 1),
    found: (file) =>
      counts[file] === 0 ? undefined : `${counts[file]} of the issue's word triples in string literals`,
  };
}
