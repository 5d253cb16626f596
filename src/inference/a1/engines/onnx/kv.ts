// Keys and values of tokens: how they lie in memory, and copying some of them from one place to another.

/** 32-bit numbers, or the bits of 16-bit ones. */
export type Numbers = Float32Array | Uint16Array;

/** One of the model's cache tensors, `[rows, heads, tokens, size]`. */
export interface CacheShape {
  readonly heads: number;
  readonly size: number;
  readonly type: "float32" | "float16";
}

/** Of a run of tokens: for each cache tensor `[heads, length, size]`. */
export interface Kv {
  readonly length: number;
  readonly parts: readonly Numbers[];
}

/** Tokens of one row within arrays that hold `width` tokens a row, from token `start` on. */
export interface Place {
  readonly parts: readonly Numbers[];
  readonly row: number;
  readonly width: number;
  readonly start: number;
}

export function placeIn({ parts, length }: Kv, start = 0): Place {
  return { parts, row: 0, width: length, start };
}

export function numbers({ type }: CacheShape, length: number): Numbers {
  return type === "float32" ? new Float32Array(length) : new Uint16Array(length);
}

/** Zeroes: what lies before a row's first token is masked, but must be a number. */
export function emptyParts(shapes: readonly CacheShape[], rows: number, width: number): Numbers[] {
  return shapes.map((shape) => numbers(shape, rows * shape.heads * width * shape.size));
}

export function copyTokens(shapes: readonly CacheShape[], from: Place, to: Place, count: number): void {
  if (count === 0) return;
  shapes.forEach(({ heads, size }, index) => {
    const [source, target] = [from.parts[index], to.parts[index]];
    if (source === undefined || target === undefined) throw new Error(`no cache tensor ${index}`);
    for (let head = 0; head < heads; head += 1) {
      const begin = ((from.row * heads + head) * from.width + from.start) * size;
      const at = ((to.row * heads + head) * to.width + to.start) * size;
      target.set(source.subarray(begin, begin + count * size), at);
    }
  });
}

/** A copy of `count` tokens on their own. */
export function taken(shapes: readonly CacheShape[], from: Place, count: number): Kv {
  const kv = { length: count, parts: emptyParts(shapes, 1, count) };
  copyTokens(shapes, from, placeIn(kv), count);
  return kv;
}
