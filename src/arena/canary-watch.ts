// When an instance's canary is due, and that no battle begins on an instance whose canary has failed.
import { type Canary, hasPassed, quarantinedBy } from "../domain/canary.ts";
import type { RunStore } from "../domain/run.ts";
import { type CanaryDeps, runCanary } from "./canary.ts";
import type { Case } from "./case.ts";

export interface CanaryIntervals {
  /** Battles of an instance before it has a canary again. */
  readonly battles: number;
  /** Hours after which its next battle has to wait for one. */
  readonly hours: number;
}

/** A canary takes some five sandbox runs, a battle of two rounds a score and more: a hundredth of what is judged. */
export const defaultCanaryIntervals: CanaryIntervals = { battles: 25, hours: 6 };

export interface CanaryWatchDeps extends CanaryDeps {
  /** Milliseconds of a clock that nobody sets: for the hours between two canaries. */
  readonly monotonicMs: () => number;
  readonly store: Pick<RunStore, "canaries" | "recordCanary">;
  readonly openCase: (instanceId: string) => Promise<Case>;
  readonly intervals: CanaryIntervals;
  /** Told of every canary, and once of every instance that was in quarantine when the session began. */
  readonly onCanary: (canary: Canary) => void;
}

interface Watched {
  readonly sinceMs: number;
  battles: number;
  readonly canary: Promise<Canary>;
}

/** Every instance has a canary before its first battle of a session: it may be another host than the last one. */
export class CanaryWatch {
  readonly #deps: CanaryWatchDeps;
  readonly #watched = new Map<string, Watched>();
  readonly #quarantined: Map<string, Canary>;
  readonly #told = new Set<string>();

  constructor(deps: CanaryWatchDeps) {
    this.#deps = deps;
    this.#quarantined = new Map(quarantinedBy(deps.store.canaries()));
  }

  /** Instances in quarantine whose battles somebody asked for in this session. */
  get refused(): readonly string[] {
    return [...this.#told];
  }

  /**
   * Why no battle of the instance may begin, after a canary where one is due; undefined where one may.
   * @throws what opening the instance and running its canary throw: a fault, and no quarantine
   */
  async refusal(instanceId: string): Promise<string | undefined> {
    const canary = this.#quarantined.get(instanceId) ?? (await this.#due(instanceId));
    if (canary.reason === undefined) return undefined;
    if (!this.#told.has(instanceId)) this.#deps.onCanary(canary);
    this.#told.add(instanceId);
    return `in quarantine: ${canary.reason}`;
  }

  /** Battles that begin at the same time wait for the same one. */
  #due(instanceId: string): Promise<Canary> {
    const { intervals, monotonicMs } = this.#deps;
    const last = this.#watched.get(instanceId);
    if (last !== undefined) {
      last.battles += 1;
      const hours = (monotonicMs() - last.sinceMs) / 3_600_000;
      if (last.battles <= intervals.battles && hours < intervals.hours) return last.canary;
    }
    const watched: Watched = { sinceMs: monotonicMs(), battles: 1, canary: this.#run(instanceId) };
    this.#watched.set(instanceId, watched);
    // Nothing is known after a fault: the next battle asks again.
    watched.canary.catch(() => {
      if (this.#watched.get(instanceId) === watched) this.#watched.delete(instanceId);
    });
    return watched.canary;
  }

  async #run(instanceId: string): Promise<Canary> {
    const { store, openCase, onCanary } = this.#deps;
    const turn = store.canaries().filter((canary) => canary.instanceId === instanceId).length;
    const canary = await runCanary(await openCase(instanceId), turn, this.#deps);
    store.recordCanary(canary);
    if (hasPassed(canary)) onCanary(canary);
    else this.#quarantined.set(instanceId, canary);
    return canary;
  }
}
