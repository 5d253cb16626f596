// From a line of configuration to an engine that has shown what it can do.
import type { Clock } from "../../clock.ts";
import { type Codec, type Engine, EngineFault } from "../engine.ts";
import { firstAccepted } from "./accepted.ts";
import { HttpClient } from "./http.ts";
import { llamaCppFacts, llamaCppWire } from "./llama-cpp.ts";
import { llamaCppCodec } from "./llama-cpp-codec.ts";
import { openOpenAi } from "./open-openai.ts";
import { probe, probeContext, probeRequest } from "./probe.ts";
import { servedEngine } from "./served-engine.ts";
import { sglangContextTokens, sglangWire } from "./sglang.ts";
import type { EngineSpec, OnnxSpec, ServedSpec } from "./spec.ts";
import { vllmCodec, vllmContextTokens, vllmWire } from "./vllm.ts";
import type { Wire } from "./wire.ts";

export interface EngineDeps {
  readonly clock: Clock;
  /** The value of a variable of the environment. */
  readonly apiKeyOf: (name: string) => string | undefined;
  /** Never the same twice, for servers that name requests. */
  readonly uniqueId: () => string;
  readonly openCodec: (folder: string) => Promise<Codec>;
  readonly openOnnx: (spec: OnnxSpec, deps: EngineDeps, signal: AbortSignal) => Promise<Engine>;
  /** Told why a promise of a server's protocol was not believed. */
  readonly onNote?: (note: string) => void;
}

/** No answer of a model is so long; what is longer is no answer. */
const maxAnswerBytes = 64 * 1024 * 1024;

interface Opened {
  readonly wire: Wire;
  readonly codec: Codec;
  readonly contextTokens?: number | undefined;
}

function unusable(spec: ServedSpec, expected: string): EngineFault {
  return new EngineFault("unusable", `engine ${spec.model} (${spec.kind}): expected ${expected}, found none`);
}

function httpOf(spec: ServedSpec, baseUrl: string, deps: EngineDeps): HttpClient {
  const apiKey = spec.keyEnv === undefined ? undefined : deps.apiKeyOf(spec.keyEnv);
  if (spec.keyEnv !== undefined && apiKey === undefined) {
    const message = `engine ${spec.model} (${spec.kind}): expected a key in ${spec.keyEnv}, found none; set it or leave keyEnv out`;
    throw new EngineFault("unauthorized", message);
  }
  return new HttpClient({
    baseUrl,
    ...(apiKey === undefined ? {} : { apiKey }),
    timeoutMs: spec.requestTimeoutSeconds * 1000,
    maxAnswerBytes,
    clock: deps.clock,
  });
}

/** Without slashes at its end and, for servers with doors beside that, without `/v1`. */
function rootOf(baseUrl: string): string {
  return baseUrl.replace(/\/+$/, "").replace(/\/v1$/, "");
}

