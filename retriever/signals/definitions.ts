// Which chunk defines which name, found by the name's hash and by the words of the name.

import type { TermWeights } from "./bm25.ts";
import { type Corpus, type Lists, NameTerms, packLists } from "./corpus.ts";
import { idf, type Looked, listed, type Signal } from "./signal.ts";
import { hashOf } from "./words.ts";

export interface DefinitionTable {
  /** Sorted; `chunks[i]` defines the name whose hash is `hashes[i]`; equal hashes in chunk order. */
  readonly hashes: Uint32Array;
  readonly chunks: Uint32Array;
  /** Terms of the names that each chunk defines. */
  readonly nameTerms: Lists;
}

const chunkBits = 2 ** 21;

/** `pkg.Type::method` is called `method`. */
function simpleName(name: string): string {
  const end = Math.max(name.lastIndexOf("::") + 1, name.lastIndexOf("."));
  return end > 0 ? name.slice(end + 1) : name;
}

export function definitionTable(corpus: Corpus): DefinitionTable {
  const terms = new NameTerms();
  const nameTerms: number[][] = Array.from(corpus.fileOfChunk, () => []);
  const keys: number[] = [];
  for (const [file, { digest }] of corpus.files.entries()) {
    const first = corpus.chunkStarts[file] ?? 0;
    for (const definition of digest.definitions) {
      const chunk = first + definition.chunk;
      const name = simpleName(definition.name);
      // One number sorts by hash, then chunk: 32 + 21 bits are exact in a double.
      if (chunk < chunkBits) keys.push(hashOf(name) * chunkBits + chunk);
      nameTerms[chunk]?.push(...terms.of(name));
    }
  }
  const sorted = Float64Array.from(keys).sort();
  return {
    hashes: Uint32Array.from(sorted, (key) => Math.floor(key / chunkBits)),
    chunks: Uint32Array.from(sorted, (key) => key % chunkBits),
    nameTerms: packLists(nameTerms),
  };
}

/** First place in `hashes` that is not below `hash`. */
export function lowerBound(hashes: Uint32Array, hash: number): number {
  let low = 0;
  let high = hashes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((hashes[middle] ?? 0) < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Chunks that define a name, in order, each once. */
export function definers(table: DefinitionTable, hash: number): number[] {
  const chunks: number[] = [];
  for (let at = lowerBound(table.hashes, hash); table.hashes[at] === hash; at += 1) {
    const chunk = table.chunks[at] ?? 0;
    if (chunks.at(-1) !== chunk) chunks.push(chunk);
  }
  return chunks;
}

export interface DefinitionHits {
  /** Per chunk: weights of the names it defines, rarer definitions more. */
  readonly chunks: Float64Array;
  readonly files: Signal;
}

/** Names of the issue that a file defines: each is shared among its definers, so that `new` and `main` say little. */
export function definedNames(looked: Looked, table: DefinitionTable): DefinitionHits {
  const { corpus, query, included } = looked;
  const chunks = new Float64Array(corpus.fileOfChunk.length);
  const scores = new Float64Array(corpus.files.length);
  const found = new Map<number, Map<string, number>>();
  for (const name of query.names) {
    const defining = definers(table, name.hash).filter(
      (chunk) => included[corpus.fileOfChunk[chunk] ?? 0] === 1,
    );
    const files = new Set(defining.map((chunk) => corpus.fileOfChunk[chunk] ?? 0));
    const points = name.weight / Math.max(1, files.size);
    for (const chunk of defining) chunks[chunk] = (chunks[chunk] ?? 0) + points;
    for (const file of files) {
      scores[file] = (scores[file] ?? 0) + points;
      found.set(file, (found.get(file) ?? new Map<string, number>()).set(name.text, points));
    }
  }
  return { chunks, files: { scores, found: (file) => listed(found.get(file) ?? new Map()) } };
}

/**
 * The words in names that a file defines, each word counted once a file: `add a strip option` finds
 * `lstrip_blocks`. Long files define more, so the sum is damped by the number of different words.
 */
export function definedWords(
  looked: Looked,
  table: DefinitionTable,
  weights: TermWeights,
): { readonly files: Float64Array; readonly chunks: Float64Array } {
  const { corpus, included } = looked;
  const { starts, values } = table.nameTerms;
  const size = weights.length;
  const frequency = new Uint32Array(size);
  const perFile: Map<number, number>[] = [];
  const distinct = new Float64Array(corpus.files.length);
  let documents = 0;
  for (let file = 0; file < corpus.files.length; file += 1) {
    const counts = new Map<number, number>();
    perFile.push(counts);
    if (included[file] !== 1) continue;
    documents += 1;
    const end = starts[corpus.chunkStarts[file + 1] ?? 0] ?? 0;
    const start = starts[corpus.chunkStarts[file] ?? 0] ?? 0;
    distinct[file] = end - start;
    for (let at = start; at < end; at += 1) {
      const term = looked.numberOf(values[at] ?? 0);
      if (term < 0 || (weights[term] ?? 0) === 0) continue;
      if (!counts.has(term)) frequency[term] = (frequency[term] ?? 0) + 1;
      counts.set(term, (counts.get(term) ?? 0) + 1);
    }
  }
  const mean = Math.max(1, distinct.reduce((sum, count) => sum + count, 0) / Math.max(1, documents));
  const weigh = (term: number): number => (weights[term] ?? 0) * idf(documents, frequency[term] ?? 0);
  const files = Float64Array.from(perFile, (counts, file) => {
    const norm = 1.2 * (0.25 + (0.75 * (distinct[file] ?? 0)) / mean);
    let sum = 0;
    for (const [term, count] of counts) sum += (weigh(term) * count * 2.2) / (count + norm);
    return sum;
  });
  return { files, chunks: namesOfChunks(looked, table, { files, weigh }) };
}

/** Summed weight of the words in a chunk's names, damped by how many words these names have. */
function namesOfChunks(
  looked: Looked,
  { nameTerms: { starts, values } }: DefinitionTable,
  { files, weigh }: { readonly files: Float64Array; readonly weigh: (term: number) => number },
): Float64Array {
  return Float64Array.from(looked.corpus.fileOfChunk, (file, chunk) => {
    if ((files[file] ?? 0) === 0) return 0;
    const start = starts[chunk] ?? 0;
    const end = starts[chunk + 1] ?? 0;
    let sum = 0;
    for (let at = start; at < end; at += 1) {
      const term = looked.numberOf(values[at] ?? 0);
      if (term >= 0) sum += weigh(term);
    }
    return sum / Math.sqrt(1 + end - start);
  });
}
