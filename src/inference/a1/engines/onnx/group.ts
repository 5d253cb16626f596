// Answers of about the same length that are written together, one token each a step, over one padded cache.
import { type CacheShape, copyTokens, emptyParts, type Kv, type Numbers, type Place, placeIn } from "./kv.ts";
import type { DecoderSession } from "./session.ts";

export interface Seat<Owner> {
  readonly owner: Owner;
  /** Tokens of it that the cache holds. */
  length: number;
  /** The one to be read next. */
  token: number;
}

/** A row is mostly padding from here on: it would pay for its neighbours' length at each step. */
const worstRatio = 2;
/** Below this nothing is won by going apart. */
const freeTokens = 64;
/** From here on the room that leavers left is worth a copy of the rest. */
const deadShare = 0.25;

/** Steps for which arrays that are made anew have room. */
const headroomTokens = 64;

/** The arrays, or larger ones where they are too small. Old numbers stay in them: what is no row's own is masked. */
function roomFor(
  shapes: readonly CacheShape[],
  arrays: readonly Numbers[],
  rows: number,
  width: number,
): readonly Numbers[] {
  const isEnough = shapes.every(({ heads, size }, index) => {
    return (arrays[index]?.length ?? 0) >= rows * heads * width * size;
  });
  return isEnough ? arrays : emptyParts(shapes, rows, width + headroomTokens);
}

export class Group<Owner> {
  readonly #session: DecoderSession;
  readonly #alone: boolean;
  /** Rows of the cache; undefined once its owner has left. */
  #seats: (Seat<Owner> | undefined)[] = [];
  #joining: { readonly seat: Seat<Owner>; readonly kv: Kv }[] = [];
  /** The cache, and where the next step writes it: they change places, so that no step makes arrays. */
  #held: readonly Numbers[] = [];
  #spare: readonly Numbers[] = [];
  #width = 0;

  /** @param alone for models that padding confuses: no second row */
  constructor(session: DecoderSession, alone: boolean) {
    this.#session = session;
    this.#alone = alone;
  }

  get owners(): readonly Owner[] {
    return [...this.#living(), ...this.#joining.map(({ seat }) => seat)].map(({ owner }) => owner);
  }

  get isEmpty(): boolean {
    return this.#joining.length === 0 && this.#seats.every((seat) => seat === undefined);
  }

  /** Whether a row of `length` tokens is near enough to those that are here. */
  suits(length: number): boolean {
    const lengths = [...this.#living(), ...this.#joining.map(({ seat }) => seat)].map((seat) => seat.length);
    if (this.#alone) return lengths.length === 0;
    return Math.max(length, ...lengths) <= worstRatio * Math.min(length, ...lengths) + freeTokens;
  }

  join(seat: Seat<Owner>, kv: Kv): void {
    this.#joining.push({ seat, kv });
  }

  leave(owner: Owner): void {
    this.#joining = this.#joining.filter(({ seat }) => seat.owner !== owner);
    this.#seats = this.#seats.map((seat) => (seat?.owner === owner ? undefined : seat));
  }

  /** Where the tokens lie that the cache holds; valid until the next step. */
  placeOf(owner: Owner): (Place & { readonly length: number }) | undefined {
    const row = this.#seats.findIndex((seat) => seat?.owner === owner);
    const length = this.#seats[row]?.length;
    if (length === undefined) return undefined;
    return {
      parts: this.#held,
      row,
      width: this.#width,
      start: this.#width - length,
      length,
    };
  }

  /** Reads each row's next token. @throws Error of the session */
  async step(): Promise<readonly { readonly seat: Seat<Owner>; readonly logits: Float32Array }[]> {
    this.#arrange();
    const rows = this.#seats.length;
    const [past, width] = [this.#width, this.#width + 1];
    const ids = new Int32Array(rows);
    const positions = new Int32Array(rows);
    const mask = new Uint8Array(rows * width);
    this.#seats.forEach((seat, row) => {
      ids[row] = seat?.token ?? 0;
      positions[row] = seat?.length ?? 0;
      // A row that was left sees itself only: no step is for nothing divided by nothing.
      mask.fill(1, row * width + past - (seat?.length ?? 0), (row + 1) * width);
    });
    const into = roomFor(this.#session.shapes, this.#spare, rows, width);
    const caches = this.#session.caches(this.#held, rows, past);
    const input = { rows, past, fresh: 1, ids, positions, mask, caches, into, wantsLogits: true };
    const { logits } = await this.#session.run(input);
    [this.#held, this.#spare, this.#width] = [into, this.#held, width];
    return this.#seats.flatMap((seat, row) => {
      if (seat === undefined) return [];
      seat.length += 1;
      return [{ seat, logits: logits(row, 0) }];
    });
  }

  close(): void {
    [this.#held, this.#spare, this.#seats, this.#joining, this.#width] = [[], [], [], [], 0];
  }

  #living(): readonly Seat<Owner>[] {
    return this.#seats.filter((seat) => seat !== undefined);
  }

  #isDue(): boolean {
    const living = this.#living();
    const spare = this.#width - Math.max(0, ...living.map(({ length }) => length));
    const dead = this.#seats.length - living.length;
    return (
      this.#joining.length > 0 ||
      dead > this.#seats.length * deadShare ||
      spare > Math.max(freeTokens, this.#width * deadShare)
    );
  }

  /** Packs those that stay and those that join, without more padding than the longest asks for. */
  #arrange(): void {
    if (!this.#isDue()) return;
    const { shapes } = this.#session;
    const stay = this.#living().flatMap((seat) => {
      const from = this.placeOf(seat.owner);
      return from === undefined ? [] : [{ seat, from }];
    });
    const come = this.#joining.map(({ seat, kv }) => ({ seat, from: placeIn(kv) }));
    const rows = [...stay, ...come];
    const [first] = this.#joining;
    const width = Math.max(...rows.map(({ seat }) => seat.length));
    if (rows.length === 1 && first !== undefined && first.kv.length === width) {
      // Its own arrays already lie as they must.
      this.#held = first.kv.parts;
    } else {
      const parts = roomFor(shapes, this.#spare, rows.length, width);
      rows.forEach(({ seat, from }, row) => {
        copyTokens(shapes, from, { parts, row, width, start: width - seat.length }, seat.length);
      });
      [this.#held, this.#spare] = [parts, this.#held];
    }
    [this.#seats, this.#joining, this.#width] = [rows.map(({ seat }) => seat), [], width];
  }
}
