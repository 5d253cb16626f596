// Tells whose text a licence file is: compared word by word with the texts of SPDX's list, as its matching guidelines ask.
import { createHash } from "node:crypto";

/** SPDX's list: texts by id. */
export type LicenceList = Readonly<Record<string, { readonly licenseText: string }>>;

export interface LicenceMatch {
  /** Ids whose text it is; several where they share one, and the file does not say which. Empty: nobody's. */
  readonly spdx: readonly string[];
  /** Where it is nobody's: the id it resembles most, and how much (Dice's coefficient over pairs of words). */
  readonly nearest?: { readonly spdx: string; readonly likeness: number };
}

export interface LicenceTexts {
  /** Another list, or other rules, are another value. */
  readonly version: string;
  /** Ids it can tell. */
  readonly ids: ReadonlySet<string>;
  match(text: string): LicenceMatch;
}

/** Who holds the rights is told beside; addresses, bullets and versions' dates are no part of the terms. */
const notTerms = [
  /^\W*(?:portions\W+)?(?:copyright\W*(?:\(c\)|\d{4}|by\b|the\b|holders?:|<|\[|\{|$)|(?:©|\(c\))\W*(?:copyright\b|\d{4}|<|\[)).*$/gim,
  /^\W*all rights reserved\W*$/gim,
  /^\W*version \d[\d.]*,? \w+ (?:\d+,? )?\d{4}\W*$/gim,
  /https?:\/\/\S+/g,
  /^\W*(?:\(?(?:[a-z]|[ivx]{1,4}|\d{1,2})[.)]|[*•+-]|\/\/|#)+\s/gm,
];
/** Where templates have a name of their own. */
const names: readonly (readonly [RegExp, string])[] = [
  [/neither the names? of [\s\S]{1,200}?\bnor\b/g, "neither the name of nor"],
  [/\bisc disclaims\b/g, "the author disclaims"],
  [/\bshall isc be\b/g, "shall the author be"],
];

/** Words that are never passed over, however few they are: they change what is allowed. */
const changing =
  /\b(?:not|non|no|only|except|unless|without|commercial|noncommercial|evil|prohibited|restricted|must)\b/;

const rulesVersion = 1;
const mostTitleWords = 10;

function isTitle(line: string): boolean {
  const words = line.match(/[a-z0-9.]+/g) ?? [];
  const speaks = /permission|permitted|hereby|under|document/.test(line) || changing.test(line);
  return words.length <= mostTitleWords && /license|\bcopying\b/.test(line) && !speaks;
}

/** Without the lines at its head that only name it. */
function withoutTitle(text: string): string {
  const lines = text.split("\n");
  let seen = 0;
  return lines
    .filter((line) => {
      if (line.trim() === "") return true;
      seen += 1;
      return seen > 5 || !isTitle(line);
    })
    .join("\n");
}

/** The words of the terms. */
function termWords(text: string): readonly string[] {
  const plain = text.toLowerCase().replaceAll("\r", "").replaceAll("licence", "license");
  const put = (by: string) => (found: string) => (changing.test(found) ? found : by);
  const bare = notTerms.reduce((left, pattern) => left.replace(pattern, put(" ")), withoutTitle(plain));
  const named = names.reduce((left, [pattern, by]) => left.replace(pattern, put(by)), bare);
  return named.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** As it is listed, and without what follows its end: how to apply it need not be copied. */
function formsOf(text: string): readonly string[] {
  const [terms = "", ...more] = text.split(/(?<=END OF (?:THE )?TERMS AND CONDITIONS)/);
  return more.length === 0 ? [text] : [text, terms];
}

interface Pairs {
  readonly count: number;
  readonly of: ReadonlyMap<string, number>;
}

function pairsOf(words: readonly string[]): Pairs {
  const of = new Map<string, number>();
  for (const [index, word] of words.slice(0, -1).entries()) {
    const pair = `${word} ${words[index + 1]}`;
    of.set(pair, (of.get(pair) ?? 0) + 1);
  }
  return { count: Math.max(0, words.length - 1), of };
}

function shared(one: Pairs, other: Pairs): number {
  let sum = 0;
  for (const [pair, count] of one.of) sum += Math.min(count, other.of.get(pair) ?? 0);
  return sum;
}

/** Pairs in which a text may differ from the list's and be the same licence: a heading, a slip of the pen. */
const mostDifferent = (pairs: number): number => Math.max(5, Math.floor(pairs * 0.004));

function isSame(own: Pairs, listed: Pairs): boolean {
  const limit = mostDifferent(listed.count);
  if (listed.count === 0 || Math.abs(own.count - listed.count) > limit) return false;
  if (differences(own, listed) > limit) return false;
  return ![...own.of].some(([pair, count]) => count > (listed.of.get(pair) ?? 0) && changing.test(pair));
}

/** A text of the list; its pairs are made when they are first asked for: most never are. */
interface Listed {
  readonly spdx: string;
  readonly length: number;
  readonly pairs: () => Pairs;
}

function listedText(spdx: string, text: string): Listed {
  let pairs: Pairs | undefined;
  return {
    spdx,
    length: text.length,
    pairs: () => {
      pairs ??= pairsOf(termWords(text));
      return pairs;
    },
  };
}

const differences = (own: Pairs, other: Pairs): number => own.count + other.count - 2 * shared(own, other);

function sameIn(listed: readonly Listed[], own: Pairs): readonly string[] {
  const same = listed
    .filter((each) => isSame(own, each.pairs()))
    .map((each) => ({ spdx: each.spdx, different: differences(own, each.pairs()) }));
  const least = Math.min(...same.map(({ different }) => different));
  return [...new Set(same.flatMap((each) => (each.different === least ? [each.spdx] : [])))];
}

function likeness(own: Pairs, other: Pairs): number {
  return own.count === 0 ? 0 : (2 * shared(own, other)) / (own.count + other.count);
}

/** What is less alike has words in common and no more. */
const leastLikeness = 0.5;

function nearestIn(listed: readonly Listed[], own: Pairs): LicenceMatch {
  const [nearest] = listed
    .map((each) => ({ spdx: each.spdx, likeness: Math.round(likeness(own, each.pairs()) * 100) / 100 }))
    .sort((one, other) => other.likeness - one.likeness || (one.spdx < other.spdx ? -1 : 1));
  return nearest === undefined || nearest.likeness < leastLikeness ? { spdx: [] } : { spdx: [], nearest };
}

function matchIn(listed: readonly Listed[], text: string): LicenceMatch {
  const terms = termWords(text);
  const own = pairsOf(terms);
  // No text is shorter than its words; few are four times as long. Where none of these is the one, all are asked.
  const { length } = terms.join(" ");
  const likely = listed.filter((each) => each.length >= length * 0.9 && each.length <= length * 4);
  for (const some of [likely, listed]) {
    const spdx = sameIn(some, own);
    if (spdx.length > 0) return { spdx };
  }
  return nearestIn(listed, own);
}

/** `GPL-2.0` and `GPL-2.0+` are old spellings of ids that the list has as well. */
const isOldSpelling = (id: string, list: LicenceList): boolean =>
  id.endsWith("+") || Object.hasOwn(list, `${id}-only`);

export function licenceTexts(list: LicenceList): LicenceTexts {
  const ids = Object.keys(list).filter((id) => !isOldSpelling(id, list));
  const hash = createHash("sha256").update(String(rulesVersion));
  const listed = ids.sort().flatMap((spdx) => {
    const text = list[spdx]?.licenseText ?? "";
    hash.update(`${spdx}\0${text}\0`);
    return formsOf(text).map((form) => listedText(spdx, form));
  });
  return { version: hash.digest("hex"), ids: new Set(ids), match: (text) => matchIn(listed, text) };
}
