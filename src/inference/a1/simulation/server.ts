// The reference model of a server in virtual time: sequences share every step, reading a prompt holds all of them up.
import { whenAborted } from "../../abort.ts";
import type { Clock } from "../../clock.ts";
import { type Machine, type ModelShape, type Parts, prefillParts, stepParts } from "./roofline.ts";

export interface ServerCall {
  readonly question: string;
  readonly sample: number;
  /** Of the question: the same for all its samples. */
  readonly promptTokens: number;
  /** Prompt and all that was written since: what it goes on behind, or scores the end of. */
  readonly contextTokens: number;
  /** At the end of the context, read whatever is cached, since their log-probabilities are asked for. */
  readonly scoredTokens?: number;
  /** At the end of the context; only the reference model, which has no cache to look in, goes by it. */
  readonly unreadTokens?: number;
  readonly writtenTokens?: number;
  /** Told as soon as the context has been read. */
  readonly onRead?: () => void;
}

/** Seconds, counted for every sample that was being worked for: with 30 in a step, a step counts thirtyfold. */
export interface SampleSeconds {
  readonly service: number;
  readonly computing: number;
  readonly memory: number;
}

export interface ServerUse {
  /** Seconds in which it worked at all, and in which it read prompts. */
  readonly busySeconds: number;
  readonly prefillSeconds: number;
  /** Tokens it wrote, and tokens it read. */
  readonly decodedTokens: number;
  readonly prefilledTokens: number;
  /** Most tokens whose keys and values were needed at once. */
  readonly peakCacheTokens: number;
  /** Of a server whose memory is limited: tokens that were forgotten, and sequences that were put off for others. */
  readonly evictedTokens: number;
  readonly preemptions: number;
  readonly sampleSeconds: SampleSeconds;
}

export interface ModelServer {
  readonly use: ServerUse;
  /** Reads what it must, then writes. Rejects with the signal's reason. */
  call(call: ServerCall, signal: AbortSignal): Promise<void>;
}

/** Filled while a server works. */
export class UseMeter {
  #use = { busySeconds: 0, prefillSeconds: 0, decodedTokens: 0, prefilledTokens: 0, peakCacheTokens: 0 };
  #lost = { evictedTokens: 0, preemptions: 0 };
  #sampleSeconds = { service: 0, computing: 0, memory: 0 };

  get use(): ServerUse {
    return { ...this.#use, ...this.#lost, sampleSeconds: { ...this.#sampleSeconds } };
  }

  /** `share` of a piece of work that served `samples`. */
  worked({ seconds, computing, reading }: Parts, share: number, samples: number): void {
    this.#use.busySeconds += seconds * share;
    this.#sampleSeconds.service += seconds * share * samples;
    this.#sampleSeconds.computing += computing * share * samples;
    this.#sampleSeconds.memory += reading * share * samples;
  }

  wrote(tokens: number): void {
    this.#use.decodedTokens += tokens;
  }

  read(tokens: number, seconds: number): void {
    this.#use.prefilledTokens += tokens;
    this.#use.prefillSeconds += seconds;
  }

  held(cacheTokens: number): void {
    this.#use.peakCacheTokens = Math.max(this.#use.peakCacheTokens, cacheTokens);
  }

  evicted(tokens: number): void {
    this.#lost.evictedTokens += tokens;
  }

  preempted(): void {
    this.#lost.preemptions += 1;
  }
}

interface Sequence {
  leftTokens: number;
  contextTokens: number;
  readonly done: () => void;
}

interface Reading {
  leftSeconds: number;
  readonly parts: Parts;
  readonly done: () => void;
}

/**
 * Fluid processor sharing: all sequences advance at one token a step, and the step's length follows from how many there
 * are. Prompts are read one after the other, before anything is written. Memory never fills, nothing is forgotten, and
 * what a draft reads costs nothing.
 */
export class ReferenceServer implements ModelServer {
  readonly #model: ModelShape;
  readonly #machine: Machine;
  readonly #clock: Clock;
  readonly #meter = new UseMeter();
  readonly #sequences = new Set<Sequence>();
  readonly #readings: Reading[] = [];
  #sinceMs = 0;
  #cancel: () => void = () => {};
  /** What a step takes until the next event. */
  #step: Parts = { seconds: 1, computing: 0, reading: 0 };

