// Holds the realised intervention rate to its target whatever the scores do: adaptive conformal inference.

/** Of Gibbs and Candès, arXiv 2106.00170: `level += step (target - intervened)`, never clipped: the bound needs that. */
export class AdaptiveLevel {
  #level: number;
  #decisions = 0;
  #interventions = 0;

  /** @param level where to begin; the target itself when absent */
  constructor(target: number, level = target) {
    this.#level = level;
  }

  /** What a p-value is compared with: at or below it, the chunk goes to the target. May leave [0, 1]. */
  get level(): number {
    return this.#level;
  }

  get decisions(): number {
    return this.#decisions;
  }

  /** Realised rate; undefined before the first decision. */
  get rate(): number | undefined {
    return this.#decisions === 0 ? undefined : this.#interventions / this.#decisions;
  }

  /** What really happened, audits and a turn's exhausted budget included. */
  decided(intervened: boolean, { target, step }: { readonly target: number; readonly step: number }): void {
    this.forced(intervened);
    this.#level += step * (target - (intervened ? 1 : 0));
  }

  /** What no level could have changed: it is counted and teaches nothing, or an outage would move the level for good. */
  forced(intervened: boolean): void {
    this.#decisions += 1;
    this.#interventions += intervened ? 1 : 0;
  }

  snapshot(): AdaptiveSnapshot {
    return { level: this.#level, decisions: this.#decisions, interventions: this.#interventions };
  }

  static restored({ level, decisions, interventions }: AdaptiveSnapshot): AdaptiveLevel {
    const restored = new AdaptiveLevel(level);
    restored.#decisions = decisions;
    restored.#interventions = interventions;
    return restored;
  }
}

export interface AdaptiveSnapshot {
  readonly level: number;
  readonly decisions: number;
  readonly interventions: number;
}

/** How far the mean of `decisions` may be from the target at most, for any input (arXiv 2106.00170, proposition 4.1). */
export function rateBound(target: number, { step, decisions }: { step: number; decisions: number }): number {
  return (Math.max(target, 1 - target) + step) / (step * decisions);
}
