// One streamed answer: pieces of text as server-sent events, joined while their reader is slow, given up where it stalls.
import type { ServerResponse } from "node:http";
import { whenAborted } from "../../abort.ts";
import type { Clock } from "../../clock.ts";
import { type ApiError, toApiError } from "./api-error.ts";
import type { Format } from "./formats.ts";
import { whenStalled } from "./stall.ts";

export interface StreamLimits {
  readonly bufferedBytes: number;
  readonly stalledMs: number;
  readonly quietMs: number;
}

interface Frame {
  readonly head: string;
  readonly tail: string;
}

/** Stands for the text while a chunk's rest is written once and for all. */
const placeholder = "\u0001text\u0001";

function frameOf(chunk: unknown): Frame {
  const [head = "", tail = ""] = eventOf(chunk).split(JSON.stringify(placeholder));
  return { head, tail };
}

function eventOf(chunk: unknown): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

/**
 * Nothing is sent before the first text, so that what fails before it fails with a status of its own. An engine cannot
 * be made to wait: while a reader does not take what it is sent, its text is kept and later sent as one piece.
 */
export class EventStream {
  readonly #outgoing: ServerResponse;
  readonly #format: Format;
  readonly #limits: StreamLimits;
  readonly #clock: Clock;
  readonly #frames: readonly Frame[];
  readonly #pending: string[];
  readonly #giveUp: () => void;
  readonly #stay: () => void;
  #pendingBytes = 0;
  #isBlocked = false;
  #isOpen = false;
  #hasEnded = false;
  #wasQuiet = true;
  #cancelQuiet: () => void;
  #cancelStalled: () => void = () => undefined;

  /** @param giveUp the reader has stalled: the request is to end */
  constructor(
    outgoing: ServerResponse,
    { format, choices }: { readonly format: Format; readonly choices: number },
    { limits, clock }: { readonly limits: StreamLimits; readonly clock: Clock },
    { signal, giveUp }: { readonly signal: AbortSignal; readonly giveUp: () => void },
  ) {
    this.#outgoing = outgoing;
    this.#format = format;
    this.#limits = limits;
    this.#clock = clock;
    this.#giveUp = giveUp;
    this.#pending = Array.from({ length: choices }, () => "");
    this.#frames = this.#pending.map((_, choice) => frameOf(format.piece(choice, placeholder)));
    this.#cancelQuiet = clock.after(limits.quietMs, () => this.#breakSilence());
    this.#stay = whenAborted(signal, () => this.fail(toApiError(signal.reason)));
  }

  text(choice: number, piece: string): void {
    if (this.#hasEnded || piece === "") return;
    if (this.#isBlocked) {
      this.#pending[choice] += piece;
      this.#pendingBytes += piece.length;
      if (this.#pendingBytes > this.#limits.bufferedBytes) this.#giveUp();
      return;
    }
    this.#write(this.#opening() + this.#eventOf(choice, piece));
  }

  /** The last chunks, behind whatever text is left. */
  finish(chunks: readonly unknown[]): void {
    if (this.#hasEnded) return;
    this.#end(`${this.#opening()}${this.#takePending()}${chunks.map(eventOf).join("")}data: [DONE]\n\n`);
  }

  /** False where nothing was sent yet: then the answer may still be another one. */
  fail(error: ApiError): boolean {
    if (this.#hasEnded) return this.#isOpen;
    if (this.#isOpen) this.#end(this.#takePending() + eventOf(error.body()));
    else this.#leave();
    return this.#isOpen;
  }

  #eventOf(choice: number, piece: string): string {
    const frame = this.#frames[choice];
    return frame === undefined ? "" : frame.head + JSON.stringify(piece) + frame.tail;
  }

  #opening(): string {
    if (this.#isOpen) return "";
    this.#isOpen = true;
    this.#outgoing.writeHead(200, {
      ...{ "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" },
      // Proxies would gather the pieces otherwise.
      "x-accel-buffering": "no",
    });
    const chunks = this.#frames.map((_, choice) => this.#format.begin(choice));
    return chunks.flatMap((chunk) => (chunk === undefined ? [] : [eventOf(chunk)])).join("");
  }

  #write(events: string): void {
    this.#wasQuiet = false;
    if (this.#outgoing.write(events)) return;
    this.#isBlocked = true;
    this.#outgoing.once("drain", () => this.#resume());
    this.#cancelStalled = whenStalled(this.#outgoing, this.#limits.stalledMs, this.#giveUp);
  }

  #resume(): void {
    this.#isBlocked = false;
    this.#cancelStalled();
    if (this.#hasEnded) return;
    const events = this.#takePending();
    if (events !== "") this.#write(events);
  }

  #takePending(): string {
    if (this.#pendingBytes === 0) return "";
    const events = this.#pending.map((text, choice) => (text === "" ? "" : this.#eventOf(choice, text)));
    this.#pending.fill("");
    this.#pendingBytes = 0;
    return events.join("");
  }

  #breakSilence(): void {
    if (this.#wasQuiet && !this.#isBlocked) this.#write(`${this.#opening()}: working\n\n`);
    this.#wasQuiet = true;
    this.#cancelQuiet = this.#clock.after(this.#limits.quietMs, () => this.#breakSilence());
  }

  #end(events: string): void {
    this.#leave();
    this.#outgoing.end(events);
  }

  #leave(): void {
    this.#hasEnded = true;
    this.#cancelQuiet();
    this.#cancelStalled();
    this.#stay();
  }
}
