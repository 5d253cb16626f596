// A model server in virtual time: sequences share every step, reading a prompt holds all of them up.
import { whenAborted } from "../../abort.ts";
import type { Clock } from "../../clock.ts";
import { type Machine, type ModelShape, prefillSeconds, stepSeconds } from "./roofline.ts";

interface Sequence {
  leftTokens: number;
  contextTokens: number;
  readonly done: () => void;
}

interface Reading {
  leftSeconds: number;
  readonly done: () => void;
}

export interface ServerUse {
  /** Seconds in which it worked at all, and in which it read prompts. */
  readonly busySeconds: number;
  readonly prefillSeconds: number;
  /** Tokens it wrote, and tokens it read. */
  readonly decodedTokens: number;
  readonly prefilledTokens: number;
  /** Most tokens whose keys and values it held at once. */
  readonly peakCacheTokens: number;
}

/**
 * Fluid processor sharing: all sequences advance at one token a step, and the step's length follows from how many there
 * are. Prompts are read one after the other, before anything is written (research/a1.md section 8.5).
 */
export class SimulatedServer {
  readonly model: ModelShape;
  readonly machine: Machine;
  readonly #clock: Clock;
  readonly #sequences = new Set<Sequence>();
  readonly #readings: Reading[] = [];
  #sinceMs = 0;
  #cancel: () => void = () => {};
  #use = { busySeconds: 0, prefillSeconds: 0, decodedTokens: 0, prefilledTokens: 0, peakCacheTokens: 0 };

  constructor(clock: Clock, model: ModelShape, machine: Machine) {
    this.#clock = clock;
    this.model = model;
    this.machine = machine;
  }

  get use(): ServerUse {
    return this.#use;
  }

  /** Writes tokens behind a context that it holds already. Rejects with the signal's reason. */
  decode(tokens: number, contextTokens: number, signal: AbortSignal): Promise<void> {
    if (tokens <= 0) return Promise.resolve();
    return this.#work(signal, (done) => {
      const sequence = { leftTokens: tokens, contextTokens, done };
      this.#sequences.add(sequence);
      return () => this.#sequences.delete(sequence);
    });
  }

  /** Reads tokens behind others that are cached. Rejects with the signal's reason. */
  prefill(newTokens: number, cachedTokens: number, signal: AbortSignal): Promise<void> {
    if (newTokens <= 0) return Promise.resolve();
    return this.#work(signal, (done) => {
      const { model, machine } = this;
      const reading = { leftSeconds: prefillSeconds(model, machine, { newTokens, cachedTokens }), done };
      this.#readings.push(reading);
      this.#use.prefilledTokens += newTokens;
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

  #stepSeconds(): number {
    let contextTokens = 0;
    for (const sequence of this.#sequences) contextTokens += sequence.contextTokens;
    this.#use.peakCacheTokens = Math.max(this.#use.peakCacheTokens, contextTokens);
    return stepSeconds(this.model, this.machine, { sequences: this.#sequences.size, contextTokens });
  }

  /** What has been done since the last event. */
  #advance(): void {
    const seconds = (this.#clock.now() - this.#sinceMs) / 1000;
    this.#sinceMs = this.#clock.now();
    if (seconds <= 0) return;
    const [reading] = this.#readings;
    if (reading !== undefined) {
      reading.leftSeconds -= seconds;
      this.#use.prefillSeconds += seconds;
      this.#use.busySeconds += seconds;
      return;
    }
    if (this.#sequences.size === 0) return;
    const tokens = seconds / this.#step;
    for (const sequence of this.#sequences) {
      sequence.leftTokens -= tokens;
      sequence.contextTokens += tokens;
    }
    this.#use.decodedTokens += tokens * this.#sequences.size;
    this.#use.busySeconds += seconds;
  }

  /** Seconds a step takes until the next event. */
  #step = 1;

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
    this.#step = this.#stepSeconds();
    this.#cancel = this.#clock.after(1000 * Math.max(0, first.leftTokens) * this.#step, () => {
      this.#advance();
      this.#sequences.delete(first);
      this.#schedule();
      first.done();
    });
  }
}
