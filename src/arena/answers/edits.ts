// Applies search/replace edits and test files to file texts: exactly, or not at all with the reason.

/** `search` empty: a new file. Otherwise it must occur exactly once in the file as edited so far. */
export type FileEdit =
  | { readonly file: string; readonly search: string; readonly replace: string }
  | { readonly file: string; readonly delete: true };

export type TestFile =
  | { readonly file: string; readonly content: string }
  | { readonly file: string; readonly append: string };

/** Text of a repository file, or undefined when there is none. */
export type ReadFile = (path: string) => string | undefined;

export type Applied =
  /** New text by path; undefined for a removed file. Files that come out as they were are left out. */
  | { readonly ok: true; readonly files: ReadonlyMap<string, string | undefined> }
  /** One per edit that failed; nothing of the answer counts. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** Beginnings of all occurrences, overlapping ones included: each of them could have been meant. */
function occurrences(text: string, search: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(search); at !== -1; at = text.indexOf(search, at + 1)) found.push(at);
  return found;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/** Files with CRLF throughout are shown to models as lines; their edits are put into the file's own line ends. */
function inLineEndsOf(text: string, edit: string): string {
  const crlf = text.split("\r\n").length - 1;
  const uniform = crlf > 0 && text.split("\n").length - 1 === crlf;
  return uniform && !edit.includes("\r") ? edit.replaceAll("\n", "\r\n") : edit;
}

function pairsOf(line: string): Map<string, number> {
  const pairs = new Map<string, number>();
  for (let index = 0; index + 1 < line.length; index += 1) {
    const pair = line.slice(index, index + 2);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  return pairs;
}

/** Dice coefficient over pairs of letters: 1 for equal lines, 0 for lines that share none. */
function similarity(a: ReadonlyMap<string, number>, line: string): number {
  const b = pairsOf(line);
  let shared = 0;
  for (const [pair, count] of a) shared += Math.min(count, b.get(pair) ?? 0);
  const size = (pairs: ReadonlyMap<string, number>): number => [...pairs.values()].reduce((x, y) => x + y, 0);
  const total = size(a) + size(b);
  return total === 0 ? 0 : (2 * shared) / total;
}

/** Longer lines are data, and comparing them would cost more than the hint is worth. */
const longestLine = 500;

/** The line most like the first line of what was searched; undefined when nothing resembles it. */
export function nearestLine(text: string, search: string): { line: number; text: string } | undefined {
  const wanted = search
    .split("\n")
    .find((line) => line.trim() !== "")
    ?.trim();
  if (wanted === undefined) return undefined;
  const pairs = pairsOf(wanted.slice(0, longestLine));
  let best = { line: 0, text: "", score: 0.5 };
  for (const [index, line] of text.split("\n").entries()) {
    const score = similarity(pairs, line.trim().slice(0, longestLine));
    if (score > best.score) best = { line: index + 1, text: line.slice(0, 200), score };
  }
  return best.line === 0 ? undefined : { line: best.line, text: best.text };
}

function notFound(text: string, edit: { file: string; search: string }): string {
  const head = `search text not found in ${edit.file}`;
  const nearest = nearestLine(text, edit.search);
  if (nearest === undefined) return `${head}; no line of the file resembles its first line`;
  return `${head}; the line most like its first line is line ${nearest.line}: ${JSON.stringify(nearest.text)}`;
}

class Workbench {
  readonly problems: string[] = [];
  readonly #read: ReadFile;
  readonly #texts = new Map<string, string | undefined>();

  constructor(read: ReadFile) {
    this.#read = read;
  }

  text(file: string): string | undefined {
    if (!this.#texts.has(file)) this.#texts.set(file, this.#read(file));
    return this.#texts.get(file);
  }

  /** Returns undefined, which says "no problem" to whoever passes it on. */
  put(file: string, text: string | undefined): undefined {
    this.#texts.set(file, text);
    return undefined;
  }

  result(): Applied {
    if (this.problems.length > 0) return { ok: false, problems: this.problems };
    const changed = [...this.#texts].filter(([file, text]) => text !== this.#read(file));
    return { ok: true, files: new Map(changed) };
  }
}

/** What is wrong with an edit, or undefined once it is made. */
function applyEdit(bench: Workbench, edit: FileEdit): string | undefined {
  const text = bench.text(edit.file);
  if ("delete" in edit) {
    if (text === undefined) return `${edit.file} cannot be deleted: there is no such file`;
    return bench.put(edit.file, undefined);
  }
  if (edit.search === "") {
    if (text !== undefined)
      return `${edit.file} exists; an empty search makes a new file: give text to search for`;
    return bench.put(edit.file, edit.replace);
  }
  if (text === undefined) return `${edit.file} does not exist; to make it, give an empty search`;
  return replaceOnce(bench, text, edit);
}

function replaceOnce(
  bench: Workbench,
  text: string,
  edit: { file: string; search: string; replace: string },
): string | undefined {
  const search = inLineEndsOf(text, edit.search);
  const found = occurrences(text, search);
  const [at] = found;
  if (at === undefined) return notFound(text, edit);
  if (found.length > 1) {
    const places = found.slice(0, 20).map((offset) => lineAt(text, offset));
    const more = found.length > places.length ? ", ..." : "";
    const where = `lines ${places.join(", ")}${more}`;
    return `search text found ${found.length} times in ${edit.file} (${where}): add lines around it until it is unique`;
  }
  const replace = inLineEndsOf(text, edit.replace);
  return bench.put(edit.file, text.slice(0, at) + replace + text.slice(at + search.length));
}

/** Edits in their order, each on the text the ones before it left. All or nothing. Pure but for `read`. */
export function applyEdits(read: ReadFile, edits: readonly FileEdit[]): Applied {
  const bench = new Workbench(read);
  for (const [index, edit] of edits.entries()) {
    const problem = applyEdit(bench, edit);
    if (problem !== undefined) bench.problems.push(`edits.${index}: ${problem}`);
  }
  return bench.result();
}

function addTest(bench: Workbench, test: TestFile): string | undefined {
  const text = bench.text(test.file);
  if ("content" in test) {
    if (text !== undefined)
      return `${test.file} exists; use "append" to add to it, or another name for a new file`;
    return bench.put(test.file, test.content);
  }
  if (text === undefined) return `${test.file} does not exist; use "content" to make it`;
  const separator = text === "" || text.endsWith("\n") ? "" : "\n";
  return bench.put(test.file, text + inLineEndsOf(text, separator + test.append));
}

/** New files and appended code of a review. All or nothing. Pure but for `read`. */
export function applyTests(read: ReadFile, tests: readonly TestFile[]): Applied {
  const bench = new Workbench(read);
  for (const [index, test] of tests.entries()) {
    const problem = addTest(bench, test);
    if (problem !== undefined) bench.problems.push(`tests.${index}: ${problem}`);
  }
  return bench.result();
}
