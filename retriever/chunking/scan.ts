// One pass over a file's text: terms of every chunk, names referred to, and what stands in string literals.
//
// References and literals are read by this scanner and not by a query over the syntax tree: visiting every node costs
// 40 to 80 per cent of the parse, this pass about a tenth, and it reads code that no grammar parses just as well.
import { shinglesOf } from "../signals/words.ts";
import type { Language } from "./languages.ts";
import { type ChunkTerms, slotSeed, slotStep, WordTable } from "./word-table.ts";

export interface Scan {
  /** One for each chunk, in order. */
  readonly terms: readonly ChunkTerms[];
  readonly references: { readonly hashes: Uint32Array; readonly counts: Uint16Array };
  readonly literalShingles: Uint32Array;
}

type Delimiter = Language["strings"][number];

/** What opens at a character, longest first. */
interface Openers {
  readonly strings: readonly Delimiter[];
  readonly comments: readonly (readonly [string, string])[];
}

interface Lexis {
  readonly openers: ReadonlyMap<number, Openers>;
  readonly isOpener: Uint8Array;
  readonly keywords: ReadonlySet<string>;
  readonly imports: readonly string[];
  /** What an import may begin with. */
  readonly isImportStart: Uint8Array;
}

const literalLimit = 2_000;
/** Longer runs of letters are data, not words. */
export const wordLimit = 200;

function lexisOf({ strings, comments, keywords, imports }: Language): Lexis {
  const openers = new Map<number, { strings: Delimiter[]; comments: (readonly [string, string])[] }>();
  const at = (opener: string) => {
    const code = opener.charCodeAt(0);
    const found = openers.get(code) ?? { strings: [], comments: [] };
    openers.set(code, found);
    return found;
  };
  const longest = [...strings].sort((one, other) => rank(other) - rank(one));
  for (const string of longest) at(string.open).strings.push(string);
  for (const comment of comments) at(comment[0]).comments.push(comment);
  const isOpener = new Uint8Array(128);
  for (const code of openers.keys()) isOpener[code] = 1;
  const isImportStart = new Uint8Array(128);
  for (const word of imports) isImportStart[word.charCodeAt(0)] = 1;
  return { openers, isOpener, keywords: new Set(keywords), imports, isImportStart };
}

/** Longer openers first, and of equal ones that which asks for a prefix. */
function rank({ open, after }: Delimiter): number {
  return 2 * open.length + (after === "" ? 0 : 1);
}

/** Letters and underscores begin a word, digits go on with it; the same as `wordsOf`. */
const other = 0;
const digit = 1;
const letter = 2;
const classes = new Uint8Array(0x10000).fill(letter, 0xc0);
for (let code = 97; code <= 122; code += 1) classes[code] = letter;
for (let code = 65; code <= 90; code += 1) classes[code] = letter;
for (let code = 48; code <= 57; code += 1) classes[code] = digit;
classes[95] = letter;

type Mode = "code" | "string" | "comment";

/** Keeps its table of words between files; not to be shared between threads. */
export class Scanner {
  readonly #words = new WordTable();
  readonly #lexes = new Map<string, Lexis>();

  /** `starts`: offset of each chunk in UTF-16 units, ascending from 0. Without a language all text is prose. */
  scan(text: string, starts: ArrayLike<number>, language?: Language): Scan {
    this.#words.load(text);
    const state = new Pass(text, this.#words, language === undefined ? undefined : this.#lexis(language));
    const terms: ChunkTerms[] = [];
    for (let chunk = 0; chunk < starts.length; chunk += 1) {
      state.run(starts[chunk + 1] ?? text.length);
      terms.push(this.#words.takeTerms());
    }
    const references = this.#words.takeReferences();
    this.#words.forget();
    return { terms, references, literalShingles: Uint32Array.from(state.shingles).sort() };
  }

  #lexis(language: Language): Lexis {
    const lexis = this.#lexes.get(language.name) ?? lexisOf(language);
    this.#lexes.set(language.name, lexis);
    return lexis;
  }
}

class Pass {
  readonly shingles = new Set<number>();
  readonly #text: string;
  /** The text again, for all that goes unit by unit; zeros behind it. */
  readonly #units: Uint16Array;
  readonly #words: WordTable;
  readonly #lexis: Lexis | undefined;
  #at = 0;
  #mode: Mode = "code";
  /** Where the string or comment that the pass stands in ends. */
  #modeEnd = 0;
  #isImport = false;

  constructor(text: string, words: WordTable, lexis: Lexis | undefined) {
    this.#text = text;
    this.#units = words.units;
    this.#words = words;
    this.#lexis = lexis;
    if (lexis !== undefined) this.#beginLine();
  }

