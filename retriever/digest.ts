// What the index keeps of one blob: its chunks, their terms, and the names it defines and refers to.

/** A syntactic piece of a file. Chunks of a file tile it: in order, no overlap, every byte in exactly one. */
export interface Chunk {
  /** `block` is what no definition covers: imports, constants, prose, data. */
  readonly kind: "function" | "method" | "class" | "block";
  /** As a person would say it (`Parser::next`, `pkg.Type.Method`); empty for a block. */
  readonly name: string;
  /** The definition up to its body, on one line, at most 200 characters; empty for a block. */
  readonly signature: string;
  /** Byte offsets into the blob, end exclusive. */
  readonly startByte: number;
  readonly endByte: number;
  /** 1-based, inclusive; a line belongs to the chunk in which it starts. */
  readonly startLine: number;
  readonly endLine: number;
  /** Approximate (bytes and language only); the packer counts with the contestant's own tokenizer. */
  readonly approximateTokens: number;
}

export interface Definition {
  readonly name: string;
  /** Index into `chunks`. */
  readonly chunk: number;
}

/**
 * Terms are 32-bit hashes (`signals/words.ts`): no vocabulary has to be kept, merged or locked. With 200,000 distinct
 * terms a query of 50 meets a stranger with probability 0.0023.
 */
export interface Digest {
  readonly lines: number;
  readonly bytes: number;
  readonly chunks: readonly Chunk[];
  /** Terms of chunk `i` stand at `termStarts[i]` up to `termStarts[i + 1]`, sorted by hash, each once. */
  readonly termStarts: Uint32Array;
  readonly termHashes: Uint32Array;
  readonly termCounts: Uint16Array;
  readonly definitions: readonly Definition[];
  /** Names referred to (calls, types, imports, includes), hashed whole and case-sensitively, sorted, each once. */
  readonly referenceHashes: Uint32Array;
  readonly referenceCounts: Uint16Array;
  /** Hashes of three neighbouring words inside string literals, sorted, each once: error messages are found by them. */
  readonly literalShingles: Uint32Array;
}

/** Why a file is shown late or not at all; a closed list. */
export type Trait =
  /** Its path names tests. */
  | "test"
  /** It is prose, or lies in a folder of documentation. */
  | "documentation"
  /** It lies in a folder of examples or benchmarks. */
  | "example"
  /** It lies in a folder of other people's code. */
  | "vendored"
  /** Its name or header says that a program wrote it. */
  | "generated"
  /** Most of it stands in lines of more than 1,000 bytes. */
  | "minified"
  /** It holds a NUL among its first 8,000 bytes. */
  | "binary"
  /** Its content is kept outside git. */
  | "lfs-pointer"
  /** It is another repository's commit. */
  | "submodule"
  | "symlink"
  /** It has more than 4 MiB. */
  | "too-large";

export interface IndexedFile {
  readonly path: string;
  /** Object id of the blob, hexadecimal. */
  readonly blob: string;
  /** Name of its folder in `languages/`, absent for other text. */
  readonly language?: string;
  readonly traits: readonly Trait[];
  /** Absent for what has no text (binary, submodule, LFS pointer) or is too large: named, not indexed. */
  readonly digest?: Digest;
}

/** One commit before the base, newest first in a history. */
export interface PastCommit {
  readonly id: string;
  /** Seconds since 1970, committer's clock. */
  readonly time: number;
  readonly message: string;
  readonly paths: readonly string[];
}

/** A repository at a commit, ready to be ranked. */
export interface Snapshot {
  readonly commit: string;
  readonly time: number;
  /** Sorted by path (code units). */
  readonly files: readonly IndexedFile[];
  /** Ancestors of the commit only (itself included), merges left out, newest first, at most `historyLimit`. */
  readonly history: readonly PastCommit[];
  /** Bytes of the blob as stored; throws RetrieverFault `object-missing`. */
  read(file: IndexedFile): Promise<Buffer>;
}
