// Plays planned battles with bounded workers; what is stored stays, so a crash resumes from the unplayed battles.
import { isFault } from "../domain/fault.ts";
import type { PlannedBattle, RoundRow, RunSettings, RunStore } from "../domain/run.ts";
import { AdaptiveBattles } from "./adaptive/source.ts";
import { type BattleDeps, playBattle } from "./battle.ts";
import { type BattleEnd, type BattleSource, plannedBattles } from "./battle-source.ts";
import { type Case, CaseFault } from "./case.ts";
import { type HourLimits, PlayTime } from "./play-time.ts";
import { BattleGate } from "./running/gate.ts";
import { isDiskFull } from "./running/room.ts";
import { settleContested } from "./settle.ts";

/**
 * `put-off`: a full disk cut it short, it is played once there is room. `given-back`: whoever resumes the run plays what
 * is left of it.
 */
export type BattleState = "started" | "finished" | "put-off" | "given-back";

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
  /** Asked before each battle; without one, `workers` battles at once until all are played. */
  readonly gate?: BattleGate;
  /** No battle begins once they are used up; what is being played is played to its end. */
  readonly hours?: HourLimits;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Records every round of a battle and finishes it; false when it is given back. @throws a fault for what is no round's outcome */
  readonly play: (battle: PlannedBattle, onRound: (row: RoundRow) => void) => Promise<boolean>;
  /** Settles contested kills, of these rounds alone where they are given. */
  readonly settle: (rows?: readonly RoundRow[]) => Promise<void>;
  readonly onRound: (row: RoundRow) => void;
  readonly onBattle: (battle: PlannedBattle, state: BattleState) => void;
  /** An instance that cannot be judged at all: its battles are left unplayed and said so. */
  readonly onUnsound: (instanceId: string, message: string) => void;
}

export interface TournamentDeps extends BattleDeps, Omit<ScheduleDeps, "play" | "settle"> {
  readonly openCase: (instanceId: string) => Promise<Case>;
  /** A contested kill that a fault kept from being settled: it stays open. */
  readonly onUnsettled: (row: RoundRow, message: string) => void;
}

export interface TournamentResult {
  readonly played: number;
  readonly voidRounds: number;
  readonly unsound: readonly string[];
  readonly interrupted: boolean;
  /** Who was proven to be first, where that ended the run before all its issues were opened. */
  readonly winner?: string;
}

/** Plays a run's battles as they are. @throws as `playSchedule` */
export function playTournament(deps: TournamentDeps): Promise<TournamentResult> {
  const isStopping = (): boolean => deps.gate?.isStopping === true;
  return playSchedule({
    ...deps,
    play: async (battle, onRound) =>
      playBattle(await deps.openCase(battle.instanceId), battle, { ...deps, onRound, isStopping }),
    settle: (rows) => settleContested({ ...deps, isStopping, repeats: deps.settings.repeats }, rows),
  });
}

/** The stored plan, or for an adaptive run one that grows. */
function sourceOf(deps: ScheduleDeps, isStopped: () => boolean): BattleSource {
  const { store, settle, instanceIds, settings } = deps;
  const { pairing } = settings;
  if (pairing === undefined || instanceIds === undefined) return plannedBattles(store, isStopped);
  return new AdaptiveBattles({ store, settings: { ...settings, pairing }, instanceIds, settle, isStopped });
}

/**
 * Plays every unplayed battle, and those that are drawn meanwhile. Workers take the next one in plan order, once the gate
 * lets it begin; a gate that stops has battles given back after their round, an abort cuts rounds off. Both stay
 * resumable. @throws the first fault that would void every other round too
 */
export async function playSchedule(deps: ScheduleDeps): Promise<TournamentResult> {
  const unsound = new Map<string, string>();
  const { store, now, signal, workers, hours: limits = {} } = deps;
  const gate = deps.gate ?? new BattleGate({ workers, signal });
  const time = new PlayTime({ store, now, limits });
  const onRound = (row: RoundRow): void => {
    time.played(row);
    deps.onRound(row);
  };
  let played = 0;
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
    gate.halt();
  };
  const isInterrupted = (): boolean => signal.aborted || gate.isStopping;
  const source = sourceOf(deps, () => failure !== undefined || isInterrupted());
  const tried = async (battle: PlannedBattle): Promise<BattleEnd | "put-off"> => {
    const leftOut = unsound.get(battle.instanceId);
    if (leftOut !== undefined) return { leftOut };
    time.mustHaveTimeFor(battle);
    deps.onBattle(battle, "started");
    let state: BattleState = "given-back";
    try {
      if (!(await deps.play(battle, onRound))) return "cut-off";
      played += 1;
      state = "finished";
      return "played";
    } catch (error) {
      if (isUnsound(error)) {
        unsound.set(battle.instanceId, error.message);
        deps.onUnsound(battle.instanceId, error.message);
        return { leftOut: error.message };
      }
      if (!isDiskFull(error) || !gate.putOff(battle.battleId)) throw error;
      state = "put-off";
      return "put-off";
    } finally {
      deps.onBattle(battle, state);
    }
  };
  /** Whoever puts a battle off keeps it in hand until there is room. */
  const play = async (battle: PlannedBattle): Promise<BattleEnd> => {
    try {
      while (await gate.mayBegin()) {
        const end = await tried(battle);
        if (end !== "put-off") return end;
      }
    } catch (error) {
      fail(error);
    }
    return "cut-off";
  };
  const work = async (): Promise<void> => {
    for (let leave = await gate.enter(); leave !== undefined; leave = await gate.enter()) {
      try {
        const battle = await source.next();
        if (battle === undefined) gate.close();
        else await source.over(battle, await play(battle));
      } catch (error) {
        fail(error);
      } finally {
        leave();
      }
    }
  };
  await Promise.all(Array.from({ length: gate.mostWorkers }, work));
  time.lap();
  if (failure !== undefined && !signal.aborted) throw failure;
  await deps.settle();
  time.lap();
  const voidRounds = store.rounds().filter((row) => row.record.void !== undefined).length;
  const ended = { played, voidRounds, unsound: [...unsound.keys()], interrupted: isInterrupted() };
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
