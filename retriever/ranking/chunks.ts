// Ranks chunks: what they hold themselves, what their file is worth, and how near they stand to better ones.
import { chunkAt } from "../signals/corpus.ts";
import type { Looked } from "../signals/signal.ts";
import { eachCommon } from "../signals/sorted.ts";
import { bestFirst, type Fused, largest, topOf } from "./fuse.ts";
import type { Contribution, RankedChunk, SearchOptions } from "./result.ts";
import { chunkWeights } from "./weights.ts";

/** Chunks of lower files are not worth the sorting. */
const maxFilesWithChunks = 200;
const defaultMaxChunks = 500;
/** Shares of equal terms from which two chunks of different files count as one text. */
const duplicateOverlap = 0.9;
/** Chunks of fewer different terms are alike by chance. */
const leastTermsToCompare = 12;

/** One list of points that chunks have of their own. */
interface Part {
  readonly signal: Contribution["signal"];
  readonly scores: Float64Array;
  readonly weight: number;
  readonly most: number;
}

function partsOf({ own }: Fused, without: ReadonlySet<string>): Part[] {
  const { chunkBm25, identifiers, definitions = [] } = own;
  const lists = [
    { signal: "chunkBm25" as const, scores: chunkBm25 },
    ...(identifiers === undefined ? [] : [{ signal: "identifiers" as const, scores: identifiers }]),
    ...definitions.map((scores) => ({ signal: "definitions" as const, scores })),
  ];
  return lists
    .map((list) => ({ ...list, weight: chunkWeights[list.signal], most: largest(list.scores) }))
    .filter(({ signal, most }) => most > 0 && !without.has(signal));
}

function pointsOf({ scores, weight, most }: Part, chunk: number): number {
  return (weight * (scores[chunk] ?? 0)) / most;
}

/** How much better a chunk beside this one in the file is; 0 for none. */
function lead({ corpus: { fileOfChunk } }: Looked, own: Float64Array, chunk: number, beside: number): number {
  if (beside < 0 || fileOfChunk[beside] !== fileOfChunk[chunk]) return 0;
  return Math.max(0, (own[beside] ?? 0) - (own[chunk] ?? 0));
}

/** Of the better of its two neighbours in the file. */
function nearness(looked: Looked, own: Float64Array, chunk: number): number {
  const most = Math.max(lead(looked, own, chunk, chunk - 1), lead(looked, own, chunk, chunk + 1));
  return chunkWeights.near * most;
}

function termsOfChunk(looked: Looked, index: number): Uint32Array {
  const file = looked.corpus.fileOfChunk[index] ?? 0;
  const digest = looked.corpus.files[file]?.digest;
  const at = index - (looked.corpus.chunkStarts[file] ?? 0);
  return digest?.termHashes.subarray(digest.termStarts[at], digest.termStarts[at + 1]) ?? new Uint32Array(0);
}

/** Jaccard overlap of two sorted sets. */
function overlap(one: Uint32Array, other: Uint32Array): number {
  let common = 0;
  eachCommon(one, other, () => {
    common += 1;
  });
  return common / Math.max(1, one.length + other.length - common);
}

/**
 * Leaves out what a better chunk of another file says already (copies, forks, vendored twins). Chunks are compared when
 * their smallest term is the same: nearly equal sets nearly always share it, and all pairs would take seconds.
 */
function withoutDuplicates(looked: Looked, ranked: Iterable<number>, limit: number): number[] {
  const kept: number[] = [];
  const bySmallest = new Map<number, number[]>();
  for (const index of ranked) {
    if (kept.length === limit) break;
    const terms = termsOfChunk(looked, index);
    const smallest = terms[0] ?? 0;
    const peers = bySmallest.get(smallest) ?? [];
    const isTwin = (peer: number): boolean =>
      looked.corpus.fileOfChunk[peer] !== looked.corpus.fileOfChunk[index] &&
      overlap(terms, termsOfChunk(looked, peer)) >= duplicateOverlap;
    if (terms.length >= leastTermsToCompare && peers.some(isTwin)) continue;
    peers.push(index);
    bySmallest.set(smallest, peers);
    kept.push(index);
  }
  return kept;
}

/** Best first; ties by path, then position. A chunk that holds none of the words is not ranked. */
export function rankChunks(looked: Looked, fused: Fused, options: SearchOptions): RankedChunk[] {
  const { corpus } = looked;
  const parts = partsOf(fused, new Set(options.without));
  const best = topOf(fused.scores, maxFilesWithChunks);
  const most = fused.scores[best[0] ?? 0] ?? 0;
  const fileShare = (file: number): number => (chunkWeights.file * (fused.scores[file] ?? 0)) / most;
  const own = new Float64Array(corpus.fileOfChunk.length);
  const scores = new Float64Array(corpus.fileOfChunk.length);
  for (const file of best) {
    const [start = 0, end = 0] = [corpus.chunkStarts[file], corpus.chunkStarts[file + 1]];
    for (const part of parts)
      for (let chunk = start; chunk < end; chunk += 1) own[chunk] = (own[chunk] ?? 0) + pointsOf(part, chunk);
    const share = fileShare(file);
    const kept = 1 - fused.lossOf(file);
    for (let chunk = start; chunk < end; chunk += 1) own[chunk] = kept * (own[chunk] ?? 0);
    for (let chunk = start; chunk < end; chunk += 1) {
      const near = nearness(looked, own, chunk);
      if ((own[chunk] ?? 0) + near > 0) scores[chunk] = (own[chunk] ?? 0) + near + share;
    }
  }
  const lost = (index: number): Contribution => {
    const file = corpus.fileOfChunk[index] ?? 0;
    const gained = parts.reduce((sum, part) => sum + pointsOf(part, index), 0);
    const found = corpus.files[file]?.traits.join(", ") ?? "";
    return { signal: "demotion", points: -fused.lossOf(file) * gained, found };
  };
  const why = (index: number): Contribution[] =>
    [
      ...parts.map((part) => ({ signal: part.signal, points: pointsOf(part, index) })),
      lost(index),
      { signal: "chunkBm25" as const, points: nearness(looked, own, index), found: "beside a better chunk" },
      { signal: "fileBm25" as const, points: fileShare(corpus.fileOfChunk[index] ?? 0), found: "its file" },
    ].filter(({ points }) => points !== 0);
  const kept = withoutDuplicates(looked, bestFirst(scores), options.maxChunks ?? defaultMaxChunks);
  return kept.map((index) => ({ ...chunkAt(corpus, index), score: scores[index] ?? 0, why: why(index) }));
}
