// A clock whose sleeps take no time and are written down; timers of requests stay real.
import { type Clock, systemClock } from "../../src/inference/index.ts";

export interface VirtualClock extends Clock {
  /** Milliseconds of every sleep, in order. */
  readonly slept: readonly number[];
}

export function virtualClock(startMs = Date.UTC(2026, 0, 1)): VirtualClock {
  let nowMs = startMs;
  const slept: number[] = [];
  return {
    slept,
    now: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: (ms, signal) => {
      if (signal.aborted) return Promise.reject(signal.reason);
      slept.push(ms);
      nowMs += ms;
      return Promise.resolve();
    },
    after: systemClock.after,
  };
}
