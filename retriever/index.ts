// The retriever's door: text in, ranked files and packed snippets out; it knows nothing of issues or patches.
export { type LexicalIndex, lexicalIndex, type RankedFile, type SourceText } from "./lexical.ts";
export { type PackRequest, packFiles, type Snippet } from "./pack.ts";
