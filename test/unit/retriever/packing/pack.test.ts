// The packer's promises on random input: never over budget as finally written, no overlap, nothing twice, same again.
import { describe, expect, it } from "vitest";
import {
  approximateCounter,
  type Candidate,
  type Packed,
  type PackRequest,
  pack,
  type Render,
  renderPlain,
  type Snippet,
  type TokenCounter,
  tokenCounterFor,
} from "../../../../retriever/index.ts";
import { seededRandom } from "../../../../src/domain/random.ts";
import { below, type PackCase, packCase, sullen } from "../../../support/pack-case.ts";

const counters: readonly TokenCounter[] = [
  await tokenCounterFor({ tokenizer: "o200k_base" }),
  await tokenCounterFor({ tokenizer: "cl100k_base" }),
  approximateCounter("a test"),
  sullen,
];

const fenced: Render = (snippets) =>
  snippets.map((each) => `[begin 0123456789abcdef]\n${renderPlain([each])}[end 0123456789abcdef]\n`).join("");

function packOf(given: PackCase, over: Partial<PackRequest> = {}): Promise<Packed> {
  return pack({
    chunks: given.candidates,
    maxTokens: 200,
    counter: sullen,
    read: async (file) => given.blobs.get(file.blob) ?? Buffer.alloc(0),
    ...over,
  });
}

/** The chunks whose bytes a snippet's lines can come from. */
const within = (snippet: Snippet, all: readonly Candidate[]): Candidate[] =>
  all.filter(
    ({ file, chunk }) =>
      file.path === snippet.path && chunk.startLine >= snippet.firstLine && chunk.endLine <= snippet.lastLine,
  );

describe.each(counters.map((counter) => ({ counter })))(
  "pack, counting with $counter.name",
  ({ counter }) => {
    it("holds its promises on 150 random rankings", async () => {
      const random = seededRandom(`packing ${counter.name}`);
      let shown = 0;
      for (let round = 0; round < 150; round += 1) {
        const given = packCase(random);
        const maxTokens = below(random, 600);
        const render = random.next() < 0.5 ? renderPlain : fenced;
        const packed = await packOf(given, { maxTokens, counter, render });
        const { snippets, tokens } = packed;
        shown += snippets.length;
        const written = snippets.length === 0 ? 0 : counter.count(render(snippets));
        expect(written).toBe(tokens);
        expect(tokens).toBeLessThanOrEqual(maxTokens);
        for (const snippet of snippets.filter(({ form }) => form === "whole")) {
          const blob = given.blobs.get(
            given.all.find(({ file }) => file.path === snippet.path)?.file.blob ?? "",
          );
          expect(blob?.toString("utf8")).toContain(snippet.text);
          expect(within(snippet, given.all)).not.toEqual([]);
        }
        expect(await packOf(given, { maxTokens, counter, render })).toEqual(packed);
      }
      expect(shown).toBeGreaterThan(100);
    });

    it("shows every chunk once, whole or by its signature, or names it as left out", async () => {
      const random = seededRandom(`accounts ${counter.name}`);
      for (let round = 0; round < 60; round += 1) {
        const given = packCase(random, true);
        const { snippets, leftOut } = await packOf(given, { maxTokens: below(random, 900), counter });
        const marks = snippets.flatMap(({ text }) => text.match(/<<\d+:\d+>>/g) ?? []);
        expect(new Set(marks).size).toBe(marks.length);
        expect(marks.length + leftOut.length).toBe(given.all.length);
      }
    });
  },
);

const file = (path: string) => ({ path, blob: path, traits: [] });

/** A file of numbered functions of two lines each, the second as long as `padding` makes it. */
function functions(path: string, count: number, padding = ""): { candidates: Candidate[]; text: string } {
  const texts = Array.from(
    { length: count },
    (_, n) => `def f${n}(x):\n    return ${path.length} + ${n}${padding}\n`,
  );
  let startByte = 0;
  const candidates = texts.map((text, n): Candidate => {
    const endByte = startByte + text.length;
    const lines = { startLine: 2 * n + 1, endLine: 2 * n + 2 };
    const named = { kind: "function" as const, name: `f${n}`, signature: `def f${n}(x)` };
    const chunk = { ...named, startByte, endByte, ...lines, approximateTokens: 1 };
    startByte = endByte;
    return { file: file(path), chunk };
  });
  return { candidates, text: texts.join("") };
}

