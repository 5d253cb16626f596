// Counts what happens while a run is played, and says at any moment how it stands.
import { scoreOf } from "../../domain/record.ts";
import type { PlannedBattle, RoundRow, RunStore } from "../../domain/run.ts";
import type { BudgetLimits, Spend } from "../../inference/index.ts";
import type { BattleState } from "../schedule.ts";
import type { BattleGate } from "./gate.ts";
import type { RunStatus } from "./status.ts";
import { type TimedBattle, timeLeft } from "./time-left.ts";

export interface ProgressDeps {
  readonly store: Pick<RunStore, "battles" | "unplayed" | "rounds">;
  readonly contestantIds: readonly string[];
  readonly gate: BattleGate;
  readonly limits: BudgetLimits;
  /** Of model calls so far, by one contestant or by all. */
  readonly spent: (contestant?: string) => Spend;
  /** Battles are drawn while the run is played: how many there will be, nobody knows. */
  readonly isGrowing?: boolean;
  /** Milliseconds of a clock that nobody sets. */
  readonly monotonicMs: () => number;
}

interface InPlay {
  readonly battle: PlannedBattle;
  readonly sinceMs: number;
  readonly isFirst: boolean;
  /** False when rounds of it were played before: its duration says nothing of whole ones. */
  readonly isWhole: boolean;
  rounds: number;
}

class Score {
  #rounds = 0;
  #sum = 0;

  add(score: number): void {
    this.#rounds += 1;
    this.#sum += score;
  }

  get part(): RunStatus["contestants"][number]["submitter"] {
    return { rounds: this.#rounds, ...(this.#rounds === 0 ? {} : { meanScore: this.#sum / this.#rounds }) };
  }
}

class Tally {
  readonly submitter = new Score();
  readonly reviewer = new Score();
  voids = 0;
}

const growing: RunStatus["timeLeft"] = { kind: "unknown", because: "battles are drawn as it goes" };

export class RunProgress {
  readonly #deps: ProgressDeps;
  readonly #beganMs: number;
  readonly #tallies = new Map<string, Tally>();
  readonly #inPlay = new Map<string, InPlay>();
  readonly #waiting = new Map<string, PlannedBattle>();
  readonly #roundsOf = new Map<string, number>();
  readonly #opened = new Set<string>();
  readonly #unsound = new Set<string>();
  readonly #timed: TimedBattle[] = [];
  #planned = 0;
  #played = 0;
  #voids = 0;
  #rounds = 0;

  constructor(deps: ProgressDeps) {
    this.#deps = deps;
    this.#beganMs = deps.monotonicMs();
    for (const id of deps.contestantIds) this.#tallies.set(id, new Tally());
    for (const row of deps.store.rounds()) this.#count(row);
    this.#plan();
  }

  onRound(row: RoundRow): void {
    this.#count(row);
    const playing = this.#inPlay.get(row.battleId);
    if (playing !== undefined) playing.rounds += 1;
  }

  onBattle(battle: PlannedBattle, state: BattleState): void {
    if (state === "started") this.#start(battle);
    else this.#end(battle, state);
  }

