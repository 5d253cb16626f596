// A clock that jumps from one event to the next as soon as nobody has anything left to do: hours in a second.
import { whenAborted } from "../../abort.ts";
import type { Clock } from "../../clock.ts";

interface Timer {
  readonly atMs: number;
  readonly number: number;
  readonly action: () => void;
  isCancelled: boolean;
}

/** All timers that will ever fire, soonest first; equals in the order in which they were set. */
class TimerHeap {
  readonly #timers: Timer[] = [];

  push(timer: Timer): void {
    let at = this.#timers.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  pop(): Timer | undefined {
    const [first] = this.#timers;
    const last = this.#timers.pop();
    if (first === undefined || last === undefined || first === last) return first;
    this.#timers[0] = last;
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = this.#isBefore(left, at) ? left : at;
      if (this.#isBefore(right, least)) least = right;
      if (least === at) return first;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#timers[one], this.#timers[other]];
    if (a === undefined || b === undefined) return false;
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.number < b.number);
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.#timers[one], this.#timers[other]];
    if (a === undefined || b === undefined) return;
    this.#timers[one] = b;
    this.#timers[other] = a;
  }
}

export class VirtualTime implements Clock {
  readonly #timers = new TimerHeap();
  #nowMs = 0;
  #count = 0;

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(ms: number, action: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, ms), number: this.#count, action, isCancelled: false };
    this.#count += 1;
    this.#timers.push(timer);
    return () => {
      timer.isCancelled = true;
    };
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const stay = whenAborted(signal, () => {
        cancel();
        reject(signal.reason);
      });
      const cancel = this.after(ms, () => {
        stay();
        resolve();
      });
    });
  }

  /** Lets time pass until `work` has ended. @throws Error where nothing is left that could end it */
  async run<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    work.then(over, over);
    for (;;) {
      // A turn of the event loop: whatever follows from the last event without waiting has then happened.
      await new Promise((resolve) => setImmediate(resolve));
      if (isOver) return work;
      const timer = this.#timers.pop();
      if (timer === undefined) throw new Error("bug: the simulation waits for something that never comes");
      if (timer.isCancelled) continue;
      this.#nowMs = timer.atMs;
      timer.action();
    }
  }
}
