// BM25 over whole files and over chunks (Robertson & Zaragoza 2009, formula 3.15), with path words as a weighed field.
import { chunkAt } from "./corpus.ts";
import { idf, type Looked, type Signal, summed } from "./signal.ts";
import { BestFew, TermCounts } from "./sums.ts";

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

/** Files that may be ranked hold on average so many terms, their chunks so many. */
function meanLengths({ corpus, included, documents }: Looked): {
  file: number;
  chunk: number;
  chunks: number;
} {
  const { fileLengths, chunkStarts } = corpus;
  let total = 0;
  let chunks = 0;
  for (let file = 0; file < fileLengths.length; file += 1) {
    if (included[file] !== 1) continue;
    total += fileLengths[file] ?? 0;
    chunks += (chunkStarts[file + 1] ?? 0) - (chunkStarts[file] ?? 0);
  }
  const mean = (count: number): number => Math.max(1, total / Math.max(1, count));
  return { file: mean(documents), chunk: mean(chunks), chunks };
}

/** Adds what of the query stands in a file's path, as often as a word of the path counts. */
function addPath({ pathHits }: Looked, file: number, counts: TermCounts, pathCount: number): void {
  if (pathCount === 0) return;
  const { starts, values } = pathHits;
  const end = starts[file + 1] ?? 0;
  for (let at = starts[file] ?? 0; at < end; at += 1) counts.add(values[at] ?? 0, pathCount);
}

function idfsOf(frequencies: Uint32Array, documents: number, weights: TermWeights): Float64Array {
  return Float64Array.from(
    frequencies,
    (count, term) => (weights[term] ?? 0) * idf(documents, Math.min(count, documents)),
  );
}

/** Files with the term in their text or in their path. */
function frequenciesWithPaths({ matches, pathHits, included }: Looked): Uint32Array {
  const frequencies = Uint32Array.from(matches.fileFrequency);
  const { starts, values } = pathHits;
  const isInText = (file: number, term: number): boolean => {
    const end = matches.starts[file + 1] ?? 0;
    for (let at = matches.starts[file] ?? 0; at < end; at += 1) if (matches.terms[at] === term) return true;
    return false;
  };
  for (let file = 0; file + 1 < starts.length; file += 1) {
    if (included[file] !== 1) continue;
    for (let at = starts[file] ?? 0; at < (starts[file + 1] ?? 0); at += 1) {
      const term = values[at] ?? 0;
      if (!isInText(file, term)) frequencies[term] = (frequencies[term] ?? 0) + 1;
    }
  }
  return frequencies;
}

/** Whole-file BM25 of the terms with a weight. `text(term)` names a term for `why`. */
export function fileBm25(
  looked: Looked,
  weights: TermWeights,
  settings: Bm25Settings & { readonly text: (term: number) => string },
): Signal {
  const { corpus, matches, documents } = looked;
  const { k1, b, pathCount } = settings;
  const mean = meanLengths(looked).file;
  const frequencies = pathCount > 0 ? frequenciesWithPaths(looked) : matches.fileFrequency;
  const idfs = idfsOf(frequencies, documents, weights);
  const counts = new TermCounts(weights.length);
  const each = (file: number, add: (term: number, points: number) => void): void => {
    const end = matches.starts[file + 1] ?? 0;
    for (let at = matches.starts[file] ?? 0; at < end; at += 1)
      counts.add(matches.terms[at] ?? 0, matches.counts[at] ?? 0);
    addPath(looked, file, counts, pathCount);
    const norm = k1 * (1 - b + (b * (corpus.fileLengths[file] ?? 0)) / mean);
    counts.drain((term, count) => add(term, ((idfs[term] ?? 0) * count * (k1 + 1)) / (count + norm)));
  };
  return summed(looked, each, settings.text);
}

/** BM25 of every chunk with a hit. */
export function chunkScores(looked: Looked, weights: TermWeights, settings: Bm25Settings): Float64Array {
  const { corpus, matches } = looked;
  const { k1, b, pathCount } = settings;
  const { chunk: mean, chunks: documents } = meanLengths(looked);
  const idfs = idfsOf(matches.chunkFrequency, documents, weights);
  const scores = new Float64Array(corpus.fileOfChunk.length);
  const counts = new TermCounts(weights.length);
  const end = matches.chunks.length;
  for (let at = 0; at < end; ) {
    const chunk = matches.chunks[at] ?? 0;
    for (; at < end && matches.chunks[at] === chunk; at += 1)
      counts.add(matches.terms[at] ?? 0, matches.counts[at] ?? 0);
    addPath(looked, corpus.fileOfChunk[chunk] ?? 0, counts, pathCount);
    const norm = k1 * (1 - b + (b * (corpus.chunkLengths[chunk] ?? 0)) / mean);
    let sum = 0;
    counts.drain((term, count) => {
      sum += ((idfs[term] ?? 0) * count * (k1 + 1)) / (count + norm);
    });
    scores[chunk] = sum;
  }
  return scores;
}

/** A file by its best chunks, each next one counting less. */
export function bestChunks({ corpus, included }: Looked, chunks: Float64Array): Signal {
  const best = new BestFew(countedChunks);
  const offer = (file: number): void => {
    const end = corpus.chunkStarts[file + 1] ?? 0;
    for (let chunk = corpus.chunkStarts[file] ?? 0; chunk < end; chunk += 1) {
      const points = chunks[chunk] ?? 0;
      if (points > 0) best.offer(chunk, points);
    }
  };
  const scores = new Float64Array(corpus.files.length);
  for (let file = 0; file < scores.length; file += 1) {
    if (included[file] !== 1) continue;
    offer(file);
    scores[file] = best.sum();
  }
  return {
    scores,
    found(file) {
      offer(file);
      const first = best.take()[0];
      if (first === undefined) return undefined;
      const { chunk } = chunkAt(corpus, first.item);
      return chunk.name === "" ? `lines ${chunk.startLine}-${chunk.endLine}` : chunk.name;
    },
  };
}
