// Finds rows that are the same instance twice: equal fixes or statements, and those that almost are.
import { createHash } from "node:crypto";

export interface Comparable {
  readonly id: string;
  readonly goldPatch: string;
  readonly problemStatement: string;
}

export interface Pair {
  readonly kind: "duplicate" | "near-duplicate";
  readonly id: string;
  /** The earlier row that it repeats. */
  readonly of: string;
  readonly detail: string;
}

/** Words in a row that make one shingle. */
const shingleWords = 5;
/** Shared part of all shingles (Jaccard) from which two texts are nearly the same. */
export const nearThreshold = 0.8;
const hashes = 64;
/** Bands of four: two texts at the threshold share no band with a chance below 0.1 %. */
const bandRows = 4;

/** Changed lines without whitespace: places and context may differ between branches. */
function fixText(goldPatch: string): string {
  const lines = goldPatch.split("\n").filter((line) => /^[+-](?![+-]{2} )/.test(line));
  return lines.map((line) => line.replace(/\s+/gu, "")).join("\n");
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];

function shinglesOf(text: string): ReadonlySet<string> {
  const words = wordsOf(text);
  const shingles = new Set<string>();
  for (let at = 0; at + shingleWords <= words.length; at += 1)
    shingles.add(words.slice(at, at + shingleWords).join(" "));
  return shingles;
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Two independent 32-bit hashes of one shingle, from which all others are made. */
function seedsOf(shingle: string): readonly [number, number] {
  const bytes = createHash("sha256").update(shingle).digest();
  return [bytes.readUInt32LE(0), bytes.readUInt32LE(4) | 1];
}

function bandsOf(shingles: ReadonlySet<string>): string[] {
  const least = new Uint32Array(hashes).fill(0xffff_ffff);
  for (const shingle of shingles) {
    const [one, other] = seedsOf(shingle);
    for (let n = 0; n < hashes; n += 1) {
      const mixed = Math.imul(one ^ Math.imul(n + 1, 0x9e37_79b1), other) >>> 0;
      least[n] = Math.min(least[n] ?? mixed, mixed);
    }
  }
  const bands: string[] = [];
  for (let at = 0; at < hashes; at += bandRows)
    bands.push(`${at}:${least.slice(at, at + bandRows).join(",")}`);
  return bands;
}

function jaccard(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let shared = 0;
  for (const each of one) if (other.has(each)) shared += 1;
  return shared / (one.size + other.size - shared);
}

/** Remembers texts in order, and which earlier ones a new one equals or nearly equals. */
class Seen {
  readonly #what: string;
  readonly #exact = new Map<string, string>();
  readonly #bands = new Map<string, string[]>();
  readonly #shingles = new Map<string, ReadonlySet<string>>();

  constructor(what: string) {
    this.#what = what;
  }

  add(id: string, normal: string): Pair[] {
    if (normal === "") return [];
    const key = digest(normal);
    const same = this.#exact.get(key);
    if (same !== undefined) return [{ kind: "duplicate", id, of: same, detail: `same ${this.#what}` }];
    this.#exact.set(key, id);
    const shingles = shinglesOf(normal);
    return shingles.size === 0 ? [] : this.#near(id, shingles);
  }

  #near(id: string, shingles: ReadonlySet<string>): Pair[] {
    const bands = bandsOf(shingles);
    const candidates = new Set(bands.flatMap((band) => this.#bands.get(band) ?? []));
    this.#shingles.set(id, shingles);
    for (const band of bands) this.#bands.set(band, [...(this.#bands.get(band) ?? []), id]);
    return [...candidates].flatMap((other): Pair[] => {
      const share = jaccard(shingles, this.#shingles.get(other) ?? new Set());
      if (share < nearThreshold) return [];
      return [{ kind: "near-duplicate", id, of: other, detail: `${this.#what} ${share.toFixed(2)} alike` }];
    });
  }
}

/** Every pair of rows alike by fix or by statement, in the rows' order. Texts of fewer than five words are only compared whole. */
export function pairsAlike(rows: readonly Comparable[]): Pair[] {
  const [fixes, statements] = [new Seen("fix"), new Seen("statement")];
  return rows.flatMap((row) => [
    ...fixes.add(row.id, fixText(row.goldPatch)),
    ...statements.add(row.id, wordsOf(row.problemStatement).join(" ")),
  ]);
}
