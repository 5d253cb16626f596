// Tells how long a draft is among drafts of its kind: long ones have worse scores for no fault of theirs.
import { OrderStatistics } from "./order-statistics.ts";

/** With fewer lengths than this a tenth of them says nothing. */
const fewestLengths = 100;
/** Lengths settle soon; more would only cost. */
const mostLengths = 2_000;

export type LengthSnapshot = readonly { readonly kind: string; readonly lengths: readonly number[] }[];

/** Deciles move while lengths come in, and stay once {@link mostLengths} are known, so that banks keep their meaning. */
export class LengthDeciles {
  readonly #kinds = new Map<string, { readonly sorted: OrderStatistics; readonly lengths: number[] }>();

  /** 0 to 9, or undefined while too few are known; the draft itself counts from the next one on. */
  decileOf(kind: string, tokens: number): number | undefined {
    const known = this.#kindOf(kind);
    const { size } = known.sorted;
    const longer = known.sorted.countGreater(tokens);
    if (size < mostLengths) {
      known.sorted.insert(tokens);
      known.lengths.push(tokens);
    }
    if (size < fewestLengths) return undefined;
    return Math.min(9, Math.floor((10 * (size - longer)) / size));
  }

  snapshot(): LengthSnapshot {
    return [...this.#kinds].map(([kind, { lengths }]) => ({ kind, lengths: [...lengths] }));
  }

  restore(snapshot: LengthSnapshot): void {
    for (const { kind, lengths } of snapshot)
      this.#kinds.set(kind, { sorted: new OrderStatistics(lengths), lengths: [...lengths] });
  }

  #kindOf(kind: string): { readonly sorted: OrderStatistics; readonly lengths: number[] } {
    const known = this.#kinds.get(kind);
    if (known !== undefined) return known;
    const fresh = { sorted: new OrderStatistics(), lengths: [] };
    this.#kinds.set(kind, fresh);
    return fresh;
  }
}
