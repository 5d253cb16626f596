// The retriever's door: a repository at a commit and an issue in, ranked files and packed snippets out.
export { RetrieverFault, type RetrieverFaultCode } from "./fault.ts";
export { type LexicalIndex, lexicalIndex, type RankedFile, type SourceText } from "./lexical.ts";
export { type PackRequest as FilePackRequest, packFiles } from "./pack.ts";
export { type Candidate, type LeftOut, type Packed, type PackRequest, pack } from "./packing/pack.ts";
export {
  headingOf,
  type Render,
  renderPlain,
  type Snippet,
  snippetText,
  type Unmeasured,
} from "./packing/snippet.ts";
export {
  approximateCounter,
  encodingNames,
  encodingOf,
  type TokenCounter,
  type TokenizerChoice,
  tokenCounterFor,
} from "./packing/tokenizer.ts";
