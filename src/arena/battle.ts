// One battle: two contestants on one instance, roles swapped after every round, resumed where a crash left it.
import type { PlannedBattle, RoundRow, RunStore } from "../domain/run.ts";
import type { Case } from "./case.ts";
import type { Feedback, Player } from "./player.ts";
import { playRound, type RoundDeps } from "./round.ts";
import type { RoundCommits } from "./round-commits.ts";

export interface BattleDeps extends RoundDeps {
  readonly store: RunStore;
  /** Where played rounds go: those of all battles that are played at once. */
  readonly commits: RoundCommits;
  readonly player: (id: string) => Player;
  readonly onRound: (row: RoundRow) => void;
  readonly signal: AbortSignal;
  /** True once a battle is to be given back between two rounds; whoever resumes the run plays the others. */
  readonly isStopping?: () => boolean;
}

/** Feedback of one side in one role, oldest first: a side sees only its own earlier answers in the same role. */
class Memory {
  readonly #byRole = new Map<string, Feedback[]>();

  of(role: string, contestant: string): Feedback[] {
    return this.#byRole.get(`${role} ${contestant}`) ?? [];
  }

  add(role: string, contestant: string, feedback: Feedback): void {
    this.#byRole.set(`${role} ${contestant}`, [...this.of(role, contestant), feedback]);
  }
}

function turnsBefore(battle: PlannedBattle, round: number): number {
  // Roles swap after each round: a side plays the same role every second round (every round against itself).
  return battle.first === battle.second ? round - 1 : Math.floor((round - 1) / 2);
}

/**
 * Plays the rounds of a battle that are not stored yet. With feedback, stored rounds are played again from their
 * stored answers and cached runs to regain what each side was told; nothing is asked of a model twice. False when the
 * battle was given back.
 */
export async function playBattle(of: Case, battle: PlannedBattle, deps: BattleDeps): Promise<boolean> {
  const stored = new Set(deps.store.rounds(battle.battleId).map((row) => row.round));
  const memory = new Memory();
  const { feedback } = deps.settings;
  for (let round = 1; round <= battle.rounds; round += 1) {
    if (stored.has(round) && !feedback) continue;
    if (deps.isStopping?.() === true) return false;
    const [submitter, reviewer] =
      round % 2 === 1 ? [battle.first, battle.second] : [battle.second, battle.first];
    const turn = turnsBefore(battle, round);
    const plan = {
      battleId: battle.battleId,
      round,
      submitter: deps.player(submitter),
      reviewer: deps.player(reviewer),
      submitterTurn: turn,
      reviewerTurn: turn,
      submitterFeedback: feedback ? memory.of("submitter", submitter) : [],
      reviewerFeedback: feedback ? memory.of("reviewer", reviewer) : [],
      seed: `${deps.settings.seed} ${battle.instanceId}`,
      isStored: stored.has(round),
    };
    const played = await playRound(of, plan, deps);
    memory.add("submitter", submitter, played.submitterFeedback);
    memory.add("reviewer", reviewer, played.reviewerFeedback);
    if (stored.has(round)) continue;
    // What an interrupt cut short is no outcome and no void: it is played again.
    deps.signal.throwIfAborted();
    await deps.commits.record(played.row);
    deps.onRound(played.row);
  }
  deps.store.finishBattle(battle.battleId);
  return true;
}
