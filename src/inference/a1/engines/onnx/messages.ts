// What the main thread and the model's thread say to each other: plain data, and shared flags that stop a request.
import type { TokenTable } from "../../codec/token-bytes.ts";
import type { EngineFaultCode } from "../../engine.ts";

export interface ThreadData {
  readonly modelPath: string;
  readonly configPath: string;
  readonly tokens: TokenTable;
  readonly endIds: readonly number[];
  readonly contextTokens: number;
  readonly device: "cpu" | "cuda" | "auto";
  readonly threads: number;
  readonly maxBatch: number;
  /** Read in one step at most, padding included. */
  readonly prefillTokens: number;
  readonly cacheTokens: number | undefined;
  /** Of the model's `config.json`, for exports whose shapes do not say. */
  readonly expected: ExpectedShape;
  /** Kept up to date by the thread, in the order of {@link gauges}. */
  readonly gauges: Int32Array;
}

export interface ExpectedShape {
  readonly layers: number;
  readonly keyHeads?: number;
  readonly headSize?: number;
  readonly vocabulary?: number;
}

export const gauges = { running: 0, queued: 1, reservedTokens: 2, keptTokens: 3 } as const;

export interface GenerateWork {
  readonly kind: "generate";
  readonly ids: readonly number[];
  readonly maxTokens: number;
  readonly temperature: number;
  readonly seed: number;
  readonly stop: readonly string[];
  readonly top: number;
  readonly streams: boolean;
}

export interface ScoreWork {
  readonly kind: "score";
  readonly ids: readonly number[];
  readonly from: number;
}

export interface ThreadRequest {
  readonly id: number;
  readonly work: GenerateWork | ScoreWork;
  /** One integer, shared: anything but 0 ends the request before its next step. */
  readonly stop: Int32Array;
}

export interface GenerateResult {
  readonly kind: "generated";
  readonly text: string;
  readonly ids?: readonly number[];
  readonly logprobs: readonly number[];
  readonly top?: readonly (readonly (readonly [id: number, logprob: number])[])[];
  readonly finish: "stop" | "length";
  readonly stoppedBy?: string;
  readonly tokens: number;
  readonly cachedTokens: number;
}

export interface ScoreResult {
  readonly kind: "scored";
  readonly logprobs: readonly number[];
  readonly cachedTokens: number;
}

/** What the model turned out to be. */
export interface Ready {
  readonly device: "cpu" | "cuda";
  readonly fallback?: string;
  readonly vocabulary: number;
  readonly cacheTokens: number;
  /** False: padding changes what it computes, so that every request runs by itself. */
  readonly batches: boolean;
}

export type ThreadAnswer =
  | { readonly kind: "ready"; readonly ready: Ready }
  | { readonly kind: "unusable"; readonly message: string }
  | { readonly kind: "text"; readonly id: number; readonly piece: string }
  | { readonly kind: "done"; readonly id: number; readonly result: GenerateResult | ScoreResult }
  | { readonly kind: "stopped"; readonly id: number }
  | { readonly kind: "failed"; readonly id: number; readonly code: EngineFaultCode; readonly message: string }
  | { readonly kind: "closed" };
