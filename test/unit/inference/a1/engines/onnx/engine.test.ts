// The engine against plain code that computes the same decoder: together or alone, from the cache or anew, all the same.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Generated, GenerateRequest } from "../../../../../../src/inference/a1/engine.ts";
import { type OnnxEngine, openOnnxEngine } from "../../../../../../src/inference/a1/engines/onnx/open.ts";
import { endToken, tinyShape, writeTinyDecoder } from "../../../../../support/tiny-decoder.ts";
import { TinyReference } from "../../../../../support/tiny-decoder-reference.ts";

const reference = new TinyReference(tinyShape);
const key = { question: "q", sample: 0, turn: 0, attempt: 0 };
const never = new AbortController().signal;
/** Rounding of 32 bits through two layers. */
const digits = 3;

let root = "";
let engine: OnnxEngine;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "arena-onnx-"));
  engine = await openOnnxEngine({
    folder: await writeTinyDecoder(join(root, "tiny")),
    device: "cpu",
    threads: 1,
    maxBatch: 4,
  });
});

afterAll(async () => {
  await engine.close();
  await rm(root, { recursive: true });
});

function context(ids: readonly number[]) {
  return { ids, messages: [], answer: "" };
}

/** Token ids that no other test uses, so that nothing of them is kept yet. */
function idsOf(salt: number, length: number): number[] {
  return Array.from({ length }, (_, index) => (salt * 97 + index * index * 31 + index * 7) % 256);
}

async function written(
  ids: readonly number[],
  changes: Partial<GenerateRequest> = {},
  on = engine,
): Promise<Generated> {
  const request = { key, context: context(ids), maxTokens: 12, temperature: 0, seed: 1, ...changes };
  return await on.generate(request, never);
}

function expectClose(
  found: readonly number[] | undefined,
  expected: readonly number[],
  precision = digits,
): void {
  expect(found).toHaveLength(expected.length);
  expected.forEach((value, index) => {
    expect(found?.[index]).toBeCloseTo(value, precision);
  });
}

/** What greedy decoding must give, unfinished characters at the end left out. */
async function expectGreedy(result: Generated, ids: readonly number[], count: number): Promise<void> {
  const expected = reference.greedy(ids, count, endToken);
  const kept = result.ids ?? [];
  expect(kept).toEqual(expected.slice(0, kept.length));
  for (let count = kept.length + 1; count <= expected.length; count += 1)
    expect(await engine.codec.decode(expected.slice(0, count))).toMatch(/\u{FFFD}$/u);
  expect(result.text).toBe(await engine.codec.decode(kept));
  expectClose(result.logprobs, reference.score([...ids, ...kept], ids.length));
}

