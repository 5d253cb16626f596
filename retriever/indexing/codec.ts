// A digest as bytes: what workers send, what the cache keeps, and, read in place, what the ranking works on.
import { crc32 } from "node:zlib";
import type { Chunk, Definition, Digest, Trait } from "../digest.ts";

/** Raised whenever the same blob gives another digest, or the layout changes: old cache rows are then not found. */
export const digestVersion = 3;

/** What indexing a blob gave. Views into its bytes: reading a field costs nothing before it is asked for. */
export interface IndexedBlob {
  readonly traits: readonly Trait[];
  /** Name of the language, where one was recognised. */
  readonly language?: string;
  /** Why a file of a known language was cut at blank lines. */
  readonly fallback?: string;
  readonly digest?: Digest;
}

const magic = 0x44474131;
const kinds = ["function", "method", "class", "block"] as const;
const traitNames: readonly Trait[] = [
  "test",
  "documentation",
  "example",
  "vendored",
  "generated",
  "minified",
  "binary",
  "lfs-pointer",
  "submodule",
  "symlink",
  "too-large",
];

/** Words of 32 bits at the front: magic, checksum, then the sizes of everything behind. */
const header = {
  magic: 0,
  checksum: 1,
  traits: 2,
  lines: 3,
  bytes: 4,
  chunks: 5,
  terms: 6,
  definitions: 7,
  references: 8,
  shingles: 9,
  stringBytes: 10,
  hasDigest: 11,
  words: 12,
} as const;

/** Kind, first byte, first line, last line, tokens. */
const chunkWords = 5;

interface Sizes {
  readonly chunks: number;
  readonly terms: number;
  readonly definitions: number;
  readonly references: number;
  readonly shingles: number;
}

/** Offsets in bytes: first all arrays of 32 bits, then those of 16, then text. */
function placesOf({ chunks, terms, definitions, references, shingles }: Sizes) {
  const chunkTable = 4 * header.words;
  const termStarts = chunkTable + 4 * chunkWords * chunks;
  const termHashes = termStarts + 4 * (chunks + 1);
  const definitionChunks = termHashes + 4 * terms;
  const referenceHashes = definitionChunks + 4 * definitions;
  const literalShingles = referenceHashes + 4 * references;
  const termCounts = literalShingles + 4 * shingles;
  const referenceCounts = termCounts + 2 * terms;
  const strings = referenceCounts + 2 * references;
  return {
    chunkTable,
    termStarts,
    termHashes,
    definitionChunks,
    referenceHashes,
    literalShingles,
    termCounts,
    referenceCounts,
    strings,
  };
}

const nothing: Digest = {
  lines: 0,
  bytes: 0,
  chunks: [],
  termStarts: new Uint32Array(1),
  termHashes: new Uint32Array(),
  termCounts: new Uint16Array(),
  definitions: [],
  referenceHashes: new Uint32Array(),
  referenceCounts: new Uint16Array(),
  literalShingles: new Uint32Array(),
};

function sizesOf(digest: Digest): Sizes {
  return {
    chunks: digest.chunks.length,
    terms: digest.termHashes.length,
    definitions: digest.definitions.length,
    references: digest.referenceHashes.length,
    shingles: digest.literalShingles.length,
  };
}

/** Language, fallback, then names and signatures of chunks, then names of definitions; none holds a line break. */
function stringsOf({ language = "", fallback = "" }: IndexedBlob, digest: Digest): Buffer {
  const lines = [language, fallback];
  for (const { name, signature } of digest.chunks) lines.push(name, signature);
  for (const { name } of digest.definitions) lines.push(name);
  return Buffer.from(lines.join("\n"), "utf8");
}

/** A multiple of four bytes long; the same blob always gives the same bytes. */
export function encodeBlob(blob: IndexedBlob): Uint8Array<ArrayBuffer> {
  const digest = blob.digest ?? nothing;
  const sizes = sizesOf(digest);
  const places = placesOf(sizes);
  const strings = stringsOf(blob, digest);
  const length = (places.strings + strings.length + 3) & ~3;
  const buffer = new ArrayBuffer(length);
  const head = new Uint32Array(buffer, 0, header.words);
  head[header.magic] = magic;
  head[header.traits] = blob.traits.reduce((bits, trait) => bits | (1 << traitNames.indexOf(trait)), 0);
  head[header.lines] = digest.lines;
  head[header.bytes] = digest.bytes;
  head[header.chunks] = sizes.chunks;
  head[header.terms] = sizes.terms;
  head[header.definitions] = sizes.definitions;
  head[header.references] = sizes.references;
  head[header.shingles] = sizes.shingles;
  head[header.stringBytes] = strings.length;
  head[header.hasDigest] = blob.digest === undefined ? 0 : 1;
  const chunkTable = new Uint32Array(buffer, places.chunkTable, chunkWords * sizes.chunks);
  digest.chunks.forEach((chunk, at) => {
    const row = [
      kinds.indexOf(chunk.kind),
      chunk.startByte,
      chunk.startLine,
      chunk.endLine,
      chunk.approximateTokens,
    ];
    chunkTable.set(row, at * chunkWords);
  });
  new Uint32Array(buffer, places.termStarts, sizes.chunks + 1).set(digest.termStarts);
  new Uint32Array(buffer, places.termHashes, sizes.terms).set(digest.termHashes);
  new Uint32Array(buffer, places.definitionChunks, sizes.definitions).set(
    digest.definitions.map(({ chunk }) => chunk),
  );
  new Uint32Array(buffer, places.referenceHashes, sizes.references).set(digest.referenceHashes);
  new Uint32Array(buffer, places.literalShingles, sizes.shingles).set(digest.literalShingles);
  new Uint16Array(buffer, places.termCounts, sizes.terms).set(digest.termCounts);
  new Uint16Array(buffer, places.referenceCounts, sizes.references).set(digest.referenceCounts);
  const bytes = new Uint8Array(buffer);
  bytes.set(strings, places.strings);
  head[header.checksum] = crc32(bytes.subarray(8));
  return bytes;
}

