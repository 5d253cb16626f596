// What a search answers: ranked files and chunks, each able to say why it stands where it stands.
import type { Chunk, IndexedFile } from "../digest.ts";
import type { FileSignal } from "./weights.ts";

/** Every signal that can move a file or a chunk; ablations name them by these words. */
export type SignalName =
  | "fileBm25"
  | "chunkBm25"
  | "path"
  | "quotedPaths"
  | "identifiers"
  | "definitions"
  | "phrases"
  | "graph"
  | "recency"
  | "coChange"
  | "messages"
  | "demotion"
  | "dense";

export interface Contribution {
  readonly signal: SignalName;
  /** Points of the score that this signal gave (or took): contributions of an entry sum to its score. */
  readonly points: number;
  /** What was found, for people: `identifiers: lstrip_blocks (3)`; absent where there is nothing to name. */
  readonly found?: string;
}

export interface RankedFile {
  readonly file: IndexedFile;
  readonly score: number;
  readonly why: readonly Contribution[];
}

export interface RankedChunk {
  readonly file: IndexedFile;
  readonly chunk: Chunk;
  readonly score: number;
  readonly why: readonly Contribution[];
}

export interface Ranking {
  /** Best first; ties by path, so that the order is the same everywhere. */
  readonly files: readonly RankedFile[];
  /** Best first; ties by path, then position. Already without cross-file duplicates. */
  readonly chunks: readonly RankedChunk[];
}

export interface SearchQuery {
  /** The issue text alone: title on its first line. */
  readonly text: string;
  /** Later discussion; only where the caller asked for it by an explicit, recorded flag. */
  readonly hints?: string;
}

export interface SearchOptions {
  /** Restricts what may be ranked (evaluation); all indexed files otherwise. */
  readonly candidate?: (file: IndexedFile) => boolean;
  /** `bm25` is whole-file BM25 with identifier parts (k1 = 1.2, b = 0.75), the baseline and the arena's twin. */
  readonly mode?: "full" | "bm25";
  /** Signals left out (ablation). */
  readonly without?: readonly SignalName[];
  /** Instead of the table's own (`weights.ts`): for choosing them. */
  readonly weights?: Readonly<Record<FileSignal, number>>;
  readonly maxFiles?: number;
  readonly maxChunks?: number;
}