describe("an answer", () => {
  it("is the likeliest tokens at temperature 0, with how likely they were", async () => {
    const ids = idsOf(1, 20);
    const result = await written(ids, { topLogprobs: 3 });
    await expectGreedy(result, ids, 12);
    expect(result).toMatchObject({ finish: "length", tokens: 12, promptTokens: 20, cachedTokens: 0 });
    const all = reference.logprobs([...ids, ...(result.ids ?? [])]);
    result.topLogprobs?.forEach((likely, index) => {
      const expected = [...(all[ids.length - 1 + index] ?? [])].sort((a, b) => b - a).slice(0, 3);
      expectClose(
        likely.map(({ logprob }) => logprob),
        expected,
      );
      const best = result.ids?.[index] ?? -1;
      expect(likely[0]?.text).toBe(engine.codec.tokens.nameOf(best));
    });
  });

  it("is the same among others of all lengths, which come and go", async () => {
    const asked = [3, 40, 7, 90, 2, 15, 200, 60, 1, 33].map((length, index) => idsOf(20 + index, length));
    const counts = asked.map((_, index) => 3 + ((index * 5) % 14));
    const results = await Promise.all(
      asked.map((ids, index) => written(ids, { maxTokens: counts[index] ?? 1 })),
    );
    for (const [index, result] of results.entries())
      await expectGreedy(result, asked[index] ?? [], counts[index] ?? 1);
  });

  it("is drawn from seed and place alone, whoever is beside it", async () => {
    const ids = idsOf(40, 30);
    const ask = (seed: number) => written(ids, { seed, temperature: 0.9, maxTokens: 16 });
    const alone = [await ask(1), await ask(2), await ask(3)];
    const beside = await Promise.all([ask(1), written(idsOf(41, 70)), ask(2), written(idsOf(42, 5)), ask(3)]);
    expect([beside[0], beside[2], beside[4]].map((each) => each?.ids)).toEqual(alone.map((each) => each.ids));
    expect(new Set(alone.map((each) => each.text)).size).toBe(3);
    // Told untempered, whatever was drawn from.
    const [first] = alone;
    expectClose(first?.logprobs, reference.score([...ids, ...(first?.ids ?? [])], ids.length));
  });

  it("goes on from what was kept of the last turn, and tells so", async () => {
    const ids = idsOf(50, 25);
    const first = await written(ids);
    const more = [...ids, ...(first.ids ?? []), ...idsOf(51, 6)];
    const second = await written(more);
    await expectGreedy(second, more, 12);
    expect(second.cachedTokens).toBe(ids.length + Math.min(first.ids?.length ?? 0, first.tokens - 1));
    const again = await written(more);
    expect(again.cachedTokens).toBe(more.length - 1);
    await expectGreedy(again, more, 12);
  });

  it("reads a question that many samples share once", async () => {
    const ids = idsOf(55, 60);
    const results = await Promise.all([1, 2, 3, 4].map((seed) => written(ids, { seed, maxTokens: 2 })));
    expect(results.map(({ cachedTokens }) => cachedTokens).sort()).toEqual([0, 59, 59, 59]);
  });

  it("comes as it is written, in whole characters", async () => {
    const told: string[] = [];
    const result = await written(idsOf(60, 10), {
      temperature: 2,
      maxTokens: 60,
      onText: (piece) => told.push(piece),
    });
    expect(told.join("")).toBe(result.text);
    expect(told.length).toBeGreaterThan(10);
    expect(told).not.toContain("");
  });

  it("ends before a stop text that lies across tokens", async () => {
    const ids = idsOf(61, 10);
    const free = await written(ids, { temperature: 1.5, maxTokens: 40 });
    const characters = [...free.text];
    const at = characters.findIndex(
      (_, index) => index > 5 && !characters.slice(0, index).includes(characters[index] ?? ""),
    );
    const stop = characters.slice(at, at + 2).join("");
    const told: string[] = [];
    const cut = await written(ids, {
      temperature: 1.5,
      maxTokens: 40,
      stop: ["never written", stop],
      onText: (piece) => told.push(piece),
    });
    expect(cut).toMatchObject({ finish: "stop", stoppedBy: stop, text: characters.slice(0, at).join("") });
    expect(told.join("")).toBe(cut.text);
    expect(cut.tokens).toBeLessThan(free.tokens);
    if (cut.ids !== undefined) expect(await engine.codec.decode(cut.ids)).toBe(cut.text);
  });
});

describe("a score", () => {
  it("is how likely the tokens were", async () => {
    const ids = idsOf(70, 45);
    for (const from of [30, 1, 44]) {
      const scored = await engine.score({ key, context: context(ids), from }, never);
      expectClose(scored.logprobs, reference.score(ids, from));
      expect(scored.promptTokens).toBe(45);
    }
    expect(await engine.score({ key, context: context(ids), from: 45 }, never)).toMatchObject({
      logprobs: [],
    });
  });

  it("reads only what stands from its chunk on, and leaves it for the takeover", async () => {
    const ids = idsOf(71, 50);
    await written(ids.slice(0, 30), { maxTokens: 1 });
    const scored = await engine.score({ key, context: context(ids), from: 30 }, never);
    expectClose(scored.logprobs, reference.score(ids, 30));
    expect(scored.cachedTokens).toBe(29);
    const takeover = await written(ids);
    expect(takeover.cachedTokens).toBe(49);
    await expectGreedy(takeover, ids, 12);
  });

  it("is the same beside other scores and answers", async () => {
    const asked = [12, 80, 3, 41, 150].map((length, index) => idsOf(80 + index, length));
    const [scores] = await Promise.all([
      Promise.all(asked.map((ids) => engine.score({ key, context: context(ids), from: 2 }, never))),
      Promise.all(asked.map((ids) => written([...ids, 9]))),
    ]);
    scores.forEach(({ logprobs }, index) => {
      expectClose(logprobs, reference.score(asked[index] ?? [], 2));
    });
  });
});

