// The contract against real servers: llama.cpp's own, and llama-cpp-python's with its echoes. Nothing is scripted here.
//
//   ARENA_LLAMA_SERVER  address of a running llama-server, or its binary (which needs ARENA_LLAMA_MODEL)
//   ARENA_LLAMA_PYTHON  a Python that has llama_cpp with its server (needs ARENA_LLAMA_MODEL and ARENA_LLAMA_SERVER)
//   ARENA_LLAMA_MODEL   a small model as GGUF with a chat template
import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type Codec, type Engine, EngineFault } from "../../src/inference/a1/engine.ts";
import { openEngine } from "../../src/inference/a1/engines/open.ts";
import type { WritingCodec } from "../../src/inference/a1/engines/openai-compatible.ts";
import { describeCapabilities } from "../../src/inference/a1/engines/probe.ts";
import { engineSpecSchema } from "../../src/inference/a1/engines/spec.ts";
import { systemClock } from "../../src/inference/clock.ts";
import { type ContractSubject, engineContract } from "../support/engine-contract.ts";
import { llamaPython, llamaServer } from "../support/real-llama.ts";

const { ARENA_LLAMA_SERVER: binary, ARENA_LLAMA_PYTHON: python, ARENA_LLAMA_MODEL: model } = process.env;
const never = new AbortController().signal;

/** Single precision, and other batches for other requests. */
const tolerance = 0.02;

async function engineOf(kind: "llama.cpp" | "openai", baseUrl: string, codec?: Codec): Promise<Engine> {
  const spec = engineSpecSchema.parse({
    kind,
    baseUrl,
    model: "real",
    requestTimeoutSeconds: 120,
    ...(codec === undefined ? {} : { tokenizer: "given" }),
  });
  const notes: string[] = [];
  const refuse = async (): Promise<never> => {
    throw new Error("not here");
  };
  const engine = await openEngine(
    spec,
    {
      clock: systemClock,
      apiKeyOf: () => undefined,
      uniqueId: randomUUID,
      openCodec: async () => codec ?? refuse(),
      openOnnx: refuse,
      onNote: (note) => notes.push(note),
    },
    never,
  );
  console.log([describeCapabilities([engine]), ...notes].join("\n"));
  return engine;
}

/** llama.cpp's detokenizer writes special tokens, which is what a server needs that reads prompts as text. */
function writing(codec: Codec, origin: string): WritingCodec {
  return {
    prompt: (messages) => codec.prompt(messages),
    encode: (text, before) => codec.encode(text, before),
    decode: (ids) => codec.decode(ids),
    async written(ids) {
      const body = JSON.stringify({ tokens: ids });
      const response = await fetch(`${origin}/detokenize`, { method: "POST", body });
      return z.object({ content: z.string() }).parse(await response.json()).content;
    },
  };
}

async function openLlamaServer(): Promise<ContractSubject> {
  const server = await llamaServer(binary ?? "", model);
  const engine = await engineOf("llama.cpp", server.origin);
  return {
    engine,
    async [Symbol.asyncDispose]() {
      await engine.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function openLlamaPython(): Promise<ContractSubject> {
  const tokenizer = await openLlamaServer();
  const doors = await llamaServer(binary ?? "", model);
  const server = await llamaPython(python ?? "", model ?? "");
  const engine = await engineOf(
    "openai",
    `${server.origin}/v1`,
    writing(tokenizer.engine.codec, doors.origin),
  );
  return {
    engine,
    async [Symbol.asyncDispose]() {
      await engine.close();
      for (const each of [server, doors, tokenizer]) await each[Symbol.asyncDispose]();
    },
  };
}

if (binary === undefined) {
  describe("llama-server", () => {
    it.skip("SKIPPED: no real server was tried; name one in ARENA_LLAMA_SERVER", () => undefined);
  });
} else {
  engineContract("llama-server", openLlamaServer, { tolerance });

  describe("llama-server, as a drafter", () => {
    it("drafts with logarithms and does not score", async () => {
      await using subject = await openLlamaServer();
      const { engine } = subject;
      expect(engine.capabilities).toMatchObject({
        promptLogprobs: "none",
        generatedLogprobs: true,
        takesIds: true,
        takesSeed: true,
        aborts: true,
      });
      const context = { ids: [1, 2], messages: [], answer: "" };
      const key = { question: "q", sample: 0, turn: 0, attempt: 0 };
      const fault = await engine.score({ key, context, from: 1 }, never).catch((error: unknown) => error);
      expect(fault instanceof EngineFault ? fault.code : fault).toBe("unsupported");
      expect(await engine.load(never)).toMatchObject({ running: 0, queued: 0 });
    });
  });
}

if (binary === undefined || python === undefined || model === undefined) {
  describe("llama-cpp-python", () => {
    it.skip("SKIPPED: no real server was tried; name ARENA_LLAMA_PYTHON, _SERVER and _MODEL", () =>
      undefined);
  });
} else {
  engineContract("llama-cpp-python", openLlamaPython, { tolerance, firstScored: 2 });

  describe("llama-cpp-python, as a scorer", () => {
    it("is believed about a prompt's logarithms where they are those of its answers", async () => {
      await using subject = await openLlamaPython();
      // Its echo tells each token the next one's logarithms where a model begins with no mark: the probe must see that.
      const promptLogprobs = (await beginsWithMark()) ? "whole" : "none";
      expect(subject.engine.capabilities).toMatchObject({ promptLogprobs, generatedLogprobs: true });
    });
  });
}

async function beginsWithMark(): Promise<boolean> {
  await using server = await llamaServer(binary ?? "", model);
  const count = async (add_special: boolean): Promise<number> => {
    const body = JSON.stringify({ content: "a", add_special });
    const response = await fetch(`${server.origin}/tokenize`, { method: "POST", body });
    return z.object({ tokens: z.array(z.unknown()) }).parse(await response.json()).tokens.length;
  };
  return (await count(true)) > (await count(false));
}
