// What every reranker promises, whatever model is behind it: checked against plain code on models of a few hundred bytes.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openReranker } from "../../retriever/dense/open.ts";
import type { Reranker } from "../../retriever/dense/reranker.ts";
import { type TinyKind, tinyModel, writeTinyModel } from "../support/tiny-model.ts";
import { comparison, cosine, framed } from "../support/tiny-reference.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "arena-reranker-"));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

const passage = (text: string) => ({ content: `blob ${text}`, text });
const query = "where lexer error";
const texts = [
  "parser token",
  "lexer error string where",
  "a",
  "the lexer of string",
  "zebra query passage error error",
];

interface Contender {
  readonly name: string;
  readonly kind: TinyKind;
  readonly settings: object;
  readonly expected: (query: string, passage: string) => number;
}

const asVectors = (one: string, other: string) => cosine(framed(one), framed(other));
const contenders: readonly Contender[] = [
  { name: "embedding, one vector a token", kind: "token-vectors", settings: {}, expected: asVectors },
  { name: "embedding, one vector a text", kind: "text-vector", settings: {}, expected: asVectors },
  {
    name: "embedding, one of two outputs",
    kind: "two-outputs",
    settings: { output: "text" },
    expected: asVectors,
  },
  {
    name: "embedding with prefixes",
    kind: "token-vectors",
    settings: { queryPrefix: "query: ", passagePrefix: "passage: " },
    expected: (one, other) => asVectors(`query : ${one}`, `passage : ${other}`),
  },
  { name: "cross-encoder", kind: "cross-encoder", settings: { kind: "cross-encoder" }, expected: comparison },
];

describe.each(contenders)("$name", ({ name, kind, settings, expected }) => {
  let reranker: Reranker;
  const place = () => join(folder, name.replaceAll(/\W+/g, "-"));
  const withMore = async (more: object) => await openReranker({ folder: place(), settings: more });
  beforeAll(async () => {
    await writeTinyModel(place(), kind, settings);
    reranker = await openReranker({ folder: place() });
  });
  afterAll(async () => await reranker.close());

  it("scores every passage as plain code does, in the order given", async () => {
    const { scores, truncated, computed } = await reranker.score(query, texts.map(passage));
    expect(scores).toHaveLength(texts.length);
    texts.forEach((text, index) => {
      expect(scores[index]).toBeCloseTo(expected(query, text), 4);
    });
    expect({ truncated, computed }).toEqual({ truncated: 0, computed: texts.length });
  });

  it("gives a passage the same score alone, beside others, and in batches of any size", async () => {
    const together = await reranker.score(query, texts.map(passage));
    await using small = await withMore({ batchTokens: 16 });
    const apart = await small.score(query, texts.map(passage).toReversed());
    expect(apart.scores.toReversed()).toEqual(together.scores);
    const alone = await reranker.score(query, [passage(texts[1] ?? "")]);
    expect(alone.scores[0]).toBe(together.scores[1]);
  });

  it("takes no passage at all, an empty one, and one of ten million characters", async () => {
    expect((await reranker.score(query, [])).scores).toHaveLength(0);
    const { scores, truncated } = await reranker.score(query, [
      passage(""),
      passage("lexer ".repeat(1_700_000)),
    ]);
    expect([...scores].every(Number.isFinite)).toBe(true);
    expect(truncated).toBe(1);
  });

  it("cuts what is longer than the model reads, keeps the special tokens, and says so", async () => {
    await using short = await withMore({ maxTokens: 12 });
    expect(short.about.maxTokens).toBe(12);
    const words = Array.from({ length: 24 }, (_, index) => ["lexer", "error", "string", "a"][index % 4]);
    const longer = words.map((_, index) => passage(words.slice(0, index + 1).join(" ")));
    const { scores, truncated } = await short.score("where", longer);
    const whole = longer.length - truncated;
    expect(whole).toBeLessThan(12);
    longer.slice(0, whole).forEach(({ text }, index) => {
      expect(scores[index]).toBeCloseTo(expected("where", text), 4);
    });
    // What is cut is as if it had ended there.
    expect(new Set(scores.slice(whole - 1)).size).toBe(1);
  });

  it("runs on the processor where CUDA does not load, and says why", async () => {
    await using asked = await openReranker({ folder: place(), device: "cuda" });
    if (asked.about.device === "cuda") expect(asked.about.fallback).toBeUndefined();
    else expect(asked.about.fallback).toContain("cuda did not load");
    expect(reranker.about).toMatchObject({ device: "cpu" });
    expect(reranker.about.fallback).toBeUndefined();
  });

  it("rejects when aborted, before and while it runs, and goes on working", async () => {
    const gone = reranker.score(query, texts.map(passage), AbortSignal.abort());
    await expect(gone).rejects.toMatchObject({ code: "aborted" });
    await using one = await withMore({ batchTokens: 1 });
    const stop = new AbortController();
    const many = Array.from({ length: 3_000 }, (_, index) =>
      passage(`lexer ${"token ".repeat(index % 300)}`),
    );
    const running = one.score(query, many, stop.signal);
    setImmediate(() => stop.abort());
    await expect(running).rejects.toMatchObject({ code: "aborted" });
    expect((await one.score(query, [passage("lexer")])).scores).toHaveLength(1);
  });

  it("answers calls made at once as if they were made in turn", async () => {
    const [first, second] = await Promise.all([
      reranker.score(query, texts.map(passage)),
      reranker.score("parser", texts.map(passage)),
    ]);
    expect(first).toEqual(await reranker.score(query, texts.map(passage)));
    expect(second?.scores).not.toEqual(first?.scores);
  });

  it("rejects what is asked after it was closed, and closes twice", async () => {
    const closed = await withMore({});
    await closed.close();
    await closed.close();
    await expect(closed.score(query, [passage("a")])).rejects.toMatchObject({ code: "aborted" });
  });
});

