// Server-sent events fed as bytes: a character, a line or an event may be cut anywhere between two packets.

/** Tells the data of each event once it is whole. What never became whole is dropped, as the standard has it. */
export class EventReader {
  readonly #decoder = new TextDecoder();
  readonly #onData: (data: string) => void;
  #rest = "";
  #data: string[] = [];

  constructor(onData: (data: string) => void) {
    this.#onData = onData;
  }

  push(chunk: Uint8Array): void {
    this.#rest += this.#decoder.decode(chunk, { stream: true });
    let from = 0;
    for (;;) {
      const end = this.#lineEnd(from);
      if (end === undefined) break;
      this.#line(this.#rest.slice(from, end.at));
      from = end.next;
    }
    this.#rest = this.#rest.slice(from);
  }

  /** A line ends with CR LF, LF or CR; a CR that came last may still be the first half of CR LF. */
  #lineEnd(from: number): { at: number; next: number } | undefined {
    const lf = this.#rest.indexOf("\n", from);
    const cr = this.#rest.indexOf("\r", from);
    if (cr === -1 || (lf !== -1 && lf < cr)) return lf === -1 ? undefined : { at: lf, next: lf + 1 };
    if (cr === this.#rest.length - 1) return undefined;
    return { at: cr, next: lf === cr + 1 ? cr + 2 : cr + 1 };
  }

  #line(line: string): void {
    if (line === "") this.#dispatch();
    else if (line === "data") this.#data.push("");
    else if (line.startsWith("data:")) this.#data.push(line.slice(line[5] === " " ? 6 : 5));
  }

  #dispatch(): void {
    if (this.#data.length === 0) return;
    const data = this.#data.join("\n");
    this.#data = [];
    this.#onData(data);
  }
}
