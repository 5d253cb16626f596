// The main thread's end of the model's thread: starts it, hands it work, and turns its silence or failure into faults.
import type { Worker } from "node:worker_threads";
import { RetrieverFault } from "../fault.ts";
import { startThread } from "../thread.ts";
import type { ThreadAnswer, ThreadData, ThreadResult, ThreadWork } from "./messages.ts";

interface Pending {
  resolve(result: ThreadResult): void;
  reject(error: Error): void;
}

/** Where the model runs, and why not where it was asked to. */
export interface Placed {
  readonly device: "cpu" | "cuda";
  readonly fallback?: string;
}

export class ModelWorker {
  readonly #worker: Worker;
  readonly #folder: string;
  readonly #pending = new Map<number, Pending>();
  readonly #ready: Promise<Placed>;
  #loaded: ((placed: Placed) => void) | undefined;
  #refused: ((fault: RetrieverFault) => void) | undefined;
  #nextId = 0;
  #closing: Promise<void> | undefined;
  #dead: RetrieverFault | undefined;

  private constructor(folder: string, data: ThreadData) {
    this.#folder = folder;
    this.#ready = new Promise((resolve, reject) => {
      this.#loaded = resolve;
      this.#refused = reject;
    });
    this.#worker = startThread(new URL("./model-thread", import.meta.url), data);
    this.#worker.on("message", (answer: ThreadAnswer) => this.#hear(answer));
    this.#worker.on("error", (cause) =>
      this.#end(this.#unusable(`its thread failed: ${cause.message}`, cause)),
    );
    this.#worker.on("exit", () => this.#end(this.#unusable("its thread has ended")));
  }

  /** @throws RetrieverFault `model-unusable` */
  static async start(folder: string, data: ThreadData): Promise<{ worker: ModelWorker; placed: Placed }> {
    const worker = new ModelWorker(folder, data);
    try {
      return { worker, placed: await worker.#ready };
    } catch (error) {
      await worker.#worker.terminate();
      throw error;
    }
  }

  /** @throws RetrieverFault `model-unusable`, `aborted` (once the batch at work has ended) */
  async run(work: ThreadWork, signal?: AbortSignal): Promise<ThreadResult> {
    if (this.#dead !== undefined) throw this.#dead;
    if (signal?.aborted === true) throw aborted();
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const onAbort = () => {
      Atomics.store(stop, 0, 1);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    const id = this.#nextId;
    this.#nextId += 1;
    try {
      return await new Promise((resolve, reject) => {
        this.#pending.set(id, { resolve, reject });
        this.#worker.postMessage({ id, work, stop });
      });
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Waits for the batch at work, frees the model, ends the thread. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    this.#end(new RetrieverFault("aborted", "the reranker was closed. What to do: open it again"));
    const exited = new Promise<void>((resolve) => this.#worker.once("exit", () => resolve()));
    this.#worker.postMessage("close");
    await exited;
  }

  #hear(answer: ThreadAnswer): void {
    if (answer.kind === "ready") this.#loaded?.({ device: answer.device, ...fallbackOf(answer) });
    else if (answer.kind === "unusable") this.#end(this.#unusable(answer.message));
    else if (answer.kind !== "closed") this.#settle(answer);
  }

  #settle(answer: Extract<ThreadAnswer, { id: number }>): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (answer.kind === "done") pending?.resolve(answer.result);
    else if (answer.kind === "stopped") pending?.reject(aborted());
    else pending?.reject(this.#unusable(answer.message));
  }

  #end(fault: RetrieverFault): void {
    this.#dead ??= fault;
    this.#refused?.(this.#dead);
    for (const { reject } of this.#pending.values()) reject(this.#dead);
    this.#pending.clear();
  }

  #unusable(what: string, cause?: unknown): RetrieverFault {
    return new RetrieverFault(
      "model-unusable",
      `${this.#folder}: ${what}. What to do: check that model.onnx, tokenizer.json and rerank.json belong together`,
      { cause },
    );
  }
}

function fallbackOf({ fallback }: { readonly fallback?: string }): { readonly fallback?: string } {
  return fallback === undefined ? {} : { fallback };
}

function aborted(): RetrieverFault {
  return new RetrieverFault("aborted", "reranking was aborted. What to do: ask again");
}
