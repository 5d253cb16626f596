// Makes the digest of one blob: chunks, their terms, and the names in them; a function of the bytes and the language.
import type { Chunk, Digest } from "../digest.ts";
import { TermCounter } from "../signals/words.ts";
import type { Grammar } from "./grammar.ts";
import type { Language } from "./languages.ts";
import { layOutBlocks, layOutFile, type Piece } from "./layout.ts";
import { type Outline, outlineOf } from "./outline.ts";
import { largestChunkBytes, splitBytes } from "./split.ts";
import { lineAt, type SourceText, sourceText, textOf } from "./text.ts";

/** Above this a file is cut at blank lines: it is data, and a tree costs about thirty times its source in memory. */
export const largestParsedBytes = 1024 * 1024;

/** Bytes in a token, for estimates: code is denser than prose. */
const bytesPerToken = { code: 3.2, prose: 4 } as const;

export interface DigestResult {
  readonly digest: Digest;
  /** Why a file of a known language was cut at blank lines all the same. */
  readonly fallback?: string;
}

export interface Parser {
  readonly language: Language;
  readonly grammar: Grammar;
}

const emptyOutline: Outline = {
  definitions: [],
  names: [],
  references: new Map(),
  shingles: new Set(),
  leading: new Map(),
};

/** Reads one blob after another; not to be shared between threads. */
export class Digester {
  readonly #terms = new TermCounter();

  digest(bytes: Buffer, parser?: Parser): DigestResult {
    const source = sourceText(bytes);
    if (parser === undefined)
      return { digest: this.#assemble(source, layOutBlocks(source), emptyOutline, false) };
    const parsed = this.#parse(source, parser);
    if (typeof parsed !== "string") return { digest: parsed };
    return { digest: this.#assemble(source, layOutBlocks(source), emptyOutline, true), fallback: parsed };
  }

  #parse(source: SourceText, { language, grammar }: Parser): Digest | string {
    if (source.bytes.length > largestParsedBytes) return "larger than 1 MiB";
    const tree = grammar.parse(source.text);
    try {
      const outline = outlineOf(tree, source, language);
      return this.#assemble(source, layOutFile({ source, outline, tree }), outline, true);
    } finally {
      tree.free();
    }
  }

  #assemble(source: SourceText, pieces: readonly Piece[], outline: Outline, isCode: boolean): Digest {
    const chunks: Chunk[] = [];
    const terms: { hashes: Uint32Array; counts: Uint16Array }[] = [];
    const perToken = isCode ? bytesPerToken.code : bytesPerToken.prose;
    const add = (piece: Piece, startByte: number, endByte: number, text: string): void => {
      this.#terms.add(text);
      terms.push(this.#terms.take());
      chunks.push({
        kind: piece.definition?.kind ?? "block",
        name: piece.definition?.qualifiedName ?? "",
        signature: piece.definition?.signature ?? "",
        startByte,
        endByte,
        startLine: piece.first + 1,
        endLine: piece.end,
        approximateTokens: Math.ceil((endByte - startByte) / perToken),
      });
    };
    for (const piece of pieces) {
      const [start = 0, end = 0] = [source.byteStarts[piece.first], source.byteStarts[piece.end]];
      if (end - start <= largestChunkBytes) add(piece, start, end, textOf(source, piece.first, piece.end));
      else
        for (const part of splitBytes(source.bytes, start, end))
          add(piece, part.start, part.end, source.bytes.toString("utf8", part.start, part.end));
    }
    return {
      lines: source.lines,
      bytes: source.bytes.length,
      chunks,
      ...flat(terms),
      ...named(source, chunks, outline),
    };
  }
}

function flat(
  terms: readonly { hashes: Uint32Array; counts: Uint16Array }[],
): Pick<Digest, "termStarts" | "termHashes" | "termCounts"> {
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

function named(
  source: SourceText,
  chunks: readonly Chunk[],
  outline: Outline,
): Pick<Digest, "definitions" | "referenceHashes" | "referenceCounts" | "literalShingles"> {
  const starts = Uint32Array.from([...chunks.map((chunk) => chunk.startByte), source.bytes.length]);
  const referenceHashes = Uint32Array.from(outline.references.keys()).sort();
  return {
    definitions: outline.names.map(({ name, line }) => ({
      name,
      chunk: lineAt(starts, source.byteStarts[line] ?? 0),
    })),
    referenceHashes,
    referenceCounts: Uint16Array.from(referenceHashes, (hash) =>
      Math.min(65_535, outline.references.get(hash) ?? 0),
    ),
    literalShingles: Uint32Array.from(outline.shingles).sort(),
  };
}
