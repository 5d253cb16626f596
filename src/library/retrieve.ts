// `retrieve`: what `arena retrieve` does, as a function.
import { ask, chosenReranker } from "../arena/index.ts";
import { indexFolder } from "../wire.ts";

export interface RetrieveOptions {
  /** A clone, bare or not; it is only read. */
  readonly repository: string;
  /** Anything git knows a commit by; HEAD when absent. */
  readonly commit?: string;
  /** The issue: title on its first line. */
  readonly issue: string;
  /** `bm25` is the plain search over whole files that `full` (the default) is compared with. */
  readonly mode?: "full" | "bm25";
  /** Tokens of the snippets at most; 8,000 when absent. */
  readonly maxTokens?: number;
  /** An encoding's name or a folder with `tokenizer.json`; by `model` when absent, else a stated approximation. */
  readonly tokenizer?: string;
  readonly model?: string;
  /** Folder of a local model that ranks once more what `full` finds (docs/retrieval.md). */
  readonly rerank?: string;
  /** Where it runs: `cpu` when absent. */
  readonly rerankDevice?: "cpu" | "cuda";
  /** One sentence about something that was not as it should be. */
  readonly onNote?: (sentence: string) => void;
  readonly signal?: AbortSignal;
}

export interface Retrieved {
  readonly commit: string;
  /** Best first; `points` of the reasons sum to the score, which is comparable within one search only. */
  readonly files: readonly {
    readonly path: string;
    readonly score: number;
    readonly why: readonly { readonly signal: string; readonly points: number; readonly found?: string }[];
  }[];
  /** Lines from 1, both ends included. */
  readonly snippets: readonly {
    readonly path: string;
    readonly form: "whole" | "signature";
    readonly firstLine: number;
    readonly lastLine: number;
    readonly text: string;
    readonly tokens: number;
  }[];
  /** Of all snippets with their headings. */
  readonly tokens: number;
  readonly tokenizer: { readonly name: string; readonly isApproximate: boolean };
  /** What ranked once more; absent where no model was asked to. */
  readonly reranked?: {
    readonly about: {
      readonly kind: "embedding" | "cross-encoder";
      /** Of the model's files and of every setting that changes a number; 64 hexadecimal digits. */
      readonly fingerprint: string;
      /** Where it ran, and why not where it was asked to. */
      readonly device: "cpu" | "cuda";
      readonly fallback?: string;
      /** What of its vectors on disk was damaged and computed anew. */
      readonly cacheNotice?: string;
      /** Tokens of a text (of a pair, for a cross-encoder); what is longer is cut. */
      readonly maxTokens: number;
    };
    /** Passages it judged, those of them it saw only the beginning of, and those it was run for. */
    readonly passages: number;
    readonly truncated: number;
    readonly computed: number;
  };
}

/** @throws UsageError for no such repository or commit, an empty issue, an unusable tokenizer or model; RetrieverFault */
export async function retrieve(options: RetrieveOptions): Promise<Retrieved> {
  const { repository, commit = "HEAD", issue: text, mode = "full", maxTokens = 8000 } = options;
  const { tokenizer, model, signal, rerank, rerankDevice, onNote: note = () => {} } = options;
  const choice = {
    ...(tokenizer === undefined ? {} : { tokenizer }),
    ...(model === undefined ? {} : { model }),
  };
  const cacheFolder = indexFolder();
  const reranker = await chosenReranker(
    {
      ...(rerank === undefined ? {} : { rerank }),
      ...(rerankDevice === undefined ? {} : { rerankDevice }),
    },
    { cacheFolder, note },
  );
  const question = { repository, commit, text, mode, maxTokens, tokenizer: choice };
  const answer = await ask(reranker === undefined ? question : { ...question, reranker }, {
    cacheFolder,
    note,
    ...(signal === undefined ? {} : { signal }),
  }).finally(() => reranker?.close());
  const { ranking, packed, reranked } = answer;
  return {
    commit: answer.commit,
    files: ranking.files.map(({ file, score, why }) => ({ path: file.path, score, why })),
    ...{ snippets: packed.snippets, tokens: packed.tokens, tokenizer: packed.tokenizer },
    ...(reranked === undefined ? {} : { reranked }),
  };
}
