// The engine's parts without a model: drawing tokens, writing text, keeping prefixes.
import { describe, expect, it } from "vitest";
import { TokenBytes } from "../../../../../../src/inference/a1/codec/token-bytes.ts";
import {
  copyTokens,
  emptyParts,
  type Kv,
  placeIn,
  taken,
} from "../../../../../../src/inference/a1/engines/onnx/kv.ts";
import { PrefixCache } from "../../../../../../src/inference/a1/engines/onnx/prefix-cache.ts";
import {
  drawn,
  likeliest,
  logprobOf,
  spreadOf,
  topOf,
  uniformAt,
} from "../../../../../../src/inference/a1/engines/onnx/sampling.ts";
import { Writing } from "../../../../../../src/inference/a1/engines/onnx/writing.ts";

const logits = Float32Array.of(1, 3, -2, 3, 0.5);

describe("drawing", () => {
  it("tells how likely tokens are, beyond what 32 bits can sum", () => {
    const spread = spreadOf(logits);
    const sum = [...logits].reduce((total, logit) => total + Math.exp(logit), 0);
    logits.forEach((logit, id) => {
      expect(logprobOf(logits, id, spread)).toBeCloseTo(logit - Math.log(sum), 12);
    });
    const far = Float32Array.of(1000, -1000);
    expect(logprobOf(far, 0, spreadOf(far))).toBe(0);
    expect(logprobOf(far, 1, spreadOf(far))).toBe(-2000);
    expect(logprobOf(Float32Array.of(Number.NaN), 0, spreadOf(Float32Array.of(Number.NaN)))).toBeNaN();
  });

  it("takes the first of the likeliest, and ranks the others", () => {
    expect(likeliest(logits, spreadOf(logits))).toBe(1);
    expect(topOf(logits, 3)).toEqual([1, 3, 0]);
    expect(topOf(logits, 9)).toEqual([1, 3, 0, 4, 2]);
  });

  it.each([1, 0.5, 2])("draws in proportion at temperature %d", (temperature) => {
    const counts = new Array<number>(logits.length).fill(0);
    const draws = 20_000;
    for (let seed = 0; seed < draws; seed += 1) {
      const id = drawn(logits, spreadOf(logits), { temperature, uniform: uniformAt(seed, seed % 7) });
      counts[id] = (counts[id] ?? 0) + 1;
    }
    const powers = Array.from(logits, (logit) => Math.exp(logit / temperature));
    const sum = powers.reduce((total, power) => total + power, 0);
    powers.forEach((power, id) => {
      const share = power / sum;
      // Five standard deviations.
      expect(Math.abs((counts[id] ?? 0) / draws - share)).toBeLessThan(
        5 * Math.sqrt((share * (1 - share)) / draws),
      );
    });
  });

  it("draws within the ends", () => {
    const spread = spreadOf(logits);
    expect(drawn(logits, spread, { temperature: 1, uniform: 0 })).toBe(0);
    expect(drawn(logits, spread, { temperature: 1, uniform: 1 - 2 ** -53 })).toBe(4);
    const never = Float32Array.of(-Infinity, 0, -Infinity);
    expect(drawn(never, spreadOf(never), { temperature: 1, uniform: 0 })).toBe(1);
  });

  it("has chance of seed and place alone, spread evenly over both", () => {
    expect(uniformAt(5, 3)).toBe(uniformAt(5, 3));
    const bins = (values: readonly number[]) => {
      const counts = new Array<number>(16).fill(0);
      for (const value of values) counts[Math.floor(value * 16)] = (counts[Math.floor(value * 16)] ?? 0) + 1;
      return counts.reduce((sum, count) => sum + (count - values.length / 16) ** 2 / (values.length / 16), 0);
    };
    const list = (of: (index: number) => number) => Array.from({ length: 8_000 }, (_, index) => of(index));
    // The 99.9th percentile of chi square with 15 degrees of freedom is 37.7.
    expect(bins(list((index) => uniformAt(index, 0)))).toBeLessThan(37.7);
    expect(bins(list((index) => uniformAt(42, index)))).toBeLessThan(37.7);
    expect(bins(list((index) => (uniformAt(index, 0) + uniformAt(index, 1)) % 1))).toBeLessThan(37.7);
    expect(bins(list((index) => (uniformAt(index, 3) + uniformAt(index + 1, 3)) % 1))).toBeLessThan(37.7);
  });
});

