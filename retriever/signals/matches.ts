// Where a query's terms stand: gathered from the postings, then put back into the order of files and chunks.
import type { Corpus } from "./corpus.ts";

/** Numbers the terms of a query by their hashes; several forms of a word share a number. */
export class TermTable {
  /** Terms. */
  readonly size: number;
  /** Every hash of the query once, ascending. */
  readonly hashes: Uint32Array;
  readonly #numbers = new Map<number, number>();

  /** Forms of each term; a hash that two terms have belongs to the first. */
  constructor(terms: readonly (readonly number[])[]) {
    this.size = terms.length;
    for (const [number, forms] of terms.entries())
      for (const hash of forms) if (!this.#numbers.has(hash)) this.#numbers.set(hash, number);
    this.hashes = Uint32Array.from(this.#numbers.keys()).sort();
  }

  /** -1 for a hash that is not in the query. */
  find(hash: number): number {
    return this.#numbers.get(hash) ?? -1;
  }
}

/** Hits of file `i` stand at `starts[i]` up to `starts[i + 1]`, chunk by chunk. Files left out have none. */
export interface Matches {
  readonly starts: Uint32Array;
  readonly terms: Uint16Array;
  readonly chunks: Uint32Array;
  readonly counts: Uint16Array;
  /** Files and chunks, among those looked at, that hold each term. */
  readonly fileFrequency: Uint32Array;
  readonly chunkFrequency: Uint32Array;
}

/** Grows as it is filled. */
class HitList {
  terms = new Uint16Array(16_384);
  chunks = new Uint32Array(16_384);
  counts = new Uint16Array(16_384);
  length = 0;

  add(term: number, chunk: number, count: number): void {
    if (this.length === this.terms.length) this.#grow();
    this.terms[this.length] = term;
    this.chunks[this.length] = chunk;
    this.counts[this.length] = count;
    this.length += 1;
  }

  #grow(): void {
    const grown = <A extends Uint16Array | Uint32Array>(array: A, into: A): A => {
      into.set(array);
      return into;
    };
    const size = this.length * 2;
    this.terms = grown(this.terms, new Uint16Array(size));
    this.chunks = grown(this.chunks, new Uint32Array(size));
    this.counts = grown(this.counts, new Uint16Array(size));
  }
}

/** Hits by chunk, and within a chunk as they were found: `starts` are the chunks'. */
function byChunk(hits: HitList, chunks: number): Pick<Matches, "starts" | "terms" | "chunks" | "counts"> {
  const starts = new Uint32Array(chunks + 1);
  for (let at = 0; at < hits.length; at += 1) {
    const chunk = hits.chunks[at] ?? 0;
    starts[chunk + 1] = (starts[chunk + 1] ?? 0) + 1;
  }
  for (let chunk = 0; chunk < chunks; chunk += 1)
    starts[chunk + 1] = (starts[chunk + 1] ?? 0) + (starts[chunk] ?? 0);
  const next = starts.slice();
  const terms = new Uint16Array(hits.length);
  const places = new Uint32Array(hits.length);
  const counts = new Uint16Array(hits.length);
  for (let at = 0; at < hits.length; at += 1) {
    const chunk = hits.chunks[at] ?? 0;
    const to = next[chunk] ?? 0;
    next[chunk] = to + 1;
    terms[to] = hits.terms[at] ?? 0;
    places[to] = chunk;
    counts[to] = hits.counts[at] ?? 0;
  }
  return { starts, terms, chunks: places, counts };
}

/** `included[file]` is 1 for files to look at. */
export function matchesOf(corpus: Corpus, table: TermTable, included: Uint8Array): Matches {
  const { fileOfChunk, chunkStarts } = corpus;
  const found = new HitList();
  for (const hash of table.hashes) {
    const term = table.find(hash);
    corpus.terms.find(hash, (chunk, count) => {
      if (included[fileOfChunk[chunk] ?? 0] === 1) found.add(term, chunk, count);
    });
  }
  const { starts, terms, chunks, counts } = byChunk(found, fileOfChunk.length);
  const fileFrequency = new Uint32Array(table.size);
  const chunkFrequency = new Uint32Array(table.size);
  const lastFile = new Int32Array(table.size).fill(-1);
  const lastChunk = new Int32Array(table.size).fill(-1);
  for (let at = 0; at < terms.length; at += 1) {
    const term = terms[at] ?? 0;
    const chunk = chunks[at] ?? 0;
    // Several forms of one word may stand in one chunk.
    if (lastChunk[term] === chunk) continue;
    lastChunk[term] = chunk;
    chunkFrequency[term] = (chunkFrequency[term] ?? 0) + 1;
    const file = fileOfChunk[chunk] ?? 0;
    if (lastFile[term] === file) continue;
    lastFile[term] = file;
    fileFrequency[term] = (fileFrequency[term] ?? 0) + 1;
  }
  const fileStarts = chunkStarts.map((chunk) => starts[chunk] ?? 0);
  return { starts: fileStarts, terms, chunks, counts, fileFrequency, chunkFrequency };
}
