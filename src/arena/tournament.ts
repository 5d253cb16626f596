// Plays planned battles with bounded workers; what is stored stays, so a crash resumes from the unplayed battles.
import { isFault } from "../domain/fault.ts";
import type { PlannedBattle, RoundRow } from "../domain/run.ts";
import { type BattleDeps, playBattle } from "./battle.ts";
import { type Case, CaseFault } from "./case.ts";
import { type HourLimits, PlayTime } from "./play-time.ts";
import { settleContested } from "./settle.ts";

export interface TournamentDeps extends BattleDeps {
  readonly workers: number;
  /** No battle begins once they are used up; what is being played is played to its end. */
  readonly hours?: HourLimits;
  readonly openCase: (instanceId: string) => Promise<Case>;
  readonly onBattle: (battle: PlannedBattle, state: "started" | "finished") => void;
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
 * Plays every unplayed battle. Workers take the next one in plan order; an abort lets running rounds be cut off and
 * stays resumable. @throws the first fault that would void every other round too
 */
export async function playTournament(deps: TournamentDeps): Promise<TournamentResult> {
  const queue = [...deps.store.unplayed()];
  const unsound = new Set<string>();
  const { store, now, hours: limits = {} } = deps;
  const time = new PlayTime({ store, now, limits });
  const onRound = (row: RoundRow): void => {
    time.played(row);
    deps.onRound(row);
  };
  let played = 0;
  let failure: unknown;
  const take = (): PlannedBattle | undefined => {
    if (failure !== undefined || deps.signal.aborted) return undefined;
    return queue.shift();
  };
  const work = async (): Promise<void> => {
    for (let battle = take(); battle !== undefined; battle = take()) {
      if (unsound.has(battle.instanceId)) continue;
      try {
        time.mustHaveTimeFor(battle);
        deps.onBattle(battle, "started");
        await playBattle(await deps.openCase(battle.instanceId), battle, { ...deps, onRound });
        played += 1;
        deps.onBattle(battle, "finished");
      } catch (error) {
        if (isUnsound(error)) {
          unsound.add(battle.instanceId);
          deps.onUnsound(battle.instanceId, error.message);
        } else failure ??= error;
      }
    }
  };
  await Promise.all(Array.from({ length: deps.workers }, work));
  time.lap();
  if (failure !== undefined && !deps.signal.aborted) throw failure;
  await settleContested({ ...deps, repeats: deps.settings.repeats });
  time.lap();
  const voidRounds = deps.store.rounds().filter((row) => row.record.void !== undefined).length;
  return { played, voidRounds, unsound: [...unsound], interrupted: deps.signal.aborted };
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
