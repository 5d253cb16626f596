// Counts words without making strings of them: a repository repeats its identifiers, their terms are worked out once.
//
// All of it is flat arrays of numbers: a garbage collection, which frees syntax trees, does not have to look through them.
import { hashEnd, hashOf, hashStart, hashUnit, termsOf } from "../signals/words.ts";

export interface ChunkTerms {
  /** Sorted, each once. */
  readonly hashes: Uint32Array;
  /** Saturated at 65,535. */
  readonly counts: Uint16Array;
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

/** Numbers in order, in an array that doubles when it is full. */
class NumberList {
  values: Uint32Array;
  length = 0;

  constructor(room: number) {
    this.values = new Uint32Array(room);
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const values = new Uint32Array(2 * this.values.length);
      values.set(this.values);
      this.values = values;
    }
    this.values[this.length] = value;
    this.length += 1;
  }
}

/** What a scan of `units[start, end)` begins with and goes on with, unit by unit, to find a word by. */
export const slotSeed = 0x2f1b;
export const slotStep = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193);

const underscore = 95;
const isUpper = (unit: number): boolean => unit >= 65 && unit <= 90;
const isLower = (unit: number): boolean => unit >= 97 && unit <= 122;
const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57;

export class WordTable {
  /** The text at hand in UTF-16 units, with zeros behind it; see {@link load}. */
  units = new Uint16Array(1 << 16);
  #text = "";
  /** Open addressing: number of a word plus one, zero where free; and the hash that led there. */
  #slots = new Int32Array(1 << 18);
  #slotHashes = new Int32Array(1 << 18);
  /** Of each word: where its own units stand, where its terms stand, its hash, how often it was referred to. */
  #starts = new NumberList(1 << 12);
  #units = new NumberList(1 << 14);
  #termStarts = new NumberList(1 << 12);
  #terms = new NumberList(1 << 13);
  #hashes = new NumberList(1 << 12);
  #references = new NumberList(1 << 12);
  /** Terms by hash: number of a term plus one, zero where free. */
  #termSlots = new Int32Array(1 << 16);
  #termHashes = new NumberList(1 << 12);
  #counts = new Uint32Array(1 << 12);
  #touched = new NumberList(1 << 10);
  #referred = new NumberList(1 << 10);

  constructor() {
    this.#clear();
  }

  /** Takes the text whose words are counted next. */
  load(text: string): void {
    this.#text = text;
    const length = text.length + 8;
    if (length > this.units.length) this.units = new Uint16Array(2 * length);
    Buffer.from(this.units.buffer).write(text, 0, "utf16le");
    this.units.fill(0, text.length, length);
  }

  /** Counts the word `units[start, end)` for the chunk at hand; `slotHash` is of all its units. Gives its number. */
  count(start: number, end: number, slotHash: number): number {
    const word = this.#find(start, end, slotHash);
    const terms = this.#terms.values;
    const counts = this.#counts;
    const last = this.#termStarts.values[word + 1] ?? 0;
    for (let at = this.#termStarts.values[word] ?? 0; at < last; at += 1) {
      const term = terms[at] ?? 0;
      const count = counts[term] ?? 0;
      if (count === 0) this.#touched.push(term);
      counts[term] = count + 1;
    }
    return word;
  }