describe("a folder that is no reranker", () => {
  const opened = async (kind: TinyKind, settings: object, mend?: (place: string) => Promise<void>) => {
    const place = await writeTinyModel(
      join(folder, `bad-${Math.abs(JSON.stringify([kind, settings]).length)}`),
      kind,
      settings,
    );
    await mend?.(place);
    await using reranker = await openReranker({ folder: place });
    await reranker.score(query, texts.map(passage));
  };
  const unusable = (message: RegExp) =>
    expect.objectContaining({ code: "model-unusable", message: expect.stringMatching(message) });

  it.each<[string, TinyKind, object, RegExp]>([
    [
      "an output of another shape",
      "wrong-shape",
      {},
      /expected shape \[1, 5, dimensions\].*found \[5, 8, 1\]/,
    ],
    [
      "vectors where scores are wanted",
      "text-vector",
      { kind: "cross-encoder" },
      /expected shape \[1\] or \[1, 1\], found \[1, 8\]/,
    ],
    [
      "an output that is not there",
      "text-vector",
      { output: "logits" },
      /expected output logits, found text/,
    ],
    ["several outputs and no name", "two-outputs", {}, /"output" in rerank.json, found tokens, text/],
    [
      "no room for special tokens",
      "cross-encoder",
      { kind: "cross-encoder", maxTokens: 4 },
      /maxTokens.*expected number to be >=8/,
    ],
  ])("is refused for %s", async (_, kind, settings, message) => {
    await expect(opened(kind, settings)).rejects.toEqual(unusable(message));
  });

  it("is refused for a damaged model, and for a damaged or strange tokenizer", async () => {
    const write = (name: string, text: string) => async (place: string) =>
      await writeFile(join(place, name), text);
    await expect(opened("text-vector", {}, write("model.onnx", "no model"))).rejects.toEqual(
      unusable(/Load model|protobuf/i),
    );
    await expect(opened("text-vector", {}, write("tokenizer.json", "{"))).rejects.toEqual(
      unusable(/tokenizer.json/),
    );
    await expect(opened("text-vector", {}, write("tokenizer.json", "[]"))).rejects.toEqual(
      unusable(/tokenizer.json/),
    );
  });

  it("is refused where it is not there", async () => {
    await expect(openReranker({ folder: join(folder, "nowhere") })).rejects.toEqual(
      unusable(/model.onnx or onnx\/model.onnx/),
    );
  });
});

describe("the tiny models", () => {
  it("are the same bytes on every run", async () => {
    const place = await writeTinyModel(join(folder, "again"), "cross-encoder");
    expect(await readFile(join(place, "model.onnx"))).toEqual(tinyModel("cross-encoder"));
  });
});
