// The detailed model of a server in virtual time: memory fills, prefixes are forgotten, prompts are read between steps.
import { whenAborted } from "../../abort.ts";
import type { Clock } from "../../clock.ts";
import { PrefixCache } from "./prefix-cache.ts";
import {
  cacheCapacityTokens,
  type Machine,
  type ModelShape,
  type Parts,
  prefillParts,
  stepParts,
} from "./roofline.ts";
import { type ModelServer, type ServerCall, type ServerUse, UseMeter } from "./server.ts";

export interface DetailedSettings {
  /** Tokens of prompts, and of sequences that are written, in one step at most. */
  readonly stepTokens: number;
  /** Of every call, before the server sees it: connection, parsing, tokenizing. */
  readonly callSeconds: number;
  /** Share of the memory that is for weights, keys and values. */
  readonly memoryShare: number;
  /** Share of the cache that must be left when a call is let in, for those that are growing. */
  readonly keptFree: number;
}

/** Usual for servers of today; ten milliseconds a call are the middle of what was seen. */
export const defaultDetailedSettings: DetailedSettings = {
  ...{ stepTokens: 2_048, callSeconds: 0.01 },
  ...{ memoryShare: 0.9, keptFree: 0.01 },
};

/** What is left of a token after divisions is none. */
const leastTokens = 1e-6;

interface Job {
  readonly call: ServerCall;
  readonly number: number;
  /** Of prompt and text by now; grows while it is written. */
  contextTokens: number;
  leftToRead: number;
  reserved: number;
  leftToWrite: number;
  isScored: boolean;
  readonly done: () => void;
}

/**
 * Continuous batching. Where prompts wait to be read, steps come one by one: every sequence gets its token and the rest
 * of the step reads prompts in the order of their calls, which makes the step longer by their arithmetic. Otherwise time
 * flows as in the reference model. A call is let in where its text fits; when sequences outgrow the memory, the youngest
 * is put off, and reads again later what was forgotten meanwhile.
 */
export class DetailedServer implements ModelServer {
  readonly #model: ModelShape;
  readonly #machine: Machine;
  readonly #clock: Clock;
  readonly #settings: DetailedSettings;
  readonly #cache: PrefixCache;
  readonly #meter = new UseMeter();
  readonly #waiting: Job[] = [];
  readonly #reading: Job[] = [];
  readonly #writing = new Set<Job>();
  #count = 0;
  #sinceMs = 0;
  #cancel: () => void = () => {};
  #isStepping = false;
  #step: Parts = { seconds: 1, computing: 0, reading: 0 };

