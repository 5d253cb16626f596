// The retriever's door: a repository at a commit and an issue in, ranked files and packed snippets out.
export { countingGrammar, type Grammar, type SyntaxNode } from "./chunking/grammar.ts";
export { openReranker, type RerankerOptions } from "./dense/open.ts";
export { type Reranked, type RerankOptions, rerank } from "./dense/rerank.ts";
export type { Passage, PassageScores, Reranker, RerankerAbout } from "./dense/reranker.ts";
export type { Chunk, Digest, IndexedFile, Snapshot, Trait } from "./digest.ts";
export { isCandidate } from "./evaluation/candidates.ts";
export { goldOfPatch } from "./evaluation/gold-of-patch.ts";
export {
  cutoffs,
  type FileMetrics,
  fileMetrics,
  type LineTally,
  lineTally,
  placesOf,
} from "./evaluation/metrics.ts";
export { type EvaluationRow, type RowProblem, readRows, type Span } from "./evaluation/rows.ts";
export { RetrieverFault, type RetrieverFaultCode } from "./fault.ts";
export { cacheBytes } from "./indexing/cache-file.ts";
export { type IndexStats, openIndex, type RepositoryIndex } from "./indexing/snapshot.ts";
export { byChunk, byFile, type Place, pinned } from "./packing/order.ts";
export { type Candidate, type LeftOut, type Packed, type PackRequest, pack } from "./packing/pack.ts";
export {
  type Render,
  renderPlain,
  type Snippet,
  snippetText,
  type Unmeasured,
} from "./packing/snippet.ts";
export {
  approximateCounter,
  encodingOf,
  isEncodingName,
  type TokenCounter,
  type TokenizerChoice,
  tokenCounterFor,
} from "./packing/tokenizer.ts";
export { type Ranker, rankerOf } from "./ranking/ranker.ts";
export type {
  Contribution,
  RankedChunk,
  RankedFile,
  Ranking,
  SearchOptions,
  SearchQuery,
  SignalName,
} from "./ranking/result.ts";
export { type FileSignal, fileSignals, fileWeights } from "./ranking/weights.ts";
