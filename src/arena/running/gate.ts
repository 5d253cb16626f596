// Asked before a battle begins: whoever paused or stopped the run, its workers and the disk have a say in it.
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
  #inPlay = 0;
  #isPaused = false;
  #isClosed = false;
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

  get inPlay(): number {
    return this.#inPlay;
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

  /** Waits until one battle may begin; the caller calls what it gets once that has ended. Undefined: none begins any more. */
  async enter(): Promise<(() => void) | undefined> {
    for (;;) {
      if (this.#isOver()) return undefined;
      if (this.#isPaused || this.#inPlay >= this.#workers) {
        await this.#change();
        continue;
      }
      this.#inPlay += 1;
      this.#shortage = await this.#room?.shortage();
      if (this.#shortage === undefined && !this.#isPaused && !this.#isOver()) return this.#leaveOnce();
      this.#inPlay -= 1;
      // Nobody is woken: whoever waits for a worker would find the same shortage.
      if (this.#shortage !== undefined) await this.#change(this.#room);
    }
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

  /** Nothing begins any more; what is being played is played to its end. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** Nothing begins any more; what is being played is given back after its round. */
  stop(): void {
    this.#isStopping = true;
    this.close();
  }

  /** After a full disk: true when the battle is to be played later, once there is room; false when that is no way out. */
  putOff(battleId: string): boolean {
    const before = this.#putOffs.get(battleId) ?? 0;
    if (this.#room === undefined || before >= mostPutOffs) return false;
    this.#putOffs.set(battleId, before + 1);
    this.#room.wasFull();
    return true;
  }

  #isOver(): boolean {
    return this.#isClosed || this.#signal.aborted;
  }

  #leave(): void {
    this.#inPlay -= 1;
    this.#wake();
  }

  #leaveOnce(): () => void {
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      this.#leave();
    };
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
