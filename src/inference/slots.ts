// How many requests a provider gets at once: fewer after a 429, slowly more while all goes well.
import { whenAborted } from "./abort.ts";
import type { Clock } from "./clock.ts";

export interface SlotLimits {
  readonly initial: number;
  readonly max: number;
  /** What is left of the limit when the other side is full; 0.8 when absent. */
  readonly cutFactor?: number;
  /** One cut per episode: the calls that were under way when the limit was met all report it. 15 s when absent. */
  readonly cooldownMs?: number;
}

/** Where Inspect AI starts and ends; it has proved itself on the same providers. */
export const defaultSlotLimits: SlotLimits = { initial: 20, max: 100 };

/** Who asks for a slot. */
export interface Place {
  /** Parties are served in turn. */
  readonly party?: string;
  /** Of a party's own waiters, the one with the most goes first. */
  readonly progress?: number;
}

interface Waiter {
  readonly progress: number;
  readonly take: () => void;
}

const defaultCooldownMs = 15_000;
const defaultCutFactor = 0.8;

/** A slot is free when its owner has released it, which is when the work has ended, never when a caller gave up. */
export class Slots {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #cutFactor: number;
  readonly #cooldownMs: number;
  /** Of whom to serve next first; whoever was served goes to the end. */
  readonly #waiting = new Map<string, Waiter[]>();
  #limit: number;
  #running = 0;
  #successes = 0;
  #lastCutMs = Number.NEGATIVE_INFINITY;

  constructor(limits: SlotLimits, clock: Clock) {
    this.#clock = clock;
    this.#max = Math.max(1, limits.max);
    this.#cutFactor = limits.cutFactor ?? defaultCutFactor;
    this.#cooldownMs = limits.cooldownMs ?? defaultCooldownMs;
    this.#limit = Math.min(Math.max(1, limits.initial), this.#max);
  }

  snapshot(): { limit: number; running: number; queued: number } {
    const queued = [...this.#waiting.values()].reduce((sum, { length }) => sum + length, 0);
    return { limit: this.#limit, running: this.#running, queued };
  }

  /**
   * Parties in turn: one that asks for a hundred slots at once does not keep the others waiting. Within a party whoever
   * has come furthest, then first come, first served. The caller must release what it gets. Rejects with the signal's
   * reason.
   */
  acquire(signal: AbortSignal, { party = "", progress = 0 }: Place = {}): Promise<() => void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const take = (): void => {
        stay();
        this.#running += 1;
        resolve(this.#releaseOnce());
      };
      const stay = whenAborted(signal, () => {
        this.#leave(party, take);
        reject(signal.reason);
      });
      const queue = this.#waiting.get(party) ?? [];
      const behind = queue.findIndex((other) => other.progress < progress);
      queue.splice(behind < 0 ? queue.length : behind, 0, { progress, take });
      this.#waiting.set(party, queue);
      this.#startNext();
    });
  }

  /** A request was answered. After as many as the limit is high, the limit grows by one. */
  succeeded(): void {
    this.#successes += 1;
    if (this.#successes < this.#limit) return;
    this.#successes = 0;
    this.#limit = Math.min(this.#max, this.#limit + 1);
    this.#startNext();
  }

  /** The provider said "too many". */
  limited(): void {
    this.#successes = 0;
    if (this.#clock.now() - this.#lastCutMs < this.#cooldownMs) return;
    this.#lastCutMs = this.#clock.now();
    this.#limit = Math.max(1, Math.floor(this.#limit * this.#cutFactor));
  }

  #releaseOnce(): () => void {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#running -= 1;
      this.#startNext();
    };
  }

  #startNext(): void {
    while (this.#running < this.#limit) {
      const [next] = this.#waiting;
      if (next === undefined) return;
      const [party, queue] = next;
      const first = queue.shift();
      this.#waiting.delete(party);
      if (queue.length > 0) this.#waiting.set(party, queue);
      first?.take();
    }
  }

  #leave(party: string, take: () => void): void {
    const queue = this.#waiting.get(party) ?? [];
    const at = queue.findIndex((waiter) => waiter.take === take);
    if (at >= 0) queue.splice(at, 1);
    if (queue.length === 0) this.#waiting.delete(party);
  }
}
