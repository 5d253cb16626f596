// Random files cut into chunks that tile them, and counters of several kinds: what the packer's properties are tried on.
import type { Candidate, TokenCounter } from "../../retriever/index.ts";
import type { Random } from "../../src/domain/random.ts";

type Chunk = Candidate["chunk"];
type Files = ReadonlyMap<string, Buffer>;

export interface PackCase {
  readonly candidates: readonly Candidate[];
  readonly blobs: Files;
  /** Every chunk of every file, ranked or not. */
  readonly all: readonly Candidate[];
}

const pieces = [
  "a",
  "value",
  "  ",
  "\t",
  "\r\n",
  "\n",
  "def f(x):",
  "{",
  "}",
  "é",
  "日本",
  "\u{1f600}",
  "<|endoftext|>",
];

export const below = (random: Random, limit: number): number => Math.floor(random.next() * limit);

function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[below(random, items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

function randomText(random: Random): string {
  if (random.next() < 0.05) return "x".repeat(below(random, 5000));
  return Array.from({ length: below(random, 60) }, () => pick(random, pieces)).join("");
}

function chunksOf(texts: readonly string[], random: Random): Chunk[] {
  let startByte = 0;
  let line = 1;
  return texts.map((text, index) => {
    const endByte = startByte + Buffer.byteLength(text);
    const breaks = text.split("\n").length - 1;
    const endLine = Math.max(line, text.endsWith("\n") ? line + breaks - 1 : line + breaks);
    const signature = random.next() < 0.6 ? `def f${index}(${"x, ".repeat(below(random, 5))})` : "";
    const kind = signature === "" ? ("block" as const) : ("function" as const);
    const lines = { startLine: line, endLine };
    const chunk = { kind, name: signature, signature, startByte, endByte, ...lines, approximateTokens: 1 };
    startByte = endByte;
    line += breaks;
    return chunk;
  });
}

/** With `marked` every chunk holds a mark of its own, `<<path:index>>`, and so does its signature. */
export function packCase(random: Random, marked = false): PackCase {
  const blobs = new Map<string, Buffer>();
  const all: Candidate[] = [];
  const known: string[] = [];
  for (let file = 0; file < 1 + below(random, 5); file += 1) {
    const texts = Array.from({ length: below(random, 8) }, () =>
      !marked && known.length > 0 && random.next() < 0.2 ? pick(random, known) : randomText(random),
    )
      .filter((text) => text !== "")
      .map((text, index) => (marked ? `<<${file}:${index}>>${text}` : text));
    known.push(...texts);
    const blob = `blob${file}`;
    blobs.set(blob, Buffer.from(texts.join("")));
    const path = random.next() < 0.1 ? `odd\nname${file}.py` : `src/file${file}.py`;
    for (const [index, chunk] of chunksOf(texts, random).entries()) {
      const signature = chunk.signature === "" || !marked ? chunk.signature : `<<${file}:${index}>>`;
      all.push({ file: { path, blob, traits: [] }, chunk: { ...chunk, signature } });
    }
  }
  const ranked = all.map((each) => ({ each, at: random.next() })).sort((a, b) => a.at - b.at);
  const candidates = ranked.map(({ each }) => each);
  const again = candidates.slice(0, below(random, 3));
  return { candidates: [...candidates, ...again], blobs, all };
}

/** Joins badly: two texts together may count more than each alone, as with merges that depend on what follows. */
export const sullen: TokenCounter = {
  name: "sullen",
  isApproximate: false,
  count: (text) => Math.ceil(text.length / 3) + 7 * (text.split(":\n").length - 1) ** 2,
};