async function openSglang(
  spec: ServedSpec,
  http: HttpClient,
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<Opened> {
  if (spec.tokenizer === undefined)
    throw unusable(spec, "a folder with the model's tokenizer and chat template in `tokenizer`");
  const codec = await deps.openCodec(spec.tokenizer);
  const needs = { uniqueId: deps.uniqueId, nowMs: () => deps.clock.now() };
  const wires = [true, false].map((takesSeed) => sglangWire(http, { takesSeed }, needs));
  const request = probeRequest(await probeContext(codec), { maxTokens: 1 });
  const { candidate: wire } = await firstAccepted(wires, (each) => each.generate(request, signal));
  return { wire, codec, contextTokens: await sglangContextTokens(http, signal) };
}

async function openVllm(
  spec: ServedSpec,
  http: HttpClient,
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<Opened> {
  const { model, tokenizer } = spec;
  const codec = tokenizer === undefined ? vllmCodec(http, model) : await deps.openCodec(tokenizer);
  const context = await probeContext(codec);
  const request = probeRequest(context, { maxTokens: 2 });
  const { candidate: tokenIds } = await firstAccepted(["field", "named", "none"] as const, async (kind) => {
    const wire = vllmWire(http, model, { tokenIds: kind, scoresFromOffset: false }, codec);
    const raw = await wire.generate(request, signal);
    if (kind !== "none" && raw.areIdsGuessed) throw new EngineFault("unsupported", `no token ids by ${kind}`);
  });
  const from = context.ids.length - 2;
  const { candidate: scoresFromOffset } = await firstAccepted([true, false], async (fromOffset) => {
    const wire = vllmWire(http, model, { tokenIds, scoresFromOffset: fromOffset }, codec);
    const raw = await wire.score?.({ key: request.key, context, from }, signal);
    if (fromOffset && raw?.isWhole !== false)
      throw new EngineFault("unsupported", "it scores the whole prompt");
  }).catch(() => ({ candidate: false }));
  const wire = vllmWire(http, model, { tokenIds, scoresFromOffset }, codec);
  return { wire, codec, contextTokens: await vllmContextTokens(http, model, signal) };
}

async function openLlamaCpp(
  spec: Extract<ServedSpec, { kind: "llama.cpp" }>,
  http: HttpClient,
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<Opened> {
  const facts = await llamaCppFacts(http, signal);
  const codec =
    spec.tokenizer === undefined ? await llamaCppCodec(http, signal) : await deps.openCodec(spec.tokenizer);
  const wire = llamaCppWire(http, facts, { pinsSlots: spec.pinsSlots });
  return { wire, codec, contextTokens: facts.contextTokens };
}

/** For endpoints that are given text and asked for text. @throws EngineFault `unsupported` */
function noCodec(spec: ServedSpec): Codec {
  const refuse = async (): Promise<never> => {
    const message = `engine ${spec.model} (${spec.kind}): it was asked for tokens and has no tokenizer; name its folder in \`tokenizer\``;
    throw new EngineFault("unsupported", message);
  };
  return { prompt: refuse, encode: refuse, decode: refuse };
}

async function openOpenAiSpec(
  spec: ServedSpec,
  http: HttpClient,
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<Opened> {
  const { model, tokenizer, baseUrl } = spec;
  const codec = tokenizer === undefined ? undefined : await deps.openCodec(tokenizer);
  const isOfficial = new URL(baseUrl).hostname === "api.openai.com";
  const { wire, notes } = await openOpenAi({ http, model, codec, isOfficial }, signal);
  for (const note of notes) deps.onNote?.(`${model} (openai): ${note}`);
  return { wire, codec: codec ?? noCodec(spec) };
}

async function opened(
  spec: ServedSpec,
  http: HttpClient,
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<Opened> {
  switch (spec.kind) {
    case "sglang":
      return openSglang(spec, http, deps, signal);
    case "vllm":
      return openVllm(spec, http, deps, signal);
    case "llama.cpp":
      return openLlamaCpp(spec, http, deps, signal);
    case "openai":
      return openOpenAiSpec(spec, http, deps, signal);
  }
}

/** @throws EngineFault; the signal's reason */
export async function openEngine(spec: EngineSpec, deps: EngineDeps, signal: AbortSignal): Promise<Engine> {
  if (spec.kind === "onnx") return deps.openOnnx(spec, deps, signal);
  const baseUrl = spec.kind === "openai" ? spec.baseUrl.replace(/\/+$/, "") : rootOf(spec.baseUrl);
  const http = httpOf(spec, baseUrl, deps);
  try {
    const { wire, codec, contextTokens } = await opened(spec, http, deps, signal);
    const known = contextTokens === undefined ? {} : { contextTokens };
    const subject = { name: spec.model, wire, codec, clock: deps.clock, ...known };
    const { capabilities, notes } = await probe(subject, signal);
    for (const note of notes) deps.onNote?.(`${spec.model} (${spec.kind}): ${note}`);
    return servedEngine({ name: spec.model, wire, codec, capabilities, ...known });
  } catch (error) {
    http.close();
    throw error;
  }
}
