// Reads a JSONL file line by line with a bound on the memory any one line can take.

/** Lines longer than this are reported, not held. */
export const maxLineBytes = 50 * 1024 * 1024;

export type Line =
  | { readonly kind: "text"; readonly number: number; readonly text: string }
  | { readonly kind: "too-long"; readonly number: number }
  | { readonly kind: "not-utf8"; readonly number: number };

const newline = 0x0a;

/** Bytes of the line being read; given up, not grown, once they pass the bound. */
class OpenLine {
  readonly #bound: number;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(bound: number) {
    this.#bound = bound;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  add(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > this.#bound) this.#parts = [];
    else this.#parts.push(part);
  }

  end(number: number): Line {
    const bytes = this.#bytes;
    const content = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    if (bytes > this.#bound) return { kind: "too-long", number };
    try {
      return { kind: "text", number, text: this.#decoder.decode(content) };
    } catch {
      return { kind: "not-utf8", number };
    }
  }
}

/** The lines of a stream of bytes, numbered from 1; a last line without a newline counts. */
export async function* boundedLines(
  chunks: AsyncIterable<Buffer>,
  bound: number = maxLineBytes,
): AsyncGenerator<Line> {
  const open = new OpenLine(bound);
  let number = 1;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      open.add(chunk.subarray(start, end));
      yield open.end(number);
      number += 1;
      start = end + 1;
    }
    open.add(chunk.subarray(start));
  }
  if (!open.isEmpty) yield open.end(number);
}
