// Where a query's terms stand: gathered from the postings, then put back into the order of files and chunks.
import type { Corpus } from "./corpus.ts";

/** Open addressing from term hash to the term's number in the query; several forms of a word share a number. */
export class TermTable {
  readonly size: number;
  /** Every hash of the query once, ascending. */
  readonly hashes: Uint32Array;
  /** One byte for each of the hash's low 16 bits: most of what a query is not about stops here. */
  readonly #filter = new Uint8Array(65_536);
  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly #keys: Uint32Array;
  readonly #numbers: Uint32Array;

  /** Forms of each term; a hash that two terms have belongs to the first. */
  constructor(terms: readonly (readonly number[])[]) {
    this.size = terms.length;
    this.#keys = Uint32Array.from(terms.flat());
    this.#numbers = Uint32Array.from(terms.flatMap((forms, number) => forms.map(() => number)));
    this.hashes = Uint32Array.from(new Set(this.#keys)).sort();
    let size = 16;
    while (size < this.#keys.length * 4) size *= 2;
    this.#mask = size - 1;
    this.#slots = new Int32Array(size).fill(-1);
    for (const [entry, hash] of this.#keys.entries()) {
      this.#filter[hash & 0xffff] = 1;
      let at = hash & this.#mask;
      let slot = this.#slots[at] ?? -1;
      while (slot >= 0 && this.#keys[slot] !== hash) {
        at = (at + 1) & this.#mask;
        slot = this.#slots[at] ?? -1;
      }
      if (slot < 0) this.#slots[at] = entry;
    }
  }

  /** -1 for a hash that is not in the query. */
  find(hash: number): number {
    if (this.#filter[hash & 0xffff] === 0) return -1;
    for (let at = hash & this.#mask; ; at = (at + 1) & this.#mask) {
      const entry = this.#slots[at] ?? -1;
      if (entry < 0) return -1;
      if (this.#keys[entry] === hash) return this.#numbers[entry] ?? -1;
    }
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
