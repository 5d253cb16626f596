// Tells when p-values stop being uniform: a conformal test martingale, whose wealth grows only if one can bet on them.

/** Slopes of the bets `1 + e (p - 1/2)`: that p-values are small, that nothing is wrong, that they are large. */
const slopes = [-1, 0, 1] as const;
/** Share of the wealth that changes its bet after every p-value. */
const jump = 0.01;

/**
 * The Simple Jumper (Vovk and others, arXiv 2102.10439): for uniform p-values its wealth exceeds `c` ever with probability
 * 1/c at most.
 */
export class DriftMartingale {
  #parts: readonly number[] = slopes.map(() => 1 / slopes.length);
  /** Natural logarithm: wealth itself leaves the range of numbers. */
  #logWealth = 0;

  get logWealth(): number {
    return this.#logWealth;
  }

  bet(p: number): void {
    const moved = this.#parts.map((part) => (1 - jump) * part + jump / slopes.length);
    const paid = moved.map((part, at) => part * (1 + (slopes[at] ?? 0) * (p - 0.5)));
    const wealth = paid.reduce((sum, part) => sum + part, 0);
    this.#logWealth += Math.log(wealth);
    this.#parts = paid.map((part) => part / wealth);
  }

  /** After an alarm was acted on. */
  restart(): void {
    this.#logWealth = 0;
    this.#parts = slopes.map(() => 1 / slopes.length);
  }

  snapshot(): MartingaleSnapshot {
    return { logWealth: this.#logWealth, parts: this.#parts };
  }

  static restored({ logWealth, parts }: MartingaleSnapshot): DriftMartingale {
    const restored = new DriftMartingale();
    restored.#logWealth = logWealth;
    restored.#parts = [...parts];
    return restored;
  }
}

export interface MartingaleSnapshot {
  readonly logWealth: number;
  readonly parts: readonly number[];
}