  /** Its battles are not played in this session. */
  onUnsound(instanceId: string): void {
    for (const [id, battle] of this.#waiting) if (battle.instanceId === instanceId) this.#waiting.delete(id);
    this.#unsound.add(instanceId);
  }

  status(): RunStatus {
    const { gate, spent, limits, monotonicMs } = this.#deps;
    const { because, ...state } = this.#state();
    const nowMs = monotonicMs();
    return {
      ...state,
      ...(because === undefined ? {} : { because }),
      workers: gate.workers,
      battles: { planned: this.#planned, played: this.#played },
      unsound: [...this.#unsound],
      rounds: { played: this.#rounds, void: this.#voids },
      seconds: (nowMs - this.#beganMs) / 1000,
      inPlay: [...this.#inPlay.values()].map(({ battle, sinceMs, rounds }) => {
        const { battleId, instanceId, first, second } = battle;
        const round = Math.min(rounds + 1, battle.rounds);
        const named = { battleId, instanceId, first, second };
        return { ...named, round, rounds: battle.rounds, seconds: (nowMs - sinceMs) / 1000 };
      }),
      timeLeft: this.#deps.isGrowing === true ? growing : timeLeft(this.#question(nowMs)),
      spent: spent(),
      limit: limits.total ?? {},
      contestants: [...this.#tallies].map(([id, { submitter, reviewer, voids }]) => ({
        ...{ id, submitter: submitter.part, reviewer: reviewer.part, void: voids },
        ...{ spent: spent(id), limit: limits.perContestant ?? {} },
      })),
    };
  }

  #state(): Pick<RunStatus, "state"> & { readonly because?: string | undefined } {
    const { gate } = this.#deps;
    if (gate.state === "stopping") return { state: "stopping" };
    const isPlayed = this.#waiting.size === 0 && this.#inPlay.size === 0;
    if (isPlayed && this.#deps.isGrowing !== true) return { state: "settling" };
    const { state } = gate;
    if (state === "low-disk" || state === "no-engine") return { state, because: gate.shortage };
    return { state: state === "open" ? "playing" : "paused" };
  }

  #question(nowMs: number): Parameters<typeof timeLeft>[0] {
    const waiting = new Map<string, number>();
    for (const { instanceId } of this.#waiting.values())
      waiting.set(instanceId, (waiting.get(instanceId) ?? 0) + 1);
    const inPlay = [...this.#inPlay.values()].map(({ battle, sinceMs, isFirst }) => {
      return { instanceId: battle.instanceId, isFirst, seconds: (nowMs - sinceMs) / 1000 };
    });
    const { workers } = this.#deps.gate;
    return { timed: this.#timed, inPlay, waiting, opened: this.#opened, workers };
  }

  /** A plan may grow while it is played. */
  #plan(): void {
    const battles = this.#deps.store.battles();
    const unplayed = this.#deps.store.unplayed();
    this.#planned = battles.length;
    this.#played = battles.length - unplayed.length;
    this.#waiting.clear();
    for (const battle of unplayed) {
      if (this.#inPlay.has(battle.battleId) || this.#unsound.has(battle.instanceId)) continue;
      this.#waiting.set(battle.battleId, battle);
    }
  }

  #start(battle: PlannedBattle): void {
    if (!this.#waiting.has(battle.battleId)) this.#plan();
    this.#waiting.delete(battle.battleId);
    const rounds = this.#roundsOf.get(battle.battleId) ?? 0;
    const isFirst = !this.#opened.has(battle.instanceId);
    this.#opened.add(battle.instanceId);
    const sinceMs = this.#deps.monotonicMs();
    this.#inPlay.set(battle.battleId, { battle, sinceMs, isFirst, isWhole: rounds === 0, rounds });
  }

  #end(battle: PlannedBattle, state: BattleState): void {
    const playing = this.#inPlay.get(battle.battleId);
    this.#inPlay.delete(battle.battleId);
    if (state === "put-off") this.#waiting.set(battle.battleId, battle);
    if (state !== "finished" || playing === undefined) return;
    this.#played += 1;
    const seconds = (this.#deps.monotonicMs() - playing.sinceMs) / 1000;
    const { instanceId } = battle;
    if (playing.isWhole) this.#timed.push({ instanceId, isFirst: playing.isFirst, seconds });
  }

  #count(row: RoundRow): void {
    this.#rounds += 1;
    this.#roundsOf.set(row.battleId, (this.#roundsOf.get(row.battleId) ?? 0) + 1);
    const score = scoreOf(row.record, "strict");
    if (score === undefined) {
      this.#voids += 1;
      for (const id of new Set([row.submitter, row.reviewer])) this.#of(id).voids += 1;
      return;
    }
    this.#of(row.submitter).submitter.add(score.submitter);
    this.#of(row.reviewer).reviewer.add(score.reviewer);
  }

  #of(id: string): Tally {
    const tally = this.#tallies.get(id) ?? new Tally();
    this.#tallies.set(id, tally);
    return tally;
  }
}