/** One token a byte, then "ab", "\n\n", a thumb's first three bytes, and an end that is no text. */
const extra = [Buffer.from("ab"), Buffer.from("\n\n"), Buffer.from([0xf0, 0x9f, 0x91]), Buffer.from("<end>")];
const pieces = [...Array.from({ length: 256 }, (_, byte) => Buffer.from([byte])), ...extra];
const starts = new Uint32Array(pieces.length + 1);
pieces.forEach((piece, id) => {
  starts[id + 1] = (starts[id] ?? 0) + piece.length;
});
const special = new Uint8Array(pieces.length);
special[259] = 1;
const bytes = new TokenBytes({ bytes: Buffer.concat(pieces), starts, special });

interface Told {
  readonly writing: Writing;
  readonly pieces: readonly string[];
}

function written(ids: readonly number[], stops: readonly string[] = []): Told {
  const writing = new Writing(bytes, stops);
  const told: string[] = [];
  for (const id of ids) {
    if (writing.isStopped) break;
    writing.push({ id, logprob: -id });
    told.push(writing.news());
  }
  return { writing, pieces: [...told, writing.lastNews()] };
}

const idsOf = (text: string): number[] => [...Buffer.from(text)];

describe("writing", () => {
  it("tells characters once they are whole", () => {
    const { writing, pieces: told } = written(idsOf("é👍"));
    expect(told).toEqual(["", "é", "", "", "", "👍", ""]);
    expect(writing.written()).toMatchObject({ text: "é👍", ids: idsOf("é👍") });
  });

  it("leaves out tokens that begin an unfinished character, their other bytes too", () => {
    const { writing, pieces: told } = written([...idsOf("a"), 258]);
    expect(told.join("")).toBe("a");
    expect(writing.written()).toEqual({ text: "a", ids: [97], tokens: [{ id: 97, logprob: -97 }] });
  });

  it("writes bytes that make no character as decoders do, piece by piece as at once", () => {
    let state = 3;
    const random = Array.from({ length: 4_000 }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      const byte = state >>> 24;
      return byte < 90 ? 0xf0 + (byte % 5) : byte;
    });
    const { writing, pieces: told } = written([...random, 97]);
    expect(told.join("")).toBe(new TextDecoder().decode(Uint8Array.from([...random, 97])));
    expect(writing.written().text).toBe(told.join(""));
  });

  it("ends before the first stop text, across borders of tokens, and tells nothing of it", () => {
    const { writing, pieces: told } = written(idsOf("one\nEND two"), ["\nEND", "two"]);
    expect(told.join("")).toBe("one");
    expect(told).toEqual(["o", "n", "e", "", "", "", "", ""]);
    expect(writing.written()).toMatchObject({ text: "one", ids: idsOf("one"), stoppedBy: "\nEND" });
  });

  it("tells what was held back once it is no stop text", () => {
    const { pieces: told } = written(idsOf("\nENx"), ["\nEND"]);
    expect(told).toEqual(["", "", "", "\nENx", ""]);
  });

  it("tells no ids where a stop text begins within a token, but the logarithms of all that have a part in it", () => {
    const found = written([120, 256, 99], ["bc"]).writing.written();
    expect(found).toEqual({
      text: "xa",
      tokens: [
        { id: 120, logprob: -120 },
        { id: 256, logprob: -256 },
      ],
      stoppedBy: "bc",
    });
  });

  it("stops at once where the stop text comes first", () => {
    expect(written([257], ["\n"]).writing.written()).toMatchObject({ text: "", ids: [], stoppedBy: "\n" });
  });

  it("keeps special tokens that end nothing among the ids, not in the text", () => {
    expect(written([97, 259, 98]).writing.written()).toMatchObject({ text: "ab", ids: [97, 259, 98] });
  });
});

