// Time as an argument, so that an hour of waiting is tested in a millisecond.
import { whenAborted } from "./abort.ts";

export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
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

export const systemClock: Clock = { now: () => Date.now(), sleep, after };
