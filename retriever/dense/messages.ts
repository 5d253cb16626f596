// What the main thread and the model's thread say to each other: plain data, and one flag that stops a request.
import type { RerankSettings } from "./settings.ts";

export interface ThreadData {
  readonly modelPath: string;
  readonly tokenizerPath: string;
  readonly tokenizerJson: string;
  readonly tokenizerConfigJson: string;
  readonly settings: RerankSettings;
  readonly device: "cpu" | "cuda";
  readonly threads: number;
}

export type ThreadWork =
  | { readonly kind: "embed"; readonly texts: readonly string[] }
  | { readonly kind: "compare"; readonly query: string; readonly texts: readonly string[] };

export interface ThreadRequest {
  readonly id: number;
  readonly work: ThreadWork;
  /** One integer, shared: anything but 0 ends the request before its next batch. */
  readonly stop: Int32Array;
}

/** One vector (`embed`) or one number (`compare`) a text, in the order given. */
export interface ThreadResult {
  readonly values: Float32Array;
  readonly dimensions: number;
  readonly truncated: readonly boolean[];
}

export type ThreadAnswer =
  | { readonly kind: "ready"; readonly device: "cpu" | "cuda"; readonly fallback?: string }
  | { readonly kind: "unusable"; readonly message: string }
  | { readonly kind: "done"; readonly id: number; readonly result: ThreadResult }
  | { readonly kind: "stopped"; readonly id: number }
  | { readonly kind: "failed"; readonly id: number; readonly message: string }
  | { readonly kind: "closed" };
