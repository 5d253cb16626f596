// BM25 over whole files and over chunks (Robertson & Zaragoza 2009, formula 3.15), with path words as a weighed field.
import { chunkAt } from "./corpus.ts";
import { idf, type Looked, type Signal, summed } from "./signal.ts";

export interface Bm25Settings {
  readonly k1: number;
  readonly b: number;
  /** Times that a word of the path counts as if it stood in the text (BM25F with one weighed field). */
  readonly pathCount: number;
}

/** The baseline's. */
export const plainBm25: Bm25Settings = { k1: 1.2, b: 0.75, pathCount: 0 };
export const fileBm25Settings: Bm25Settings = { k1: 1.2, b: 0.75, pathCount: 8 };
export const chunkBm25Settings: Bm25Settings = { k1: 1.2, b: 0.75, pathCount: 2 };
/** A file's best chunks count 1, 1/2, 1/3, ...: a long file must not win by the number of its chunks. */
const countedChunks = 5;

/** Weight of each term of the matches' table; 0 for terms that this sum leaves out. */
export type TermWeights = Float64Array;

interface Corpora {
  readonly documents: number;
  readonly meanLength: number;
}

function filesOf({ corpus, included }: Looked): Corpora {
  let documents = 0;
  let total = 0;
  for (const [file, length] of corpus.fileLengths.entries()) {
    if (included[file] !== 1) continue;
    documents += 1;
    total += length;
  }
  return { documents, meanLength: Math.max(1, total / Math.max(1, documents)) };
}

function chunksOf({ corpus, included }: Looked): Corpora {
  let documents = 0;
  let total = 0;
  for (const [chunk, file] of corpus.fileOfChunk.entries()) {
    if (included[file] !== 1) continue;
    documents += 1;
    total += corpus.chunkLengths[chunk] ?? 0;
  }
  return { documents, meanLength: Math.max(1, total / Math.max(1, documents)) };
}

/** Adds a path's words to the counts of one document. */
function addPath(looked: Looked, file: number, add: (term: number) => void): void {
  const { starts, values } = looked.corpus.pathTerms;
  for (let at = starts[file] ?? 0; at < (starts[file + 1] ?? 0); at += 1) {
    const term = looked.numberOf(values[at] ?? 0);
    if (term >= 0) add(term);
  }
}

/** Counts of one document's query terms, emptied by `score`. */
class Counts {
  readonly #counts: Float64Array;
  readonly #touched: number[] = [];

  constructor(terms: number) {
    this.#counts = new Float64Array(terms);
  }

  add(term: number, count: number): void {
    if (this.#counts[term] === 0) this.#touched.push(term);
    this.#counts[term] = (this.#counts[term] ?? 0) + count;
  }

  /** `each(term, count)` in order of first addition. */
  drain(each: (term: number, count: number) => void): void {
    for (const term of this.#touched) {
      each(term, this.#counts[term] ?? 0);
      this.#counts[term] = 0;
    }
    this.#touched.length = 0;
  }
}

function idfsOf(frequencies: Uint32Array, documents: number, weights: TermWeights): Float64Array {
  return Float64Array.from(
    frequencies,
    (count, term) => (weights[term] ?? 0) * idf(documents, Math.min(count, documents)),
  );
}

/** Files with the term in their text or in their path. */
function frequenciesWithPaths(looked: Looked): Uint32Array {
  const { matches, corpus, included } = looked;
  const frequencies = Uint32Array.from(matches.fileFrequency);
  for (let file = 0; file < corpus.files.length; file += 1) {
    if (included[file] !== 1) continue;
    addPath(looked, file, (term) => {
      for (let at = matches.starts[file] ?? 0; at < (matches.starts[file + 1] ?? 0); at += 1) {
        if (matches.terms[at] === term) return;
      }
      frequencies[term] = (frequencies[term] ?? 0) + 1;
    });
  }
  return frequencies;
}

/** Whole-file BM25 of the terms with a weight. `text(term)` names a term for `why`. */
export function fileBm25(
  looked: Looked,
  weights: TermWeights,
  settings: Bm25Settings & { readonly text: (term: number) => string },
): Signal {
  const { corpus, matches } = looked;
  const { k1, b, pathCount } = settings;
  const { documents, meanLength } = filesOf(looked);
  const frequencies = pathCount > 0 ? frequenciesWithPaths(looked) : matches.fileFrequency;
  const idfs = idfsOf(frequencies, documents, weights);
  const counts = new Counts(weights.length);
  const each = (file: number, add: (term: number, points: number) => void): void => {
    for (let at = matches.starts[file] ?? 0; at < (matches.starts[file + 1] ?? 0); at += 1) {
      counts.add(matches.terms[at] ?? 0, matches.counts[at] ?? 0);
    }
    if (pathCount > 0) addPath(looked, file, (term) => counts.add(term, pathCount));
    const norm = k1 * (1 - b + (b * (corpus.fileLengths[file] ?? 0)) / meanLength);
    counts.drain((term, count) => add(term, ((idfs[term] ?? 0) * count * (k1 + 1)) / (count + norm)));
  };
  return summed(looked, each, settings.text);
}

/** BM25 of every chunk with a hit. */
export function chunkScores(looked: Looked, weights: TermWeights, settings: Bm25Settings): Float64Array {
  const { corpus, matches } = looked;
  const { k1, b, pathCount } = settings;
  const { documents, meanLength } = chunksOf(looked);
  const idfs = idfsOf(matches.chunkFrequency, documents, weights);
  const scores = new Float64Array(corpus.fileOfChunk.length);
  const counts = new Counts(weights.length);
  const end = matches.chunks.length;
  let at = 0;
  while (at < end) {
    const chunk = matches.chunks[at] ?? 0;
    for (; at < end && matches.chunks[at] === chunk; at += 1) {
      counts.add(matches.terms[at] ?? 0, matches.counts[at] ?? 0);
    }
    if (pathCount > 0) {
      addPath(looked, corpus.fileOfChunk[chunk] ?? 0, (term) => counts.add(term, pathCount));
    }
    const norm = k1 * (1 - b + (b * (corpus.chunkLengths[chunk] ?? 0)) / meanLength);
    let sum = 0;
    counts.drain((term, count) => {
      sum += ((idfs[term] ?? 0) * count * (k1 + 1)) / (count + norm);
    });
    scores[chunk] = sum;
  }
  return scores;
}

/** A file by its best chunks, each next one counting less. */
export function bestChunks(looked: Looked, chunks: Float64Array): Signal {
  const { corpus, included } = looked;
  const best = (file: number): number[] =>
    Array.from(
      chunks.subarray(corpus.chunkStarts[file], corpus.chunkStarts[file + 1]).entries(),
      ([index, score]) => ({ index, score }),
    )
      .filter(({ score }) => score > 0)
      .sort((one, other) => other.score - one.score || one.index - other.index)
      .slice(0, countedChunks)
      .map(({ index }) => (corpus.chunkStarts[file] ?? 0) + index);
  const scores = Float64Array.from(corpus.files, (_, file) =>
    included[file] === 1
      ? best(file).reduce((sum, chunk, rank) => sum + (chunks[chunk] ?? 0) / (rank + 1), 0)
      : 0,
  );
  return {
    scores,
    found(file) {
      const first = best(file)[0];
      if (first === undefined) return undefined;
      const { chunk } = chunkAt(corpus, first);
      return chunk.name === "" ? `lines ${chunk.startLine}-${chunk.endLine}` : chunk.name;
    },
  };
}
