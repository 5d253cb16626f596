// The life of one request: what ends it early, and when nothing of it is left.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../../clock.ts";
import { Ended, type Ending } from "./api-error.ts";
import { whenStalled } from "./stall.ts";

export interface VisitLimits {
  readonly requestMs: number;
  readonly stalledMs: number;
}

/**
 * Watches the connection itself: of pipelined requests only the first has an answer that hears of the end. A client
 * that closes its half of the connection counts as gone.
 */
export class Visit {
  readonly signal: AbortSignal;
  readonly socket: Socket;
  readonly startedMs: number;
  /** Resolves once the work has ended and the answer is taken, or never will be. */
  readonly over: Promise<void>;
  readonly #controller = new AbortController();
  readonly #outgoing: ServerResponse;
  readonly #clock: Clock;
  readonly #limits: VisitLimits;
  readonly #settle: () => void;
  #cancelTimer: () => void;
  #worked = false;
  #left = false;
  #wasTaken = false;

  constructor(incoming: IncomingMessage, outgoing: ServerResponse, limits: VisitLimits, clock: Clock) {
    this.signal = this.#controller.signal;
    this.socket = incoming.socket;
    this.startedMs = clock.now();
    this.#outgoing = outgoing;
    this.#clock = clock;
    this.#limits = limits;
    let settle = (): void => undefined;
    this.over = new Promise((resolve) => {
      settle = resolve;
    });
    this.#settle = settle;
    this.#cancelTimer = clock.after(limits.requestMs, () => this.end("time-limit"));
    const leave = (): void => {
      // A connection's end is the answer's too: the second to tell of it tells nothing new.
      if (this.#left) return;
      this.#left = true;
      this.socket.off("close", leave);
      outgoing.off("close", leave);
      // An answer that is ended without a connection counts as finished too, later.
      this.#wasTaken = outgoing.writableFinished;
      if (!this.#wasTaken) this.end("client-gone");
      this.#settleIfOver();
    };
    this.socket.setMaxListeners(0);
    this.socket.on("close", leave);
    outgoing.on("close", leave);
    if (this.socket.destroyed) leave();
  }

  /** Of the answer: 499 where it was not taken whole. */
  get status(): number {
    return this.#wasTaken ? this.#outgoing.statusCode : 499;
  }

  end(ending: Ending): void {
    if (!this.#worked) this.#controller.abort(new Ended(ending));
    if (ending === "slow-reader") this.#outgoing.destroy();
  }

  /** Nothing works for this request any more; what remains is that its answer is taken. */
  worked(): void {
    if (this.#worked) return;
    this.#worked = true;
    this.#cancelTimer();
    if (!this.#left) this.#watchReader();
    this.#settleIfOver();
  }

  /** However slow, it may read on; but not for longer than all the work could have taken. */
  #watchReader(): void {
    const { requestMs, stalledMs } = this.#limits;
    const giveUp = (): void => void this.#outgoing.destroy();
    const stay = this.#outgoing.writableFinished ? undefined : whenStalled(this.#outgoing, stalledMs, giveUp);
    const cancel = this.#clock.after(requestMs, giveUp);
    this.#cancelTimer = () => {
      stay?.();
      cancel();
    };
  }

  #settleIfOver(): void {
    if (!this.#worked || !this.#left) return;
    this.#cancelTimer();
    this.#settle();
  }
}
