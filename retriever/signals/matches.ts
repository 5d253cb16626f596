// Where a query's terms stand: one pass over every digest, because a filter of one byte per term is faster to build
// and to keep than an inverted index that each commit would have to sort anew.
import type { Corpus } from "./corpus.ts";

/** Open addressing from term hash to the term's number in the query; several forms of a word share a number. */
export class TermTable {
  /** One byte for each of the hash's low 16 bits: most terms of a repository stop here. */
  readonly filter = new Uint8Array(65_536);
  readonly size: number;
  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly #hashes: Uint32Array;
  readonly #numbers: Uint32Array;

  /** Forms of each term; a hash that two terms have belongs to the first. */
  constructor(terms: readonly (readonly number[])[]) {
    this.size = terms.length;
    this.#hashes = Uint32Array.from(terms.flat());
    this.#numbers = Uint32Array.from(terms.flatMap((forms, number) => forms.map(() => number)));
    let size = 16;
    while (size < this.#hashes.length * 4) size *= 2;
    this.#mask = size - 1;
    this.#slots = new Int32Array(size).fill(-1);
    for (const [entry, hash] of this.#hashes.entries()) {
      this.filter[hash & 0xffff] = 1;
      let at = hash & this.#mask;
      let slot = this.#slots[at] ?? -1;
      while (slot >= 0 && this.#hashes[slot] !== hash) {
        at = (at + 1) & this.#mask;
        slot = this.#slots[at] ?? -1;
      }
      if (slot < 0) this.#slots[at] = entry;
    }
  }

  /** -1 for a hash that is not in the query. */
  find(hash: number): number {
    for (let at = hash & this.#mask; ; at = (at + 1) & this.#mask) {
      const entry = this.#slots[at] ?? -1;
      if (entry < 0) return -1;
      if (this.#hashes[entry] === hash) return this.#numbers[entry] ?? -1;
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

class HitList {
  terms = new Uint16Array(4_096);
  chunks = new Uint32Array(4_096);
  counts = new Uint16Array(4_096);
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

function addFile(corpus: Corpus, file: number, table: TermTable, hits: HitList): void {
  const digest = corpus.files[file]?.digest;
  if (digest === undefined) return;
  const { termStarts, termHashes, termCounts } = digest;
  const { filter } = table;
  const first = corpus.chunkStarts[file] ?? 0;
  for (let chunk = 0; chunk < digest.chunks.length; chunk += 1) {
    const end = termStarts[chunk + 1] ?? 0;
    for (let at = termStarts[chunk] ?? 0; at < end; at += 1) {
      const hash = termHashes[at] ?? 0;
      if (filter[hash & 0xffff] === 0) continue;
      const term = table.find(hash);
      if (term >= 0) hits.add(term, first + chunk, termCounts[at] ?? 0);
    }
  }
}

/** `included[file]` is 1 for files to look at. */
export function matchesOf(corpus: Corpus, table: TermTable, included: Uint8Array): Matches {
  const hits = new HitList();
  const { size } = table;
  const starts = new Uint32Array(corpus.files.length + 1);
  const fileFrequency = new Uint32Array(size);
  const chunkFrequency = new Uint32Array(size);
  const lastFile = new Int32Array(size).fill(-1);
  const lastChunk = new Int32Array(size).fill(-1);
  for (let file = 0; file < corpus.files.length; file += 1) {
    const before = hits.length;
    if (included[file] === 1) addFile(corpus, file, table, hits);
    for (let at = before; at < hits.length; at += 1) {
      const term = hits.terms[at] ?? 0;
      const chunk = hits.chunks[at] ?? 0;
      // Several forms of one word may stand in one chunk.
      if (lastChunk[term] === chunk) continue;
      lastChunk[term] = chunk;
      chunkFrequency[term] = (chunkFrequency[term] ?? 0) + 1;
      if (lastFile[term] === file) continue;
      lastFile[term] = file;
      fileFrequency[term] = (fileFrequency[term] ?? 0) + 1;
    }
    starts[file + 1] = hits.length;
  }
  const { terms, chunks, counts } = hits;
  return { starts, terms, chunks, counts, fileFrequency, chunkFrequency };
}