  constructor(clock: Clock, model: ModelShape, machine: Machine) {
    this.#clock = clock;
    this.#model = model;
    this.#machine = machine;
  }

  get use(): ServerUse {
    return this.#meter.use;
  }

  async call(call: ServerCall, signal: AbortSignal): Promise<void> {
    const { contextTokens, unreadTokens = 0, writtenTokens = 0, onRead } = call;
    // A prompt that nobody counts is read in no time: siblings need not wait for one another.
    if (unreadTokens > 0) await this.#prefill(unreadTokens, contextTokens - unreadTokens, signal);
    onRead?.();
    if (writtenTokens > 0) await this.#decode(writtenTokens, contextTokens, signal);
  }

  #decode(tokens: number, contextTokens: number, signal: AbortSignal): Promise<void> {
    return this.#work(signal, (done) => {
      const sequence = { leftTokens: tokens, contextTokens, done };
      this.#sequences.add(sequence);
      return () => this.#sequences.delete(sequence);
    });
  }

  #prefill(newTokens: number, cachedTokens: number, signal: AbortSignal): Promise<void> {
    return this.#work(signal, (done) => {
      const parts = prefillParts(this.#model, this.#machine, { newTokens, cachedTokens });
      const reading = { leftSeconds: parts.seconds, parts, done };
      this.#readings.push(reading);
      this.#meter.read(newTokens, 0);
      return () => this.#readings.splice(this.#readings.indexOf(reading), 1);
    });
  }

  #work(signal: AbortSignal, begin: (done: () => void) => () => void): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      this.#advance();
      const leave = begin(() => {
        stay();
        resolve();
      });
      const stay = whenAborted(signal, () => {
        this.#advance();
        leave();
        this.#schedule();
        reject(signal.reason);
      });
      this.#schedule();
    });
  }

  #stepParts(): Parts {
    let contextTokens = 0;
    for (const sequence of this.#sequences) contextTokens += sequence.contextTokens;
    this.#meter.held(contextTokens);
    return stepParts(this.#model, this.#machine, { sequences: this.#sequences.size, contextTokens });
  }

  /** What has been done since the last event. */
  #advance(): void {
    const seconds = (this.#clock.now() - this.#sinceMs) / 1000;
    this.#sinceMs = this.#clock.now();
    if (seconds <= 0) return;
    const [reading] = this.#readings;
    if (reading !== undefined) {
      reading.leftSeconds -= seconds;
      this.#meter.read(0, seconds);
      this.#meter.worked(reading.parts, seconds / reading.parts.seconds, 1);
      return;
    }
    if (this.#sequences.size === 0) return;
    const tokens = seconds / this.#step.seconds;
    for (const sequence of this.#sequences) {
      sequence.leftTokens -= tokens;
      sequence.contextTokens += tokens;
    }
    this.#meter.wrote(tokens * this.#sequences.size);
    this.#meter.worked(this.#step, tokens, this.#sequences.size);
  }

  #schedule(): void {
    this.#cancel();
    const [reading] = this.#readings;
    if (reading !== undefined) {
      this.#cancel = this.#clock.after(1000 * Math.max(0, reading.leftSeconds), () => {
        this.#advance();
        this.#readings.shift();
        this.#schedule();
        reading.done();
      });
      return;
    }
    let next: Sequence | undefined;
    for (const each of this.#sequences)
      if (next === undefined || each.leftTokens < next.leftTokens) next = each;
    if (next === undefined) return;
    const first = next;
    this.#step = this.#stepParts();
    this.#cancel = this.#clock.after(1000 * Math.max(0, first.leftTokens) * this.#step.seconds, () => {
      this.#advance();
      this.#sequences.delete(first);
      this.#schedule();
      first.done();
    });
  }
}
