// What configurations are refused, and what the probe finds out that no server says of itself.
import { describe, expect, it } from "vitest";
import { type Engine, EngineFault } from "../../../../../src/inference/a1/engine.ts";
import { type EngineDeps, openEngine } from "../../../../../src/inference/a1/engines/open.ts";
import { describeCapabilities } from "../../../../../src/inference/a1/engines/probe.ts";
import { engineSpecSchema } from "../../../../../src/inference/a1/engines/spec.ts";
import { systemClock } from "../../../../../src/inference/clock.ts";
import { tinyCodec } from "../../../../support/engine-servers/language.ts";
import { llamaCppServer } from "../../../../support/engine-servers/llama-cpp.ts";
import { openAiServer } from "../../../../support/engine-servers/openai.ts";
import type { EngineServer } from "../../../../support/engine-servers/server.ts";
import { sglangServer } from "../../../../support/engine-servers/sglang.ts";
import { vllmServer } from "../../../../support/engine-servers/vllm.ts";

const never = new AbortController().signal;

function deps(more: Partial<EngineDeps> = {}): EngineDeps {
  let ids = 0;
  return {
    clock: systemClock,
    apiKeyOf: () => undefined,
    uniqueId: () => String(ids++),
    openCodec: async () => tinyCodec,
    openOnnx: async () => {
      throw new Error("not here");
    },
    ...more,
  };
}

