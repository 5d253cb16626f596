// Which tokenizer counts for whom, how an approximation says that it is one, and what hostile texts and folders do.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { encodingOf, tokenCounterFor } from "../../../../retriever/index.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-tokenizer-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (value: unknown): string => {
  const own = mkdtempSync(join(folder, "model-"));
  writeFileSync(join(own, "tokenizer.json"), typeof value === "string" ? value : JSON.stringify(value));
  return own;
};

/** One token a word: the smallest file of its kind. */
const words = {
  version: "1.0",
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: "Whitespace" },
  post_processor: null,
  decoder: null,
  model: { type: "WordLevel", vocab: { "[UNK]": 0, int: 1, main: 2 }, unk_token: "[UNK]" },
};

describe("encodingOf", () => {
  it.each([
    ["gpt-4o-mini-2024-07-18", "o200k_base"],
    ["gpt-5.4-mini", "o200k_base"],
    ["o3-mini", "o200k_base"],
    ["openai/gpt-4.1", "o200k_base"],
    ["gpt-4", "cl100k_base"],
    ["gpt-4-turbo", "cl100k_base"],
    ["gpt-3.5-turbo-0125", "cl100k_base"],
    ["gpt-oss-20b", "o200k_harmony"],
    ["gpt-40", undefined],
    ["o200", undefined],
    ["claude-sonnet-4", undefined],
    ["Qwen2.5-Coder-32B", undefined],
  ])("%s: %s", (model, encoding) => {
    expect(encodingOf(model)).toBe(encoding);
  });
});

describe("tokenCounterFor", () => {
  it("counts as the published encodings do", async () => {
    const o200k = await tokenCounterFor({ model: "gpt-4o" });
    const cl100k = await tokenCounterFor({ model: "gpt-4" });
    expect([o200k.name, cl100k.name]).toEqual(["o200k_base", "cl100k_base"]);
    expect(o200k.count("hello world")).toBe(2);
    expect(cl100k.count("hello world")).toBe(2);
    expect([o200k.count("日本語のテキスト"), cl100k.count("日本語のテキスト")]).toEqual([6, 8]);
  });

  it("takes what looks like a mark of the chat format as text", async () => {
    const counter = await tokenCounterFor({ tokenizer: "o200k_base" });
    expect(counter.count("<|endoftext|>")).toBeGreaterThan(1);
    expect(counter.count("\ud800 half a pair")).toBeGreaterThan(1);
  });

  it("says that it approximates, and why", async () => {
    const unknown = await tokenCounterFor({ model: "claude-sonnet-4" });
    expect(unknown.isApproximate).toBe(true);
    expect(unknown.name).toMatch(/^approximate: 3 bytes a token, .*no tokenizer/);
    expect(unknown.count("日本")).toBe(2);
    expect((await tokenCounterFor({})).isApproximate).toBe(true);
  });

  it("never counts less than the encoding where a run is too long to be merged", async () => {
    const counter = await tokenCounterFor({ tokenizer: "o200k_base" });
    const { countTokens } = await import("gpt-tokenizer/encoding/o200k_base");
    for (const text of [
      `a ${"x".repeat(2000)} b`,
      " ".repeat(1500),
      `${"é".repeat(900)}\n${"(".repeat(401)}`,
    ]) {
      expect(counter.count(text)).toBeGreaterThanOrEqual(countTokens(text));
    }
    expect(counter.count("y".repeat(10_000_000))).toBe(10_000_000);
  });

  it("reads a folder with tokenizer.json and names it with its hash", async () => {
    const counter = await tokenCounterFor({ tokenizer: write(words), model: "gpt-4o" });
    expect(counter.isApproximate).toBe(false);
    expect(counter.name).toMatch(/^model-\w+ \(sha256 [0-9a-f]{12}\)$/);
    expect(counter.count("int main int")).toBe(3);
  });

  it.each([
    ["no JSON", "{"],
    ["no object", "3"],
    ["not a tokenizer", { model: { type: "Nonsense" } }],
    ["an empty object", {}],
  ])("refuses a folder whose file is %s, with its path", async (_, content) => {
    const own = write(content);
    await expect(tokenCounterFor({ tokenizer: own })).rejects.toMatchObject({
      code: "model-unusable",
      message: expect.stringContaining(join(own, "tokenizer.json")),
    });
  });

  it("refuses a folder that is not there", async () => {
    await expect(tokenCounterFor({ tokenizer: join(folder, "none") })).rejects.toMatchObject({
      code: "model-unusable",
    });
  });
});
