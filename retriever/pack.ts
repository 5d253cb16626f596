// Packs ranked files into a token budget: whole files while they fit, then the lines around the query's words.
import { type RankedFile, words } from "./lexical.ts";

export interface Snippet {
  readonly path: string;
  /** 1-based, inclusive. */
  readonly firstLine: number;
  readonly lastLine: number;
  readonly text: string;
}

export interface PackRequest {
  readonly query: string;
  /** Tokens all snippets together may use at most. */
  readonly maxTokens: number;
  readonly count: (text: string) => number;
}

/** Lines kept around a line that shares a word with the query. */
const contextLines = 12;

function windows(file: RankedFile, query: ReadonlySet<string>): Snippet[] {
  const lines = file.text.split("\n");
  const hits = lines.flatMap((line, index) => (words(line).some((word) => query.has(word)) ? [index] : []));
  const spans: { first: number; last: number }[] = [];
  for (const hit of hits) {
    const first = Math.max(0, hit - contextLines);
    const last = Math.min(lines.length - 1, hit + contextLines);
    const open = spans.at(-1);
    if (open !== undefined && first <= open.last + 1) open.last = last;
    else spans.push({ first, last });
  }
  return spans.map(({ first, last }) => ({
    path: file.path,
    firstLine: first + 1,
    lastLine: last + 1,
    text: lines.slice(first, last + 1).join("\n"),
  }));
}

/** Never above the budget; files in rank order, lines of one file in their own order, nothing twice. */
export function packFiles(ranked: readonly RankedFile[], request: PackRequest): Snippet[] {
  const packed: Snippet[] = [];
  const query = new Set(words(request.query));
  let left = request.maxTokens;
  const take = (snippet: Snippet): boolean => {
    const cost = request.count(`${snippet.path}:${snippet.firstLine}\n${snippet.text}\n`);
    if (cost > left) return false;
    left -= cost;
    packed.push(snippet);
    return true;
  };
  for (const file of ranked) {
    const lastLine = file.text.split("\n").length;
    if (take({ path: file.path, firstLine: 1, lastLine, text: file.text })) continue;
    for (const snippet of windows(file, query)) take(snippet);
  }
  return packed;
}
