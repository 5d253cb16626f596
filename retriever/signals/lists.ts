// Many short lists of numbers laid end to end, and what of them a query asks for.
import type { TermTable } from "./matches.ts";
import { Postings } from "./postings.ts";

/** Lists of lists of numbers: those of `i` stand at `starts[i]` up to `starts[i + 1]`. */
export interface Lists {
  readonly starts: Uint32Array;
  readonly values: Uint32Array;
}

export function packLists(lists: readonly (readonly number[] | Uint32Array)[]): Lists {
  const starts = new Uint32Array(lists.length + 1);
  for (const [index, list] of lists.entries()) starts[index + 1] = (starts[index] ?? 0) + list.length;
  const values = new Uint32Array(starts[lists.length] ?? 0);
  for (const [index, list] of lists.entries()) values.set(list, starts[index] ?? 0);
  return { starts, values };
}

/** What of each list a query asks for, in the list's order. */
export interface TermHits extends Lists {
  /** Where each stood among all values. */
  readonly places: Uint32Array;
}

/** Lists of hashes of terms, with a way back from a hash to the lists. */
export class TermLists {
  readonly starts: Uint32Array;
  readonly #places: Postings;

  constructor({ starts, values }: Lists) {
    this.starts = starts;
    this.#places = new Postings((each) => each({ values, start: 0, end: values.length }));
  }

  length(list: number): number {
    return (this.starts[list + 1] ?? 0) - (this.starts[list] ?? 0);
  }

  /** `values` are numbers of the query's terms. */
  hits(table: TermTable): TermHits {
    const lists = this.starts.length - 1;
    // Number of the term that stands at each place, from 1; 0 for what the query does not ask for.
    const termAt = new Uint16Array(this.starts[lists] ?? 0);
    let size = 0;
    for (const hash of table.hashes) {
      const term = table.find(hash);
      this.#places.find(hash, (place) => {
        termAt[place] = term + 1;
        size += 1;
      });
    }
    const found = {
      starts: new Uint32Array(lists + 1),
      values: new Uint32Array(size),
      places: new Uint32Array(size),
    };
    let at = 0;
    for (let list = 0; list < lists; list += 1) {
      const end = this.starts[list + 1] ?? 0;
      for (let place = this.starts[list] ?? 0; place < end; place += 1) {
        const term = termAt[place] ?? 0;
        if (term === 0) continue;
        found.values[at] = term - 1;
        found.places[at] = place;
        at += 1;
      }
      found.starts[list + 1] = at;
    }
    return found;
  }
}