  /** Notes that the word is referred to, where it stands in `units[start, end)`. */
  refer(word: number, [start, end]: readonly [number, number], except: ReadonlySet<string>): void {
    const references = this.#references.values;
    if (references[word] === 0) {
      if (except.has(this.#text.slice(start, end))) return;
      this.#referred.push(word);
    }
    references[word] = (references[word] ?? 0) + 1;
  }

  /** Terms counted since the last call. */
  takeTerms(): ChunkTerms {
    const { values, length } = this.#touched;
    const packed = new Float64Array(length);
    for (let at = 0; at < length; at += 1) {
      const term = values[at] ?? 0;
      const count = Math.min(largestCount, this.#counts[term] ?? 0);
      packed[at] = (this.#termHashes.values[term] ?? 0) * countRange + count;
      this.#counts[term] = 0;
    }
    this.#touched.length = 0;
    return unpack(packed);
  }

  /** References noted since the last call; two names of one hash are one. */
  takeReferences(): ChunkTerms {
    const counts = new Map<number, number>();
    for (let at = 0; at < this.#referred.length; at += 1) {
      const word = this.#referred.values[at] ?? 0;
      const hash = this.#hashes.values[word] ?? 0;
      counts.set(hash, (counts.get(hash) ?? 0) + (this.#references.values[word] ?? 0));
      this.#references.values[word] = 0;
    }
    this.#referred.length = 0;
    return unpack(
      Float64Array.from(counts, ([hash, count]) => hash * countRange + Math.min(largestCount, count)),
    );
  }

  /** Keeps the table within its bounds; only between files. */
  forget(): void {
    if (this.#hashes.length >= wordsLimit) this.#clear();
  }

  #clear(): void {
    this.#slots.fill(0);
    this.#termSlots.fill(0);
    for (const list of [this.#starts, this.#units, this.#termStarts, this.#terms]) list.length = 0;
    for (const list of [this.#hashes, this.#references, this.#termHashes]) list.length = 0;
    this.#starts.push(0);
    this.#termStarts.push(0);
  }

  #find(start: number, end: number, slotHash: number): number {
    const mask = this.#slots.length - 1;
    const first = slotHash ^ (slotHash >>> 15);
    for (let probe = 0; probe < probesLimit; probe += 1) {
      const slot = (first + probe) & mask;
      const number = this.#slots[slot] ?? 0;
      if (number === 0) return this.#add(start, end, { slot, slotHash });
      if (this.#slotHashes[slot] === slotHash && this.#isSame(number - 1, start, end)) return number - 1;
    }
    return this.#store(start, end);
  }

  #isSame(word: number, start: number, end: number): boolean {
    const own = this.#units.values;
    const from = this.#starts.values[word] ?? 0;
    if ((this.#starts.values[word + 1] ?? 0) - from !== end - start) return false;
    for (let at = start; at < end; at += 1) if (own[from + at - start] !== this.units[at]) return false;
    return true;
  }

  #add(start: number, end: number, { slot, slotHash }: { slot: number; slotHash: number }): number {
    const word = this.#store(start, end);
    this.#slots[slot] = word + 1;
    this.#slotHashes[slot] = slotHash;
    if (this.#hashes.length * 2 > this.#slots.length) this.#grow();
    return word;
  }

  #store(start: number, end: number): number {
    let isAscii = true;
    let hash = hashStart;
    for (let at = start; at < end; at += 1) {
      const unit = this.units[at] ?? 0;
      this.#units.push(unit);
      hash = hashUnit(hash, unit);
      if (unit >= 128) isAscii = false;
    }
    const word = this.#hashes.length;
    this.#starts.push(this.#units.length);
    if (isAscii) this.#storeTerms(start, end);
    else
      for (const term of termsOf(this.#text.slice(start, end)))
        this.#terms.push(this.#termNumber(hashOf(term)));
    this.#termStarts.push(this.#terms.length);
    this.#hashes.push(hashEnd(hash));
    this.#references.push(0);
    return word;
  }

  /** What `termsOf` gives for letters, digits and underscores of ASCII, without strings of the parts. */
  #storeTerms(start: number, end: number): void {
    const first = this.#terms.length;
    let from = start;
    for (let at = start; at <= end; at += 1) {
      const unit = at < end ? this.units[at] : underscore;
      if (unit !== underscore && (at === from || !this.#isBreak(at, end))) continue;
      if (at - from > 1) this.#storeTerm(from, at);
      from = unit === underscore ? at + 1 : at;
    }
    if (this.#terms.length - first !== 1) this.#storeTerm(start, end);
  }

  /** Whether a part begins here: `fooBar`, `foo2Bar`, `HTTPServer`. */
  #isBreak(at: number, end: number): boolean {
    if (!isUpper(this.units[at] ?? 0)) return false;
    const before = this.units[at - 1] ?? 0;
    if (isLower(before) || isDigit(before)) return true;
    return isUpper(before) && at + 1 < end && isLower(this.units[at + 1] ?? 0);
  }

  /** In lower case. */
  #storeTerm(start: number, end: number): void {
    let hash = hashStart;
    for (let at = start; at < end; at += 1) {
      const unit = this.units[at] ?? 0;
      hash = hashUnit(hash, isUpper(unit) ? unit + 32 : unit);
    }
    this.#terms.push(this.#termNumber(hashEnd(hash)));
  }

  #termNumber(hash: number): number {
    const mask = this.#termSlots.length - 1;
    for (let slot = (hash ^ (hash >>> 16)) & mask; ; slot = (slot + 1) & mask) {
      const number = this.#termSlots[slot] ?? 0;
      if (number === 0) {
        const term = this.#termHashes.length;
        this.#termSlots[slot] = term + 1;
        this.#termHashes.push(hash);
        if (2 * this.#termHashes.length > this.#termSlots.length) this.#growTerms();
        if (term >= this.#counts.length) {
          const counts = new Uint32Array(2 * this.#counts.length);
          counts.set(this.#counts);
          this.#counts = counts;
        }
        return term;
      }
      if (this.#termHashes.values[number - 1] === hash) return number - 1;
    }
  }

  #growTerms(): void {
    this.#termSlots = new Int32Array(2 * this.#termSlots.length);
    const mask = this.#termSlots.length - 1;
    for (let term = 0; term < this.#termHashes.length; term += 1) {
      const hash = this.#termHashes.values[term] ?? 0;
      let slot = (hash ^ (hash >>> 16)) & mask;
      while (this.#termSlots[slot] !== 0) slot = (slot + 1) & mask;
      this.#termSlots[slot] = term + 1;
    }
  }

  /** One file alone may hold more words than fit: the slots double, words keep their numbers. */
  #grow(): void {
    const [slots, hashes] = [this.#slots, this.#slotHashes];
    this.#slots = new Int32Array(2 * slots.length);
    this.#slotHashes = new Int32Array(2 * slots.length);
    const mask = this.#slots.length - 1;
    for (let from = 0; from < slots.length; from += 1) {
      const [number, hash] = [slots[from] ?? 0, hashes[from] ?? 0];
      if (number === 0) continue;
      const first = hash ^ (hash >>> 15);
      for (let probe = 0; probe < probesLimit; probe += 1) {
        const slot = (first + probe) & mask;
        if (this.#slots[slot] !== 0) continue;
        this.#slots[slot] = number;
        this.#slotHashes[slot] = hash;
        break;
      }
    }
  }
}
