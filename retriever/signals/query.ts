// What an issue asks for: weighed terms, names it quotes, and the shingles of its sentences.
import type { SearchQuery } from "../ranking/result.ts";
import { inflectionsOf, stemOf } from "./inflections.ts";
import { type Segment, type SegmentKind, segmentsOf } from "./issue-text.ts";
import { type PathMention, pathMentionsOf } from "./path-mentions.ts";
import { stopWords } from "./stop-words.ts";
import { hashOf, shinglesOf, termsOf, wordsOf, wordTexts } from "./words.ts";

/** How much a word counts by where it stands. Round numbers, not fitted. */
const segmentWeights: Readonly<Record<SegmentKind, number>> = {
  title: 3,
  prose: 1,
  inline: 1,
  fence: 0.5,
  environment: 0.25,
};
/** What a name counts for: people quote inline what they mean, and paste what happens to be near. */
const nameWeights: Readonly<Record<SegmentKind, number>> = {
  title: 2,
  prose: 1,
  inline: 1,
  fence: 0.5,
  environment: 0,
};
/** Hints are read after the issue: half. */
const hintShare = 0.5;
/** An issue that is all log has thousands of words: the heaviest count. */
const maxTerms = 400;
const maxRawTerms = 5_000;
const maxNames = 200;
const maxShingles = 4_000;

export interface QueryTerm {
  /** The heaviest of its forms in the issue. */
  readonly text: string;
  /** Hashes of its inflections; of the word alone in `rawTerms`. */
  readonly hashes: readonly number[];
  /** Damped sum over its places: `1 + ln x` above 1. */
  readonly weight: number;
}

/** A name as written in code, quoted by the issue or shaped like no English word. */
export interface QueryName {
  readonly text: string;
  /** Of the name as written: definitions and references are looked up by it. */
  readonly hash: number;
  /** Of the term that stands for the whole name in chunks. */
  readonly termHash: number;
  readonly weight: number;
}

export interface Query {
  /** Heaviest first; ties by text. */
  readonly terms: readonly QueryTerm[];
  readonly names: readonly QueryName[];
  readonly paths: readonly PathMention[];
  /** Sorted, each once. */
  readonly shingles: Uint32Array;
  /** Every term once per occurrence, nothing weighed: what plain BM25 is asked. */
  rawTerms(): readonly QueryTerm[];
}

const damped = (sum: number): number => (sum > 1 ? 1 + Math.log(sum) : sum);

const urls = /https?:\/\/[^\s)>\]"']+/giu;

/** Shaped like a name of a program: two parts, or digits and letters in one. */
function isCodeLike(word: string): boolean {
  if (word.length < 3) return false;
  if (/[a-z0-9]_[a-z0-9]/iu.test(word)) return true;
  if (/\p{Ll}\p{Lu}|\p{Lu}\p{Lu}\p{Ll}{2}/u.test(word)) return true;
  return /^_+\p{L}.*[^_]$/u.test(word);
}

class Sums {
  readonly #sums = new Map<string, number>();

  add(key: string, amount: number): void {
    this.#sums.set(key, (this.#sums.get(key) ?? 0) + amount);
  }

  /** Heaviest first, ties by text, at most `limit`. */
  heaviest(limit: number): (readonly [string, number])[] {
    return [...this.#sums]
      .filter(([, sum]) => sum > 0)
      .sort(([one, first], [other, second]) => second - first || (one < other ? -1 : 1))
      .slice(0, limit);
  }
}

function addWords(segment: Segment, share: number, terms: Sums): void {
  const weight = segmentWeights[segment.kind] * segment.share * share;
  // What an address says is in its path mentions; its words are hosts and owners.
  for (const word of wordsOf(segment.text.replace(urls, " "))) {
    for (const term of word.terms) if (term.length > 1 && !stopWords.has(term)) terms.add(term, weight);
  }
}

function addNames(segment: Segment, share: number, names: Sums): void {
  const weight = nameWeights[segment.kind] * segment.share * share;
  const isCode = segment.kind === "inline" || segment.kind === "fence";
  const quoted = segment.kind === "inline" && segment.text.length <= 200;
  for (const text of wordTexts(segment.text.replace(urls, " "))) {
    // Underscores around a word of prose are emphasis.
    const name = isCode ? text : text.replace(/^_(.*)_$/u, "$1");
    if (isCodeLike(name) || (quoted && name.length > 2 && !stopWords.has(name.toLowerCase()))) {
      names.add(name, weight);
    }
  }
}

/** Forms of one word are one term, named after the heaviest. */
function termsOfSums(sums: Sums): QueryTerm[] {
  const families = new Map<string, { text: string; sum: number }>();
  for (const [text, sum] of sums.heaviest(Number.POSITIVE_INFINITY)) {
    const stem = stemOf(text);
    const family = families.get(stem);
    if (family === undefined) families.set(stem, { text, sum });
    else family.sum += sum;
  }
  return [...families.values()]
    .sort((one, other) => other.sum - one.sum || (one.text < other.text ? -1 : 1))
    .slice(0, maxTerms)
    .map(({ text, sum }) => ({ text, hashes: inflectionsOf(text).map(hashOf), weight: damped(sum) }));
}

function rawTermsOf(text: string): QueryTerm[] {
  const sums = new Sums();
  for (const word of wordsOf(text)) for (const term of word.terms) sums.add(term, 1);
  return sums
    .heaviest(maxRawTerms)
    .map(([term, sum]) => ({ text: term, hashes: [hashOf(term)], weight: sum }));
}

/** Reads an issue. Never fails, and takes time linear in its length. */
export function queryOf({ text, hints }: SearchQuery): Query {
  const terms = new Sums();
  const names = new Sums();
  const shingles = new Set<number>();
  const read = (segments: readonly Segment[], share: number): void => {
    for (const segment of segments) {
      addWords(segment, share, terms);
      addNames(segment, share, names);
      if (segment.kind === "environment") continue;
      for (const hash of shinglesOf(segment.text)) if (shingles.size < maxShingles) shingles.add(hash);
    }
  };
  read(segmentsOf(text), 1);
  if (hints !== undefined) read(segmentsOf(hints), hintShare);
  const whole = hints === undefined ? text : `${text}\n${hints}`;
  return {
    terms: termsOfSums(terms),
    names: names.heaviest(maxNames).map(([name, sum]) => ({
      text: name,
      hash: hashOf(name),
      termHash: hashOf(termsOf(name)[0] ?? name.toLowerCase()),
      weight: damped(sum),
    })),
    paths: pathMentionsOf(whole),
    shingles: Uint32Array.from(shingles).sort(),
    rawTerms: () => rawTermsOf(whole),
  };
}
