// One answer as it is written, token by token: its text in whole characters, and where a stop text ends it.
import { unfinishedBytes } from "../../codec/characters.ts";
import { decodeUtf8, type TokenBytes } from "../../codec/token-bytes.ts";

export interface WrittenToken {
  readonly id: number;
  readonly logprob: number;
  /** Where asked for: the likeliest tokens and their logarithms. */
  readonly top?: readonly (readonly [id: number, logprob: number])[];
}

export interface Written {
  readonly text: string;
  /** Absent where a stop text begins within a token: then no tokens have just this text. */
  readonly ids?: readonly number[];
  /** Those of `ids`, or all that have a part in `text`. */
  readonly tokens: readonly WrittenToken[];
  readonly stoppedBy?: string;
}

interface Stop {
  readonly at: number;
  readonly text: string;
}

export class Writing {
  readonly #bytes: TokenBytes;
  readonly #stops: readonly string[];
  readonly #longestStop: number;
  readonly #tokens: WrittenToken[] = [];
  /** Where each token's text ends in `#text`; undefined within a character. */
  readonly #ends: (number | undefined)[] = [];
  #pending: Uint8Array = new Uint8Array(0);
  #text = "";
  #told = 0;
  #stop: Stop | undefined;

  constructor(bytes: TokenBytes, stops: readonly string[]) {
    this.#bytes = bytes;
    this.#stops = stops.filter((stop) => stop !== "");
    this.#longestStop = Math.max(0, ...this.#stops.map(({ length }) => length));
  }

  /** Whether a stop text has come. */
  get isStopped(): boolean {
    return this.#stop !== undefined;
  }

  push(token: WrittenToken): void {
    this.#tokens.push(token);
    const bytes = this.#bytes.bytesOf([token.id]);
    const joined = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    if (unfinishedBytes(joined) > 0) {
      this.#pending = joined;
      this.#ends.push(undefined);
      return;
    }
    const searched = Math.max(0, this.#text.length - this.#longestStop + 1);
    this.#pending = joined.subarray(joined.length);
    this.#text += decodeUtf8(joined);
    this.#ends.push(this.#text.length);
    this.#stop = this.#firstStop(searched);
  }

  /** Text that will not be taken back and was not told before. */
  news(): string {
    return this.#tell(this.#stop?.at ?? this.#text.length - this.#held());
  }

  /** The rest of the text, once no token comes any more. */
  lastNews(): string {
    return this.#tell(this.#stop?.at ?? this.#text.length);
  }

  written(): Written {
    const end = this.#stop?.at ?? this.#text.length;
    const stoppedBy = this.#stop === undefined ? {} : { stoppedBy: this.#stop.text };
    const text = this.#text.slice(0, end);
    const count = this.#countTo(end);
    if (count === undefined) {
      const tokens = this.#tokens.filter((_, index) => this.#beginning(index) < end);
      return { text, tokens, ...stoppedBy };
    }
    const tokens = this.#tokens.slice(0, count);
    return { text, tokens, ids: tokens.map(({ id }) => id), ...stoppedBy };
  }

  #tell(to: number): string {
    const piece = this.#text.slice(this.#told, to);
    this.#told = Math.max(this.#told, to);
    return piece;
  }

  /** How many tokens have the text up to `end`, and nothing behind it. */
  #countTo(end: number): number | undefined {
    if (this.#stop === undefined) return this.#ends.findLastIndex((each) => each !== undefined) + 1;
    if (end === 0) return 0;
    const index = this.#ends.indexOf(end);
    return index < 0 ? undefined : index + 1;
  }

  #beginning(index: number): number {
    return this.#ends.slice(0, index).findLast((end) => end !== undefined) ?? 0;
  }

  #firstStop(from: number): Stop | undefined {
    const found = this.#stops.map((text) => ({ text, at: this.#text.indexOf(text, from) }));
    return found.filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at || b.text.length - a.text.length)[0];
  }

  /** How much of the end may be the beginning of a stop text. */
  #held(): number {
    for (let length = Math.min(this.#longestStop - 1, this.#text.length); length > 0; length -= 1) {
      const end = this.#text.slice(-length);
      if (this.#stops.some((stop) => stop.length > length && stop.startsWith(end))) return length;
    }
    return 0;
  }
}
