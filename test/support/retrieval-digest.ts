// All that retrieval makes of a repository and some questions, as hashes: what must not differ between two ways of asking.
import { createHash } from "node:crypto";
import {
  approximateCounter,
  byChunk,
  type IndexStats,
  openIndex,
  pack,
  rankerOf,
  renderPlain,
  type Snapshot,
} from "../../retriever/index.ts";

export interface RetrievalTask {
  readonly repository: string;
  readonly commit: string;
  readonly cacheFolder?: string;
  readonly workers: number;
  readonly questions: readonly string[];
}

export interface RetrievalDigest {
  /** Everything ranking reads: files with their digests, history. */
  readonly snapshot: string;
  /** Paths, places, scores and reasons, in order. */
  readonly ranked: string;
  /** The text as a contestant would see it. */
  readonly packed: string;
  readonly stats: IndexStats;
}

const hash = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex");

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** What a digest says: whether its numbers are views into stored bytes or arrays of their own is not seen. */
export function snapshotHash({ files, history, commit, time }: Snapshot): string {
  const all = createHash("sha256");
  for (const { digest, ...file } of files) {
    all.update(JSON.stringify(file));
    if (digest === undefined) continue;
    const { lines, bytes, chunks, definitions } = digest;
    all.update(JSON.stringify({ lines, bytes, chunks, definitions }));
    const { termStarts, termHashes, termCounts, referenceHashes, referenceCounts, literalShingles } = digest;
    for (const view of [
      termStarts,
      termHashes,
      termCounts,
      referenceHashes,
      referenceCounts,
      literalShingles,
    ]) {
      all.update(`${view.length} `);
      all.update(bytesOf(view));
    }
  }
  return all.update(JSON.stringify({ history, commit, time })).digest("hex");
}

const budgets = [300, 2_000];

export async function retrievalDigest(
  { repository, commit, cacheFolder, workers, questions }: RetrievalTask,
  onRead: (read: number) => void = () => {},
): Promise<RetrievalDigest> {
  await using index = openIndex({ workers, ...(cacheFolder === undefined ? {} : { cacheFolder }) });
  const onProgress = ({ read }: { read: number }): void => onRead(read);
  const { snapshot, stats } = await index.snapshot(repository, commit, { onProgress });
  const ranker = rankerOf(snapshot);
  const ranked: unknown[] = [];
  let packed = "";
  for (const text of questions) {
    const ranking = ranker.search({ text });
    ranked.push(
      ranking.files.map(({ file, score, why }) => ({ path: file.path, score, why })),
      ranking.chunks.map(({ file, chunk, score, why }) => ({ path: file.path, chunk, score, why })),
    );
    for (const maxTokens of budgets) {
      const counter = approximateCounter("a test");
      const read = snapshot.read.bind(snapshot);
      const { snippets } = await pack({ chunks: byChunk(ranking), maxTokens, counter, read });
      packed += renderPlain(snippets);
    }
  }
  return { snapshot: snapshotHash(snapshot), ranked: hash(ranked), packed: hash(packed), stats };
}
