// Where the workers of a run take their battles from: a plan that is whole, or one that grows as results come.
import type { PlannedBattle, RunStore } from "../domain/run.ts";
import { BattleQueue } from "./battle-queue.ts";

/** How a battle that was taken is over; `cut-off`: by what ends the session, to be played in another one. */
export type BattleEnd = "played" | "cut-off" | { readonly leftOut: string };

export interface BattleSource {
  /** The next battle to play; waits where who plays it hangs on battles that are being played. Undefined: none is left. */
  next(): Promise<PlannedBattle | undefined>;
  /** Every battle that was taken is told once to be over. */
  over(battle: PlannedBattle, end: BattleEnd): Promise<void>;
  /**
   * No battle of this contestant is handed out any more. Absent where who meets whom is drawn from everybody's results: a
   * run of that kind ends where one of them cannot go on.
   */
  drop?(contestant: string): void;
  /** Who is proven to be first, where that is why no battle is left. */
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
    drop: (contestant) => queue.drop(contestant),
  };
}
