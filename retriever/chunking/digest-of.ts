// Makes the digest of one blob: chunks, their terms, and the names in them; a function of the bytes and the language.
import type { Chunk, Digest } from "../digest.ts";
import type { Grammar } from "./grammar.ts";
import type { Language } from "./languages.ts";
import { layOutBlocks, layOutFile, type Piece } from "./layout.ts";
import { type Outline, outlineOf } from "./outline.ts";
import { readableText } from "./readable.ts";
import { Scanner } from "./scan.ts";
import { type ByteRange, splitOverlong } from "./split.ts";
import { lineAt, type SourceText, sourceText } from "./text.ts";
import type { ChunkTerms } from "./word-table.ts";

/** Above this a file is cut at blank lines: it is data, and a tree costs about thirty times its source in memory. */
const largestParsedBytes = 1024 * 1024;

/** Bytes in a token, for estimates: code is denser than prose. */
const bytesPerToken = { code: 3.2, prose: 4 } as const;

export interface DigestResult {
  readonly digest: Digest;
  /** Why a file of a known language was cut at blank lines all the same. */
  readonly fallback?: string;
}

/** A chunk before its terms are known, with its start in UTF-16 units of the text. */
interface Placed extends Chunk {
  readonly startUnit: number;
}

/** Reads one blob after another; not to be shared between threads. */
export class Digester {
  readonly #scanner = new Scanner();

  digest(bytes: Buffer, language?: Language, grammar?: Grammar): DigestResult {
    const source = sourceText(bytes);
    const isParsed = language !== undefined && grammar !== undefined && bytes.length <= largestParsedBytes;
    if (isParsed) return { digest: this.#parsed(source, language, grammar) };
    const digest = this.#assemble(source, layOutBlocks(source), { language, names: [] });
    if (language === undefined) return { digest };
    return { digest, fallback: grammar === undefined ? "no grammar" : "larger than 1 MiB" };
  }

  #parsed(source: SourceText, language: Language, grammar: Grammar): Digest {
    const tree = grammar.parse(readableText(source.text, language));
    try {
      const outline = outlineOf(tree, source, language);
      const pieces = layOutFile({ source, outline, tree });
      return this.#assemble(source, pieces, { language, names: outline.names });
    } finally {
      tree.free();
    }
  }

  #assemble(
    source: SourceText,
    pieces: readonly Piece[],
    { language, names }: { language: Language | undefined; names: Outline["names"] },
  ): Digest {
    const placed = place(source, pieces, language === undefined ? bytesPerToken.prose : bytesPerToken.code);
    const starts = placed.map((chunk) => chunk.startUnit);
    const { terms, references, literalShingles } = this.#scanner.scan(source.text, starts, language);
    const chunks = placed.map(({ startUnit: _, ...chunk }): Chunk => chunk);
    const byteStarts = Uint32Array.from([...chunks.map((chunk) => chunk.startByte), source.bytes.length]);
    const definitions = names.map(({ name, line }) => ({
      name,
      chunk: lineAt(byteStarts, source.byteStarts[line] ?? 0),
    }));
    return {
      lines: source.lines,
      bytes: source.bytes.length,
      chunks,
      ...flat(terms),
      definitions,
      referenceHashes: references.hashes,
      referenceCounts: references.counts,
      literalShingles,
    };
  }
}

/** Pieces with their bytes; a line that is too long for a chunk is cut at bytes. */
function place(source: SourceText, pieces: readonly Piece[], perToken: number): Placed[] {
  const placed: Placed[] = [];
  for (const { definition, ...piece } of pieces)
    for (const part of splitOverlong(source, piece))
      placed.push({
        kind: definition?.kind ?? "block",
        name: definition?.qualifiedName ?? "",
        signature: definition?.signature ?? "",
        startByte: part.start,
        endByte: part.end,
        startLine: part.first + 1,
        endLine: part.last + 1,
        approximateTokens: Math.ceil((part.end - part.start) / perToken),
        startUnit: unitOf(source, part, placed.at(-1)),
      });
  return placed;
}

/** Where a range begins in the text: known at a line's start, and else counted on from the part of the line before. */
function unitOf(source: SourceText, { first, start }: ByteRange, before: Placed | undefined): number {
  if (source.unitStarts === source.byteStarts) return start;
  if (before === undefined || start === source.byteStarts[first]) return source.unitStarts[first] ?? 0;
  return before.startUnit + source.bytes.toString("utf8", before.startByte, start).length;
}

function flat(terms: readonly ChunkTerms[]): Pick<Digest, "termStarts" | "termHashes" | "termCounts"> {
  const termStarts = new Uint32Array(terms.length + 1);
  terms.forEach(({ hashes }, at) => {
    termStarts[at + 1] = (termStarts[at] ?? 0) + hashes.length;
  });
  const total = termStarts[terms.length] ?? 0;
  const termHashes = new Uint32Array(total);
  const termCounts = new Uint16Array(total);
  terms.forEach(({ hashes, counts }, at) => {
    termHashes.set(hashes, termStarts[at]);
    termCounts.set(counts, termStarts[at]);
  });
  return { termStarts, termHashes, termCounts };
}
