// A snapshot's digests laid out flat, so that a query runs over numbers alone.
import type { Chunk, Digest, IndexedFile, Snapshot } from "../digest.ts";
import { packLists, TermLists } from "./lists.ts";
import { Postings } from "./postings.ts";
import { hashOf, termsOf, wordsOf } from "./words.ts";

export interface CorpusFile extends IndexedFile {
  readonly digest: Digest;
}

export interface Corpus {
  /** Files with text, by path. */
  readonly files: readonly CorpusFile[];
  /** Chunks are numbered through; those of file `i` are `chunkStarts[i]` up to `chunkStarts[i + 1]`. */
  readonly chunkStarts: Uint32Array;
  readonly fileOfChunk: Uint32Array;
  /** Terms with repeats. */
  readonly fileLengths: Float64Array;
  readonly chunkLengths: Float64Array;
  /** Chunks by the terms they hold. */
  readonly terms: Postings;
  /** Files by the word triples in their literals. */
  readonly literalShingles: Postings;
  /** Terms of each file's path, as hashes. */
  readonly pathTerms: TermLists;
  readonly fileOfPath: ReadonlyMap<string, number>;
}

const hasDigest = (file: IndexedFile): file is CorpusFile => file.digest !== undefined;

/** Terms of a path; folders repeat, so each segment is worked out once. */
function pathTermsOf(files: readonly IndexedFile[]): TermLists {
  const known = new Map<string, readonly number[]>();
  const ofSegment = (segment: string): readonly number[] => {
    let hashes = known.get(segment);
    if (hashes === undefined) {
      hashes = wordsOf(segment).flatMap((word) => word.terms.map(hashOf));
      known.set(segment, hashes);
    }
    return hashes;
  };
  return new TermLists(packLists(files.map((file) => [...new Set(file.path.split("/").flatMap(ofSegment))])));
}

export function chunkAt(corpus: Corpus, chunk: number): { file: CorpusFile; chunk: Chunk } {
  const fileIndex = corpus.fileOfChunk[chunk] ?? -1;
  const file = corpus.files[fileIndex];
  const found = file?.digest.chunks[chunk - (corpus.chunkStarts[fileIndex] ?? 0)];
  if (file === undefined || found === undefined) throw new RangeError(`no chunk ${chunk} in this corpus`);
  return { file, chunk: found };
}

/** Reads no names: how many chunks a file has stands in its terms. */
const chunksIn = ({ digest }: CorpusFile): number => digest.termStarts.length - 1;

function termsOfChunks(files: readonly CorpusFile[], chunkStarts: Uint32Array): Postings {
  return new Postings((each) => {
    for (const [index, { digest }] of files.entries()) {
      const { termStarts, termHashes, termCounts } = digest;
      const first = chunkStarts[index] ?? 0;
      for (let chunk = 0; chunk + 1 < termStarts.length; chunk += 1) {
        const [start = 0, end = 0] = [termStarts[chunk], termStarts[chunk + 1]];
        each({ document: first + chunk, values: termHashes, counts: termCounts, start, end });
      }
    }
  });
}

function shinglesOfFiles(files: readonly CorpusFile[]): Postings {
  return new Postings((each) => {
    for (const [document, { digest }] of files.entries()) {
      const values = digest.literalShingles;
      each({ document, values, start: 0, end: values.length });
    }
  });
}

export function corpusOf(snapshot: Snapshot): Corpus {
  const files = snapshot.files.filter(hasDigest);
  const chunkStarts = new Uint32Array(files.length + 1);
  for (const [index, file] of files.entries())
    chunkStarts[index + 1] = (chunkStarts[index] ?? 0) + chunksIn(file);
  const chunks = chunkStarts[files.length] ?? 0;
  const fileOfChunk = new Uint32Array(chunks);
  const fileLengths = new Float64Array(files.length);
  const chunkLengths = new Float64Array(chunks);
  for (const [index, file] of files.entries()) {
    const { termStarts, termCounts } = file.digest;
    const first = chunkStarts[index] ?? 0;
    let length = 0;
    for (let chunk = 0; chunk < chunksIn(file); chunk += 1) {
      let sum = 0;
      const end = termStarts[chunk + 1] ?? 0;
      for (let at = termStarts[chunk] ?? 0; at < end; at += 1) sum += termCounts[at] ?? 0;
      fileOfChunk[first + chunk] = index;
      chunkLengths[first + chunk] = sum;
      length += sum;
    }
    fileLengths[index] = length;
  }
  return {
    files,
    chunkStarts,
    fileOfChunk,
    fileLengths,
    chunkLengths,
    terms: termsOfChunks(files, chunkStarts),
    literalShingles: shinglesOfFiles(files),
    pathTerms: pathTermsOf(files),
    fileOfPath: new Map(files.map((file, index) => [file.path, index])),
  };
}

/** Terms of a name as hashes, each name worked out once. */
export class NameTerms {
  readonly #known = new Map<string, readonly number[]>();

  of(name: string): readonly number[] {
    let hashes = this.#known.get(name);
    if (hashes === undefined) {
      hashes = termsOf(name).map(hashOf);
      this.#known.set(name, hashes);
    }
    return hashes;
  }
}
