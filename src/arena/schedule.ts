// Battles played by bounded workers, whatever plays one: what may begin, what is put off, who leaves, and what ends it all.
import { isFault } from "../domain/fault.ts";
import type { PlannedBattle, RoundRow, RunSettings, RunStore } from "../domain/run.ts";
import { AdaptiveBattles } from "./adaptive/source.ts";
import { type BattleEnd, type BattleSource, plannedBattles } from "./battle-source.ts";
import type { CanaryWatch } from "./canary-watch.ts";
import { CaseFault } from "./case.ts";
import { DropOuts } from "./drop-outs.ts";
import { type HourLimits, PlayTime } from "./play-time.ts";
import { ContestantFault } from "./run-ending.ts";
import { BattleGate } from "./running/gate.ts";
import { diskFault, isDiskFull } from "./running/room.ts";

/**
 * `put-off`: a full disk or an engine that was gone cut it short, it is played once that is mended. `given-back`: whoever resumes the run plays what
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
  /** Milliseconds since 1970, UTC: for stamps. */
  readonly now: () => number;
  /** Milliseconds of a clock that nobody sets: for hours. */
  readonly monotonicMs: () => number;
  readonly signal: AbortSignal;
  /** Instances whose controls come out wrong on this host have no battle played; nobody looks when absent. */
  readonly watch?: Pick<CanaryWatch, "refusal" | "refused">;
  /** Whose model answers nothing at the moment: workers do not queue up behind it while others can play. */
  readonly isSilent?: (contestant: string) => boolean;
  /** A contestant whose budget is used up, or whose endpoint fails for good: others play on. */
  readonly onDropOut?: (contestant: string, reason: string) => void;
  /** Records every round of a battle and finishes it; false when it is given back. @throws a fault for what is no round's outcome */
  readonly play: (battle: PlannedBattle, onRound: (row: RoundRow) => void) => Promise<boolean>;
  /** Settles contested kills, of these rounds alone where they are given. */
  readonly settle: (rows?: readonly RoundRow[]) => Promise<void>;
  readonly onRound: (row: RoundRow) => void;
  readonly onBattle: (battle: PlannedBattle, state: BattleState) => void;
  /** An instance that cannot be judged at all: its battles are left unplayed and said so. */
  readonly onUnsound: (instanceId: string, message: string) => void;
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
  /** Who was proven to be first, of those who have not dropped out, where that ended the run before all its issues were opened. */
  readonly winner?: string;
}

/**
 * Plays every unplayed battle, and those that are drawn meanwhile. Workers take the next one as their source has it, once
 * the gate lets it begin; a gate that stops has battles given back after their round, an abort cuts rounds off. Both stay
 * resumable. @throws the first fault that would void every other round too
 */
export async function playSchedule(deps: ScheduleDeps): Promise<TournamentResult> {
  return new Schedule(deps).play();
}

class Schedule {
  readonly #deps: ScheduleDeps;
  readonly #gate: BattleGate;
  readonly #source: BattleSource;
  readonly #dropOuts: DropOuts;
  readonly #time: PlayTime;
  /** Why an instance cannot be judged. */
  readonly #unsound = new Map<string, string>();
  #played = 0;
  #failure: unknown;

  constructor(deps: ScheduleDeps) {
    const { store, now, monotonicMs, signal, workers, hours: limits = {}, onDropOut = () => {} } = deps;
    this.#deps = deps;
    this.#gate = deps.gate ?? new BattleGate({ workers, signal });
    this.#source = this.#sourceOf(deps);
    this.#dropOuts = new DropOuts({ store, source: this.#source, now, onDropOut });
    this.#time = new PlayTime({ store, monotonicMs, limits });
  }

