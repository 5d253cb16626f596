// Rounds that end together are made durable together: a commit waits for the disk, however many rows are in it.
import type { RoundRow, RunStore } from "../domain/run.ts";

interface Waiting {
  readonly row: RoundRow;
  readonly resolve: () => void;
  readonly reject: (fault: unknown) => void;
}

/** Group commit (DeWitt et al. 1984, "Implementation Techniques for Main Memory Database Systems"): nobody is kept waiting for company. */
export class RoundCommits {
  readonly #store: Pick<RunStore, "recordRound" | "recordRounds">;
  #waiting: Waiting[] = [];

  constructor(store: Pick<RunStore, "recordRound" | "recordRounds">) {
    this.#store = store;
  }

  /** Resolves once the row is on the disk. Rejects with the fault of that row alone. */
  record(row: RoundRow): Promise<void> {
    return new Promise((resolve, reject) => {
      // Whatever else ends in this turn of the loop goes along.
      if (this.#waiting.length === 0) setImmediate(() => this.#commit());
      this.#waiting.push({ row, resolve, reject });
    });
  }

  #commit(): void {
    const together = this.#waiting;
    this.#waiting = [];
    if (together.length === 1 || !this.#all(together)) for (const one of together) this.#one(one);
  }

  /** False where some row is refused: then nothing is written, and each is tried alone to tell whose fault it is. */
  #all(together: readonly Waiting[]): boolean {
    try {
      this.#store.recordRounds(together.map(({ row }) => row));
    } catch {
      return false;
    }
    for (const { resolve } of together) resolve();
    return true;
  }

  #one({ row, resolve, reject }: Waiting): void {
    try {
      this.#store.recordRound(row);
    } catch (fault) {
      reject(fault);
      return;
    }
    resolve();
  }
}
