// Waiting for something or for the caller to give up, whichever comes first.
import { setMaxListeners } from "node:events";

/**
 * Runs `leave` once when the signal aborts, unless the returned function was called before.
 * One signal ends a whole run, so a hundred calls may wait on it: many listeners are no leak here.
 */
export function whenAborted(signal: AbortSignal, leave: () => void): () => void {
  setMaxListeners(0, signal);
  signal.addEventListener("abort", leave, { once: true });
  return () => signal.removeEventListener("abort", leave);
}