describe("other ways to run", () => {
  async function withEngine(options: object, work: (other: OnnxEngine) => Promise<void>): Promise<void> {
    const other = await openOnnxEngine({ folder: join(root, "tiny"), device: "cpu", threads: 1, ...options });
    await work(other).finally(() => other.close());
  }

  it("reads long prompts in pieces, with the same result", async () => {
    await withEngine({ prefillTokens: 16 }, async (other) => {
      const ids = idsOf(90, 150);
      const [scored, answer, short] = await Promise.all([
        other.score({ key, context: context(ids), from: 37 }, never),
        written(idsOf(91, 130), {}, other),
        written(idsOf(92, 5), {}, other),
      ]);
      expectClose(scored.logprobs, reference.score(ids, 37));
      await expectGreedy(answer, idsOf(91, 130), 12);
      await expectGreedy(short, idsOf(92, 5), 12);
    });
  });

  it("forgets what there is no room for, and computes it anew", async () => {
    await withEngine({ cacheTokens: 140 }, async (other) => {
      expect(other.contextTokens).toBe(140);
      const first = idsOf(95, 60);
      await written(first, { maxTokens: 4 }, other);
      expect((await written(first, { maxTokens: 4 }, other)).cachedTokens).toBe(59);
      await written(idsOf(96, 80), { maxTokens: 4 }, other);
      const again = await written(first, {}, other);
      expect(again.cachedTokens).toBe(0);
      await expectGreedy(again, first, 12);
      const together = await Promise.all([70, 60, 50].map((length) => written(idsOf(97, length), {}, other)));
      for (const [index, length] of [70, 60, 50].entries()) {
        const result = together[index];
        if (result !== undefined) await expectGreedy(result, idsOf(97, length), 12);
      }
    });
  });

  it("runs on the processor where CUDA does not load, and says so", async () => {
    await withEngine({ device: "cuda" }, async (other) => {
      // Where a CUDA provider is there nothing falls back.
      if (other.device === "cpu") expect(other.fallback).toMatch(/cuda did not load: ./);
      await expectGreedy(await written(idsOf(98, 9), {}, other), idsOf(98, 9), 12);
    });
    expect(engine.fallback).toBeUndefined();
  });

  it("takes caches of 16 bits, as exact as those are", async () => {
    const folder = await writeTinyDecoder(join(root, "half"), { caches: "float16" });
    await withEngine({ folder }, async (other) => {
      expect(other.batches).toBe(true);
      const asked = [40, 11, 25].map((length, index) => idsOf(100 + index, length));
      const scored = await Promise.all(
        asked.map((ids) => other.score({ key, context: context(ids), from: 1 }, never)),
      );
      scored.forEach(({ logprobs }, index) => {
        expectClose(logprobs, reference.score(asked[index] ?? [], 1), 1);
      });
      const [ids = []] = asked;
      const answer = await written(ids, {}, other);
      expectClose(answer.logprobs, reference.score([...ids, ...(answer.ids ?? [])], ids.length), 1);
    });
  });

  it("runs a model that padding would confuse alone, and says so", async () => {
    const folder = await writeTinyDecoder(join(root, "counting"), { takesPositions: false });
    await withEngine({ folder }, async (other) => {
      expect(other.batches).toBe(false);
      const asked = [30, 4, 17].map((length, index) => idsOf(110 + index, length));
      const results = await Promise.all(asked.map((ids) => written(ids, {}, other)));
      for (const [index, result] of results.entries()) await expectGreedy(result, asked[index] ?? [], 12);
    });
    expect(engine.batches).toBe(true);
  });

  it("ends with any of the model's end tokens, which is paid for but no part of the answer", async () => {
    const folder = await writeTinyDecoder(join(root, "ending"));
    const ids = idsOf(120, 12);
    const free = reference.greedy(ids, 12, endToken);
    const at = free.findIndex((id, index) => index > 2 && free.indexOf(id) === index);
    const settings = { eos_token_id: [endToken, free[at]] };
    await writeFile(join(folder, "generation_config.json"), JSON.stringify(settings));
    expect(JSON.parse(await readFile(join(folder, "generation_config.json"), "utf8"))).toEqual(settings);
    await withEngine({ folder }, async (other) => {
      const result = await written(ids, {}, other);
      expect(result).toMatchObject({ finish: "stop", tokens: at + 1 });
      expect(result.stoppedBy).toBeUndefined();
      expect(result.ids).toEqual(free.slice(0, result.ids?.length));
      expect(result.ids).not.toContain(free[at]);
    });
  });
});
