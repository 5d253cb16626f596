// A multiset that tells how many of its values are greater: what a conformal p-value counts, in logarithmic time.

/** Values of one block; a full one is halved. Blocks are few enough to be walked, short enough to be shifted. */
const blockSize = 512;

/** Numbers in ascending order, infinities among them; each may be there many times. */
export class OrderStatistics {
  readonly #blocks: number[][] = [];
  #size = 0;
  /** Values before each block; counted again when asked for after a change. Decisions ask far oftener than epochs close. */
  #before: readonly number[] | undefined;

  /** @param values in any order */
  constructor(values: Iterable<number> = []) {
    const sorted = Float64Array.from(values, assertNumber).sort();
    for (let at = 0; at < sorted.length; at += blockSize / 2)
      this.#blocks.push([...sorted.subarray(at, at + blockSize / 2)]);
    this.#size = sorted.length;
  }

  get size(): number {
    return this.#size;
  }

  insert(value: number): void {
    assertNumber(value);
    this.#size += 1;
    this.#before = undefined;
    const at = Math.min(this.#blockOf(value), Math.max(0, this.#blocks.length - 1));
    const block = this.#blocks[at];
    if (block === undefined) {
      this.#blocks.push([value]);
      return;
    }
    block.splice(placeIn(block, value), 0, value);
    if (block.length > blockSize) this.#blocks.splice(at + 1, 0, block.splice(block.length >> 1));
  }

  /** Takes one of these away; false where there is none. */
  remove(value: number): boolean {
    const at = this.#blockOf(value);
    const block = this.#blocks[at];
    if (block === undefined) return false;
    const place = placeIn(block, value);
    if (block[place] !== value) return false;
    this.#before = undefined;
    block.splice(place, 1);
    if (block.length === 0) this.#blocks.splice(at, 1);
    this.#size -= 1;
    return true;
  }

  countGreater(value: number): number {
    return this.#size - this.#countUpTo(value, this.#blockOf(value));
  }

  countEqual(value: number): number {
    const at = this.#blockOf(value);
    const block = this.#blocks[at];
    if (block === undefined) return 0;
    const place = placeIn(block, value);
    if (block[place] !== value) return 0;
    return this.#countUpTo(value, at) - this.#counted(at) - place;
  }

  /** The `rank`-th smallest, from 1; undefined outside. */
  at(rank: number): number | undefined {
    let left = rank - 1;
    for (const block of this.#blocks) {
      if (left < block.length) return left < 0 ? undefined : block[left];
      left -= block.length;
    }
    return undefined;
  }

  /** Ascending. */
  *values(): Generator<number> {
    for (const block of this.#blocks) yield* block;
  }

  /** The first block whose last value is not below; how many blocks there are where none is. */
  #blockOf(value: number): number {
    let [low, high] = [0, this.#blocks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#blocks[middle]?.at(-1) ?? Infinity) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** @param at the first block whose last value is not below; equals may reach into those behind it */
  #countUpTo(value: number, at: number): number {
    let last = at;
    while ((this.#blocks[last + 1]?.[0] ?? Infinity) <= value && last + 1 < this.#blocks.length) last += 1;
    const block = this.#blocks[last];
    return block === undefined ? this.#size : this.#counted(last) + placeAfter(block, value);
  }

  #counted(at: number): number {
    if (this.#before === undefined) {
      let count = 0;
      this.#before = this.#blocks.map((block) => {
        count += block.length;
        return count - block.length;
      });
    }
    return this.#before[at] ?? this.#size;
  }
}

function assertNumber(value: number): number {
  if (Number.isNaN(value)) throw new TypeError("expected a number to keep in order, found NaN");
  return value;
}

/** Where the first value stands that is not below. */
function placeIn(block: readonly number[], value: number): number {
  let [low, high] = [0, block.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((block[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where the first value stands that is greater. */
function placeAfter(block: readonly number[], value: number): number {
  let [low, high] = [0, block.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((block[middle] ?? Infinity) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
