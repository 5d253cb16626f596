// Contestants who leave a run in its middle, while others have something to play without them.
import type { RunStore } from "../domain/run.ts";
import type { BattleSource } from "./battle-source.ts";
import type { ContestantFault } from "./run-ending.ts";

export interface DropOutDeps {
  readonly store: Pick<RunStore, "recordDropout" | "returnDropouts">;
  readonly source: Pick<BattleSource, "drop">;
  readonly now: () => number;
  /** Told once of each that drops out. */
  readonly onDropOut: (contestant: string, reason: string) => void;
}

/** A session begins with everybody: budgets and keys may be others than in the last one. */
export class DropOuts {
  readonly #deps: DropOutDeps;
  readonly #out = new Set<string>();

  constructor(deps: DropOutDeps) {
    this.#deps = deps;
    deps.store.returnDropouts();
  }

  /** In the order they left. */
  get contestants(): readonly string[] {
    return [...this.#out];
  }

  /** Whether the run goes on without it; false where others have no battle without it. */
  drop({ contestant, code, message: reason }: ContestantFault): boolean {
    if (this.#out.has(contestant)) return true;
    this.#out.add(contestant);
    const { store, source, now, onDropOut } = this.#deps;
    if (!source.drop(contestant, reason)) return false;
    store.recordDropout({ contestant, atMs: now(), code, reason });
    onDropOut(contestant, reason);
    return true;
  }
}
