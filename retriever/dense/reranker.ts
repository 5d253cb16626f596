// The one interface behind which embedding models and cross-encoders judge how near a passage is to an issue.

export const rerankerKinds = ["embedding", "cross-encoder"] as const;
export type RerankerKind = (typeof rerankerKinds)[number];

export interface RerankerAbout {
  readonly kind: RerankerKind;
  /** Of the model's files and of every setting that changes a number; 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** Where it runs. */
  readonly device: "cpu" | "cuda";
  /** Why it does not run where it was asked to; absent when it does. */
  readonly fallback?: string;
  /** What had to be replaced in the vector cache so far, lastly; absent when nothing had to. */
  readonly cacheNotice?: string;
  /** Tokens of a text (of a pair, for a cross-encoder), special ones included; what is longer is cut. */
  readonly maxTokens: number;
}

export interface Passage {
  /**
   * What the text is made of, for the vector cache: blob id, byte span and whatever else was put into the text. The same
   * content must always stand for the same text.
   */
  readonly content: string;
  readonly text: string;
}

export interface PassageScores {
  /** One a passage, in the order given; higher is nearer. Comparable within one call only. */
  readonly scores: Float64Array;
  /** Passages of which the model saw only the beginning; passages whose vector came from the cache are not counted. */
  readonly truncated: number;
  /** Passages that the model was run for; the rest came from the cache. */
  readonly computed: number;
}

export interface Reranker extends AsyncDisposable {
  readonly about: RerankerAbout;
  /**
   * The same texts get the same scores, whatever their number, order, or the state of the cache. An abort takes effect
   * when the batch that is being computed ends.
   * @throws RetrieverFault `model-unusable`, `cache-unusable`, `aborted`
   */
  score(query: string, passages: readonly Passage[], signal?: AbortSignal): Promise<PassageScores>;
  /** Ends the worker and frees the model. Pending scores are rejected. */
  close(): Promise<void>;
}
