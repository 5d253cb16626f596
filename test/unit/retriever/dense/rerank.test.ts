// How a model's opinion moves the head of a ranking, with a reranker whose opinion is known.
import { describe, expect, it } from "vitest";
import { type RerankOptions, rerank } from "../../../../retriever/dense/rerank.ts";
import type { Passage, Reranker } from "../../../../retriever/dense/reranker.ts";
import type { Chunk, IndexedFile, Snapshot } from "../../../../retriever/digest.ts";
import type { Ranking } from "../../../../retriever/ranking/result.ts";

const none = new Uint32Array();
const chunkOf = (name: string, startByte: number, endByte: number): Chunk => ({
  kind: name === "" ? "block" : "function",
  name,
  signature: "",
  startByte,
  endByte,
  startLine: 1,
  endLine: 1,
  approximateTokens: 1,
});

/** A file whose chunks are its words, each followed by a space. */
function fileOf(path: string, words: readonly string[]): IndexedFile {
  let at = 0;
  const chunks = words.map((word) => {
    const chunk = chunkOf(word.startsWith("_") ? "" : `name.${word}`, at, at + word.length);
    at += word.length + 1;
    return chunk;
  });
  const counts = new Uint16Array();
  const digest = {
    lines: 1,
    bytes: at,
    chunks,
    termStarts: none,
    termHashes: none,
    termCounts: counts,
    definitions: [],
    referenceHashes: none,
    referenceCounts: counts,
    literalShingles: none,
  };
  return { path, blob: `${words.join(" ")} `, traits: [], digest };
}

const snapshot: Snapshot = {
  commit: "0",
  time: 0,
  files: [],
  history: [],
  read: async (file) => Buffer.from(file.blob),
};

/** Nearness by word; remembers what it was shown. */
class Scripted implements Reranker {
  readonly about = { kind: "embedding", fingerprint: "f", device: "cpu", maxTokens: 8 } as const;
  readonly seen: Passage[] = [];
  readonly #near: Readonly<Record<string, number>>;
  constructor(near: Readonly<Record<string, number>>) {
    this.#near = near;
  }
  async score(_: string, passages: readonly Passage[]) {
    this.seen.push(...passages);
    const scores = Float64Array.from(passages, ({ text }) => this.#near[text.split("\n").at(-1) ?? ""] ?? 0);
    return { scores, truncated: 0, computed: passages.length };
  }
  async close() {}
  async [Symbol.asyncDispose]() {}
}

const a = fileOf("a.py", ["one", "two"]);
const b = fileOf("b.py", ["three", "_four"]);
const c = fileOf("c.py", ["five"]);
const why = (points: number) => [{ signal: "fileBm25", points } as const];

function ranking(): Ranking {
  const chunk = (file: IndexedFile, index: number, score: number) => {
    const found = file.digest?.chunks[index];
    if (found === undefined) throw new Error("no such chunk");
    return { file, chunk: found, score, why: why(score) };
  };
  return {
    files: [a, b, c].map((file, index) => ({ file, score: 9 - index, why: why(9 - index) })),
    chunks: [chunk(a, 0, 5), chunk(b, 0, 4), chunk(b, 1, 3), chunk(a, 1, 2)],
  };
}

async function reranked(near: Readonly<Record<string, number>>, options: RerankOptions = {}) {
  const reranker = new Scripted(near);
  const result = await rerank({ ranking: ranking(), snapshot, query: "q", reranker }, options);
  return { ...result, seen: reranker.seen };
}
const textOf = ({ file, chunk }: Ranking["chunks"][number]) =>
  file.blob.slice(chunk.startByte, chunk.endByte);

describe("reranking", () => {
  it("shows the model each chunk with its qualified name, a block without", async () => {
    const { seen, passages } = await reranked({});
    expect(seen.map(({ text }) => text)).toEqual([
      "name.one\none",
      "name.three\nthree",
      "_four",
      "name.two\ntwo",
      "name.five\nfive",
    ]);
    expect(passages).toBe(5);
    expect(new Set(seen.map(({ content }) => content)).size).toBe(5);
  });

  it("moves chunks and files by what the model says, and says by how much", async () => {
    const { ranking: found } = await reranked({ _four: 1 }, { weight: 1 });
    expect(found.chunks.map(textOf)).toEqual(["_four", "one", "three", "two"]);
    expect(found.chunks[0]?.why.at(-1)).toEqual({ signal: "dense", points: 3, found: "1.000" });
    expect(found.files.map(({ file }) => file.path)).toEqual(["b.py", "a.py", "c.py"]);
  });

  it("keeps contributions adding up to the score", async () => {
    const { ranking: found } = await reranked({ _four: 0.3, two: 0.9, five: -0.2 });
    for (const entry of [...found.chunks, ...found.files]) {
      expect(entry.why.reduce((sum, { points }) => sum + points, 0)).toBeCloseTo(entry.score, 12);
    }
  });

  it("changes no order where the model sees no difference, or has no weight", async () => {
    const { ranking: same } = await reranked({ one: 0, two: 0 });
    expect(same.chunks.map(textOf)).toEqual(["one", "three", "_four", "two"]);
    const { ranking: unmoved } = await reranked({ two: 5 }, { weight: 0 });
    expect(unmoved.chunks.map(textOf)).toEqual(["one", "three", "_four", "two"]);
  });

  it("leaves what is behind the head there, untouched", async () => {
    const { ranking: found } = await reranked(
      { two: 9, five: 9 },
      { headChunks: 2, headFiles: 2, weight: 5 },
    );
    expect(found.chunks.map(textOf).slice(2)).toEqual(["_four", "two"]);
    expect(found.chunks[2]).toEqual(ranking().chunks[2]);
    expect(found.files[2]).toEqual(ranking().files[2]);
  });

  it("judges a head file without a head chunk by its best chunk, and one without text not at all", async () => {
    const { seen } = await reranked({}, { headChunks: 1, headFiles: 3 });
    expect(seen.map(({ text }) => text.split("\n").at(-1))).toEqual(["one", "three", "five"]);
    const { digest: _, ...binary } = a;
    const only: Ranking = { files: [{ file: binary, score: 1, why: why(1) }], chunks: [] };
    const result = await rerank({ ranking: only, snapshot, query: "q", reranker: new Scripted({}) });
    expect(result.ranking).toEqual(only);
  });
});
