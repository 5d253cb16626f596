// Lets a local model move the head of a ranking: its opinion is one more signal with a share of its own, never a verdict.
import type { Chunk, IndexedFile, Snapshot } from "../digest.ts";
import type { Contribution, RankedChunk, RankedFile, Ranking } from "../ranking/result.ts";
import type { Passage, Reranker, RerankerAbout } from "./reranker.ts";

export interface RerankOptions {
  /** How many of the best chunks, and files, may change places; the rest stay behind them. */
  readonly headChunks?: number;
  readonly headFiles?: number;
  /** Of the distance between the first and the last of the head: what the nearest passage gains over the farthest. */
  readonly weight?: number;
  readonly signal?: AbortSignal;
}

export interface Reranked {
  readonly ranking: Ranking;
  readonly about: RerankerAbout;
  /** Passages the model judged, those of them that it saw only the beginning of, and those that it was run for. */
  readonly passages: number;
  readonly truncated: number;
  readonly computed: number;
}

const defaults = { headChunks: 50, headFiles: 20, weight: 0.5 };

/** What of a passage is read at all: no model here sees more, and a line may have 10 MB. */
const longestPassageBytes = 64 * 1024;

interface Place {
  readonly file: IndexedFile;
  readonly chunk: Chunk;
}

function contentOf({ file, chunk }: Place): string {
  return `${file.blob} ${chunk.startByte}-${chunk.endByte} ${chunk.name}`;
}

/** The qualified name first: inside its class a method's text does not say whose it is. */
async function passageOf(snapshot: Snapshot, place: Place): Promise<Passage> {
  const { startByte, endByte, name } = place.chunk;
  const blob = await snapshot.read(place.file);
  const text = blob.toString("utf8", startByte, Math.min(endByte, startByte + longestPassageBytes));
  return { content: contentOf(place), text: name === "" ? text : `${name}\n${text}` };
}

/** The head's chunks, and the best chunk of each head file that has none among them. */
function placesOf(chunks: readonly RankedChunk[], ranking: Ranking, files: readonly RankedFile[]): Place[] {
  const best = new Map<IndexedFile, Place>();
  for (const each of ranking.chunks) if (!best.has(each.file)) best.set(each.file, each);
  const ofFiles = files.flatMap(({ file }): Place[] => {
    const chunk = file.digest?.chunks[0];
    const first = chunk === undefined ? [] : [{ file, chunk }];
    const place = best.get(file);
    return place === undefined ? first : [place];
  });
  const places = new Map(
    [...chunks, ...ofFiles].map((place) => [`${place.file.path}\0${contentOf(place)}`, place]),
  );
  return [...places.values()];
}

/** Scores of one call between 0 and 1; all 0 where the model sees no difference. */
function scaled(scores: Float64Array): number[] {
  const low = scores.reduce((least, score) => Math.min(least, score), Infinity);
  const high = scores.reduce((most, score) => Math.max(most, score), -Infinity);
  return Array.from(scores, (score) => (high > low ? (score - low) / (high - low) : 0));
}

interface Scored {
  readonly score: number;
  readonly why: readonly Contribution[];
}

/**
 * Adds `weight × (first − last of the head) × nearness` to each entry of the head. Scores only rise, so that what is
 * behind the head stays behind it.
 */
function moved<Entry extends Scored>(
  head: readonly Entry[],
  nearness: (entry: Entry) => number | undefined,
  weight: number,
): Entry[] {
  const reach = (head[0]?.score ?? 0) - (head.at(-1)?.score ?? 0);
  const entries = head.map((entry) => {
    const near = nearness(entry);
    if (near === undefined) return entry;
    const points = weight * reach * near;
    const contribution: Contribution = { signal: "dense", points, found: near.toFixed(3) };
    return { ...entry, score: entry.score + points, why: [...entry.why, contribution] };
  });
  // Stable: equals keep the order that the ranking had given them.
  return entries.sort((one, other) => other.score - one.score);
}

/**
 * Reranks the head of `ranking` by what `query` and the passages mean. A file is as near as its nearest judged chunk.
 * @throws RetrieverFault `model-unusable`, `cache-unusable`, `object-missing`, `aborted`
 */
export async function rerank(
  {
    ranking,
    snapshot,
    query,
    reranker,
  }: {
    readonly ranking: Ranking;
    readonly snapshot: Snapshot;
    /** The issue text alone. */
    readonly query: string;
    readonly reranker: Reranker;
  },
  options: RerankOptions = {},
): Promise<Reranked> {
  const { headChunks, headFiles, weight } = { ...defaults, ...options };
  const chunks = ranking.chunks.slice(0, headChunks);
  const files = ranking.files.slice(0, headFiles);
  const places = placesOf(chunks, ranking, files);
  const passages: Passage[] = [];
  for (const place of places) passages.push(await passageOf(snapshot, place));
  const { scores, truncated, computed } = await reranker.score(query, passages, options.signal);
  const near = scaled(scores);
  const ofChunk = new Map(places.map(({ chunk }, index) => [chunk, near[index] ?? 0]));
  const ofFile = new Map<IndexedFile, number>();
  places.forEach(({ file }, index) => {
    ofFile.set(file, Math.max(ofFile.get(file) ?? 0, near[index] ?? 0));
  });
  return {
    ranking: {
      files: [...moved(files, ({ file }) => ofFile.get(file), weight), ...ranking.files.slice(headFiles)],
      chunks: [
        ...moved(chunks, ({ chunk }) => ofChunk.get(chunk), weight),
        ...ranking.chunks.slice(headChunks),
      ],
    },
    about: reranker.about,
    passages: passages.length,
    truncated,
    computed,
  };
}
