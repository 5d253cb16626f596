// What an engine can do is found out by asking it tiny things, never believed from its name or version.
import type { Clock } from "../../clock.ts";
import type {
  Codec,
  Engine,
  EngineCapabilities,
  EngineContext,
  Generated,
  GenerateRequest,
} from "../engine.ts";
import { firstAccepted, isRefusal } from "./accepted.ts";
import { Pieces } from "./pieces.ts";
import { generatedOf, scoredOf } from "./served-engine.ts";
import type { RawGeneration, RawScore, Wire, WireRequest } from "./wire.ts";

export interface Probed {
  readonly capabilities: EngineCapabilities;
  /** Why something that the protocol promises was not believed. */
  readonly notes: readonly string[];
}

interface Subject {
  readonly name: string;
  readonly wire: Wire;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly contextTokens?: number;
}

/** Long enough to fill several blocks of a prefix cache, which count in tens of tokens. */
const question = [
  "Read this and answer in one word. A ship left the harbour on a Monday with nineteen people, a cargo of wool",
  "and two lamps. On the Tuesday it met a storm from the west and lost one lamp; on the Wednesday the sea lay",
  "still, and the people counted the bales: there were as many as before. How many lamps were left? Think of",
  "every sentence above, then say the number, and say nothing else than the number.",
].join(" ");

const messages = [{ role: "user", content: question }] as const;
const key = { question: "probe", sample: 0, turn: 0, attempt: 0 } as const;

/** Of the same text; half-precision servers differ by hundredths between one batch and another. */
const sameLogprob = 0.25;

export async function probeContext(codec: Codec | undefined): Promise<EngineContext> {
  const ids = codec === undefined ? [] : await codec.prompt(messages);
  return { ids, messages, answer: "" };
}

export const probeRequest = (
  context: EngineContext,
  more: Partial<GenerateRequest> = {},
): GenerateRequest => ({ key, context, maxTokens: 8, temperature: 0, seed: 1, ...more });

const topCandidates = [20, 5, 1, undefined] as const;

interface Asked {
  readonly raw: RawGeneration;
  readonly generated: Generated;
}

async function ask(subject: Subject, request: GenerateRequest, signal: AbortSignal): Promise<Asked> {
  const raw = await subject.wire.generate(request, signal);
  return { raw, generated: await generatedOf(subject, request, raw) };
}

/** Whether the logarithms are the model's own at every temperature: some servers divide by it first. */
async function isTold(subject: Subject, { raw }: Asked, context: EngineContext, signal: AbortSignal) {
  if (!raw.logprobs?.some((logprob) => typeof logprob === "number")) return false;
  const top = raw.topLogprobs?.[0]?.[0];
  if (top === undefined) return true;
  const warm = { maxTokens: 1, temperature: 0.5, topLogprobs: 1 };
  const again = await ask(subject, probeRequest(context, warm), signal);
  const other = again.raw.topLogprobs?.[0]?.[0];
  // Of a token that only begins a character some tell nothing: then there is nothing to compare.
  return other === undefined || Math.abs(other.logprob - top.logprob) < sameLogprob;
}

async function takesSeed(subject: Subject, context: EngineContext, signal: AbortSignal): Promise<boolean> {
  const texts: string[] = [];
  for (const seed of [11, 11, 12, 13]) {
    const request = probeRequest(context, { temperature: 1.3, seed, maxTokens: 12 });
    texts.push((await ask(subject, request, signal)).generated.text);
  }
  const [first, again, ...others] = texts;
  return first === again && others.some((text) => text !== first);
}

/** A text of the model's own, scored: how far its logarithms are from those it was written with. */
interface Compared {
  readonly raw: RawScore;
  readonly ids: readonly number[];
  /** Undefined where the two are not of the same tokens, or the one kind is missing. */
  readonly worst: number | undefined;
}

async function compared(
  { wire, codec, name }: Subject,
  score: NonNullable<Wire["score"]>,
  { generated }: Asked,
  { context, signal }: { readonly context: EngineContext; readonly signal: AbortSignal },
): Promise<Compared> {
  const written = generated.ids ?? (await codec.encode(generated.text, ""));
  const ids = [...context.ids, ...written];
  const request = { key, context: { ...context, ids, answer: generated.text }, from: context.ids.length };
  const raw = await score.call(wire, request, signal);
  const { logprobs } = scoredOf(name, request, raw);
  const told = generated.logprobs ?? [];
  if (logprobs.length === 0 || told.length !== logprobs.length) return { raw, ids, worst: undefined };
  return { raw, ids, worst: Math.max(...logprobs.map((each, at) => Math.abs(each - (told[at] ?? each)))) };
}

/** The texts of engines that tell no ids are cut anew, often otherwise than they were written: then another is asked for. */
const comparisons: readonly Partial<GenerateRequest>[] = [1, 2, 3, 4, 5, 6].map((seed) => ({
  seed,
  maxTokens: 3,
  temperature: 1,
}));