const shapes = [
  { heads: 2, size: 3, type: "float32" },
  { heads: 1, size: 2, type: "float16" },
] as const;

/** What stands for a token at a place: other tokens before it would have made other numbers. */
function kvOf(ids: readonly number[]): Kv {
  const kv = { length: ids.length, parts: emptyParts(shapes, 1, ids.length) };
  shapes.forEach(({ heads, size }, part) => {
    let sum = 0;
    ids.forEach((id, token) => {
      sum = (sum * 7 + id) % 9_973;
      for (let head = 0; head < heads; head += 1) {
        kv.parts[part]?.fill(
          sum + head * 11 + part,
          (head * ids.length + token) * size,
          (head * ids.length + token + 1) * size,
        );
      }
    });
  });
  return kv;
}

function joined(cache: PrefixCache, ids: readonly number[], limit = ids.length): Kv {
  const { length, pieces: found } = cache.match(ids, limit);
  const kv = { length, parts: emptyParts(shapes, 1, length) };
  let start = 0;
  for (const piece of found) {
    copyTokens(shapes, placeIn(piece.kv), placeIn(kv, start), piece.count);
    start += piece.count;
  }
  expect(start).toBe(length);
  return kv;
}

describe("prefixes", () => {
  it("come back as they were kept, whatever they share", () => {
    const cache = new PrefixCache(shapes);
    const texts = [
      [1, 2, 3, 4, 5],
      [1, 2, 3, 9],
      [1, 2],
      [7],
      [1, 2, 3, 4, 5, 6, 7, 8],
      [1, 2, 3, 4, 6],
      [1, 8],
    ];
    for (const ids of texts) cache.keep(ids, ids.length, placeIn(kvOf(ids)));
    for (const ids of texts) expect(joined(cache, ids)).toEqual(kvOf(ids));
    expect(cache.tokens).toBe(5 + 1 + 1 + 3 + 1 + 1);
    expect(joined(cache, [1, 2, 3, 4, 5, 6, 0])).toEqual(kvOf([1, 2, 3, 4, 5, 6]));
    expect(joined(cache, [1, 2, 3, 4, 5], 3)).toEqual(kvOf([1, 2, 3]));
    expect(cache.match([5, 5], 2).length).toBe(0);
  });

  it("are copied out of a row that has others before and beside it", () => {
    const cache = new PrefixCache(shapes);
    const kv = kvOf([1, 2, 3]);
    const parts = emptyParts(shapes, 2, 5);
    copyTokens(shapes, placeIn(kv), { parts, row: 1, width: 5, start: 2 }, 3);
    cache.keep([1, 2, 3], 3, { parts, row: 1, width: 5, start: 2 });
    expect(joined(cache, [1, 2, 3])).toEqual(kv);
    expect(taken(shapes, { parts, row: 1, width: 5, start: 3 }, 1)).toEqual(taken(shapes, placeIn(kv, 1), 1));
  });

  it("go when there is no room, what was not asked for longest first, ends before beginnings", () => {
    const cache = new PrefixCache(shapes);
    for (const ids of [
      [1, 2, 3],
      [1, 2, 4],
      [5, 6, 7],
    ])
      cache.keep(ids, 3, placeIn(kvOf(ids)));
    expect(cache.tokens).toBe(7);
    cache.match([1, 2, 3], 3);
    cache.trim(6);
    expect(cache.match([1, 2, 4], 3).length).toBe(2);
    cache.trim(5);
    expect(cache.match([5, 6, 7], 3).length).toBe(0);
    expect(cache.match([1, 2, 3], 3).length).toBe(3);
    cache.trim(0);
    expect(cache.tokens).toBe(0);
    expect(cache.match([1, 2, 3], 3).length).toBe(0);
  });
});
