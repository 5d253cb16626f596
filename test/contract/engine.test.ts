// Every kind of served engine against a server that speaks its protocol; one suite, one line for each variety.
import { randomUUID } from "node:crypto";
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

engineContract(
  "sglang",
  opens("sglang", () => sglangServer(), folder),
);
engineContract(
  "sglang, events of what is new",
  opens("sglang", () => sglangServer({ isIncremental: true }), folder),
);
engineContract(
  "sglang of old",
  opens("sglang", () => sglangServer({ isOld: true }), folder),
);
engineContract(
  "vllm",
  opens("vllm", () => vllmServer()),
);
engineContract(
  "vllm of tomorrow",
  opens("vllm", () => vllmServer({ startsScoring: true }), folder),
);
engineContract(
  "vllm of old",
  opens("vllm", () => vllmServer({ tokenIds: "named" }), folder),
);
engineContract("llama.cpp", opens("llama.cpp", llamaCppServer));
engineContract(
  "openai",
  opens("openai", () => openAiServer()),
);
engineContract(
  "openai with echo of ids",
  opens("openai", () => openAiServer({ echo: "ids" }), folder),
);
engineContract(
  "openai with echo of text",
  opens("openai", () => openAiServer({ echo: "text" }), folder),
);
engineContract(
  "openai that is poor",
  opens("openai", () => openAiServer({ hasLogprobs: false, hasStreamUsage: false, beginsAnew: true })),
  { streams: false },
);
