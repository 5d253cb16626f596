// How long a run has been played, over all its sessions, and that no battle begins once its hours are used up.
import { Fault } from "../domain/fault.ts";
import type { PlannedBattle, RoundRow, RunStore } from "../domain/run.ts";
import { ContestantFault } from "./run-ending.ts";

/** A missing limit is no limit. */
export interface HourLimits {
  /** Wall time of the run. */
  readonly total?: number;
  /** Time that the model calls of one contestant took. */
  readonly perContestant?: number;
}

export class HoursFault extends Fault<"budget-exhausted"> {}

export interface PlayTimeDeps {
  readonly store: Pick<RunStore, "addPlayedSeconds" | "playedSeconds" | "rounds">;
  /** Milliseconds of a clock that nobody sets: an hour that the wall clock leaps over was not played. */
  readonly monotonicMs: () => number;
  readonly limits: HourLimits;
}

const inHours = (seconds: number): string => `${Number((seconds / 3600).toPrecision(3))} hours`;

/**
 * Time is put on record whenever a battle begins and whenever a round ends, so that a killed session loses what came
 * after the last of these and no more.
 */
export class PlayTime {
  readonly #deps: PlayTimeDeps;
  /** Of their model calls in stored rounds. */
  readonly #modelSeconds = new Map<string, number>();
  #lappedMs: number;

  constructor(deps: PlayTimeDeps) {
    this.#deps = deps;
    this.#lappedMs = deps.monotonicMs();
    for (const row of deps.store.rounds()) this.#count(row);
  }

  lap(): void {
    const nowMs = this.#deps.monotonicMs();
    this.#deps.store.addPlayedSeconds((nowMs - this.#lappedMs) / 1000);
    this.#lappedMs = nowMs;
  }

  played(row: RoundRow): void {
    this.#count(row);
    this.lap();
  }

  /** @throws HoursFault when no battle may begin any more, ContestantFault when none of one contestant may */
  mustHaveTimeFor({ first, second }: PlannedBattle): void {
    this.lap();
    const { total, perContestant } = this.#deps.limits;
    const usedUp = overText("of the run", total, this.#deps.store.playedSeconds() ?? 0);
    if (usedUp !== undefined) throw new HoursFault("budget-exhausted", usedUp, { retryable: false });
    for (const id of new Set([first, second])) {
      const whose = `of ${id}, its model calls together,`;
      const message = overText(whose, perContestant, this.#modelSeconds.get(id) ?? 0);
      if (message !== undefined) throw new ContestantFault(id, { code: "budget-exhausted", message });
    }
  }

  #count({ submitter, reviewer, submitterUsage, reviewerUsage }: RoundRow): void {
    const sides = [
      [submitter, submitterUsage],
      [reviewer, reviewerUsage],
    ] as const;
    for (const [id, { seconds }] of sides)
      this.#modelSeconds.set(id, (this.#modelSeconds.get(id) ?? 0) + seconds);
  }
}

function overText(whose: string, limitHours: number | undefined, seconds: number): string | undefined {
  if (limitHours === undefined || seconds < limitHours * 3600) return undefined;
  return (
    `the time ${whose} may be ${limitHours} hours; ${inHours(seconds)} are used: no battle is begun any more. ` +
    "Raise the budget and resume"
  );
}
