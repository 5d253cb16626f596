// One repository, one question, one answer: what `arena retrieve` and the library's `retrieve` do.
import {
  byChunk,
  byFile,
  type IndexStats,
  openIndex,
  type Packed,
  pack,
  type Ranking,
  type Reranked,
  type Reranker,
  RetrieverFault,
  rankerOf,
  rerank,
  type Snapshot,
  type TokenizerChoice,
  tokenCounterFor,
} from "../../retriever/index.ts";
import { UsageError } from "../domain/fault.ts";
import { indexNotes } from "./index-notes.ts";

export interface RepositoryQuestion {
  /** A clone, bare or not. */
  readonly repository: string;
  /** Anything git knows a commit by. */
  readonly commit: string;
  /** The issue: title on its first line. */
  readonly text: string;
  /** Its later discussion, searched for as well where it is given. */
  readonly hints?: string;
  readonly mode: "full" | "bm25";
  /** Tokens of the packed snippets at most. */
  readonly maxTokens: number;
  readonly tokenizer: TokenizerChoice;
  /** Ranks what `full` finds once more; the caller closes it. */
  readonly reranker?: Reranker;
}

export interface AskOptions {
  readonly cacheFolder?: string;
  readonly signal?: AbortSignal;
  /** One sentence about something that was not as it should be. */
  readonly note?: (sentence: string) => void;
  readonly onProgress?: (progress: { readonly read: number; readonly toRead: number }) => void;
}

export interface RepositoryAnswer {
  /** In full, whatever the question called it. */
  readonly commit: string;
  readonly stats: IndexStats;
  readonly ranking: Ranking;
  readonly packed: Packed;
  /** Absent where no model was asked. */
  readonly reranked?: Omit<Reranked, "ranking">;
}

/** What a person named that is not there is a wrong argument, not a fault of ours. */
const argumentsAtFault = new Set(["repository-unreadable", "object-missing"]);

/** Opens the index, works on the snapshot, closes the index. @throws UsageError for no such repository or commit */
export async function withSnapshot<T>(
  { repository, commit }: Pick<RepositoryQuestion, "repository" | "commit">,
  { cacheFolder, ...options }: AskOptions,
  work: (snapshot: Snapshot, stats: IndexStats) => Promise<T>,
): Promise<T> {
  await using index = openIndex(cacheFolder === undefined ? {} : { cacheFolder });
  const { snapshot, stats } = await index.snapshot(repository, commit, options).catch((cause: unknown) => {
    if (!(cause instanceof RetrieverFault) || !argumentsAtFault.has(cause.code)) throw cause;
    throw new UsageError(cause.message, { cause });
  });
  // Awaited here: a promise handed on would find the index closed.
  return await work(snapshot, stats);
}

/** @throws UsageError for an empty question, and for what is named and not there; RetrieverFault */
export async function ask(question: RepositoryQuestion, options: AskOptions): Promise<RepositoryAnswer> {
  const { text, hints, mode, maxTokens, reranker } = question;
  if (reranker !== undefined && mode === "bm25")
    throw new UsageError("rerank: bm25 is the plain search that nothing ranks again; leave the mode out");
  if (text.trim() === "") throw new UsageError("the query is empty: expected the text of an issue");
  const counter = await tokenCounterFor(question.tokenizer).catch((cause: unknown) => {
    if (!(cause instanceof RetrieverFault)) throw cause;
    throw new UsageError(`--tokenizer: ${cause.message}`, { cause });
  });
  return withSnapshot(question, options, async (snapshot, stats) => {
    for (const sentence of indexNotes(stats, question.repository)) options.note?.(sentence);
    const query = hints === undefined ? { text } : { text, hints };
    const found = rankerOf(snapshot).search(query, { mode });
    const { ranking, ...reranked } =
      reranker === undefined
        ? { ranking: found }
        : await rerank(
            { ranking: found, snapshot, query: text, reranker },
            options.signal === undefined ? {} : { signal: options.signal },
          );
    const chunks = mode === "bm25" ? byFile(ranking) : byChunk(ranking);
    const packed = await pack({ chunks, maxTokens, counter, read: (file) => snapshot.read(file) });
    const answer = { commit: snapshot.commit, stats, ranking, packed };
    return "about" in reranked ? { ...answer, reranked } : answer;
  });
}
