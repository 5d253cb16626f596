// What a tiny decoder must answer, worked out in plain code beside it: no cache, no batch, all of it anew each time.
import { type DecoderShape, weightsOf, widthOf } from "./tiny-decoder.ts";

type Matrix = readonly [Float32Array, number, number];

function product(vector: readonly number[], [values, rows, columns]: Matrix): number[] {
  const result = new Array<number>(columns).fill(0);
  for (let row = 0; row < rows; row += 1) {
    const factor = vector[row] ?? Number.NaN;
    for (let column = 0; column < columns; column += 1) {
      result[column] = (result[column] ?? 0) + factor * (values[row * columns + column] ?? Number.NaN);
    }
  }
  return result;
}

const plus = (one: readonly number[], other: readonly number[]): number[] =>
  one.map((value, index) => value + (other[index] ?? Number.NaN));

const dot = (one: readonly number[], other: readonly number[]): number =>
  one.reduce((sum, value, index) => sum + value * (other[index] ?? Number.NaN), 0);

function softmax(values: readonly number[]): number[] {
  const most = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - most));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
}

export class TinyReference {
  readonly #shape: DecoderShape;
  readonly #weights: ReadonlyMap<string, Matrix>;

  constructor(shape: DecoderShape) {
    this.#shape = shape;
    this.#weights = weightsOf(shape);
  }

  /** Behind each token, natural logarithms of how likely each next one is. */
  logprobs(ids: readonly number[]): number[][] {
    let rows = ids.map((id, position) =>
      plus(this.#row("embed_tokens", id), this.#row("embed_positions", position)),
    );
    for (let layer = 0; layer < this.#shape.layers; layer += 1) rows = this.#layer(layer, rows);
    return rows.map((row) => softmax(product(row, this.#weight("head"))).map(Math.log));
  }

  /** Of the tokens from `from` on. */
  score(ids: readonly number[], from: number): number[] {
    const all = this.logprobs(ids);
    return ids.slice(from).map((id, index) => all[from + index - 1]?.[id] ?? Number.NaN);
  }

  /** The likeliest tokens behind `ids`, one after another, up to `end`, which is left out. */
  greedy(ids: readonly number[], count: number, end: number): number[] {
    const written: number[] = [];
    while (written.length < count) {
      const last = this.logprobs([...ids, ...written]).at(-1) ?? [];
      const next = last.indexOf(Math.max(...last));
      if (next === end) break;
      written.push(next);
    }
    return written;
  }

  #layer(layer: number, rows: readonly (readonly number[])[]): number[][] {
    const { heads, keyHeads, headSize } = this.#shape;
    const all = (name: string) => rows.map((row) => product(row, this.#weight(`${layer}.${name}`)));
    const [queries, keys, values] = [all("query"), all("key"), all("value")];
    return rows.map((row, at) => {
      const seen = Array.from({ length: heads }, (_, head) => {
        const shared = Math.floor((head * keyHeads) / heads) * headSize;
        const part = (vector: readonly number[] | undefined, from: number) =>
          (vector ?? []).slice(from, from + headSize);
        const query = part(queries[at], head * headSize);
        const shares = softmax(keys.slice(0, at + 1).map((key) => dot(query, part(key, shared))));
        return part(values[0], shared).map((_, dimension) =>
          shares.reduce(
            (sum, share, token) => sum + share * (values[token]?.[shared + dimension] ?? Number.NaN),
            0,
          ),
        );
      }).flat();
      const between = plus(row, product(seen, this.#weight(`${layer}.out`)));
      const bent = product(between, this.#weight(`${layer}.up`)).map(Math.tanh);
      return plus(between, product(bent, this.#weight(`${layer}.down`)));
    });
  }

  #weight(name: string): Matrix {
    const matrix = this.#weights.get(name);
    if (matrix === undefined) throw new Error(`no weight ${name}`);
    return matrix;
  }

  #row(name: string, index: number): number[] {
    const [values] = this.#weight(name);
    const width = widthOf(this.#shape);
    return [...values.slice(index * width, (index + 1) * width)];
  }
}