  /** The stored plan, or for an adaptive run one that grows. */
  #sourceOf({ store, instanceIds, settings, isSilent }: ScheduleDeps): BattleSource {
    const isStopped = (): boolean => this.#failure !== undefined || this.#isInterrupted;
    const { pairing } = settings;
    if (pairing === undefined || instanceIds === undefined) return plannedBattles(store, isStopped, isSilent);
    const settle = (rows: readonly RoundRow[]): Promise<void> => this.#settle(rows);
    return new AdaptiveBattles({ store, settings: { ...settings, pairing }, instanceIds, settle, isStopped });
  }

  get #isInterrupted(): boolean {
    return this.#deps.signal.aborted || this.#gate.isStopping;
  }

  async play(): Promise<TournamentResult> {
    const { signal } = this.#deps;
    await Promise.all(Array.from({ length: this.#gate.mostWorkers }, () => this.#work()));
    await this.#lap();
    if (this.#failure !== undefined && !signal.aborted) throw this.#failure;
    await this.#settle();
    await this.#lap();
    return this.#result();
  }

  /** A full disk and a gone engine put it off, as they do a battle; where nothing may begin any more, whoever resumes the run settles. */
  #settle(rows?: readonly RoundRow[]): Promise<void> {
    return this.#onceItCan(`contested kills ${rows?.[0]?.instanceId ?? ""}`, () => this.#deps.settle(rows));
  }

  #lap(): Promise<void> {
    return this.#onceItCan("the time played", async () => this.#time.lap());
  }

  async #onceItCan(what: string, work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!this.#isPutOff(error, what)) throw error;
      }
      if (!(await this.#gate.mayBegin())) return;
      this.#gate.over();
    }
  }

  #result(): TournamentResult {
    const { store, watch } = this.#deps;
    const { winner } = this.#source;
    return {
      played: this.#played,
      voidRounds: store.rounds().filter((row) => row.record.void !== undefined).length,
      unsound: [...this.#unsound.keys()],
      quarantined: watch?.refused ?? [],
      droppedOut: this.#dropOuts.contestants,
      interrupted: this.#isInterrupted,
      ...(winner === undefined ? {} : { winner }),
    };
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#gate.halt();
  }

  async #work(): Promise<void> {
    const gate = this.#gate;
    for (let leave = await gate.enter(); leave !== undefined; leave = await gate.enter()) {
      try {
        const battle = await this.#source.next();
        if (battle === undefined) gate.close();
        else await this.#source.over(battle, await this.#inHand(battle));
      } catch (error) {
        this.#fail(error);
      } finally {
        leave();
      }
    }
  }

  /** Whoever puts a battle off keeps it in hand until it may begin again. */
  async #inHand(battle: PlannedBattle): Promise<BattleEnd> {
    try {
      while (await this.#gate.mayBegin()) {
        const end = await this.#tried(battle).finally(() => this.#gate.over());
        if (end !== "put-off") return end;
      }
    } catch (error) {
      this.#fail(error);
    }
    return "cut-off";
  }

  /** @throws what ends the run */
  async #tried(battle: PlannedBattle): Promise<BattleEnd | "put-off"> {
    const leftOut = this.#unsound.get(battle.instanceId);
    if (leftOut !== undefined) return { leftOut };
    /** Absent while the battle has not begun. */
    let state: BattleState | undefined;
    try {
      this.#time.mustHaveTimeFor(battle);
      const refusal = await this.#deps.watch?.refusal(battle.instanceId);
      if (refusal !== undefined) return { leftOut: refusal };
      this.#deps.onBattle(battle, "started");
      state = "given-back";
      if (!(await this.#deps.play(battle, (row) => this.#onRound(row)))) return "cut-off";
      this.#played += 1;
      state = "finished";
      return "played";
    } catch (error) {
      const end = this.#endAfter(error, battle);
      if (end === "put-off" && state !== undefined) state = "put-off";
      return end;
    } finally {
      if (state !== undefined) this.#deps.onBattle(battle, state);
    }
  }

  #onRound(row: RoundRow): void {
    this.#time.played(row);
    this.#deps.onRound(row);
  }

  /** What becomes of a battle that an error ended, where others can go on. @throws the error where they cannot */
  #endAfter(error: unknown, { instanceId, battleId }: PlannedBattle): BattleEnd | "put-off" {
    if (isUnsound(error)) {
      this.#unsound.set(instanceId, error.message);
      this.#deps.onUnsound(instanceId, error.message);
      return { leftOut: error.message };
    }
    if (error instanceof ContestantFault && this.#dropOuts.drop(error))
      return { leftOut: `${error.contestant} has dropped out: ${error.message}` };
    if (this.#isPutOff(error, battleId)) return "put-off";
    throw error;
  }

  /** Whether what met a full disk or a gone engine is to be done later. @throws a fault of the disk where that is no way out */
  #isPutOff(error: unknown, what: string): boolean {
    if (this.#gate.putOff(what, error)) return true;
    if (isDiskFull(error)) throw diskFault(error);
    return false;
  }
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
