// How many requests may be under way at once: fewer as soon as it is too many, slowly more while all goes well.
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
  #max: number;
  readonly #cutFactor: number;
  readonly #cooldownMs: number;
  /** Of whom to serve next first; whoever was served goes to the end. */
  readonly #waiting = new Map<string, Waiter[]>();
  #limit: number;
  #running = 0;
  #successes = 0;
  #lastCutMs = Number.NEGATIVE_INFINITY;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;
  #cancelWake: (() => void) | undefined;

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

  /** The other side said "too many". */
  limited(): void {
    this.#successes = 0;
    if (this.#clock.monotonicMs() - this.#lastCutMs < this.#cooldownMs) return;
    this.#lastCutMs = this.#clock.monotonicMs();
    this.#limit = Math.max(1, Math.floor(this.#limit * this.#cutFactor));
  }

  /** Nobody gets a slot for so long; whoever has one keeps it. */
  pause(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#clock.monotonicMs() + ms);
  }

  /** Never more than this many from now on. */
  lowerTo(max: number): void {
    this.#max = Math.max(1, Math.min(this.#max, max));
    this.#limit = Math.min(this.#limit, this.#max);
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
      if (next === undefined || this.#isPaused()) return;
      const [party, queue] = next;
      const first = queue.shift();
      this.#waiting.delete(party);
      if (queue.length > 0) this.#waiting.set(party, queue);
      first?.take();
    }
  }

  #isPaused(): boolean {
    const leftMs = this.#pausedUntilMs - this.#clock.monotonicMs();
    if (leftMs <= 0) return false;
    this.#cancelWake ??= this.#clock.after(leftMs, () => {
      this.#cancelWake = undefined;
      this.#startNext();
    });
    return true;
  }

  #leave(party: string, take: () => void): void {
    const queue = this.#waiting.get(party) ?? [];
    const at = queue.findIndex((waiter) => waiter.take === take);
    if (at >= 0) queue.splice(at, 1);
    if (queue.length === 0) this.#waiting.delete(party);
    if (this.#waiting.size > 0) return;
    // Nobody is left to be woken, and a timer would keep the process alive.
    this.#cancelWake?.();
    this.#cancelWake = undefined;
  }
}
