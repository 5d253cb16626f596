// Text as it comes, told in whole characters and never taken back: what may yet be cut or changed waits.

/** Servers write U+FFFD for bytes of a character that has not all come; a JSON escape may be half of a pair. */
const unfinished = /[\u{FFFD}\u{D800}-\u{DBFF}]+$/u;

/** How much of the end of `text` may be the beginning of a stop text. */
function beginningOfStop(text: string, stops: readonly string[]): number {
  const longest = Math.max(0, ...stops.map((stop) => stop.length - 1));
  for (let length = Math.min(longest, text.length); length > 0; length -= 1) {
    const end = text.slice(-length);
    if (stops.some((stop) => stop.length > length && stop.startsWith(end))) return length;
  }
  return 0;
}

/** Some servers see only afterwards that a stop text has come. */
function beforeStop(text: string, stops: readonly string[]): string {
  const found = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return found.length === 0 ? text : text.slice(0, Math.min(...found));
}

export class Pieces {
  readonly #onText: (piece: string) => void;
  readonly #stops: readonly string[];
  #text = "";
  #told = 0;

  constructor(onText: (piece: string) => void, stops: readonly string[] = []) {
    this.#onText = onText;
    this.#stops = stops;
  }

  add(piece: string): void {
    this.grow(this.#text + piece);
  }

  /** All of the text so far, for servers that send it whole each time. */
  grow(text: string): void {
    this.#text = text;
    const whole = beforeStop(text.replace(unfinished, ""), this.#stops);
    this.#tell(whole.length - beginningOfStop(whole, this.#stops));
  }

  /** Tells what is left of the text as it turned out. False where what was told is not its beginning. */
  end(text: string): boolean {
    if (!text.startsWith(this.#text.slice(0, this.#told))) return false;
    this.#text = text;
    this.#tell(text.length);
    return true;
  }

  #tell(upTo: number): void {
    if (upTo <= this.#told) return;
    const piece = this.#text.slice(this.#told, upTo);
    this.#told = upTo;
    this.#onText(piece);
  }
}
