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
  async run<T>({ question, turn }: CallKey, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const release = await this.#slots.acquire(signal, { party: question, progress: turn });
    try {
      const result = await work();
      if (!this.#isPressed) this.#slots.succeeded();
      return result;
    } catch (error) {
      if (error instanceof EngineFault && (error.code === "overloaded" || error.code === "timed-out"))
        this.#slots.limited();
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

/** Looks at a server every two seconds as long as `isBusy`, and tells its lanes; a server that says nothing is left alone. */
export async function watchPressure(
  engine: Engine,
  lanes: readonly Lane[],
  { clock, signal, isBusy }: { readonly clock: Clock; readonly signal: AbortSignal; isBusy(): boolean },
): Promise<void> {
  while (!signal.aborted && isBusy()) {
    try {
      const load = await engine.load(signal);
      if (load === undefined) return;
      for (const lane of lanes) lane.pressedBy(load);
      await clock.sleep(pollEveryMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof EngineFault)) throw error;
      // A server that cannot even say how it is gets no more than it has.
      for (const lane of lanes) lane.pressedBy({ running: 0, queued: 1 });
      await clock.sleep(pollEveryMs, signal).catch(() => {});
    }
  }
}
