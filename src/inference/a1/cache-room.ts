// Keeps what one engine is asked at once within its key/value cache: a server that runs out throws work away and does it twice.
import { whenAborted } from "../abort.ts";

/** Share of the cache that calls may fill; the rest is for prefixes that are kept (research/a1.md section 10). */
const filledShare = 0.9;

interface Waiting {
  readonly tokens: number;
  /** Short work first: it frees its room soon, and must not stand behind what takes long. */
  readonly isShort: boolean;
  readonly enter: () => void;
  /** Of long work: so many that came later were let in before it. */
  overtaken: number;
}

/** Then it is its turn, whatever short work waits. */
const mostOvertakings = 32;

/** Counts prompt and longest possible answer of every call; engines share the prompts' part, so that this errs to be safe. */
export class CacheRoom {
  readonly #tokens: number;
  #waiting: Waiting[] = [];
  #taken = 0;
  #inside = 0;

  /** @param cacheTokens what the engine's cache holds */
  constructor(cacheTokens: number) {
    this.#tokens = filledShare * cacheTokens;
  }

  snapshot(): { readonly taken: number; readonly inside: number; readonly waiting: number } {
    return { taken: this.#taken, inside: this.#inside, waiting: this.#waiting.length };
  }

  /**
   * What alone is larger than all room is let in when nothing else is there: the engine will say what it makes of it.
   * Rejects with the signal's reason while it waits, and as `work` does.
   */
  async run<T>(
    { tokens, isShort }: { readonly tokens: number; readonly isShort: boolean },
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T> {
    await this.#entered(tokens, isShort, signal);
    try {
      return await work();
    } finally {
      this.#taken -= tokens;
      this.#inside -= 1;
      this.#letIn();
    }
  }

  #entered(tokens: number, isShort: boolean, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        stay();
        resolve();
      };
      const waiting = { tokens, isShort, enter, overtaken: 0 };
      const stay = whenAborted(signal, () => {
        this.#waiting = this.#waiting.filter((each) => each !== waiting);
        this.#letIn();
        reject(signal.reason);
      });
      this.#waiting.push(waiting);
      this.#letIn();
    });
  }

  /**
   * In order of arrival, short work first, but for a long call that was overtaken often enough; nothing overtakes a call
   * only because it is smaller, or large ones would starve.
   */
  #letIn(): void {
    for (;;) {
      const [first] = this.#waiting;
      const isDue = first !== undefined && first.overtaken >= mostOvertakings;
      const next = isDue ? first : (this.#waiting.find(({ isShort }) => isShort) ?? first);
      if (next === undefined) return;
      if (this.#inside > 0 && this.#taken + next.tokens > this.#tokens) return;
      if (first !== undefined && first !== next) first.overtaken += 1;
      this.#waiting = this.#waiting.filter((each) => each !== next);
      this.#taken += next.tokens;
      this.#inside += 1;
      next.enter();
    }
  }
}
