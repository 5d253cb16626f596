// Endpoints of OpenAI's protocol agree on little beyond it: what one takes is found by asking, best way first.
import type { Codec, EngineContext } from "../engine.ts";
import { firstAccepted, isRefusal } from "./accepted.ts";
import type { HttpClient } from "./http.ts";
import { type Echo, type OpenAiTraits, openAiWire } from "./openai-compatible.ts";
import { Pieces } from "./pieces.ts";
import { probeContext, probeRequest } from "./probe.ts";
import { scoredOf } from "./served-engine.ts";
import type { Wire } from "./wire.ts";

interface Endpoint {
  readonly http: HttpClient;
  readonly model: string;
  readonly codec: Codec | undefined;
  /** OpenAI's own. */
  readonly isOfficial: boolean;
}

type WireOf = (traits: Partial<OpenAiTraits>) => Wire;

const ways = [
  { logprobs: true, seed: true },
  { logprobs: false, seed: true },
  { logprobs: false, seed: false },
] as const;

const echoes: readonly Echo[] = [
  { kind: "ids" },
  { kind: "text", skips: 0 },
  { kind: "text", skips: 1 },
  { kind: "none" },
];

async function echoOf(wireOf: WireOf, context: EngineContext, signal: AbortSignal): Promise<Echo> {
  const request = { key: probeRequest(context).key, context, from: context.ids.length - 2 };
  const { candidate } = await firstAccepted(echoes, async (echo) => {
    const raw = await wireOf({ echo }).score?.(request, signal);
    if (raw !== undefined) scoredOf("probe", request, raw);
  });
  return candidate;
}

/** Without a count of its own or a tokenizer of ours nobody would know what a stream cost. */
async function streams(wire: Wire, context: EngineContext, signal: AbortSignal): Promise<boolean> {
  const request = { ...probeRequest(context, { maxTokens: 2 }), pieces: new Pieces(() => undefined) };
  try {
    const { tokens, promptTokens } = await wire.generate(request, signal);
    return tokens !== undefined && promptTokens !== undefined;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return false;
  }
}

/** Whether an answer begun is gone on with: what follows its first half must be its second. */
async function continues(
  wireOf: WireOf,
  context: EngineContext,
  signal: AbortSignal,
): Promise<OpenAiTraits["continues"]> {
  const { text } = await wireOf({}).generate(probeRequest(context, { maxTokens: 12 }), signal);
  const space = text.indexOf(" ", text.length / 3);
  const half = text.slice(0, space > 0 ? space : Math.ceil(text.length / 2));
  // Of nothing there is no half.
  if (half === "" || half === text) return "plainly";
  for (const way of ["plainly", "when-told"] as const) {
    const request = probeRequest({ ...context, answer: half }, { maxTokens: 4 });
    try {
      const { text: rest } = await wireOf({ continues: way }).generate(request, signal);
      const whole = half + rest;
      if (whole.length > half.length && (text.startsWith(whole) || whole.startsWith(text))) return way;
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
  return "never";
}

/** @throws EngineFault where it does not even answer; the signal's reason */
export async function openOpenAi(
  { http, model, codec, isOfficial }: Endpoint,
  signal: AbortSignal,
): Promise<{ readonly wire: Wire; readonly notes: readonly string[] }> {
  const plain: OpenAiTraits = {
    logprobs: false,
    seed: true,
    streams: true,
    continues: "plainly",
    echo: { kind: "none" },
    limitField: isOfficial ? "max_completion_tokens" : "max_tokens",
  };
  const context = await probeContext(codec);
  const request = probeRequest(context, { maxTokens: 2 });
  const { candidate: way } = await firstAccepted(ways, (each) =>
    openAiWire(http, model, { ...plain, ...each }, codec).generate(request, signal),
  );
  const wireOf: WireOf = (traits) => openAiWire(http, model, { ...plain, ...way, ...traits }, codec);
  const found = {
    streams: await streams(wireOf({}), context, signal),
    continues: await continues(wireOf, context, signal),
    echo: codec === undefined ? ({ kind: "none" } as const) : await echoOf(wireOf, context, signal),
  };
  const notes = [
    ...(found.streams ? [] : ["streams: it counts no tokens in them, so text is told when it is whole"]),
    ...(found.continues === "never"
      ? ["answers: it does not go on with one that was begun, so it can only begin"]
      : []),
  ];
  return { wire: wireOf(found), notes };
}
