// The engine when things end early: callers that leave, a thread that dies, folders and requests that make no sense.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GenerateRequest } from "../../../../../../src/inference/a1/engine.ts";
import { startModelThread } from "../../../../../../src/inference/a1/engines/onnx/model-worker.ts";
import { type OnnxEngine, openOnnxEngine } from "../../../../../../src/inference/a1/engines/onnx/open.ts";
import { configOf, tinyDecoder, tinyShape, writeTinyDecoder } from "../../../../../support/tiny-decoder.ts";

const key = { question: "q", sample: 0, turn: 0, attempt: 0 };
const never = new AbortController().signal;
let root = "";
let folder = "";
let engine: OnnxEngine;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "arena-onnx-life-"));
  folder = await writeTinyDecoder(join(root, "tiny"));
  engine = await openOnnxEngine({ folder, device: "cpu", threads: 1, maxBatch: 1 });
});

afterAll(async () => {
  await engine.close();
  await rm(root, { recursive: true });
});

function request(changes: Partial<GenerateRequest> = {}): GenerateRequest {
  const context = { ids: [1, 2, 3], messages: [], answer: "" };
  return { key, context, maxTokens: 400, temperature: 1, seed: 3, ...changes };
}

/** Begins an answer of 400 tokens, and waits until it is being written. */
async function begun(
  on: OnnxEngine,
  signal = never,
): Promise<{ answer: Promise<unknown>; pieces: () => number }> {
  let pieces = 0;
  let answer: Promise<unknown> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    const onText = () => {
      pieces += 1;
      resolve();
    };
    answer = on.generate(request({ onText }), signal);
    answer.catch(reject);
  });
  return { answer, pieces: () => pieces };
}

describe("a caller that leaves", () => {
  it("ends the work, which frees its slot and its room", async () => {
    const leaving = new AbortController();
    const { answer, pieces } = await begun(engine, leaving.signal);
    expect(await engine.load()).toMatchObject({ running: 1 });
    const waiting = engine.generate(request({ maxTokens: 2 }), never);
    leaving.abort(new Error("enough"));
    await expect(answer).rejects.toThrow("enough");
    // Of 400: what was under way when it left, and not the rest.
    expect(pieces()).toBeLessThan(200);
    expect(await waiting).toMatchObject({ tokens: 2 });
    expect(await engine.load()).toEqual({ running: 0, queued: 0, cacheShare: 0 });
  });

  it("is let go while it waits, and before it asks", async () => {
    const { answer } = await begun(engine);
    const leaving = new AbortController();
    const waiting = engine.generate(request(), leaving.signal);
    leaving.abort(new Error("too slow"));
    await expect(waiting).rejects.toThrow("too slow");
    await expect(engine.generate(request(), leaving.signal)).rejects.toThrow("too slow");
    await expect(engine.score({ key, context: request().context, from: 1 }, leaving.signal)).rejects.toThrow(
      "too slow",
    );
    expect(await answer).toMatchObject({ tokens: 400 });
  });

  it("ends its own answer with the error of its listener, and no other", async () => {
    const onText = () => {
      throw new Error("full disk");
    };
    await expect(engine.generate(request({ onText }), never)).rejects.toThrow("full disk");
    expect(await engine.generate(request({ maxTokens: 3 }), never)).toMatchObject({ tokens: 3 });
  });

  it("is written for no longer once its listener has thrown", async () => {
    let pieces = 0;
    const heard = await openOnnxEngine(
      { folder, device: "cpu", threads: 1, maxBatch: 1 },
      {
        startThread: (data) => {
          const thread = startModelThread(data);
          thread.on("message", ({ kind }: { readonly kind: string }) => {
            if (kind === "text") pieces += 1;
          });
          return thread;
        },
      },
    );
    const onText = () => {
      throw new Error("full disk");
    };
    await expect(heard.generate(request({ onText }), never)).rejects.toThrow("full disk");
    // Its place is free only when its thread has let go; of 400 pieces it has told what was under way.
    await heard.generate(request({ maxTokens: 2 }), never);
    expect(pieces).toBeLessThan(200);
    await heard.close();
  });
});

describe("under load", () => {
  it("scores while answers are written, and tells how many wait", async () => {
    const order: string[] = [];
    const { answer } = await begun(engine);
    const first = answer.then(() => order.push("answer"));
    const second = engine.generate(request({ maxTokens: 2 }), never).then(() => order.push("second"));
    const scored = engine
      .score({ key, context: { ...request().context, ids: [9, 8, 7, 6, 5] }, from: 1 }, never)
      .then(({ logprobs }) => {
        order.push("score");
        return logprobs.length;
      });
    expect(await scored).toBe(4);
    const load = await engine.load();
    expect(load).toMatchObject({ running: 1, queued: 1 });
    expect(load.cacheShare).toBeGreaterThan(0);
    await Promise.all([first, second]);
    expect(order).toEqual(["score", "answer", "second"]);
  });
});

