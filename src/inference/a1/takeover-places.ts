// One candidate's way to the target: something left to write with, and a place among the turn's B where those are counted.
import type { Hold, Spending, Wish } from "./spending.ts";
import type { TurnBudgets } from "./turn-budgets.ts";

export class TakeoverPlaces {
  readonly #spending: Spending;
  readonly #budgets: TurnBudgets | undefined;
  #turn = 0;
  #wasDecided = false;

  constructor({
    spending,
    turnBudgets,
  }: { readonly spending: Spending; readonly turnBudgets?: TurnBudgets }) {
    this.#spending = spending;
    this.#budgets = turnBudgets;
  }

  begin(turn: number): void {
    this.#turn = turn;
    this.#wasDecided = false;
  }

  /** What a takeover may write; undefined where nothing is left. Rejects with the signal's reason while it waits. */
  async hold(wish: Omit<Wish, "author">, signal: AbortSignal): Promise<Hold | undefined> {
    if (wish.tokens === 0) return undefined;
    return await this.#spending.reserve({ author: "target", ...wish }, signal);
  }

  /** What is left of the turn's B; undefined where those are not counted. */
  left(): ReturnType<TurnBudgets["left"]> | undefined {
    return this.#budgets?.left(this.#turn);
  }

  /** The hold where the candidate goes to the target with it, within the turn's B. */
  settle(hold: Hold | undefined, isWanted: boolean): Hold | undefined {
    const isTaken = hold !== undefined && isWanted && (this.left()?.budget ?? 1) > 0;
    this.#budgets?.decided(this.#turn, isTaken);
    this.#wasDecided = true;
    if (isTaken) return hold;
    hold?.release();
    return undefined;
  }

  /** It asks for no place any more. */
  end(): void {
    this.#budgets?.ended(this.#turn, this.#wasDecided);
  }
}
