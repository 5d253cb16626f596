// The main thread's end of the model's thread: starts it, hands it work, and turns its silence or failure into faults.
import type { Worker } from "node:worker_threads";
import { EngineFault } from "../../engine.ts";
import type {
  GenerateResult,
  Ready,
  ScoreResult,
  ThreadAnswer,
  ThreadData,
  ThreadRequest,
} from "./messages.ts";
import { unusable } from "./model-folder.ts";
import { startThread } from "./start-thread.ts";

type Result = GenerateResult | ScoreResult;

interface Pending {
  readonly signal: AbortSignal;
  readonly onText: ((piece: string) => void) | undefined;
  /** Tells the thread to let go of it. */
  stop(): void;
  /** What its listener threw: the request ends with that once the thread has let go. */
  thrown?: { readonly error: unknown };
  resolve(result: Result): void;
  reject(reason: unknown): void;
}

export type StartThread = (data: ThreadData) => Worker;

export const startModelThread: StartThread = (data) =>
  startThread(new URL("./model-thread", import.meta.url), data);

export class ModelWorker {
  readonly #worker: Worker;
  readonly #data: ThreadData;
  readonly #pending = new Map<number, Pending>();
  readonly #ready: Promise<Ready>;
  #loaded: ((ready: Ready) => void) | undefined;
  #refused: ((fault: EngineFault) => void) | undefined;
  #nextId = 0;
  #isReady = false;
  #dead: EngineFault | undefined;
  #closing: Promise<void> | undefined;

  private constructor(data: ThreadData, start: StartThread) {
    this.#data = data;
    this.#ready = new Promise((resolve, reject) => {
      this.#loaded = resolve;
      this.#refused = reject;
    });
    this.#worker = start(data);
    this.#worker.on("message", (answer: ThreadAnswer) => this.#hear(answer));
    this.#worker.on("error", (cause) => this.#end(this.#lost(`failed: ${cause.message}`, cause)));
    this.#worker.on("exit", (code) => this.#end(this.#lost(`ended with code ${code}`)));
  }

  /** @throws EngineFault `unusable` */
  static async start(data: ThreadData, start: StartThread): Promise<{ worker: ModelWorker; ready: Ready }> {
    const worker = new ModelWorker(data, start);
    try {
      return { worker, ready: await worker.#ready };
    } catch (error) {
      await worker.#worker.terminate();
      throw error;
    }
  }

  /** Rejects with the signal's reason once the thread has let go of the work. @throws EngineFault */
  async run(
    work: ThreadRequest["work"],
    signal: AbortSignal,
    onText?: (piece: string) => void,
  ): Promise<Result> {
    signal.throwIfAborted();
    if (this.#dead !== undefined) throw this.#dead;
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const letGo = () => {
      Atomics.store(stop, 0, 1);
    };
    signal.addEventListener("abort", letGo, { once: true });
    const id = this.#nextId;
    this.#nextId += 1;
    try {
      return await new Promise((resolve, reject) => {
        this.#pending.set(id, { signal, onText, stop: letGo, resolve, reject });
        this.#worker.postMessage({ id, work, stop } satisfies ThreadRequest);
      });
    } finally {
      signal.removeEventListener("abort", letGo);
    }
  }

  /** Why it takes no work any more; undefined while it does. */
  get dead(): EngineFault | undefined {
    return this.#dead;
  }

  /** Waits for the step at work, frees the model, ends the thread. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    const wasDead = this.#dead !== undefined;
    this.#end(
      new EngineFault(
        "unreachable",
        `${this.#data.modelPath}: the engine was closed. What to do: open it again`,
        {
          retryable: false,
        },
      ),
    );
    if (wasDead) return;
    const exited = new Promise<void>((resolve) => this.#worker.once("exit", () => resolve()));
    this.#worker.postMessage("close");
    await exited;
  }

  #hear(answer: ThreadAnswer): void {
    if (answer.kind === "ready") {
      this.#isReady = true;
      this.#loaded?.(answer.ready);
    } else if (answer.kind === "unusable") {
      this.#end(unusable(`${this.#data.modelPath}: ${answer.message}`));
    } else if (answer.kind === "text") {
      this.#tell(answer.id, answer.piece);
    } else if (answer.kind !== "closed") {
      this.#settle(answer);
    }
  }

  /** A listener that throws ends its own request: the error is its caller's. */
  #tell(id: number, piece: string): void {
    const pending = this.#pending.get(id);
    if (pending === undefined || pending.thrown !== undefined) return;
    try {
      pending.onText?.(piece);
    } catch (error) {
      pending.thrown = { error };
      pending.stop();
    }
  }

  #settle(answer: Extract<ThreadAnswer, { kind: "done" | "stopped" | "failed" }>): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (pending?.thrown !== undefined) pending.reject(pending.thrown.error);
    else if (answer.kind === "done") pending?.resolve(answer.result);
    else if (answer.kind === "stopped") pending?.reject(pending.signal.reason);
    else
      pending?.reject(new EngineFault(answer.code, `${this.#data.modelPath}: ${answer.message}. ${retry}`));
  }

  #end(fault: EngineFault): void {
    this.#dead ??= fault;
    this.#refused?.(this.#dead);
    for (const { reject } of this.#pending.values()) reject(this.#dead);
    this.#pending.clear();
  }

  #lost(what: string, cause?: unknown): EngineFault {
    if (!this.#isReady)
      return unusable(`${this.#data.modelPath}: expected a model, but its thread ${what}`, cause);
    return new EngineFault(
      "unreachable",
      `${this.#data.modelPath}: the model's thread ${what}; what was in flight is lost. ` +
        "What to do: open the engine again, with a smaller maxBatch or cacheTokens if memory ran out",
      { retryable: false, cause },
    );
  }
}

const retry = "What to do: ask again; if that does not help, lower maxBatch or check the model";
