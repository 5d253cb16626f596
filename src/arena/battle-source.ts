// Where the workers of a run take their battles from: a plan that is whole, or one that grows as results come.
import type { PlannedBattle, RunStore } from "../domain/run.ts";
import { BattleQueue } from "./battle-queue.ts";

/**
 * How a battle that was taken is over; `cut-off`: by what ends the session; `leftOut`: why it cannot be played in this one. Both
 * are to be played in another.
 */
export type BattleEnd = "played" | "cut-off" | { readonly leftOut: string };

export interface BattleSource {
  /** The next battle to play; waits where who plays it hangs on battles that are being played. Undefined: none is left. */
  next(): Promise<PlannedBattle | undefined>;
  /** Every battle that was taken is told once to be over. */
  over(battle: PlannedBattle, end: BattleEnd): Promise<void>;
  /** No battle of this contestant is handed out any more. False where others have none to play without it, nor had any. */
  drop(contestant: string, reason: string): boolean;
  /** Who is proven to be first of those who have not dropped out, where that is why no battle is left. */
  readonly winner?: string | undefined;
}

/** The battles that are left of a plan, of which everybody has had a share in earlier sessions. */
export function plannedBattles(
  store: Pick<RunStore, "battles" | "unplayed">,
  isStopped: () => boolean,
  isSilent?: (contestant: string) => boolean,
): BattleSource {
  const unplayed = store.unplayed();
  const left = new Set(unplayed.map(({ battleId }) => battleId));
  const queue = new BattleQueue(store.battles().filter(({ battleId }) => !left.has(battleId)));
  queue.add(unplayed);
  return {
    next: async () => (isStopped() ? undefined : queue.take(isSilent)),
    over: async (battle) => queue.ended(battle),
    drop: (contestant) => {
      queue.drop(contestant);
      return !store.battles().every((battle) => queue.isOut(battle));
    },
  };
}
