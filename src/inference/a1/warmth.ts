// Samples of one question share a prompt: the first one's call reads it, and only then do the others ask, to find it cached.
import { whenAborted } from "../abort.ts";
import type { Clock } from "../clock.ts";

/** A leader that has shown nothing for so long is followed anyway: a slow reader must not hold up its siblings. */
const longestWaitMs = 2_000;

export class PrefixWarmth {
  readonly #clock: Clock;
  readonly #leaders = new Map<string, Promise<void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param call told a function to call as soon as the prompt has been read, if it can tell; its end tells too
   * Rejects as `call` does, and with the signal's reason while it waits.
   */
  async behindLeader<T>(
    engine: string,
    question: string,
    signal: AbortSignal,
    call: (begun: () => void) => Promise<T>,
  ): Promise<T> {
    const name = JSON.stringify([engine, question]);
    const leader = this.#leaders.get(name);
    if (leader !== undefined) {
      await this.#first(leader, signal);
      return await call(() => {});
    }
    const { promise, resolve } = unsettled();
    this.#leaders.set(name, promise);
    try {
      return await call(resolve);
    } finally {
      resolve();
    }
  }

  /** Its prompt will not be asked for again. */
  questionDone(question: string, engines: readonly string[]): void {
    for (const engine of engines) this.#leaders.delete(JSON.stringify([engine, question]));
  }

  #first(leader: Promise<void>, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const go = (): void => {
        cancel();
        stay();
        resolve();
      };
      const cancel = this.#clock.after(longestWaitMs, go);
      const stay = whenAborted(signal, () => {
        cancel();
        reject(signal.reason);
      });
      leader.then(go, go);
    });
  }
}

function unsettled(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let settle: () => void = () => {};
  const promise = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: settle };
}
