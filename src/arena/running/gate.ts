// Asked before a battle begins: its workers, whoever paused or stopped the run and the disk have a say in it.
import type { Clock } from "../../inference/index.ts";

/** Whether the disk has room for one battle more. */
export interface RoomWatch {
  /** Why not, in words; undefined when it has. */
  shortage(): Promise<string | undefined>;
  /** A write has failed for want of room, whatever the file system says of itself. */
  wasFull(): void;
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
  readonly room?: RoomWatch;
}

export type GateState = "open" | "paused" | "low-disk" | "stopping";

/** A battle that meets a full disk so often, with room between, meets something else. */
const mostPutOffs = 3;

export class BattleGate {
  readonly mostWorkers: number;
  readonly #signal: AbortSignal;
  readonly #room: RoomWatch | undefined;
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
  #shortage: string | undefined;

  constructor({ workers, mostWorkers = workers, signal, room }: GateOptions) {
    this.#workers = workers;
    this.mostWorkers = Math.max(workers, mostWorkers);
    this.#signal = signal;
    this.#room = room;
    signal.addEventListener("abort", () => this.#wake(), { once: true });
  }

  get workers(): number {
    return this.#workers;
  }

  /** What keeps battles from beginning, the strongest reason first. */
  get state(): GateState {
    if (this.#isStopping || this.#signal.aborted) return "stopping";
    if (this.#isPaused) return "paused";
    return this.#shortage === undefined ? "open" : "low-disk";
  }

  /** Of a disk that is low. */
  get shortage(): string | undefined {
    return this.#shortage;
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

  /** Asked with a battle in hand: waits until it may begin, which `over` ends. False: it may not any more. */
  async mayBegin(): Promise<boolean> {
    while (!this.#isHalted && !this.#signal.aborted) {
      if (this.#isHeld) await this.#change();
      else {
        this.#shortage = await this.#room?.shortage();
        if (this.#isHeld || this.#isHalted || this.#signal.aborted) continue;
        if (this.#shortage === undefined) {
          this.#playing += 1;
          return true;
        }
        await this.#change(this.#room);
      }
    }
    return false;
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
   * After a full disk: true when what met it is to be done later, once there is room; false when that is no way out.
   * @param what a battle's id, or the name of what else met it
   */
  putOff(what: string): boolean {
    const before = this.#putOffs.get(what) ?? 0;
    if (this.#room === undefined || before >= mostPutOffs) return false;
    this.#putOffs.set(what, before + 1);
    this.#room.wasFull();
    return true;
  }

  #isOver(): boolean {
    return this.#isClosed || this.#signal.aborted;
  }

  /** Until something is different here, or it is time to look at the disk again. */
  #change(room?: RoomWatch): Promise<void> {
    return new Promise((resolve) => {
      const cancel = room?.clock.after(room.lookAgainMs, resolve);
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
