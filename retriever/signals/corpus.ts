// A snapshot's digests laid out flat, so that a query runs over numbers alone.
import type { Chunk, Digest, IndexedFile, Snapshot } from "../digest.ts";
import { hashOf, termsOf, wordsOf } from "./words.ts";

export interface CorpusFile extends IndexedFile {
  readonly digest: Digest;
}

/** Lists of lists of numbers: those of `i` stand at `starts[i]` up to `starts[i + 1]`. */
export interface Lists {
  readonly starts: Uint32Array;
  readonly values: Uint32Array;
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
  /** Terms of each file's path, as hashes. */
  readonly pathTerms: Lists;
  readonly fileOfPath: ReadonlyMap<string, number>;
}

const hasDigest = (file: IndexedFile): file is CorpusFile => file.digest !== undefined;

export function packLists(lists: readonly (readonly number[])[]): Lists {
  const starts = new Uint32Array(lists.length + 1);
  for (const [index, list] of lists.entries()) starts[index + 1] = (starts[index] ?? 0) + list.length;
  const values = new Uint32Array(starts[lists.length] ?? 0);
  for (const [index, list] of lists.entries()) values.set(list, starts[index] ?? 0);
  return { starts, values };
}

/** Terms of a path; folders repeat, so each segment is worked out once. */
function pathTermsOf(files: readonly IndexedFile[]): Lists {
  const known = new Map<string, readonly number[]>();
  const ofSegment = (segment: string): readonly number[] => {
    let hashes = known.get(segment);
    if (hashes === undefined) {
      hashes = wordsOf(segment).flatMap((word) => word.terms.map(hashOf));
      known.set(segment, hashes);
    }
    return hashes;
  };
  return packLists(files.map((file) => [...new Set(file.path.split("/").flatMap(ofSegment))]));
}

export function chunkAt(corpus: Corpus, chunk: number): { file: CorpusFile; chunk: Chunk } {
  const fileIndex = corpus.fileOfChunk[chunk] ?? -1;
  const file = corpus.files[fileIndex];
  const found = file?.digest.chunks[chunk - (corpus.chunkStarts[fileIndex] ?? 0)];
  if (file === undefined || found === undefined) throw new RangeError(`no chunk ${chunk} in this corpus`);
  return { file, chunk: found };
}

export function corpusOf(snapshot: Snapshot): Corpus {
  const files = snapshot.files.filter(hasDigest);
  const chunkStarts = new Uint32Array(files.length + 1);
  for (const [index, file] of files.entries()) {
    chunkStarts[index + 1] = (chunkStarts[index] ?? 0) + file.digest.chunks.length;
  }
  const chunks = chunkStarts[files.length] ?? 0;
  const fileOfChunk = new Uint32Array(chunks);
  const fileLengths = new Float64Array(files.length);
  const chunkLengths = new Float64Array(chunks);
  for (const [index, { digest }] of files.entries()) {
    const first = chunkStarts[index] ?? 0;
    let length = 0;
    for (let chunk = 0; chunk < digest.chunks.length; chunk += 1) {
      let sum = 0;
      const end = digest.termStarts[chunk + 1] ?? 0;
      for (let at = digest.termStarts[chunk] ?? 0; at < end; at += 1) sum += digest.termCounts[at] ?? 0;
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