async function opened(kind: string, start: Promise<EngineServer>, more: object = {}) {
  const server = await start;
  const notes: string[] = [];
  const baseUrl = `${server.origin}/v1/`;
  const spec = engineSpecSchema.parse({ kind, baseUrl, model: "tiny", ...more });
  const engine = await openEngine(spec, deps({ onNote: (note) => notes.push(note) }), never);
  return {
    engine,
    notes,
    async [Symbol.asyncDispose]() {
      await engine.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function faultOf(work: Promise<unknown>): Promise<EngineFault> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof EngineFault) return error;
  throw new Error(`expected an EngineFault, found ${String(error)}`);
}

const folder = { tokenizer: "folder" };

describe("an engine's configuration", () => {
  it("is one of five kinds, and nothing unknown stands in it", () => {
    const served = { kind: "vllm", baseUrl: "http://host:8000", model: "m" };
    expect(engineSpecSchema.parse(served)).toMatchObject({ requestTimeoutSeconds: 600 });
    expect(engineSpecSchema.parse({ kind: "onnx", folder: "f" })).toEqual({
      kind: "onnx",
      folder: "f",
      device: "cpu",
    });
    for (const wrong of [
      { ...served, kind: "vlm" },
      { ...served, baseUrl: "host:8000" },
      { ...served, baseUrl: "ftp://host" },
      { ...served, key: "sk-1" },
      { ...served, requestTimeoutSeconds: 0 },
      { ...served, prices: { inputPerMillion: -1, outputPerMillion: 1 } },
      { kind: "onnx" },
    ])
      expect(engineSpecSchema.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
  });

  it("hands a folder of ONNX to who can open it", async () => {
    const spec = engineSpecSchema.parse({ kind: "onnx", folder: "models/x", device: "cpu" });
    const seen: unknown[] = [];
    const openOnnx: EngineDeps["openOnnx"] = async (asked) => {
      seen.push(asked);
      throw new EngineFault("unusable", "as expected");
    };
    await faultOf(openEngine(spec, deps({ openOnnx }), never));
    expect(seen).toEqual([{ kind: "onnx", folder: "models/x", device: "cpu" }]);
  });

  it("is refused where the key or the tokenizer it needs is missing", async () => {
    const served = { baseUrl: "http://127.0.0.1:1", model: "m" };
    const keyless = engineSpecSchema.parse({ kind: "vllm", ...served, keyEnv: "MY_KEY" });
    const noKey = await faultOf(openEngine(keyless, deps(), never));
    expect([noKey.code, noKey.message.includes("MY_KEY")]).toEqual(["unauthorized", true]);
    const bare = engineSpecSchema.parse({ kind: "sglang", ...served });
    const noTokenizer = await faultOf(openEngine(bare, deps(), never));
    expect([noTokenizer.code, noTokenizer.message.includes("`tokenizer`")]).toEqual(["unusable", true]);
  });

  it("is refused where nobody listens", async () => {
    const spec = engineSpecSchema.parse({ kind: "llama.cpp", baseUrl: "http://127.0.0.1:1", model: "m" });
    expect((await faultOf(openEngine(spec, deps(), never))).code).toBe("unreachable");
  });
});

describe("what is found out by asking", () => {
  it("of each kind, as a table", async () => {
    await using sglang = await opened("sglang", sglangServer(), folder);
    await using vllm = await opened("vllm", vllmServer());
    await using tomorrow = await opened("vllm", vllmServer({ startsScoring: true }));
    await using llama = await opened("llama.cpp", llamaCppServer());
    await using openai = await opened("openai", openAiServer());
    const engines: readonly Engine[] = [sglang, vllm, tomorrow, llama, openai].map(({ engine }) => engine);
    expect(`\n${describeCapabilities(engines)}\n`).toBe(`
                              tiny         tiny   tiny         tiny  tiny
prompt log-probabilities      from-offset  whole  from-offset  none  none
reuses prefix while scoring   yes          no     yes          no    no
generated log-probabilities   yes          yes    yes          yes   yes
likeliest tokens told         20           20     20           20    20
takes token ids               yes          yes    yes          yes   no
goes on with answers          yes          yes    yes          yes   no
takes a seed                  yes          yes    yes          yes   yes
stops when its caller leaves  yes          yes    yes          yes   no
context tokens                2048         2048   2048         2048  not told
`);
  });

  it("a seed that is refused", async () => {
    await using old = await opened("sglang", sglangServer({ isOld: true }), folder);
    expect(old.engine.capabilities.takesSeed).toBe(false);
  });

  it("logarithms after the temperature, which are then not told", async () => {
    await using scaling = await opened("sglang", sglangServer({ scales: true }), folder);
    expect(scaling.engine.capabilities).toMatchObject({ generatedLogprobs: false, topLogprobs: 0 });
    expect(scaling.notes.join()).toContain("changed by the temperature");
    const context = { ids: await tinyCodec.prompt([]), messages: [], answer: "" };
    const key = { question: "q", sample: 0, turn: 0, attempt: 0 };
    const asked = { key, context, maxTokens: 4, temperature: 0.5, seed: 1 };
    expect(await scaling.engine.generate(asked, never)).not.toHaveProperty("logprobs");
  });

  it("an echo that contradicts the endpoint's own answers", async () => {
    const wrong = openAiServer({ echo: "ids", isEchoWrong: true });
    await using endpoint = await opened("openai", wrong, folder);
    expect(endpoint.engine.capabilities.promptLogprobs).toBe("none");
    expect(endpoint.notes.join()).toContain("contradict");
  });

  it("an echo of text, and that the server puts the token of the beginning there itself", async () => {
    await using endpoint = await opened("openai", openAiServer({ echo: "text" }), folder);
    expect(endpoint.engine.capabilities.promptLogprobs).toBe("whole");
  });

  it("an endpoint without log-probabilities that begins anew", async () => {
    const poor = openAiServer({ hasLogprobs: false, hasStreamUsage: false, beginsAnew: true });
    await using endpoint = await opened("openai", poor);
    expect(endpoint.engine.capabilities).toMatchObject({ generatedLogprobs: false, topLogprobs: 0 });
    expect(endpoint.notes.join("\n")).toMatch(/counts no tokens[\s\S]*does not go on/);
    expect((await faultOf(endpoint.engine.codec.encode("a", ""))).code).toBe("unsupported");
  });
});
