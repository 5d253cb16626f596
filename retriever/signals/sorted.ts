// Lists of 32-bit numbers in ascending order: finding one in a list, and what two lists share.

const buckets = 65_536;

/** Finds a value in a sorted list by its high half: few share it. */
export class SortedIndex {
  readonly #values: Uint32Array;
  /** Values whose high half is `i` stand at `#starts[i]` up to `#starts[i + 1]`. */
  readonly #starts = new Uint32Array(buckets + 1);

  constructor(values: Uint32Array) {
    this.#values = values;
    const starts = this.#starts;
    for (const value of values) starts[(value >>> 16) + 1] = (starts[(value >>> 16) + 1] ?? 0) + 1;
    for (let bucket = 0; bucket < buckets; bucket += 1)
      starts[bucket + 1] = (starts[bucket + 1] ?? 0) + (starts[bucket] ?? 0);
  }

  /** First place of the value; -1 where it is not in the list. */
  find(value: number): number {
    const end = this.#starts[(value >>> 16) + 1] ?? 0;
    for (let at = this.#starts[value >>> 16] ?? 0; at < end; at += 1)
      if (this.#values[at] === value) return at;
    return -1;
  }
}

/** `each` gets the common values in order. */
export function eachCommon(one: Uint32Array, other: Uint32Array, each: (value: number) => void): void {
  for (let at = 0, there = 0; at < one.length && there < other.length; ) {
    const difference = (one[at] ?? 0) - (other[there] ?? 0);
    if (difference === 0) each(one[at] ?? 0);
    if (difference <= 0) at += 1;
    if (difference >= 0) there += 1;
  }
}
