// Time as an argument, so that an hour of waiting is tested in a millisecond.
import { whenAborted } from "./abort.ts";

export interface Clock {
  /** Milliseconds since 1970, UTC: for stamps alone, since somebody may set it while a run is played. */
  now(): number;
  /** Milliseconds of a clock that nobody sets: for durations and deadlines. Only differences mean anything. */
  monotonicMs(): number;
  /** Ends after `ms` milliseconds, or rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Runs `action` once after `ms` milliseconds unless the returned function was called before. */
  after(ms: number, action: () => void): () => void;
}

/** Timers of Node hold no more; a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

function after(ms: number, action: () => void): () => void {
  const timer = setTimeout(action, Math.min(Math.max(ms, 0), longestTimerMs));
  return () => clearTimeout(timer);
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const cancel = after(ms, () => {
      stay();
      resolve();
    });
    const stay = whenAborted(signal, () => {
      cancel();
      reject(signal.reason);
    });
  });
}

const monotonicMs = (): number => performance.now();

export const systemClock: Clock = { now: () => Date.now(), monotonicMs, sleep, after };
