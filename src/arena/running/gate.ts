// Asked before a battle begins: its workers, whoever paused or stopped the run, the disk and the engine have a say in it.
import type { Clock } from "../../inference/index.ts";

/** Something of the host that every battle needs, and that may be gone for a while: room on the disk, an engine. */
export interface HostWatch {
  /** What the gate is when it is lacking. */
  readonly state: "low-disk" | "no-engine";
  /** Why no battle may begin, in words; undefined when one may. @throws a fault when it is waited for no longer */
  shortage(): Promise<string | undefined>;
  /** Whether a battle that failed like this met the lack of it, whatever it says of itself by now. */
  met(error: unknown): boolean;
  /** A shortage is looked at again after so long. */
  readonly lookAgainMs: number;
  readonly clock: Pick<Clock, "after">;
}

export interface GateOptions {
  /** Battles at once. */
  readonly workers: number;
  /** What `setWorkers` may raise them to; `workers` when absent. */
  readonly mostWorkers?: number;
  readonly signal: AbortSignal;
  /** Asked in this order. */
  readonly watches?: readonly HostWatch[];
}

export type GateState = "open" | "paused" | HostWatch["state"] | "stopping";

interface Shortage {
  readonly watch: HostWatch;
  readonly because: string;
}

/** A battle that meets a full disk or a gone engine so often, with a good one between, meets something else. */
const mostPutOffs = 3;

export class BattleGate {
  readonly mostWorkers: number;
  readonly #signal: AbortSignal;
  readonly #watches: readonly HostWatch[];
  readonly #putOffs = new Map<string, number>();
  #waiting: (() => void)[] = [];
  #workers: number;
  #inside = 0;
  /** Battles being played: fewer than are in hand where workers were taken away before those began. */
  #playing = 0;
  #isPaused = false;
  #isClosed = false;
  #isHalted = false;
  #isStopping = false;
  #shortage: Shortage | undefined;

  constructor({ workers, mostWorkers = workers, signal, watches = [] }: GateOptions) {
    this.#workers = workers;
    this.mostWorkers = Math.max(workers, mostWorkers);
    this.#signal = signal;
    this.#watches = watches;
    signal.addEventListener("abort", () => this.#wake(), { once: true });
  }

  get workers(): number {
    return this.#workers;
  }

  /** What keeps battles from beginning, the strongest reason first. */
  get state(): GateState {
    if (this.#isStopping || this.#signal.aborted) return "stopping";
    if (this.#isPaused) return "paused";
    return this.#shortage?.watch.state ?? "open";
  }

  /** Why, where the host lacks something. */
  get shortage(): string | undefined {
    return this.#shortage?.because;
  }

  /** A battle that has begun is given back after the round that is being played. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Waits for a worker's place; the caller calls what it gets when it gives that up. Undefined: nothing is taken up any more. */
  async enter(): Promise<(() => void) | undefined> {
    while (!this.#isOver() && this.#inside >= this.#workers) await this.#change();
    if (this.#isOver()) return undefined;
    this.#inside += 1;
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      this.#inside -= 1;
      this.#wake();
    };
  }

  /**
   * Asked with a battle in hand: waits until it may begin, which `over` ends. False: it may not any more.
   * @throws a fault of the host that is waited for no longer
   */
  async mayBegin(): Promise<boolean> {
    while (!this.#isHalted && !this.#signal.aborted) {
      if (this.#isHeld) await this.#change();
      else {
        this.#shortage = await this.#lacking();
        if (this.#isHeld || this.#isHalted || this.#signal.aborted) continue;
        if (this.#shortage === undefined) {
          this.#playing += 1;
          return true;
        }
        await this.#change(this.#shortage.watch);
      }
    }
    return false;
  }

  async #lacking(): Promise<Shortage | undefined> {
    for (const watch of this.#watches) {
      const because = await watch.shortage();
      if (because !== undefined) return { watch, because };
    }
    return undefined;
  }

  get #isHeld(): boolean {
    return this.#isPaused || this.#playing >= this.#workers;
  }

  /** A battle that was allowed to begin is over, or put off. */
  over(): void {
    this.#playing -= 1;
    this.#wake();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#wake();
  }

  /** What is being played beyond the new number is played to its end. */
  setWorkers(workers: number): void {
    this.#workers = Math.min(Math.max(1, workers), this.mostWorkers);
    this.#wake();
  }

  /** There is nothing more to take up. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** No battle begins any more; what is being played is played to its end. */
  halt(): void {
    this.#isHalted = true;
    this.close();
  }

  /** No battle begins any more; what is being played is given back after its round. */
  stop(): void {
    this.#isStopping = true;
    this.halt();
  }

  /**
   * After a failure: true when the host lacked something, and what met that is to be done once it is there again; false
   * when that is no way out.
   * @param what a battle's id, or the name of what else met it
   */
  putOff(what: string, error: unknown): boolean {
    const watch = this.#watches.find((each) => each.met(error));
    if (watch === undefined) return false;
    const which = `${watch.state} ${what}`;
    const before = this.#putOffs.get(which) ?? 0;
    this.#putOffs.set(which, before + 1);
    return before < mostPutOffs;
  }

  #isOver(): boolean {
    return this.#isClosed || this.#signal.aborted;
  }

  /** Until something is different here, or it is time to look at the host again. */
  #change(watch?: HostWatch): Promise<void> {
    return new Promise((resolve) => {
      const cancel = watch?.clock.after(watch.lookAgainMs, resolve);
      this.#waiting.push(() => {
        cancel?.();
        resolve();
      });
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
