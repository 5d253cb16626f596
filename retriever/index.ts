// The retriever's door: text in, ranked files and packed snippets out; it knows nothing of issues or patches.

export { openReranker, type RerankerOptions } from "./dense/open.ts";
export { type Reranked, type RerankOptions, rerank } from "./dense/rerank.ts";
export type { Passage, PassageScores, Reranker, RerankerAbout } from "./dense/reranker.ts";
export { type LexicalIndex, lexicalIndex, type RankedFile, type SourceText } from "./lexical.ts";
export { type PackRequest, packFiles, type Snippet } from "./pack.ts";
