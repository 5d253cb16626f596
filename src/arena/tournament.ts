// Plays planned battles with bounded workers; what is stored stays, so a crash resumes from the unplayed battles.

import type { Canary } from "../domain/canary.ts";
import { isFault } from "../domain/fault.ts";
import type { PlannedBattle, RoundRow } from "../domain/run.ts";
import { type BattleDeps, playBattle } from "./battle.ts";
import { BattleQueue } from "./battle-queue.ts";
import { type CanaryIntervals, CanaryWatch } from "./canary-watch.ts";
import { type Case, CaseFault } from "./case.ts";
import { DropOuts } from "./drop-outs.ts";
import { type HourLimits, PlayTime } from "./play-time.ts";
import { ContestantFault } from "./run-ending.ts";
import { settleContested } from "./settle.ts";

export interface TournamentDeps extends BattleDeps {
  readonly workers: number;
  /** No battle begins once they are used up; what is being played is played to its end. */
  readonly hours?: HourLimits;
  readonly openCase: (instanceId: string) => Promise<Case>;
  /** When instances have their controls run on this host; never when absent. */
  readonly canaries?: CanaryIntervals;
  readonly onCanary?: (canary: Canary) => void;
  /** Whose model answers nothing at the moment: workers do not queue up behind it while others can play. */
  readonly isSilent?: (contestant: string) => boolean;
  /** A contestant whose budget is used up, or whose endpoint fails for good: others play on. */
  readonly onDropOut?: (contestant: string, reason: string) => void;
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
  /** Instances that had battles to play and are in quarantine. */
  readonly quarantined: readonly string[];
  /** Contestants, in the order they left. */
  readonly droppedOut: readonly string[];
  readonly interrupted: boolean;
}

/** The battles that are left, of whom everybody has had a share in earlier sessions. */
function queueOf(store: BattleDeps["store"]): BattleQueue {
  const unplayed = store.unplayed();
  const waiting = new Set(unplayed.map(({ battleId }) => battleId));
  const queue = new BattleQueue(store.battles().filter(({ battleId }) => !waiting.has(battleId)));
  queue.add(unplayed);
  return queue;
}

function watchOf(deps: TournamentDeps): CanaryWatch | undefined {
  const { canaries: intervals, onCanary = () => {}, settings } = deps;
  return intervals === undefined
    ? undefined
    : new CanaryWatch({ ...deps, intervals, onCanary, seed: `${settings.seed} canary` });
}

/**
 * Plays every unplayed battle. Workers take the next one so that progress stays even; an abort lets running rounds be
 * cut off and stays resumable. @throws the first fault that would void every other round too
 */
export async function playTournament(deps: TournamentDeps): Promise<TournamentResult> {
  const { store, now, hours: limits = {}, onDropOut = () => {} } = deps;
  const queue = queueOf(store);
  const unsound = new Set<string>();
  const canaries = watchOf(deps);
  const dropOuts = new DropOuts({ store, now, onDropOut });
  const time = new PlayTime({ store, now, limits });
  const onRound = (row: RoundRow): void => {
    time.played(row);
    deps.onRound(row);
  };
  let played = 0;
  let failure: unknown;
  const take = (): PlannedBattle | undefined => {
    if (failure !== undefined || deps.signal.aborted) return undefined;
    return queue.take(deps.isSilent);
  };
  const play = async (battle: PlannedBattle): Promise<void> => {
    if (unsound.has(battle.instanceId)) return;
    time.mustHaveTimeFor(battle);
    if ((await canaries?.vouchesFor(battle.instanceId)) === false) return;
    deps.onBattle(battle, "started");
    await playBattle(await deps.openCase(battle.instanceId), battle, { ...deps, onRound });
    played += 1;
    deps.onBattle(battle, "finished");
  };
  const leave = (battle: PlannedBattle, error: unknown): void => {
    if (isUnsound(error)) {
      unsound.add(battle.instanceId);
      deps.onUnsound(battle.instanceId, error.message);
    } else if (error instanceof ContestantFault && dropOuts.drop(error)) queue.drop(error.contestant);
    else failure ??= error;
  };
  const work = async (): Promise<void> => {
    for (let battle = take(); battle !== undefined; battle = take()) {
      const one = battle;
      await play(one).catch((error: unknown) => leave(one, error));
      queue.ended(one);
    }
  };
  await Promise.all(Array.from({ length: deps.workers }, work));
  time.lap();
  if (failure !== undefined && !deps.signal.aborted) throw failure;
  await settleContested({ ...deps, repeats: deps.settings.repeats });
  time.lap();
  const voidRounds = deps.store.rounds().filter((row) => row.record.void !== undefined).length;
  return {
    ...{ played, voidRounds, unsound: [...unsound], interrupted: deps.signal.aborted },
    ...{ quarantined: canaries?.met ?? [], droppedOut: dropOuts.contestants },
  };
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
