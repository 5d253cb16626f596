// What an interrupt does: first what a command has better than being cut off, then an orderly end at once, then the exit.

export type Interrupted = "finishing" | "cut-off" | "exit";

export class Interrupts {
  readonly #abort = new AbortController();
  #finish: (() => void) | undefined;
  #isFinishing = false;

  /** Cuts off whatever listens to it. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** While a command can end without being cut off, the first interrupt calls `finish`. Returns what ends that. */
  gracefully(finish: () => void): () => void {
    this.#finish = finish;
    return () => {
      this.#finish = undefined;
    };
  }

  /** One press of Ctrl-C, or the same asked for from elsewhere. */
  press(): Interrupted {
    if (this.#finish === undefined || this.#isFinishing) return this.cutOff();
    this.#isFinishing = true;
    this.#finish();
    return "finishing";
  }

  /** For whoever will not wait: a service manager, a second press. */
  cutOff(): Interrupted {
    if (this.#abort.signal.aborted) return "exit";
    this.#abort.abort();
    return "cut-off";
  }
}