  constructor(
    clock: Clock,
    model: ModelShape,
    machine: Machine,
    settings: DetailedSettings = defaultDetailedSettings,
  ) {
    this.#clock = clock;
    this.#model = model;
    this.#machine = machine;
    this.#settings = settings;
    this.#cache = new PrefixCache(cacheCapacityTokens(model, machine, settings.memoryShare), (tokens) =>
      this.#meter.evicted(tokens),
    );
  }

  get use(): ServerUse {
    return this.#meter.use;
  }

  /** @throws RangeError for a call that does not fit into an empty server */
  async call(call: ServerCall, signal: AbortSignal): Promise<void> {
    const { contextTokens, writtenTokens = 0 } = call;
    const most = contextTokens + writtenTokens + this.#keptFree;
    if (most > this.#cache.capacityTokens)
      throw new RangeError(
        `expected calls of at most ${this.#cache.capacityTokens} tokens of ${this.#model.name} on ${this.#machine.name}, found ${Math.ceil(most)} (question ${call.question}, sample ${call.sample}): take a larger machine`,
      );
    await this.#clock.sleep(1000 * this.#settings.callSeconds, signal);
    if (signal.aborted) throw signal.reason;
    await new Promise<void>((resolve, reject) => {
      this.#advance();
      const done = (): void => {
        stay();
        resolve();
      };
      const job: Job = {
        ...{ call, number: this.#count, contextTokens, leftToRead: 0, reserved: 0 },
        ...{ leftToWrite: writtenTokens, isScored: false, done },
      };
      this.#count += 1;
      this.#waiting.push(job);
      const stay = whenAborted(signal, () => {
        this.#advance();
        this.#leave(job);
        this.#schedule();
        reject(signal.reason);
      });
      this.#schedule();
    });
  }

  get #keptFree(): number {
    return this.#settings.keptFree * this.#cache.capacityTokens;
  }

  /** In the order of their calls: a long text that does not fit is not overtaken for ever. */
  #letIn(): void {
    for (let [job] = this.#waiting; job !== undefined; [job] = this.#waiting) {
      const { call, contextTokens } = job;
      const { prompt, own } = this.#cache.known(call);
      const unknown = contextTokens - prompt - own;
      const missing = unknown < leastTokens ? 0 : unknown;
      const isFirst = this.#reading.length + this.#writing.size === 0;
      const free = this.#cache.roomTokens - this.#cache.idle(call) - missing;
      if (!isFirst && free < this.#keptFree) return;
      this.#waiting.shift();
      this.#cache.pin(call);
      this.#cache.reserve(missing);
      job.reserved = missing;
      job.leftToRead = Math.max(missing, job.isScored ? 0 : (call.scoredTokens ?? 0));
      this.#reading.push(job);
    }
  }

  #hasRead(job: Job): void {
    this.#reading.splice(this.#reading.indexOf(job), 1);
    this.#cache.settle(job.call, job.reserved, job.contextTokens);
    job.reserved = 0;
    job.isScored = true;
    job.call.onRead?.();
    if (job.leftToWrite > 0) this.#writing.add(job);
    else this.#end(job);
  }

  #end(job: Job): void {
    this.#writing.delete(job);
    this.#cache.letGo(job.call);
    job.done();
  }

  #leave(job: Job): void {
    const waiting = this.#waiting.indexOf(job);
    if (waiting >= 0) {
      this.#waiting.splice(waiting, 1);
      return;
    }
    const reading = this.#reading.indexOf(job);
    if (reading >= 0) this.#reading.splice(reading, 1);
    this.#writing.delete(job);
    this.#cache.unreserve(job.reserved);
    this.#cache.letGo(job.call);
  }

  /** Until each sequence that stays may grow by a token. */
  #putOff(): void {
    while (this.#writing.size > 1 && this.#cache.roomTokens < this.#writing.size) {
      const youngest = [...this.#writing].reduce((one, other) => (other.number > one.number ? other : one));
      this.#writing.delete(youngest);
      this.#cache.letGo(youngest.call);
      this.#meter.preempted();
      this.#waiting.unshift(youngest);
    }
  }

  #schedule(): void {
    if (this.#isStepping) return;
    this.#cancel();
    this.#letIn();
    for (const job of [...this.#reading]) if (job.leftToRead <= 0) this.#hasRead(job);
    this.#putOff();
    this.#meter.held(this.#cache.pinnedTokens);
    if (this.#reading.length > 0) this.#mixedStep();
    else if (this.#writing.size > 0) this.#flow();
  }

  #writingParts(): Parts {
    let contextTokens = 0;
    for (const job of this.#writing) contextTokens += job.contextTokens;
    return stepParts(this.#model, this.#machine, { sequences: this.#writing.size, contextTokens });
  }

  /** One step with prompts in it; it ends as it was begun, whoever comes or is called off meanwhile. */
  #mixedStep(): void {
    let left = Math.max(1, this.#settings.stepTokens - this.#writing.size);
    const pieces = this.#reading.flatMap((job) => {
      const tokens = Math.min(left, job.leftToRead);
      left -= tokens;
      const cachedTokens = job.contextTokens - job.leftToRead;
      return tokens > 0 ? [{ job, tokens, cachedTokens }] : [];
    });
    const prompts = pieces.map(({ tokens, cachedTokens }) =>
      prefillParts(this.#model, this.#machine, { newTokens: tokens, cachedTokens }),
    );
    const parts = together(prompts, this.#writing.size > 0 ? this.#writingParts() : undefined);
    const served = pieces.length + this.#writing.size;
    this.#isStepping = true;
    this.#clock.after(1000 * parts.seconds, () => {
      this.#isStepping = false;
      this.#sinceMs = this.#clock.now();
      this.#meter.worked(parts, 1, served);
      const tokens = pieces.reduce((sum, piece) => sum + piece.tokens, 0);
      this.#meter.read(tokens, parts.seconds);
      this.#grow(1);
      for (const piece of pieces) piece.job.leftToRead -= piece.tokens;
      const read = pieces.filter(({ job }) => job.leftToRead <= 0 && this.#reading.includes(job));
      for (const { job } of read) this.#hasRead(job);
      this.#schedule();
    });
  }

  #flow(): void {
    let leastLeft = Infinity;
    for (const { leftToWrite } of this.#writing) leastLeft = Math.min(leastLeft, leftToWrite);
    this.#step = this.#writingParts();
    // A sequence that is alone always fits: longer calls were refused.
    const untilFull = this.#writing.size > 1 ? this.#cache.roomTokens / this.#writing.size : Infinity;
    const tokens = Math.max(0, Math.min(leastLeft, untilFull));
    this.#cancel = this.#clock.after(1000 * tokens * this.#step.seconds, () => {
      this.#advance();
      this.#schedule();
    });
  }

  /** What has flowed since the last event. */
  #advance(): void {
    if (this.#isStepping) return;
    const seconds = (this.#clock.now() - this.#sinceMs) / 1000;
    this.#sinceMs = this.#clock.now();
    if (seconds <= 0 || this.#writing.size === 0) return;
    const tokens = seconds / this.#step.seconds;
    this.#meter.worked(this.#step, tokens, this.#writing.size);
    this.#grow(tokens);
  }

  #grow(tokens: number): void {
    for (const job of [...this.#writing]) {
      const written = Math.min(tokens, job.leftToWrite);
      job.leftToWrite -= written;
      job.contextTokens += written;
      this.#meter.wrote(written);
      this.#cache.grow(job.call, written);
      if (job.leftToWrite < leastTokens) this.#end(job);
    }
  }
}

/** A step with prompts in it: their arithmetic comes on top of the sequences' step; alone they read the weights as well. */
function together(prompts: readonly Parts[], step: Parts | undefined): Parts {
  const computing = prompts.reduce((sum, parts) => sum + parts.computing, 0);
  if (step !== undefined)
    return {
      seconds: step.seconds + computing,
      computing: step.computing + computing,
      reading: step.reading,
    };
  const [first] = prompts;
  if (first === undefined) return { seconds: 0, computing: 0, reading: 0 };
  const overhead = first.seconds - Math.max(first.computing, first.reading);
  return { seconds: Math.max(computing, first.reading) + overhead, computing, reading: first.reading };
}
