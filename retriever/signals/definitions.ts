// Which chunk defines which name, found by the name's hash and by the words of the name.

import type { TermWeights } from "./bm25.ts";
import { type Corpus, NameTerms } from "./corpus.ts";
import { packLists, type TermHits, TermLists } from "./lists.ts";
import { idf, type Looked, listed, type Signal } from "./signal.ts";
import { SortedIndex } from "./sorted.ts";
import { TermCounts } from "./sums.ts";
import { hashOf } from "./words.ts";

export interface DefinitionTable {
  /** Sorted; `chunks[i]` defines the name whose hash is `hashes[i]`; equal hashes in chunk order. */
  readonly hashes: Uint32Array;
  readonly index: SortedIndex;
  readonly chunks: Uint32Array;
  /** Terms of the names that each chunk defines. */
  readonly nameTerms: TermLists;
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
  const hashes = Uint32Array.from(sorted, (key) => Math.floor(key / chunkBits));
  return {
    hashes,
    index: new SortedIndex(hashes),
    chunks: Uint32Array.from(sorted, (key) => key % chunkBits),
    nameTerms: new TermLists(packLists(nameTerms)),
  };
}

/** Chunks that define a name, in order, each once. */
function definers(table: DefinitionTable, hash: number): number[] {
  const chunks: number[] = [];
  const first = table.index.find(hash);
  for (let at = first; at >= 0 && table.hashes[at] === hash; at += 1) {
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
  { nameTerms }: DefinitionTable,
  weights: TermWeights,
): { readonly files: Float64Array; readonly chunks: Float64Array } {
  const { corpus, included, documents, table } = looked;
  const hits = nameTerms.hits(table);
  const counts = new TermCounts(weights.length);
  const count = (file: number): void => {
    const end = hits.starts[corpus.chunkStarts[file + 1] ?? 0] ?? 0;
    for (let at = hits.starts[corpus.chunkStarts[file] ?? 0] ?? 0; at < end; at += 1) {
      const term = hits.values[at] ?? 0;
      if (weights[term] !== 0) counts.add(term, 1);
    }
  };
  const frequency = new Uint32Array(weights.length);
  const distinct = new Float64Array(corpus.files.length);
  let total = 0;
  for (let file = 0; file < distinct.length; file += 1) {
    if (included[file] !== 1) continue;
    count(file);
    counts.drain((term) => {
      frequency[term] = (frequency[term] ?? 0) + 1;
    });
    const [start = 0, end = 0] = [corpus.chunkStarts[file], corpus.chunkStarts[file + 1]];
    distinct[file] = (nameTerms.starts[end] ?? 0) - (nameTerms.starts[start] ?? 0);
    total += distinct[file] ?? 0;
  }
  const mean = Math.max(1, total / Math.max(1, documents));
  const worth = weights.map((weight, term) => weight * idf(documents, frequency[term] ?? 0));
  const files = new Float64Array(corpus.files.length);
  for (let file = 0; file < files.length; file += 1) {
    if (included[file] !== 1) continue;
    count(file);
    const norm = 1.2 * (0.25 + (0.75 * (distinct[file] ?? 0)) / mean);
    let sum = 0;
    counts.drain((term, times) => {
      sum += ((worth[term] ?? 0) * times * 2.2) / (times + norm);
    });
    files[file] = sum;
  }
  return { files, chunks: namesOfChunks(corpus, { nameTerms, hits, worth, files }) };
}

interface NameHits {
  readonly nameTerms: TermLists;
  readonly hits: TermHits;
  readonly worth: Float64Array;
  readonly files: Float64Array;
}

/** Summed weight of the words in a chunk's names, damped by how many words these names have. */
function namesOfChunks(corpus: Corpus, { nameTerms, hits, worth, files }: NameHits): Float64Array {
  const scores = new Float64Array(corpus.fileOfChunk.length);
  for (let chunk = 0; chunk < scores.length; chunk += 1) {
    const [start = 0, end = 0] = [hits.starts[chunk], hits.starts[chunk + 1]];
    if (start === end || files[corpus.fileOfChunk[chunk] ?? 0] === 0) continue;
    let sum = 0;
    for (let at = start; at < end; at += 1) sum += worth[hits.values[at] ?? 0] ?? 0;
    scores[chunk] = sum / Math.sqrt(1 + nameTerms.length(chunk));
  }
  return scores;
}
