// What goes wrong here that is nobody's answer: repositories that cannot be read, caches and models that cannot be used.

export type RetrieverFaultCode =
  /** The folder is no git repository, or git itself cannot be run. */
  | "repository-unreadable"
  /** The commit, or an object it needs, is not in the repository. */
  | "object-missing"
  /** A grammar, query or language folder of ours does not load: native build and wasm alike. */
  | "grammar-unusable"
  /** The cache folder cannot be written or locked; damaged content is rebuilt and is no fault. */
  | "cache-unusable"
  /** A model folder (ONNX file, tokenizer) cannot be loaded or answers in the wrong shape. */
  | "model-unusable"
  | "aborted";

const retryable: ReadonlySet<RetrieverFaultCode> = new Set(["cache-unusable", "aborted"]);

/** Messages say what was expected, what was found, where, and what to do next. */
export class RetrieverFault extends Error {
  readonly isFault = true;
  readonly code: RetrieverFaultCode;
  readonly retryable: boolean;

  constructor(code: RetrieverFaultCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "RetrieverFault";
    this.code = code;
    this.retryable = retryable.has(code);
  }
}
