// Worker threads that read blobs: what one blob breaks is read again without its grammar, the others are not touched.
import { Worker } from "node:worker_threads";
import type { GrammarKind } from "../chunking/grammar.ts";
import { RetrieverFault, type RetrieverFaultCode } from "../fault.ts";

export interface WorkerTask {
  readonly bytes: Uint8Array;
  readonly language: string;
  readonly avoid?: string;
}

export interface Batch {
  readonly tasks: readonly WorkerTask[];
}

export type BatchAnswer =
  | {
      readonly payloads: readonly Uint8Array<ArrayBuffer>[];
      readonly kinds: Readonly<Record<string, GrammarKind>>;
    }
  | { readonly message: string; readonly code: RetrieverFaultCode | undefined };

/** JavaScript heap of one worker; trees live outside it and are freed every few megabytes of source. */
const heapMb = 512;

interface Job {
  readonly tasks: readonly WorkerTask[];
  readonly resolve: (payloads: readonly Uint8Array<ArrayBuffer>[]) => void;
  readonly reject: (cause: unknown) => void;
}

interface Seat {
  worker: Worker;
  job: Job | undefined;
}

function startWorker(): Worker {
  const file = import.meta.url.endsWith(".ts") ? "./worker-from-source.mjs" : "./worker.js";
  return new Worker(new URL(file, import.meta.url), {
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  });
}

/** Batches wait for a free thread; whoever hands them in waits for the answer. */
export class WorkerPool implements AsyncDisposable {
  readonly #seats: Seat[] = [];
  readonly #waiting: Job[] = [];
  readonly #size: number;
  #closed = false;
  readonly kinds: Record<string, GrammarKind> = {};

  constructor(size: number) {
    this.#size = size;
  }

  /**
   * Payloads in the order of the tasks. A batch that ends its thread is tried one task at a time; a task that does so
   * alone is read without its grammar. @throws RetrieverFault grammar-unusable, aborted
   */
  async read(tasks: readonly WorkerTask[]): Promise<readonly Uint8Array<ArrayBuffer>[]> {
    try {
      return await this.#post(tasks);
    } catch (cause) {
      if (cause instanceof RetrieverFault) throw cause;
      const [only] = tasks;
      if (tasks.length !== 1 || only === undefined) {
        const parts = await Promise.all(tasks.map((task) => this.read([task])));
        return parts.flat();
      }
      if (only.avoid !== undefined) throw cause;
      return this.read([{ ...only, avoid: `a worker ended on it: ${String(cause).slice(0, 200)}` }]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const fault = new RetrieverFault("aborted", "indexing was stopped by its caller");
    for (const job of this.#waiting.splice(0)) job.reject(fault);
    for (const { job } of this.#seats) job?.reject(fault);
    await Promise.all(this.#seats.splice(0).map(({ worker }) => worker.terminate()));
  }

  #post(tasks: readonly WorkerTask[]): Promise<readonly Uint8Array<ArrayBuffer>[]> {
    if (this.#closed) return Promise.reject(new RetrieverFault("aborted", "the index is closed"));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ tasks, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    const job = this.#waiting[0];
    if (job === undefined) return;
    const seat = this.#seats.find((each) => each.job === undefined) ?? this.#hire();
    if (seat === undefined) return;
    this.#waiting.shift();
    seat.job = job;
    seat.worker.postMessage({ tasks: job.tasks } satisfies Batch);
  }

  #hire(): Seat | undefined {
    if (this.#seats.length >= this.#size) return undefined;
    const worker = startWorker();
    const seat: Seat = { worker, job: undefined };
    worker.on("message", (answer: BatchAnswer) => this.#done(seat, answer));
    worker.on("error", (cause) => this.#lost(seat, cause));
    worker.on("exit", (code) => this.#lost(seat, new Error(`the worker ended with ${code}`)));
    this.#seats.push(seat);
    return seat;
  }

  #done(seat: Seat, answer: BatchAnswer): void {
    const job = seat.job;
    seat.job = undefined;
    if ("payloads" in answer) {
      Object.assign(this.kinds, answer.kinds);
      job?.resolve(answer.payloads);
    } else if (answer.code !== undefined) job?.reject(new RetrieverFault(answer.code, answer.message));
    else job?.reject(new Error(answer.message));
    this.#next();
  }

  /** The thread is gone, with what it was reading. */
  #lost(seat: Seat, cause: unknown): void {
    const at = this.#seats.indexOf(seat);
    if (at < 0) return;
    this.#seats.splice(at, 1);
    seat.job?.reject(cause);
    this.#next();
  }
}