  /** Takes every word that begins before `end`. */
  run(end: number): void {
    const units = this.#units;
    const lexis = this.#lexis;
    while (this.#at < end) {
      const code = units[this.#at] ?? 0;
      if (this.#mode !== "code" && this.#at >= this.#modeEnd) this.#mode = "code";
      if (classes[code] === letter) this.#word();
      else if (lexis === undefined) this.#at += 1;
      else if (this.#mode === "code" && code < 128 && lexis.isOpener[code] === 1) this.#open(code, lexis);
      else {
        this.#at += 1;
        if (code === 10 && this.#mode === "code") this.#beginLine();
      }
    }
  }

  #word(): void {
    const units = this.#units;
    const start = this.#at;
    let hash = slotSeed;
    let end = start;
    // Zeros stand behind the text, and are no word.
    for (let code = units[end] ?? 0; classes[code] !== other; code = units[end] ?? 0) {
      hash = slotStep(hash, code);
      end += 1;
    }
    this.#at = end;
    if (end - start > wordLimit) return;
    const word = this.#words.count(start, end, hash);
    if (this.#lexis !== undefined && this.#mode === "code" && this.#isReference(start, end))
      this.#words.refer(word, [start, end], this.#lexis.keywords);
  }

  /** Calls, types, qualifiers and imports, by what stands around a name. */
  #isReference(start: number, end: number): boolean {
    const units = this.#units;
    const first = units[start] ?? 0;
    // A capital letter is a type or a constant nearly everywhere.
    if (this.#isImport || (first >= 65 && first <= 90)) return true;
    let after = end;
    while (after < end + 3 && units[after] === 32) after += 1;
    const next = units[after] ?? 0;
    if (next === 40 || (next === 58 && units[after + 1] === 58)) return true;
    // `name!(`, `name<T>(`, `@name`, and `type name` where two names stand side by side.
    if (next === 33 && units[after + 1] !== 61) return true;
    if (next === 60 && after === end) return true;
    if (start > 0 && units[start - 1] === 64) return true;
    return after > end && classes[next] === letter;
  }

  #beginLine(): void {
    const units = this.#units;
    let at = this.#at;
    while (units[at] === 32 || units[at] === 9) at += 1;
    const isPossible = this.#lexis?.isImportStart[units[at] ?? 0] === 1;
    this.#isImport =
      isPossible && this.#lexis?.imports.some((word) => this.#text.startsWith(word, at)) === true;
  }

  #open(code: number, lexis: Lexis): void {
    const at = this.#at;
    const openers = lexis.openers.get(code);
    const comment = openers?.comments.find(([open]) => this.#text.startsWith(open, at));
    const string = comment === undefined ? openers?.strings.find((each) => this.#opens(each, at)) : undefined;
    this.#at = at + 1;
    if (comment !== undefined) {
      const end = this.#text.indexOf(comment[1], at + comment[0].length);
      // The line break behind a line comment is code again: it begins a line.
      const length = comment[1] === "\n" ? 0 : comment[1].length;
      this.#enter("comment", end < 0 ? this.#text.length : end + length);
      this.#at = at + comment[0].length;
    } else if (string !== undefined) this.#openString(string, at);
  }

  #opens({ open, after }: Delimiter, at: number): boolean {
    if (!this.#text.startsWith(open, at)) return false;
    return after === "" || (at >= after.length && this.#text.startsWith(after, at - after.length));
  }

  #openString(string: Delimiter, at: number): void {
    const from = at + string.open.length;
    const end = endOfString(this.#text, this.#units, { from, string });
    const isQuote = this.#isImport && this.#lexis !== undefined;
    // Paths of imports are names, not messages.
    if (isQuote) {
      this.#at = from;
      return;
    }
    this.#enter("string", end);
    this.#at = from;
    if (string.isCharacter || end - from < 8) return;
    const said = this.#text.slice(from, Math.min(end, from + literalLimit));
    for (const hash of shinglesOf(said.replace(/\\./g, " "))) this.shingles.add(hash);
  }

  #enter(mode: Mode, end: number): void {
    this.#mode = mode;
    this.#modeEnd = end;
  }
}

/** Past the closing delimiter; a string of one line ends with its line at the latest, any with the text. */
function endOfString(
  text: string,
  units: Uint16Array,
  { from, string }: { from: number; string: Delimiter },
): number {
  const { close, escapes, multiline } = string;
  const first = close.charCodeAt(0);
  for (let at = from; at < text.length; at += 1) {
    const code = units[at];
    if (code === 92 && escapes) at += 1;
    else if (code === 10 && !multiline) return at;
    else if (code === first && text.startsWith(close, at)) return at + close.length;
  }
  return text.length;
}
