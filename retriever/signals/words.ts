// Text to terms: identifiers whole and in their camelCase and snake_case parts, as 32-bit hashes, without regular
// expressions where ASCII stands, because every word of a repository passes through here.

/** FNV-1a over UTF-16 units, finished with an avalanche so that nearby words spread. */
export function hashOf(word: string): number {
  let hash = hashStart;
  for (let index = 0; index < word.length; index += 1) hash = hashUnit(hash, word.charCodeAt(index));
  return hashEnd(hash);
}

/** {@link hashOf} unit by unit, for words that are no strings. */
export const hashStart = 0x811c9dc5;

export function hashUnit(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

export function hashEnd(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}

const isLower = (unit: number): boolean => unit >= 97 && unit <= 122;
const isUpper = (unit: number): boolean => unit >= 65 && unit <= 90;
const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57;

const unitClass = { other: 0, lower: 1, upper: 2, digit: 3, underscore: 4 } as const;

function classOf(unit: number): number {
  if (isLower(unit)) return unitClass.lower;
  if (isUpper(unit)) return unitClass.upper;
  if (isDigit(unit)) return unitClass.digit;
  if (unit === 95) return unitClass.underscore;
  // Letters beyond ASCII count as lower case: they have no camelCase.
  return unit >= 0xc0 ? unitClass.lower : unitClass.other;
}

export interface Word {
  /** As written. */
  readonly text: string;
  /** Lower case: the identifier whole when it has several parts, then its parts of two letters and more. */
  readonly terms: readonly string[];
}

/** Words of a text as written, in order, with repeats. */
export function wordTexts(text: string): string[] {
  const words: string[] = [];
  for (let at = 0; at < text.length; ) {
    const kind = classOf(text.charCodeAt(at));
    if (kind === unitClass.other || kind === unitClass.digit) {
      at += 1;
      continue;
    }
    let end = at + 1;
    while (end < text.length && classOf(text.charCodeAt(end)) !== unitClass.other) end += 1;
    words.push(text.slice(at, end));
    at = end;
  }
  return words;
}

/** Words of a text in order, with repeats. */
export function wordsOf(text: string): Word[] {
  return wordTexts(text).map((word) => ({ text: word, terms: termsOf(word) }));
}

/** Whether a part ends before `at`: `aB`, `1B`, and the last capital of `ABc`. */
function endsBefore(identifier: string, at: number): boolean {
  if (!isUpper(identifier.charCodeAt(at))) return false;
  const before = identifier.charCodeAt(at - 1);
  return isUpper(before) ? isLower(identifier.charCodeAt(at + 1)) : isLower(before) || isDigit(before);
}

function asciiParts(identifier: string): string[] {
  const lower = identifier.toLowerCase();
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at <= identifier.length; at += 1) {
    const isUnderscore = identifier.charCodeAt(at) === 95;
    if (at < identifier.length && !isUnderscore && !endsBefore(identifier, at)) continue;
    if (at - start > 1) parts.push(lower.slice(start, at));
    start = isUnderscore ? at + 1 : at;
  }
  return parts;
}

const partEnds = /_+|(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u;

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 127) return false;
  return true;
}

/** Terms of one identifier. */
export function termsOf(identifier: string): string[] {
  const kept = isAscii(identifier)
    ? asciiParts(identifier)
    : identifier
        .split(partEnds)
        .filter((part) => part.length > 1)
        .map((part) => part.toLowerCase());
  return kept.length === 1 ? kept : [identifier.toLowerCase(), ...kept];
}

/**
 * Hashes of every three neighbouring words of a text, in order, with repeats; lower case, whatever stands between them.
 * Error messages are found by them where a placeholder has been filled in since.
 */
export function shinglesOf(text: string): number[] {
  const words = wordTexts(text).map((word) => word.toLowerCase());
  return words.slice(2).map((third, at) => hashOf(`${words[at]} ${words[at + 1]} ${third}`));
}

/** Sums terms of one chunk; reused from chunk to chunk. */
export class TermCounter {
  readonly #counts = new Map<number, number>();
  /** A repository repeats its identifiers: their terms are worked out once. */
  readonly #known = new Map<string, readonly number[]>();

  add(text: string): void {
    for (const word of wordTexts(text)) {
      let hashes = this.#known.get(word);
      if (hashes === undefined) {
        hashes = termsOf(word).map(hashOf);
        this.#known.set(word, hashes);
      }
      for (const hash of hashes) this.#counts.set(hash, (this.#counts.get(hash) ?? 0) + 1);
    }
  }

  /** Sorted by hash; counts saturate at 65,535. Empties the counter. */
  take(): { hashes: Uint32Array; counts: Uint16Array } {
    const hashes = Uint32Array.from(this.#counts.keys()).sort();
    const counts = Uint16Array.from(hashes, (hash) => Math.min(65_535, this.#counts.get(hash) ?? 0));
    this.#counts.clear();
    return { hashes, counts };
  }
}
