// Small sums that every query makes thousands of: counts of one document's terms, and the few best of a file's parts.

/** Counts of one document's terms; emptied by being read. */
export class TermCounts {
  readonly #counts: Float64Array;
  readonly #touched: Uint32Array;
  #size = 0;

  constructor(terms: number) {
    this.#counts = new Float64Array(terms);
    this.#touched = new Uint32Array(terms);
  }

  /** `count` is above 0. */
  add(term: number, count: number): void {
    const before = this.#counts[term] ?? 0;
    if (before === 0) {
      this.#touched[this.#size] = term;
      this.#size += 1;
    }
    this.#counts[term] = before + count;
  }

  /** `each(term, count)` in order of first addition. */
  drain(each: (term: number, count: number) => void): void {
    for (let at = 0; at < this.#size; at += 1) {
      const term = this.#touched[at] ?? 0;
      const count = this.#counts[term] ?? 0;
      this.#counts[term] = 0;
      each(term, count);
    }
    this.#size = 0;
  }
}

/** The best of what is offered, each next one counting less: 1, 1/2, 1/3, ... Of equals the first offered is better. */
export class BestFew {
  readonly #points: Float64Array;
  readonly #items: Uint32Array;
  #size = 0;

  constructor(limit: number) {
    this.#points = new Float64Array(limit);
    this.#items = new Uint32Array(limit);
  }

  offer(item: number, points: number): void {
    const limit = this.#points.length;
    let at = this.#size < limit ? this.#size : limit - 1;
    if (this.#size === limit && (this.#points[at] ?? 0) >= points) return;
    for (; at > 0 && (this.#points[at - 1] ?? 0) < points; at -= 1) {
      this.#points[at] = this.#points[at - 1] ?? 0;
      this.#items[at] = this.#items[at - 1] ?? 0;
    }
    this.#points[at] = points;
    this.#items[at] = item;
    if (this.#size < limit) this.#size += 1;
  }

  /** Best first; begins anew. */
  take(): { readonly item: number; readonly points: number }[] {
    const taken = Array.from(this.#items.subarray(0, this.#size), (item, at) => ({
      item,
      points: this.#points[at] ?? 0,
    }));
    this.#size = 0;
    return taken;
  }

  /** Sum of points over rank; begins anew. */
  sum(): number {
    let sum = 0;
    for (let rank = 0; rank < this.#size; rank += 1) sum += (this.#points[rank] ?? 0) / (rank + 1);
    this.#size = 0;
    return sum;
  }
}
