// Plays planned battles with bounded workers; what is stored stays, so a crash resumes from the unplayed battles.
import type { Canary } from "../domain/canary.ts";
import { isFault } from "../domain/fault.ts";
import type { PlannedBattle, RoundRow, RunSettings, RunStore } from "../domain/run.ts";
import { AdaptiveBattles } from "./adaptive/source.ts";
import { type BattleDeps, playBattle } from "./battle.ts";
import { type BattleEnd, type BattleSource, plannedBattles } from "./battle-source.ts";
import { type CanaryIntervals, CanaryWatch } from "./canary-watch.ts";
import { type Case, CaseFault } from "./case.ts";
import { DropOuts } from "./drop-outs.ts";
import { type HourLimits, PlayTime } from "./play-time.ts";
import { ContestantFault } from "./run-ending.ts";
import { settleContested } from "./settle.ts";

/** All that playing a run takes, whatever plays its battles. */
export interface ScheduleDeps {
  readonly store: RunStore;
  readonly settings: RunSettings;
  /**
   * What an adaptive run (`settings.pairing`) may open. Without it the stored plan alone is played; where all is planned
   * beforehand it says nothing.
   */
  readonly instanceIds?: readonly string[];
  readonly workers: number;
  /** No battle begins once they are used up; what is being played is played to its end. */
  readonly hours?: HourLimits;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Instances whose controls come out wrong on this host have no battle played; nobody looks when absent. */
  readonly watch?: Pick<CanaryWatch, "refusal" | "refused">;
  /** Whose model answers nothing at the moment: workers do not queue up behind it while others can play. */
  readonly isSilent?: (contestant: string) => boolean;
  /** A contestant whose budget is used up, or whose endpoint fails for good: others play on. */
  readonly onDropOut?: (contestant: string, reason: string) => void;
  /** Records every round of a battle and finishes it. @throws a fault for what is no round's outcome */
  readonly play: (battle: PlannedBattle, onRound: (row: RoundRow) => void) => Promise<void>;
  /** Settles contested kills, of these rounds alone where they are given. */
  readonly settle: (rows?: readonly RoundRow[]) => Promise<void>;
  readonly onRound: (row: RoundRow) => void;
  readonly onBattle: (battle: PlannedBattle, state: "started" | "finished") => void;
  /** An instance that cannot be judged at all: its battles are left unplayed and said so. */
  readonly onUnsound: (instanceId: string, message: string) => void;
}

export interface TournamentDeps extends BattleDeps, Omit<ScheduleDeps, "play" | "settle" | "watch"> {
  readonly openCase: (instanceId: string) => Promise<Case>;
  /** When instances have their controls run on this host; never when absent. */
  readonly canaries?: CanaryIntervals;
  readonly onCanary?: (canary: Canary) => void;
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
  /** Who was proven to be first, where that ended the run before all its issues were opened. */
  readonly winner?: string;
}

/** Plays a run's battles as they are. @throws as `playSchedule` */
export function playTournament(deps: TournamentDeps): Promise<TournamentResult> {
  const { canaries: intervals, onCanary = () => {}, settings } = deps;
  const seed = `${settings.seed} canary`;
  return playSchedule({
    ...deps,
    ...(intervals === undefined ? {} : { watch: new CanaryWatch({ ...deps, intervals, onCanary, seed }) }),
    play: async (battle, onRound) =>
      playBattle(await deps.openCase(battle.instanceId), battle, { ...deps, onRound }),
    settle: (rows) => settleContested({ ...deps, repeats: deps.settings.repeats }, rows),
  });
}

/** The stored plan, or for an adaptive run one that grows. */
function sourceOf(deps: ScheduleDeps, isStopped: () => boolean): BattleSource {
  const { store, settle, instanceIds, settings, isSilent } = deps;
  const { pairing } = settings;
  if (pairing === undefined || instanceIds === undefined) return plannedBattles(store, isStopped, isSilent);
  return new AdaptiveBattles({ store, settings: { ...settings, pairing }, instanceIds, settle, isStopped });
}

/**
 * Plays every unplayed battle, and those that are drawn meanwhile. Workers take the next one as their source has it; an
 * abort lets running rounds be cut off and stays resumable. @throws the first fault that would void every other round too
 */
export async function playSchedule(deps: ScheduleDeps): Promise<TournamentResult> {
  const unsound = new Map<string, string>();
  const { store, now, watch, hours: limits = {}, onDropOut = () => {} } = deps;
  const dropOuts = new DropOuts({ store, now, onDropOut });
  const time = new PlayTime({ store, now, limits });
  const onRound = (row: RoundRow): void => {
    time.played(row);
    deps.onRound(row);
  };
  let played = 0;
  let failure: unknown;
  const source = sourceOf(deps, () => failure !== undefined || deps.signal.aborted);
  /** Whether it is about a contestant whom the others can do without. */
  const hasLeft = (error: unknown): boolean => {
    if (!(error instanceof ContestantFault) || source.drop === undefined || !dropOuts.drop(error))
      return false;
    source.drop(error.contestant);
    return true;
  };
  const play = async (battle: PlannedBattle): Promise<BattleEnd> => {
    const leftOut = unsound.get(battle.instanceId);
    if (leftOut !== undefined) return { leftOut };
    try {
      time.mustHaveTimeFor(battle);
      const refusal = await watch?.refusal(battle.instanceId);
      if (refusal !== undefined) return { leftOut: refusal };
      deps.onBattle(battle, "started");
      await deps.play(battle, onRound);
      played += 1;
      deps.onBattle(battle, "finished");
      return "played";
    } catch (error) {
      if (!isUnsound(error)) {
        if (!hasLeft(error)) failure ??= error;
        return "cut-off";
      }
      unsound.set(battle.instanceId, error.message);
      deps.onUnsound(battle.instanceId, error.message);
      return { leftOut: error.message };
    }
  };
  const work = async (): Promise<void> => {
    try {
      for (let battle = await source.next(); battle !== undefined; battle = await source.next())
        await source.over(battle, await play(battle));
    } catch (error) {
      failure ??= error;
    }
  };
  await Promise.all(Array.from({ length: deps.workers }, work));
  time.lap();
  if (failure !== undefined && !deps.signal.aborted) throw failure;
  await deps.settle();
  time.lap();
  const voidRounds = deps.store.rounds().filter((row) => row.record.void !== undefined).length;
  const ended = {
    ...{ played, voidRounds, unsound: [...unsound.keys()], interrupted: deps.signal.aborted },
    ...{ quarantined: watch?.refused ?? [], droppedOut: dropOuts.contestants },
  };
  return source.winner === undefined ? ended : { ...ended, winner: source.winner };
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
