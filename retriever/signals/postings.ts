// Which documents hold a value, and how often: laid out once for a snapshot, so that a query reads only what it asks for.

/** Values from `start` up to `end`. */
export interface Block {
  readonly values: Uint32Array;
  readonly start: number;
  readonly end: number;
  /** Beside `values`; each counts once without it. */
  readonly counts?: Uint16Array;
  /** Whose the values are; without it each value's document is its place in `values`. */
  readonly document?: number;
}

/** Calls `each` for all blocks, the same way every time. */
export type Blocks = (each: (block: Block) => void) => void;

const buckets = 65_536;

/** Turns how many stand in each bucket (at `bucket + 1`) into where each bucket begins. */
function addUp(starts: Uint32Array): number {
  for (let bucket = 0; bucket + 1 < starts.length; bucket += 1)
    starts[bucket + 1] = (starts[bucket + 1] ?? 0) + (starts[bucket] ?? 0);
  return starts.at(-1) ?? 0;
}

/**
 * Values of 32 bits, in buckets of those that share their high half. A bucket is not sorted: it holds a handful of
 * values, and comparing the low halves as they come costs less than sorting every one of them beforehand.
 */
export class Postings {
  readonly #starts = new Uint32Array(buckets + 1);
  readonly #lows: Uint16Array;
  readonly #documents: Uint32Array;
  readonly #counts: Uint16Array;

  constructor(blocks: Blocks) {
    const starts = this.#starts;
    blocks(({ values, start, end }) => {
      for (let at = start; at < end; at += 1) {
        const bucket = (values[at] ?? 0) >>> 16;
        starts[bucket + 1] = (starts[bucket + 1] ?? 0) + 1;
      }
    });
    const size = addUp(starts);
    this.#lows = new Uint16Array(size);
    this.#documents = new Uint32Array(size);
    this.#counts = new Uint16Array(size);
    const next = starts.slice();
    blocks((block) => this.#add(block, next));
  }

  #add({ values, counts, document, start, end }: Block, next: Uint32Array): void {
    for (let from = start; from < end; from += 1) {
      const value = values[from] ?? 0;
      const at = next[value >>> 16] ?? 0;
      next[value >>> 16] = at + 1;
      this.#lows[at] = value & 0xffff;
      this.#documents[at] = document ?? from;
      this.#counts[at] = counts === undefined ? 1 : (counts[from] ?? 0);
    }
  }

  /** Documents that hold the value, in the order in which they were laid out. */
  find(value: number, each: (document: number, count: number) => void): void {
    const low = value & 0xffff;
    const end = this.#starts[(value >>> 16) + 1] ?? 0;
    for (let at = this.#starts[value >>> 16] ?? 0; at < end; at += 1) {
      if (this.#lows[at] === low) each(this.#documents[at] ?? 0, this.#counts[at] ?? 0);
    }
  }
}
