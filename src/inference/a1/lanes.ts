// What may run at once on the two engines, by kind of work: more while a server has room, less as soon as it is pressed.
import type { Clock } from "../clock.ts";
import { type SlotLimits, Slots } from "../slots.ts";
import { type CallKey, type Engine, EngineFault, type EngineLoad } from "./engine.ts";

export const laneNames = ["draft", "score", "takeover"] as const;
export type LaneName = (typeof laneNames)[number];

/** Halved when pressed: a server's queue empties in a few steps, and its memory does not empty by itself. */
const cutFactor = 0.5;
/** One cut an episode: calls under way when the server was full all come back with it. */
const cooldownMs = 5_000;
const pollEveryMs = 2_000;
/** Shares of a key/value cache: above the first nothing grows, above the second work is put off. */
const cacheFull = { noGrowth: 0.85, cut: 0.95 };

/** Told of a fault after which the engine was asked again: what a second try hides presses a lane like any other. */
export type OnFault = (fault: EngineFault) => void;
type LaneWork<T> = (onFault: OnFault) => Promise<T>;

/** A slot is held from the call to the real end of its work. */
export class Lane {
  readonly name: LaneName;
  readonly #slots: Slots;
  #isPressed = false;

  constructor(name: LaneName, limits: SlotLimits, clock: Clock) {
    this.name = name;
    this.#slots = new Slots({ ...limits, cutFactor, cooldownMs }, clock);
  }

  load(): { name: LaneName; limit: number; running: number; queued: number } {
    return { name: this.name, ...this.#slots.snapshot() };
  }

  /** Where work waits at the server, successes are no reason to send more. */
  pressedBy({ queued, cacheShare = 0 }: EngineLoad): void {
    this.#isPressed = queued > 0 || cacheShare > cacheFull.noGrowth;
    if (cacheShare > cacheFull.cut) this.#slots.limited();
  }

  /**
   * Questions are served in turn, and of a question's samples the one that is nearest to its end: what early stopping
   * waits for. @throws what `work` throws; rejects with the signal's reason while it waits
   */
  async run<T>({ question, turn }: CallKey, signal: AbortSignal, work: LaneWork<T>): Promise<T> {
    const release = await this.#slots.acquire(signal, { party: question, progress: turn });
    let wasPressed = false;
    const onFault = ({ code }: EngineFault): void => {
      if (code !== "overloaded" && code !== "timed-out") return;
      wasPressed = true;
      this.#slots.limited();
    };
    try {
      const result = await work(onFault);
      // Answered at the second try is no sign of room.
      if (!wasPressed && !this.#isPressed) this.#slots.succeeded();
      return result;
    } catch (error) {
      if (error instanceof EngineFault) onFault(error);
      throw error;
    } finally {
      release();
    }
  }
}

/** Scoring has a lane of its own, since a prefill is short and must not wait for takeovers. */
export type Lanes = Readonly<Record<LaneName, Lane>>;

export function lanesOf(limits: Readonly<Record<LaneName, SlotLimits>>, clock: Clock): Lanes {
  const lane = (name: LaneName) => new Lane(name, limits[name], clock);
  return { draft: lane("draft"), score: lane("score"), takeover: lane("takeover") };
}

export interface WatchDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  isBusy(): boolean;
}

/** Looks at a server every two seconds as long as `isBusy`, and tells its lanes; a server that says nothing is left alone. */
export class PressureWatch {
  readonly #engine: Engine;
  readonly #lanes: readonly Lane[];
  readonly #deps: WatchDeps;
  #isOn = false;

  constructor(engine: Engine, lanes: readonly Lane[], deps: WatchDeps) {
    this.#engine = engine;
    this.#lanes = lanes;
    this.#deps = deps;
  }

  /** Ends when nothing is under way any more. One that still looks goes on instead of being joined by another. */
  async whileBusy(): Promise<void> {
    if (this.#isOn) return;
    this.#isOn = true;
    try {
      const { isBusy, signal } = this.#deps;
      while (!signal.aborted && isBusy() && (await this.#look())) await this.#pause();
    } finally {
      // In the same breath as the last look: a question that begins right after it finds nobody on watch.
      this.#isOn = false;
    }
  }

  /** @returns whether it is worth looking again */
  async #look(): Promise<boolean> {
    const { signal } = this.#deps;
    try {
      const load = await this.#engine.load(signal);
      if (load === undefined) return false;
      for (const lane of this.#lanes) lane.pressedBy(load);
    } catch (error) {
      if (signal.aborted) return false;
      if (!(error instanceof EngineFault)) throw error;
      // A server that cannot even say how it is gets no more than it has.
      for (const lane of this.#lanes) lane.pressedBy({ running: 0, queued: 1 });
    }
    return true;
  }

  /** Cut short at the end of everything, where there is nothing to look at any more. */
  async #pause(): Promise<void> {
    const { clock, signal } = this.#deps;
    await clock.sleep(pollEveryMs, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
