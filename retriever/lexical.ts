// BM25 over whole files with identifiers split into their words: the plain search every retriever is compared with.

export interface SourceText {
  readonly path: string;
  readonly text: string;
}

export interface RankedFile {
  readonly path: string;
  readonly text: string;
  /** BM25 sum; only comparable within one search. */
  readonly score: number;
}

export interface LexicalIndex {
  /** The best files for a query, best first; ties by path, so that the order is the same everywhere. */
  search(query: string, limit: number): RankedFile[];
}

/** Term saturation and length normalisation as in Lucene's code-search settings (Robertson & Zaragoza 2009, 3.4). */
const k1 = 0.9;
const b = 0.4;

/** Words of a text: identifiers whole and in their camelCase and snake_case parts, lower case. */
export function words(text: string): string[] {
  const found: string[] = [];
  for (const [identifier] of text.matchAll(/[\p{L}_][\p{L}\p{N}_]*/gu)) {
    const parts = identifier.split(/_+|(?<=\p{Ll}|\p{N})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u);
    const kept = parts.filter((part) => part.length > 1).map((part) => part.toLowerCase());
    if (kept.length !== 1) found.push(identifier.toLowerCase());
    found.push(...kept);
  }
  return found;
}

interface Document {
  readonly source: SourceText;
  readonly counts: ReadonlyMap<string, number>;
  readonly length: number;
}

function documentOf(source: SourceText): Document {
  const counts = new Map<string, number>();
  const terms = words(`${source.path.replaceAll("/", " ")}\n${source.text}`);
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return { source, counts, length: terms.length };
}

/** Builds the index in memory. The path is part of a file's text: issues often name it. */
export function lexicalIndex(sources: readonly SourceText[]): LexicalIndex {
  const documents = sources.map(documentOf);
  const meanLength = documents.reduce((sum, each) => sum + each.length, 0) / Math.max(1, documents.length);
  const containing = new Map<string, number>();
  for (const { counts } of documents) {
    for (const term of counts.keys()) containing.set(term, (containing.get(term) ?? 0) + 1);
  }
  const idf = (term: string): number => {
    const count = containing.get(term) ?? 0;
    return Math.log(1 + (documents.length - count + 0.5) / (count + 0.5));
  };
  const score = (document: Document, terms: readonly string[]): number =>
    terms.reduce((sum, term) => {
      const count = document.counts.get(term) ?? 0;
      const norm = count + k1 * (1 - b + (b * document.length) / meanLength);
      return count === 0 ? sum : sum + (idf(term) * count * (k1 + 1)) / norm;
    }, 0);
  return {
    search(query, limit) {
      const terms = [...new Set(words(query))];
      return documents
        .map((document) => ({ ...document.source, score: score(document, terms) }))
        .filter((ranked) => ranked.score > 0)
        .sort((one, other) => other.score - one.score || (one.path < other.path ? -1 : 1))
        .slice(0, limit);
    },
  };
}