/** Undefined for bytes that were damaged or made by something else. */
export function decodeBlob(stored: Uint8Array): IndexedBlob | undefined {
  if (stored.length < 4 * header.words || stored.length % 4 !== 0) return undefined;
  const bytes = stored.byteOffset % 4 === 0 ? stored : new Uint8Array(stored);
  const head = new Uint32Array(bytes.buffer, bytes.byteOffset, header.words);
  if (head[header.magic] !== magic || head[header.checksum] !== crc32(bytes.subarray(8))) return undefined;
  const view = new StoredDigest(bytes, head);
  const [language = "", fallback = ""] = view.heading;
  return {
    traits: traitNames.filter((_, bit) => ((head[header.traits] ?? 0) & (1 << bit)) !== 0),
    ...(language === "" ? {} : { language }),
    ...(fallback === "" ? {} : { fallback }),
    ...(head[header.hasDigest] === 1 ? { digest: view } : {}),
  };
}

/** The checksum has been compared: whatever stands in the bytes was written by {@link encodeBlob}. */
class StoredDigest implements Digest {
  readonly lines: number;
  readonly bytes: number;
  readonly termStarts: Uint32Array;
  readonly termHashes: Uint32Array;
  readonly termCounts: Uint16Array;
  readonly referenceHashes: Uint32Array;
  readonly referenceCounts: Uint16Array;
  readonly literalShingles: Uint32Array;
  readonly #chunkTable: Uint32Array;
  readonly #definitionChunks: Uint32Array;
  readonly #text: Uint8Array;
  #strings: readonly string[] | undefined;
  #chunks: readonly Chunk[] | undefined;
  #definitions: readonly Definition[] | undefined;

  constructor(stored: Uint8Array, head: Uint32Array) {
    const sizes = {
      chunks: head[header.chunks] ?? 0,
      terms: head[header.terms] ?? 0,
      definitions: head[header.definitions] ?? 0,
      references: head[header.references] ?? 0,
      shingles: head[header.shingles] ?? 0,
    };
    const places = placesOf(sizes);
    const words = (at: number, count: number) =>
      new Uint32Array(stored.buffer, stored.byteOffset + at, count);
    const halves = (at: number, count: number) =>
      new Uint16Array(stored.buffer, stored.byteOffset + at, count);
    this.lines = head[header.lines] ?? 0;
    this.bytes = head[header.bytes] ?? 0;
    this.#chunkTable = words(places.chunkTable, chunkWords * sizes.chunks);
    this.termStarts = words(places.termStarts, sizes.chunks + 1);
    this.termHashes = words(places.termHashes, sizes.terms);
    this.#definitionChunks = words(places.definitionChunks, sizes.definitions);
    this.referenceHashes = words(places.referenceHashes, sizes.references);
    this.literalShingles = words(places.literalShingles, sizes.shingles);
    this.termCounts = halves(places.termCounts, sizes.terms);
    this.referenceCounts = halves(places.referenceCounts, sizes.references);
    this.#text = stored.subarray(places.strings, places.strings + (head[header.stringBytes] ?? 0));
  }

  /** Language and fallback, without reading the names behind them. */
  get heading(): string[] {
    let end = this.#text.indexOf(10);
    end = this.#text.indexOf(10, end + 1);
    return Buffer.from(this.#text.subarray(0, end < 0 ? this.#text.length : end))
      .toString("utf8")
      .split("\n");
  }

  get chunks(): readonly Chunk[] {
    this.#chunks ??= this.#readChunks();
    return this.#chunks;
  }

  get definitions(): readonly Definition[] {
    this.#definitions ??= this.#readDefinitions();
    return this.#definitions;
  }

  get #lines(): readonly string[] {
    this.#strings ??= Buffer.from(this.#text.buffer, this.#text.byteOffset, this.#text.length)
      .toString("utf8")
      .split("\n");
    return this.#strings;
  }

  #readChunks(): Chunk[] {
    const table = this.#chunkTable;
    const strings = this.#lines;
    return Array.from({ length: table.length / chunkWords }, (_, at) => {
      const row = at * chunkWords;
      return {
        kind: kinds[table[row] ?? 3] ?? "block",
        name: strings[2 + 2 * at] ?? "",
        signature: strings[3 + 2 * at] ?? "",
        startByte: table[row + 1] ?? 0,
        endByte: table[row + chunkWords + 1] ?? this.bytes,
        startLine: table[row + 2] ?? 0,
        endLine: table[row + 3] ?? 0,
        approximateTokens: table[row + 4] ?? 0,
      };
    });
  }

  #readDefinitions(): Definition[] {
    const first = 2 + (2 * this.#chunkTable.length) / chunkWords;
    const strings = this.#lines;
    return Array.from(this.#definitionChunks, (chunk, at) => ({ name: strings[first + at] ?? "", chunk }));
  }
}
