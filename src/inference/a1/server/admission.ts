// How many requests work at once, how many may wait for that, and what the rest are told.
import type { Clock } from "../../clock.ts";
import { Slots } from "../../slots.ts";
import { ApiError } from "./api-error.ts";

/** Weight of the newest duration in the running mean. */
const newest = 0.1;
const longestPauseSeconds = 60;

/** A place is free again when the work has ended, which may be after its asker was told that it will not come. */
export class Admission {
  readonly #clock: Clock;
  readonly #slots: Slots;
  readonly #mostQueued: number;
  #meanMs = 1000;

  constructor(limits: { readonly running: number; readonly queued: number }, clock: Clock) {
    this.#clock = clock;
    this.#slots = new Slots({ initial: limits.running, max: limits.running }, clock);
    this.#mostQueued = limits.queued;
  }

  snapshot(): { limit: number; running: number; queued: number } {
    return this.#slots.snapshot();
  }

  /** @throws ApiError 429 where as many are waiting as may */
  check(): void {
    const { limit, running, queued } = this.#slots.snapshot();
    if (running < limit || queued < this.#mostQueued) return;
    const ahead = (queued + 1) / limit;
    const retryAfterSeconds = Math.min(longestPauseSeconds, Math.ceil((ahead * this.#meanMs) / 1000));
    const message = `This server works on ${running} requests and ${queued} are waiting. Ask again later.`;
    throw new ApiError(429, "overloaded", message, { retryAfterSeconds: Math.max(1, retryAfterSeconds) });
  }

  /** @throws ApiError 429, or the signal's reason */
  async enter(signal: AbortSignal, party: string): Promise<() => void> {
    this.check();
    const release = await this.#slots.acquire(signal, { party });
    const startedMs = this.#clock.monotonicMs();
    return () => {
      this.#meanMs += newest * (this.#clock.monotonicMs() - startedMs - this.#meanMs);
      release();
    };
  }
}
