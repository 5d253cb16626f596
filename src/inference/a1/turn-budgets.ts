// At most B of a turn's candidates go to the target: counted without waiting for those that are still on their way there.

export class TurnBudgets {
  readonly #budget: number;
  readonly #samples: number;
  readonly #turns = new Map<number, { decided: number; handedOver: number }>();
  readonly #ended: { readonly turn: number; readonly wasDecided: boolean }[] = [];

  /** @param budget B of the m `samples` of each turn */
  constructor(budget: number, samples: number) {
    this.#budget = budget;
    this.#samples = samples;
  }

  /** What is left of the budget, and how many may still ask for it: all that have not ended, this one included. */
  left(turn: number): { readonly budget: number; readonly candidates: number } {
    const { decided, handedOver } = this.#at(turn);
    const gone = this.#ended.filter((each) => each.turn < turn || (each.turn === turn && !each.wasDecided));
    return { budget: this.#budget - handedOver, candidates: this.#samples - gone.length - decided };
  }

  decided(turn: number, isHandedOver: boolean): void {
    const { decided, handedOver } = this.#at(turn);
    this.#turns.set(turn, { decided: decided + 1, handedOver: handedOver + (isHandedOver ? 1 : 0) });
  }

  /** @param turn its last one, and whether anything was decided about it there */
  ended(turn: number, wasDecided: boolean): void {
    this.#ended.push({ turn, wasDecided });
  }

  #at(turn: number): { readonly decided: number; readonly handedOver: number } {
    return this.#turns.get(turn) ?? { decided: 0, handedOver: 0 };
  }
}