async function scoring(
  subject: Subject,
  greedy: Asked,
  { context, tells, signal }: { context: EngineContext; tells: boolean; signal: AbortSignal },
) {
  const none = { promptLogprobs: "none", reusesPrefixWhileScoring: false } as const;
  const { wire } = subject;
  const { score } = wire;
  if (score === undefined) return { ...none, note: "its protocol has no way to ask for them" };
  const place = { context, signal };
  try {
    const first = await compared(subject, score, greedy, place);
    let { worst } = first;
    for (const more of comparisons) {
      if (worst !== undefined || !tells) break;
      const again = await ask(subject, probeRequest(context, more), signal);
      ({ worst } = await compared(subject, score, again, place));
    }
    if (tells && worst === undefined)
      return { ...none, note: "they could not be compared with those of its own answers" };
    if (worst !== undefined && worst > sameLogprob)
      return { ...none, note: `they contradict those of its own answers by ${worst.toFixed(2)}` };
    const { ids, raw } = first;
    const request = { key, context: { ...context, ids }, from: ids.length - 1 };
    const again = await score.call(wire, request, signal);
    return {
      promptLogprobs: raw.isWhole ? ("whole" as const) : ("from-offset" as const),
      reusesPrefixWhileScoring: (again.cachedTokens ?? 0) >= context.ids.length / 2,
      note: tells ? undefined : "they could not be checked: it tells none of its own answers",
    };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { ...none, note: `it refused: ${error.message}` };
  }
}

/** A server has this long to notice that nobody listens; no large model writes so much in that time. */
const patienceMs = 6_000;
const longAnswerTokens = 4_096;
const glanceMs = 100;

/** Begins a long answer, goes away, and sees whether the server is then less busy again. */
async function stopsWhenLeft(
  subject: Subject,
  context: EngineContext,
  signal: AbortSignal,
): Promise<boolean> {
  const { wire, clock } = subject;
  const before = await wire.load(signal);
  if (before === undefined) return false;
  const leave = new AbortController();
  const pieces = new Pieces(() => leave.abort(new Error("heard enough")));
  const room = (subject.contextTokens ?? Number.POSITIVE_INFINITY) - context.ids.length - 1;
  const request: WireRequest = {
    ...probeRequest(context, { maxTokens: Math.max(1, Math.min(longAnswerTokens, room)), temperature: 1 }),
    pieces,
    ignoresEnd: true,
  };
  const end = await wire.generate(request, AbortSignal.any([signal, leave.signal])).catch((error) => {
    if (!leave.signal.aborted) throw error;
    return undefined;
  });
  // It was quicker than we were: nothing is known.
  if (end !== undefined) return false;
  for (let waitedMs = 0; waitedMs <= patienceMs; waitedMs += glanceMs) {
    const now = await wire.load(signal);
    if (now === undefined || now.running <= before.running) return now !== undefined;
    await clock.sleep(glanceMs, signal);
  }
  return false;
}

/** @throws EngineFault where it cannot even continue a text; the signal's reason */
export async function probe(subject: Subject, signal: AbortSignal): Promise<Probed> {
  const { wire, codec } = subject;
  const hasIds = wire.takesIds || wire.score !== undefined;
  const context = await probeContext(hasIds ? codec : undefined);
  const { candidate: top, result: greedy } = await firstAccepted(topCandidates, (topLogprobs) =>
    ask(subject, probeRequest(context, topLogprobs === undefined ? {} : { topLogprobs }), signal),
  );
  const generatedLogprobs = await isTold(subject, greedy, context, signal);
  const { note, ...scores } = await scoring(subject, greedy, { context, tells: generatedLogprobs, signal });
  const most = Math.max(0, ...(greedy.raw.topLogprobs ?? []).map(({ length }) => length));
  const notes = [
    ...(note === undefined ? [] : [`prompt log-probabilities: ${note}`]),
    ...(generatedLogprobs ? [] : ["generated log-probabilities: none, or changed by the temperature"]),
  ];
  const capabilities: EngineCapabilities = {
    ...scores,
    generatedLogprobs,
    topLogprobs: generatedLogprobs ? Math.min(most, top ?? 0) : 0,
    takesIds: wire.takesIds,
    continuesAnswers: wire.continuesAnswers,
    takesSeed: await takesSeed(subject, context, signal),
    aborts: await stopsWhenLeft(subject, context, signal),
  };
  return { capabilities, notes };
}

/** One line for each thing, an engine a column. */
export function describeCapabilities(engines: readonly Engine[]): string {
  const rows: readonly (readonly string[])[] = [
    ["", ...engines.map(({ name }) => name)],
    ["prompt log-probabilities", ...engines.map(({ capabilities }) => capabilities.promptLogprobs)],
    [
      "reuses prefix while scoring",
      ...engines.map(({ capabilities }) => yes(capabilities.reusesPrefixWhileScoring)),
    ],
    [
      "generated log-probabilities",
      ...engines.map(({ capabilities }) => yes(capabilities.generatedLogprobs)),
    ],
    ["likeliest tokens told", ...engines.map(({ capabilities }) => String(capabilities.topLogprobs))],
    ["takes token ids", ...engines.map(({ capabilities }) => yes(capabilities.takesIds))],
    ["goes on with answers", ...engines.map(({ capabilities }) => yes(capabilities.continuesAnswers))],
    ["takes a seed", ...engines.map(({ capabilities }) => yes(capabilities.takesSeed))],
    ["stops when its caller leaves", ...engines.map(({ capabilities }) => yes(capabilities.aborts))],
    ["context tokens", ...engines.map(({ contextTokens }) => String(contextTokens ?? "not told"))],
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function yes(is: boolean): string {
  return is ? "yes" : "no";
}
