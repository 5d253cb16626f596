// Every kind of served engine against a server that speaks its protocol; one suite, one line for each variety.
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openOnnxEngine } from "../../src/inference/a1/engines/onnx/open.ts";
import { openEngine } from "../../src/inference/a1/engines/open.ts";
import { type EngineSpec, engineSpecSchema } from "../../src/inference/a1/engines/spec.ts";
import { type Clock, systemClock } from "../../src/inference/clock.ts";
import { type ContractSubject, engineContract } from "../support/engine-contract.ts";
import { tinyCodec } from "../support/engine-servers/language.ts";
import { llamaCppServer } from "../support/engine-servers/llama-cpp.ts";
import { openAiServer } from "../support/engine-servers/openai.ts";
import type { EngineServer } from "../support/engine-servers/server.ts";
import { sglangServer } from "../support/engine-servers/sglang.ts";
import { vllmServer } from "../support/engine-servers/vllm.ts";
import { writeTinyDecoder } from "../support/tiny-decoder.ts";

/** Deadlines of requests pass when the suite says so. */
const timeoutSeconds = 3600;

function heldClock(): { clock: Clock; expire: () => void } {
  const deadlines = new Set<() => void>();
  const after = (ms: number, action: () => void): (() => void) => {
    if (ms !== timeoutSeconds * 1000) return systemClock.after(ms, action);
    deadlines.add(action);
    return () => deadlines.delete(action);
  };
  return {
    clock: { ...systemClock, after },
    expire() {
      for (const action of deadlines) action();
    },
  };
}

function opens(
  kind: Exclude<EngineSpec["kind"], "onnx">,
  start: () => Promise<EngineServer>,
  more: object = {},
): () => Promise<ContractSubject> {
  return async () => {
    const server = await start();
    const { clock, expire } = heldClock();
    const baseUrl = kind === "openai" ? `${server.origin}/v1` : server.origin;
    const served = { kind, baseUrl, model: "tiny", keyEnv: "KEY", requestTimeoutSeconds: timeoutSeconds };
    const spec = engineSpecSchema.parse({ ...served, ...more });
    const refuse = async (): Promise<never> => {
      throw new Error("not here");
    };
    const deps = {
      clock,
      apiKeyOf: () => "secret-0123456789",
      uniqueId: randomUUID,
      openCodec: async () => tinyCodec,
      openOnnx: refuse,
    };
    const engine = await openEngine(spec, deps, new AbortController().signal);
    return {
      engine,
      server,
      expire,
      async [Symbol.asyncDispose]() {
        await engine.close();
        await server[Symbol.asyncDispose]();
      },
    };
  };
}

const folder = { tokenizer: "a folder" };

const drafts = { generatedLogprobs: true, topLogprobs: 20, takesSeed: true } as const;
const tokens = { ...drafts, takesIds: true, aborts: true } as const;
const fromOffset = { promptLogprobs: "from-offset", reusesPrefixWhileScoring: true } as const;
const whole = { promptLogprobs: "whole", reusesPrefixWhileScoring: false } as const;
const none = { promptLogprobs: "none" } as const;

const sglang = (options: Parameters<typeof sglangServer>[0] = {}) =>
  opens("sglang", () => sglangServer(options), folder);
const vllm = (options: Parameters<typeof vllmServer>[0] = {}, more: object = {}) =>
  opens("vllm", () => vllmServer(options), more);
const openai = (options: Parameters<typeof openAiServer>[0] = {}, more: object = {}) =>
  opens("openai", () => openAiServer(options), more);

engineContract("sglang", sglang(), { expects: { ...tokens, ...fromOffset } });
engineContract("sglang, events of what is new", sglang({ isIncremental: true }), {
  expects: { ...tokens, ...fromOffset },
});
engineContract("sglang of old", sglang({ isOld: true }), {
  expects: { ...tokens, ...fromOffset, takesSeed: false },
});
engineContract("vllm", vllm(), { expects: { ...tokens, ...whole } });
engineContract("vllm of tomorrow", vllm({ startsScoring: true }, folder), {
  expects: { ...tokens, ...fromOffset },
});
engineContract("vllm of old", vllm({ tokenIds: "named" }), { expects: { ...tokens, ...whole } });
engineContract("llama.cpp", opens("llama.cpp", llamaCppServer), { expects: { ...tokens, ...none } });
engineContract("openai", openai(), { expects: { ...drafts, ...none, takesIds: false } });
engineContract("openai with echo of ids", openai({ echo: "ids" }, folder), {
  expects: { ...drafts, ...whole },
});
engineContract("openai with echo of text", openai({ echo: "text" }, folder), {
  expects: { ...drafts, ...whole },
});
engineContract(
  "openai that is poor",
  openai({ hasLogprobs: false, hasStreamUsage: false, beginsAnew: true }),
  { streams: false, expects: { ...none, generatedLogprobs: false, topLogprobs: 0 } },
);

async function onnx(): Promise<ContractSubject> {
  const root = await mkdtemp(join(tmpdir(), "arena-engine-contract-"));
  const engine = await openOnnxEngine({
    folder: await writeTinyDecoder(join(root, "tiny"), { positions: 2048 }),
    device: "cpu",
    threads: 1,
  });
  return {
    engine,
    async [Symbol.asyncDispose]() {
      await engine.close();
      await rm(root, { recursive: true });
    },
  };
}

// Rows of another batch are summed in another order.
engineContract("onnx", onnx, { tolerance: 1e-4, expects: { ...tokens, ...fromOffset } });
