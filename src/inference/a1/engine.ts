// One served model as A1 uses it: continue these tokens, or say how likely those were.

/** Whose work a call is: engines draw their randomness from it, ledgers and queues tell by it. */
export interface CallKey {
  readonly question: string;
  readonly sample: number;
  /** From 0. */
  readonly turn: number;
  /** From 0; each draws anew. */
  readonly attempt: number;
}

export interface GenerateRequest {
  readonly key: CallKey;
  /** The engine's own tokens. */
  readonly ids: readonly number[];
  readonly maxTokens: number;
  readonly temperature: number;
}

export interface Generated {
  readonly ids: readonly number[];
  readonly text: string;
  /** `stop`: the model said that it has ended; `length`: it was cut at `maxTokens`. */
  readonly finish: "stop" | "length";
  /** Natural logarithms, one a token; absent where the engine gives none. */
  readonly logprobs?: readonly number[];
}

export interface ScoreRequest {
  readonly key: CallKey;
  readonly ids: readonly number[];
  /** Index of the first token that is to be scored, from 1: nothing stands before the first of all. */
  readonly from: number;
}

export interface Scored {
  /** Natural logarithms of the tokens from `from` on. */
  readonly logprobs: readonly number[];
  /** Tokens read from the engine's prefix cache; absent where it does not say. */
  readonly cachedTokens?: number;
}

export interface Engine {
  readonly name: string;
  /** Rejects with the signal's reason once the work has really ended. @throws EngineFault */
  generate(request: GenerateRequest, signal: AbortSignal): Promise<Generated>;
  /** @throws EngineFault */
  score(request: ScoreRequest, signal: AbortSignal): Promise<Scored>;
}