describe("an engine that has gone", () => {
  it("gives what is in flight up when it is closed, and takes nothing more", async () => {
    const closing = await openOnnxEngine({ folder, device: "cpu", threads: 1 });
    const { answer } = await begun(closing);
    const lost = expect(answer).rejects.toMatchObject({ code: "unreachable", retryable: false });
    await Promise.all([closing.close(), closing.close()]);
    await lost;
    await expect(closing.generate(request(), never)).rejects.toThrow(/the engine was closed.*What to do/);
  });

  it("says that its thread died, to all that wait and all that come", async () => {
    const threads: Worker[] = [];
    const dying = await openOnnxEngine(
      { folder, device: "cpu", threads: 1, maxBatch: 1 },
      {
        startThread: (data) => {
          const thread = startModelThread(data);
          threads.push(thread);
          return thread;
        },
      },
    );
    const { answer } = await begun(dying);
    // It dies of what it cannot read, between two steps: a thread ended from outside amid one takes the process along.
    for (const thread of threads) thread.postMessage(null);
    const all = [
      answer,
      dying.generate(request(), never),
      dying.score({ key, context: request().context, from: 1 }, never),
    ];
    const lost = all.map((each) =>
      expect(each).rejects.toMatchObject({ code: "unreachable", retryable: false }),
    );
    expect(dying.lost()).toBeUndefined();
    await Promise.all(lost);
    await expect(dying.generate(request(), never)).rejects.toThrow(
      /model's thread failed: .*null.*What to do/,
    );
    expect(dying.lost()).toMatchObject({ code: "unreachable", retryable: false });
    await dying.close();
  });
});

describe("requests that make no sense", () => {
  it.each([
    [{ maxTokens: 0 }, "bad-request", /maxTokens: expected a whole number from 1, found 0/],
    [{ temperature: -1 }, "bad-request", /temperature: expected a number from 0, found -1/],
    [{ seed: 0.5 }, "bad-request", /seed: expected a whole number/],
    [{ topLogprobs: 21 }, "unsupported", /topLogprobs: expected at most 20, found 21/],
    [{ topLogprobs: 0.5 }, "bad-request", /topLogprobs: expected a whole number from 0, found 0.5/],
    [
      { context: { ids: [], messages: [], answer: "" } },
      "bad-request",
      /token ids from 0 to 266, found none/,
    ],
    [
      { context: { ids: [267], messages: [], answer: "" } },
      "bad-request",
      /token ids from 0 to 266, found 267/,
    ],
    [
      { maxTokens: 510 },
      "context-overflow",
      /at most 512 tokens of prompt and answer, found 3 and up to 510/,
    ],
  ] as const)("%j", async (changes, code, message) => {
    const refused = engine.generate(request(changes), never);
    await expect(refused).rejects.toMatchObject({ code, retryable: false });
    await expect(refused).rejects.toThrow(message);
  });

  it.each([0, 4, 1.5])("a score from %d", async (from) => {
    const refused = engine.score({ key, context: request().context, from }, never);
    await expect(refused).rejects.toMatchObject({ code: "bad-request" });
  });

  it("prompts and answers that just fit are written", async () => {
    expect(await engine.generate(request({ maxTokens: 509 }), never)).toMatchObject({ tokens: 509 });
    await expect(openOnnxEngine({ folder, maxBatch: 0 })).rejects.toThrow(
      /maxBatch: expected a whole number from 1/,
    );
  });
});

describe("folders that cannot be used", () => {
  const shape = { ...tinyShape };
  const json = (changes: object) => JSON.stringify({ ...configOf(shape), ...changes });

  it.each([
    ["onnx/model.onnx", Buffer.from("no model"), /model\.onnx: /],
    [
      "onnx/model.onnx",
      tinyDecoder(shape, "use_cache_branch"),
      /expected inputs .*found use_cache_branch of bool/,
    ],
    ["config.json", "{}", /config\.json: expected num_attention_heads/],
    [
      "config.json",
      json({ max_position_embeddings: undefined }),
      /config\.json: expected max_position_embeddings/,
    ],
    ["config.json", json({ num_hidden_layers: 3 }), /expected 6 inputs past_key_values.*found 4/],
    ["config.json", json({ num_hidden_layers: "two" }), /config\.json: num_hidden_layers: /],
    ["config.json", json({ num_key_value_heads: 2 }), /past_key_values\.0\.key, heads: expected 2 .*found 1/],
    ["config.json", json({ vocab_size: 300 }), /logits, vocabulary: expected 300 .*found 267/],
    ["generation_config.json", '{"eos_token_id": "end"}', /generation_config\.json: eos_token_id: /],
    ["tokenizer.json", "{", /tokenizer\.json: expected JSON/],
  ])("%s (%#)", async (file, content, message) => {
    const bad = await writeTinyDecoder(join(root, "bad"));
    await writeFile(join(bad, file), content);
    const opened = openOnnxEngine({ folder: bad, device: "cpu", threads: 1 });
    await expect(opened).rejects.toMatchObject({ code: "unusable", retryable: false });
    await expect(opened).rejects.toThrow(message);
    await expect(opened).rejects.toThrow(/What to do/);
  });

  it("have no model", async () => {
    await expect(openOnnxEngine({ folder: root })).rejects.toThrow(
      /expected model\.onnx or onnx\/model\.onnx, found/,
    );
  });
});
