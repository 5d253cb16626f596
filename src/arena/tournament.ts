// Plays planned battles with bounded workers; what is stored stays, so a crash resumes from the unplayed battles.
import { isFault } from "../domain/fault.ts";
import type { PlannedBattle, RoundRow } from "../domain/run.ts";
import { type BattleDeps, playBattle } from "./battle.ts";
import { type Case, CaseFault } from "./case.ts";
import { type HourLimits, PlayTime } from "./play-time.ts";
import { BattleGate } from "./running/gate.ts";
import { isDiskFull } from "./running/room.ts";
import { settleContested } from "./settle.ts";

/** `put-off`: a full disk cut it short, it is played once there is room. `given-back`: whoever resumes plays the rest. */
export type BattleState = "started" | "finished" | "put-off" | "given-back";

export interface TournamentDeps extends BattleDeps {
  readonly workers: number;
  /** Asked before each battle; without one, `workers` battles at once until all are played. */
  readonly gate?: BattleGate;
  /** No battle begins once they are used up; what is being played is played to its end. */
  readonly hours?: HourLimits;
  readonly openCase: (instanceId: string) => Promise<Case>;
  readonly onBattle: (battle: PlannedBattle, state: BattleState) => void;
  /** An instance that cannot be judged at all: its battles are left unplayed and said so. */
  readonly onUnsound: (instanceId: string, message: string) => void;
  /** A contested kill that a fault kept from being settled: it stays open. */
  readonly onUnsettled: (row: RoundRow, message: string) => void;
}

export interface TournamentResult {
  readonly played: number;
  readonly voidRounds: number;
  readonly unsound: readonly string[];
  readonly interrupted: boolean;
}

/**
 * Plays every unplayed battle. Workers take the next one in plan order, once the gate lets it begin; a gate that stops
 * has battles given back after their round, an abort cuts rounds off. Both stay resumable.
 * @throws the first fault that would void every other round too
 */
export async function playTournament(deps: TournamentDeps): Promise<TournamentResult> {
  const queue = [...deps.store.unplayed()];
  const unsound = new Set<string>();
  const { store, now, signal, workers, hours: limits = {} } = deps;
  const gate = deps.gate ?? new BattleGate({ workers, signal });
  const isStopping = (): boolean => gate.isStopping;
  const time = new PlayTime({ store, now, limits });
  const onRound = (row: RoundRow): void => {
    time.played(row);
    deps.onRound(row);
  };
  let played = 0;
  let failure: unknown;
  const playOne = async (battle: PlannedBattle): Promise<void> => {
    let end: BattleState | undefined;
    try {
      time.mustHaveTimeFor(battle);
      deps.onBattle(battle, "started");
      end = "given-back";
      const of = await deps.openCase(battle.instanceId);
      if (!(await playBattle(of, battle, { ...deps, onRound, isStopping }))) return;
      played += 1;
      end = "finished";
    } catch (error) {
      if (isUnsound(error)) {
        unsound.add(battle.instanceId);
        deps.onUnsound(battle.instanceId, error.message);
      } else if (isDiskFull(error) && gate.putOff(battle.battleId)) {
        queue.unshift(battle);
        end = "put-off";
      } else failure ??= error;
    } finally {
      if (end !== undefined) deps.onBattle(battle, end);
    }
  };
  let playing = 0;
  const closeWhenDone = (): void => {
    if ((queue.length === 0 && playing === 0) || failure !== undefined) gate.close();
  };
  const work = async (): Promise<void> => {
    for (let leave = await gate.enter(); leave !== undefined; leave = await gate.enter()) {
      const battle = queue.shift();
      // Who puts a battle off takes it up again: nobody needs to wait for those that others play.
      if (battle === undefined) return leave();
      playing += 1;
      if (!unsound.has(battle.instanceId)) await playOne(battle);
      playing -= 1;
      closeWhenDone();
      leave();
    }
  };
  closeWhenDone();
  await Promise.all(Array.from({ length: gate.mostWorkers }, work));
  time.lap();
  if (failure !== undefined && !deps.signal.aborted) throw failure;
  await settleContested({ ...deps, repeats: deps.settings.repeats, isStopping });
  time.lap();
  const voidRounds = deps.store.rounds().filter((row) => row.record.void !== undefined).length;
  return { played, voidRounds, unsound: [...unsound], interrupted: deps.signal.aborted || isStopping() };
}

const instanceFaults = new Set([
  "unsound-instance",
  "preparation-failed",
  "commit-missing",
  "repository-missing",
]);

function isUnsound(error: unknown): error is Error {
  return error instanceof CaseFault || (isFault(error) && instanceFaults.has(error.code));
}
