// What a contestant is shown of the source: searched by the issue or one of its twins, packed, and kept as a record.
import {
  byChunk,
  byFile,
  type Candidate,
  goldOfPatch,
  type Packed,
  pack,
  pinned,
  type Reranker,
  RetrieverFault,
  rerank,
  type TokenCounter,
  tokenCounterFor,
  type Unmeasured,
} from "../../retriever/index.ts";
import { UsageError } from "../domain/fault.ts";
import type { RetrievalSettings, ShownContext, Tally } from "../domain/run.ts";
import type { Contestant } from "../inference/index.ts";
import type { Case } from "./case.ts";
import type { Indexes, Searchable } from "./indexes.ts";
import type { PromptSnippet } from "./prompts.ts";
import { identityOf } from "./rerankers.ts";

export interface ShowRequest {
  readonly retrieval: RetrievalSettings;
  /** Tokens the snippets may take; the settings' own limit holds as well. */
  readonly room: number;
  readonly counter: TokenCounter;
  /** As the prompt writes them. */
  readonly render: (snippets: readonly PromptSnippet[]) => string;
  readonly signal?: AbortSignal;
}

export interface Showing {
  readonly snippets: readonly PromptSnippet[];
  readonly shown: ShownContext;
}

const promptSnippet = ({ path, firstLine, lastLine, text, form }: Unmeasured): PromptSnippet => ({
  ...{ file: path, startLine: firstLine, endLine: lastLine, text },
  ...(form === "signature" ? { signaturesOnly: true as const } : {}),
});

/** @throws UsageError for a tokenizer folder that cannot be used */
export async function counterOf({ id, tokenizer, model }: Contestant): Promise<TokenCounter> {
  try {
    return await tokenCounterFor({ model, ...(tokenizer === undefined ? {} : { tokenizer }) });
  } catch (cause) {
    if (!(cause instanceof RetrieverFault)) throw cause;
    throw new UsageError(`contestant ${id}: tokenizer: ${cause.message}`, { cause });
  }
}

/** The issue alone is searched for, by either role; its later discussion only where the run's settings say so. */
async function candidatesOf(
  of: Case,
  { snapshot, ranker }: Searchable,
  { retrieval: settings, signal }: Pick<ShowRequest, "retrieval" | "signal">,
  reranker: Reranker | undefined,
): Promise<Candidate[]> {
  const { problemStatement, hintsText, goldPatch } = of.instance;
  if (settings.mode === "oracle") {
    // A file of the gold patch whose hunks could not be read is named all the same.
    const named = [...of.goldPaths].map((path) => ({ path, firstLine: 1, lastLine: 0 }));
    return pinned(snapshot.files, [...goldOfPatch(goldPatch).spans, ...named]);
  }
  const query = { text: problemStatement, ...(settings.hints ? { hints: hintsText } : {}) };
  if (settings.mode === "bm25") return byFile(ranker.search(query, { mode: "bm25" }));
  const ranking = ranker.search(query);
  if (reranker === undefined) return byChunk(ranking);
  const asked = { ranking, snapshot, query: problemStatement, reranker };
  return byChunk((await rerank(asked, signal === undefined ? {} : { signal })).ranking);
}

/** Gold files of the base tree, and those of them that are shown with text of their own. */
function goldTally(of: Case, snippets: readonly Pick<Unmeasured, "path" | "form">[]): { gold?: Tally } {
  const gold = of.baseEntries.filter(({ path }) => of.goldPaths.has(path)).map(({ path }) => path);
  if (gold.length === 0) return {};
  const seen = new Set(snippets.filter(({ form }) => form === "whole").map(({ path }) => path));
  return { gold: { passed: gold.filter((path) => seen.has(path)).length, total: gold.length } };
}

const nothing = { snippets: [], tokens: 0, leftOut: [] } as const;

/** @throws RetrieverFault */
export async function show(of: Case, request: ShowRequest, indexes: Indexes): Promise<Showing> {
  const { retrieval, room, counter, render } = request;
  const { mode, hints, maxTokens } = retrieval;
  const reranker = mode === "full" ? indexes.reranker : undefined;
  const packing = async (index: Searchable): Promise<Packed> =>
    pack({
      chunks: await candidatesOf(of, index, request, reranker),
      maxTokens: Math.max(0, Math.min(room, maxTokens)),
      counter,
      read: (file) => index.snapshot.read(file),
      render: (snippets) => render(snippets.map(promptSnippet)),
    });
  const packed = mode === "none" ? nothing : await packing(await indexes.open(of));
  const { snippets, tokens, leftOut } = packed;
  return {
    snippets: snippets.map(promptSnippet),
    shown: {
      ...{ mode, hints, ...(reranker === undefined ? {} : { reranker: identityOf(reranker) }) },
      ...{ tokenizer: counter.name, isApproximate: counter.isApproximate, tokens },
      snippets: snippets.map(({ text: _, ...place }) => place),
      leftOut: leftOut.length,
      ...goldTally(of, snippets),
    },
  };
}