const one = functions("one.py", 6);
const longer = functions("longer.py", 6);
const given: PackCase = {
  candidates: [...one.candidates, ...longer.candidates],
  all: [...one.candidates, ...longer.candidates],
  blobs: new Map([
    ["one.py", Buffer.from(one.text)],
    ["longer.py", Buffer.from(longer.text)],
  ]),
};
const bytes: TokenCounter = { name: "bytes", isApproximate: false, count: (text) => text.length };

describe("pack", () => {
  it("merges neighbours into one snippet, and a file into itself", async () => {
    const { snippets } = await packOf(given, { chunks: one.candidates.toReversed(), maxTokens: 5000 });
    expect(snippets).toMatchObject([{ form: "whole", firstLine: 1, lastLine: 12, text: one.text }]);
  });

  it("keeps the order of files by their best chunk, of snippets by their place", async () => {
    const [a, , c] = one.candidates;
    const [x] = longer.candidates;
    if (a === undefined || c === undefined || x === undefined) throw new Error("three candidates");
    const { snippets } = await packOf(given, { chunks: [c, x, a], maxTokens: 5000, counter: bytes });
    expect(snippets.map(({ path, firstLine }) => `${path}:${firstLine}`)).toEqual([
      "one.py:1",
      "one.py:5",
      "longer.py:1",
    ]);
  });

  it("gives signatures where whole chunks no longer fit, gathered under one heading", async () => {
    const { candidates, text } = functions("tall.py", 6, " + 1".repeat(50));
    const blobs = new Map([["tall.py", Buffer.from(text)]]);
    const tall: PackCase = { candidates, all: candidates, blobs };
    const { snippets, leftOut } = await packOf(tall, { maxTokens: 500, counter: bytes });
    expect(snippets.map(({ form }) => form)).toEqual(["whole", "signature"]);
    expect(snippets[1]?.text).toBe("3: def f1(x)\n5: def f2(x)\n7: def f3(x)\n9: def f4(x)\n11: def f5(x)");
    expect(leftOut).toEqual([]);
  });

  it("spends what merging saved", async () => {
    const alone = one.candidates.reduce((sum, { chunk }) => sum + chunk.endByte - chunk.startByte + 24, 0);
    const { snippets, leftOut } = await packOf(given, {
      chunks: one.candidates,
      maxTokens: alone - 60,
      counter: bytes,
    });
    expect(leftOut).toEqual([]);
    expect(snippets.length).toBeLessThanOrEqual(2);
  });

  it("does not show a text again that another file has already shown", async () => {
    const copy = one.candidates.map(({ chunk }): Candidate => ({ file: file("copy.py"), chunk }));
    const blobs = new Map([...given.blobs, ["copy.py", Buffer.from(one.text)] as const]);
    const chunks = [...one.candidates, ...copy];
    const { snippets, leftOut } = await packOf(
      { candidates: chunks, all: chunks, blobs },
      { maxTokens: 9000 },
    );
    expect(snippets.map(({ path }) => path)).toEqual(["one.py"]);
    expect(leftOut).toHaveLength(6);
  });

  it("gives nothing for a budget of nothing, and leaves the rest out by name", async () => {
    const packed = await packOf(given, { maxTokens: 0 });
    expect(packed).toMatchObject({ snippets: [], tokens: 0 });
    expect(packed.leftOut).toHaveLength(12);
  });

  it("leaves a line of 10 MB out without counting it through", async () => {
    const huge = Buffer.alloc(10_000_000, "x");
    const chunk = { ...one.candidates[0]?.chunk, startByte: 0, endByte: huge.length };
    const wide: Candidate = {
      file: file("huge.js"),
      chunk: {
        kind: "block",
        name: "",
        signature: "",
        startLine: 1,
        endLine: 1,
        approximateTokens: 1,
        ...chunk,
      },
    };
    const chunks = [wide, ...one.candidates];
    const blobs = new Map([...given.blobs, ["huge.js", huge] as const]);
    const counter = await tokenCounterFor({ tokenizer: "o200k_base" });
    for (const maxTokens of [2000, 900_000]) {
      const packed = await packOf({ candidates: chunks, all: chunks, blobs }, { maxTokens, counter });
      expect(packed.snippets.some(({ path, form }) => path === "huge.js" && form === "whole")).toBe(false);
      expect(packed.snippets.some(({ path }) => path === "one.py")).toBe(true);
    }
  });
});
