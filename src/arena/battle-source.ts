// Where the workers of a run take their battles from: a plan that is whole, or one that grows as results come.
import type { PlannedBattle, RunStore } from "../domain/run.ts";

/** How a battle that was taken is over; `cut-off`: by what ends the session, to be played in another one. */
export type BattleEnd = "played" | "cut-off" | { readonly leftOut: string };

export interface BattleSource {
  /** The next battle to play; waits where who plays it hangs on battles that are being played. Undefined: none is left. */
  next(): Promise<PlannedBattle | undefined>;
  /** Every battle that was taken is told once to be over. */
  over(battle: PlannedBattle, end: BattleEnd): Promise<void>;
  /** Who is proven to be first, where that is why no battle is left. */
  readonly winner?: string | undefined;
}

/** Battles in the order of their plan. */
export function plannedBattles(store: Pick<RunStore, "unplayed">, isStopped: () => boolean): BattleSource {
  const queue = [...store.unplayed()];
  return { next: async () => (isStopped() ? undefined : queue.shift()), over: async () => {} };
}
