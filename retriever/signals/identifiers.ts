// Names that the issue quotes, looked for as they are written; and its sentences, looked for in string literals.
import type { Corpus } from "./corpus.ts";
import { idf, type Looked, listed, type Signal } from "./signal.ts";
import { eachCommon } from "./sorted.ts";

export interface IdentifierHits {
  /** Per chunk. */
  readonly chunks: Float64Array;
  readonly files: Signal;
}

/** A name that stands in a file ten times says hardly more than one that stands there three times. */
const saturation = 1;
/** Word triples in one file's literals from which they count in full: one alone may be chance. */
const fullShingles = 3;

/** Rare names weigh more: the name in every file is the project's own. */
export function identifiers(looked: Looked): IdentifierHits {
  const { corpus, query, matches, included } = looked;
  const documents = included.reduce((sum, each) => sum + each, 0);
  const names = new Map<number, { text: string; weight: number }>();
  for (const name of query.names) {
    const term = looked.numberOf(name.termHash);
    if (term < 0) continue;
    const rarity = idf(documents, matches.fileFrequency[term] ?? 0);
    const weight = name.weight * rarity + (names.get(term)?.weight ?? 0);
    names.set(term, { text: name.text, weight });
  }
  const chunks = new Float64Array(corpus.fileOfChunk.length);
  const countsOf = (file: number): Map<number, number> => {
    const counts = new Map<number, number>();
    for (let at = matches.starts[file] ?? 0; at < (matches.starts[file + 1] ?? 0); at += 1) {
      const term = matches.terms[at] ?? 0;
      const name = names.get(term);
      if (name === undefined) continue;
      const count = matches.counts[at] ?? 0;
      counts.set(term, (counts.get(term) ?? 0) + count);
      const chunk = matches.chunks[at] ?? 0;
      chunks[chunk] = (chunks[chunk] ?? 0) + (name.weight * count) / (count + saturation);
    }
    return counts;
  };
  const perFile = corpus.files.map((_, file) => countsOf(file));
  const points = (term: number, count: number): number =>
    ((names.get(term)?.weight ?? 0) * count) / (count + saturation);
  const scores = Float64Array.from(perFile, (counts) => {
    let sum = 0;
    for (const [term, count] of counts) sum += points(term, count);
    return sum;
  });
  return {
    chunks,
    files: {
      scores,
      // One name that a single file holds, twice.
      full: idf(documents, 1),
      found(file) {
        const found = new Map<string, number>();
        for (const [term, count] of perFile[file] ?? []) {
          found.set(`${names.get(term)?.text ?? ""} (${count})`, points(term, count));
        }
        return listed(found);
      },
    },
  };
}

function literalHits(corpus: Corpus, included: Uint8Array, shingles: Uint32Array): number[][] {
  return corpus.files.map(({ digest }, file) => {
    const hits: number[] = [];
    if (included[file] === 1) eachCommon(shingles, digest.literalShingles, (value) => hits.push(value));
    return hits;
  });
}

/** Three words in a row of the issue inside a string literal of the file: an error message, an option's help. */
export function phrases(looked: Looked): Signal {
  const { corpus, query, included } = looked;
  const hits = literalHits(corpus, included, query.shingles);
  const documents = included.reduce((sum, each) => sum + each, 0);
  const containing = new Map<number, number>();
  for (const file of hits) for (const hit of file) containing.set(hit, (containing.get(hit) ?? 0) + 1);
  return {
    scores: Float64Array.from(hits, (file) =>
      file.reduce((sum, hit) => sum + idf(documents, containing.get(hit) ?? 0), 0),
    ),
    full: fullShingles * idf(documents, 1),
    found: (file) => {
      const count = hits[file]?.length ?? 0;
      return count === 0 ? undefined : `${count} of the issue's word triples in string literals`;
    },
  };
}
