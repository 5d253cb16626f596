// Whether what opens sandboxes answers: once it has gone no battle begins, and it is waited for as long as the run's patience.
import { Fault, isFault } from "../../domain/fault.ts";
import type { Clock } from "../../inference/index.ts";
import type { HostWatch } from "./gate.ts";

export interface EngineWatchOptions extends Pick<HostWatch, "lookAgainMs"> {
  /** @throws a fault while it does not answer */
  readonly ping: () => Promise<void>;
  readonly patienceMs: number;
  readonly clock: Pick<Clock, "monotonicMs" | "after">;
  readonly note: (line: string) => void;
}

/** It is spoken of again after so long. */
const nextWordMs = 600_000;

const minutes = (ms: number): string => `${Number((ms / 60_000).toPrecision(2))} minutes`;

/** Asked only once a battle has met its absence: every sandbox asks it anyway. */
export class EngineWatch implements HostWatch {
  readonly state = "no-engine";
  readonly lookAgainMs: number;
  readonly clock: EngineWatchOptions["clock"];
  readonly #options: EngineWatchOptions;
  #goneSinceMs: number | undefined;
  #toldMs = 0;

  constructor(options: EngineWatchOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.lookAgainMs = options.lookAgainMs;
  }

  met(error: unknown): boolean {
    if (!isFault(error) || error.code !== "engine-unreachable") return false;
    if (this.#goneSinceMs !== undefined) return true;
    const { clock, note, patienceMs } = this.#options;
    this.#goneSinceMs = clock.monotonicMs();
    this.#toldMs = this.#goneSinceMs;
    note(
      `no battle begins until the container engine answers, which is waited for up to ${minutes(patienceMs)}: ${error.message}`,
    );
    return true;
  }

  /** @throws Fault engine-unreachable once the run's patience is over */
  async shortage(): Promise<string | undefined> {
    if (this.#goneSinceMs === undefined) return undefined;
    try {
      await this.#options.ping();
    } catch (error) {
      if (!isFault(error)) throw error;
      return this.#gone(error);
    }
    this.#isBack();
    return undefined;
  }

  #gone(fault: Error): string {
    const { clock, note, patienceMs } = this.#options;
    const nowMs = clock.monotonicMs();
    const forMs = nowMs - (this.#goneSinceMs ?? nowMs);
    const why = `the container engine has not answered for ${minutes(forMs)}`;
    if (forMs >= patienceMs) {
      const message = `${why}, longer than the run has patience; start it, then go on: ${fault.message}`;
      throw new Fault("engine-unreachable", message, { retryable: false, cause: fault });
    }
    if (nowMs - this.#toldMs >= nextWordMs) {
      this.#toldMs = nowMs;
      note(`${why}: it is waited for`);
    }
    return why;
  }

  /** Workers that asked at the same time are told the same, which is said once. */
  #isBack(): void {
    if (this.#goneSinceMs === undefined) return;
    const forMs = this.#options.clock.monotonicMs() - this.#goneSinceMs;
    this.#options.note(`the container engine answers again after ${minutes(forMs)}: battles begin again`);
    this.#goneSinceMs = undefined;
  }
}
