// Counts words without making strings of them: a repository repeats its identifiers, their terms are worked out once.
import { hashOf, termsOf } from "../signals/words.ts";

export interface ChunkTerms {
  /** Sorted, each once. */
  readonly hashes: Uint32Array;
  /** Saturated at 65,535. */
  readonly counts: Uint16Array;
}

interface Word {
  readonly text: string;
  /** Dense numbers of its terms. */
  readonly terms: readonly number[];
  readonly hash: number;
  references: number;
}

/** Beyond this many the table begins anew: memory stays bounded, and only time depends on it. */
const wordsLimit = 100_000;
/** Words made to collide are worked out each time instead of searched for. */
const probesLimit = 64;
const largestCount = 65_535;

/** A packed pair sorts by its hash: 32 bits of hash above 16 bits of count fit a double exactly. */
const countRange = 65_536;

function unpack(packed: Float64Array): ChunkTerms {
  packed.sort();
  const hashes = new Uint32Array(packed.length);
  const counts = new Uint16Array(packed.length);
  for (let at = 0; at < packed.length; at += 1) {
    const pair = packed[at] ?? 0;
    const hash = Math.floor(pair / countRange);
    hashes[at] = hash;
    counts[at] = pair - hash * countRange;
  }
  return { hashes, counts };
}

function slotHash(text: string, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

export class WordTable {
  /** Open addressing: number of a word plus one, zero where free. */
  #slots = new Int32Array(1 << 18);
  #words: Word[] = [];
  readonly #termNumbers = new Map<number, number>();
  #termHashes: number[] = [];
  #counts = new Uint32Array(1 << 16);
  #touched: number[] = [];
  #referred: Word[] = [];

  /** Counts the word `text[start, end)` for the chunk at hand. */
  count(text: string, start: number, end: number): Word {
    const word = this.#find(text, start, end);
    const counts = this.#counts;
    for (const term of word.terms) {
      if (counts[term] === 0) this.#touched.push(term);
      counts[term] = (counts[term] ?? 0) + 1;
    }
    return word;
  }

  refer(word: Word, except: ReadonlySet<string>): void {
    if (word.references === 0) {
      if (except.has(word.text)) return;
      this.#referred.push(word);
    }
    word.references += 1;
  }

  /** Terms counted since the last call. */
  takeTerms(): ChunkTerms {
    const packed = new Float64Array(this.#touched.length);
    this.#touched.forEach((term, at) => {
      const count = Math.min(largestCount, this.#counts[term] ?? 0);
      packed[at] = (this.#termHashes[term] ?? 0) * countRange + count;
      this.#counts[term] = 0;
    });
    this.#touched = [];
    return unpack(packed);
  }

  /** References noted since the last call; two names of one hash are one. */
  takeReferences(): ChunkTerms {
    const counts = new Map<number, number>();
    for (const word of this.#referred) {
      counts.set(word.hash, (counts.get(word.hash) ?? 0) + word.references);
      word.references = 0;
    }
    this.#referred = [];
    return unpack(
      Float64Array.from(counts, ([hash, count]) => hash * countRange + Math.min(largestCount, count)),
    );
  }

  /** Keeps the table within its bounds; only between files. */
  forget(): void {
    if (this.#words.length < wordsLimit) return;
    this.#slots.fill(0);
    this.#words = [];
    this.#termNumbers.clear();
    this.#termHashes = [];
  }

  #find(text: string, start: number, end: number): Word {
    const mask = this.#slots.length - 1;
    const first = slotHash(text, start, end);
    for (let probe = 0; probe < probesLimit; probe += 1) {
      const slot = (first + probe) & mask;
      const number = this.#slots[slot] ?? 0;
      if (number === 0) return this.#add(text.slice(start, end), slot);
      const word = this.#words[number - 1];
      if (word?.text.length === end - start && text.startsWith(word.text, start)) return word;
    }
    return this.#wordOf(text.slice(start, end));
  }

  #wordOf(text: string): Word {
    const terms = termsOf(text).map((term) => this.#termNumber(hashOf(term)));
    return { text, terms, hash: hashOf(text), references: 0 };
  }

  #add(said: string, slot: number): Word {
    // A slice would keep the whole file alive.
    const word = this.#wordOf(Buffer.from(said, "utf16le").toString("utf16le"));
    this.#words.push(word);
    this.#slots[slot] = this.#words.length;
    if (this.#words.length * 2 > this.#slots.length) this.#grow();
    return word;
  }

  #termNumber(hash: number): number {
    const known = this.#termNumbers.get(hash);
    if (known !== undefined) return known;
    const number = this.#termHashes.length;
    this.#termNumbers.set(hash, number);
    this.#termHashes.push(hash);
    if (number >= this.#counts.length) {
      const counts = new Uint32Array(2 * this.#counts.length);
      counts.set(this.#counts);
      this.#counts = counts;
    }
    return number;
  }

  /** One file alone may hold more words than fit: the slots double, words keep their numbers. */
  #grow(): void {
    this.#slots = new Int32Array(2 * this.#slots.length);
    const mask = this.#slots.length - 1;
    this.#words.forEach(({ text }, number) => {
      const first = slotHash(text, 0, text.length);
      for (let probe = 0; probe < probesLimit; probe += 1) {
        const slot = (first + probe) & mask;
        if (this.#slots[slot] !== 0) continue;
        this.#slots[slot] = number + 1;
        break;
      }
    });
  }
}
