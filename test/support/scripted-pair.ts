// A pair without models: draft and target by script, lanes of its own, the same answer for the same question.
import type { Backend, Candidate, CandidateChunk, QuestionRequest } from "../../src/inference/a1/backend.ts";
import { type Engine, EngineFault, type GenerateRequest } from "../../src/inference/a1/engine.ts";
import { Slots, systemClock } from "../../src/inference/index.ts";
import { type EngineScript, type ScriptedEngine, scriptedEngine } from "./scripted-engine.ts";

export interface PairScript {
  readonly draft?: EngineScript;
  readonly target?: EngineScript;
  /** Places of each lane. */
  readonly lanes?: number;
  /** Turns of a candidate, and tokens the draft writes in one. */
  readonly turns?: number;
  readonly chunkTokens?: number;
  /** A draft whose tokens the target finds less likely than this on average is followed by the target's own. */
  readonly threshold?: number;
  /** Thrown for a question, before any work. */
  readonly fault?: (request: QuestionRequest) => Error | undefined;
}

export interface ScriptedPair extends Backend {
  readonly engines: { readonly draft: ScriptedEngine; readonly target: ScriptedEngine };
  readonly asked: readonly QuestionRequest[];
  /** Requests of lanes, engines and questions together: 0 when nothing is under way. */
  busy(): number;
}

type LaneName = "draft" | "score" | "takeover";

interface Tally {
  draftTokens: number;
  targetTokens: number;
  scoredTokens: number;
  cachedTokens: number;
}

export function scriptedPair(script: PairScript = {}): ScriptedPair {
  const { lanes: places = 1_000_000, turns = 2, chunkTokens = 40, threshold = -2 } = script;
  const draft = scriptedEngine({ name: "scripted-draft", ...script.draft });
  const target = scriptedEngine({ name: "scripted-target", ...script.target });
  const laneOf = (): Slots => new Slots({ initial: places, max: places }, systemClock);
  const lanes: Record<LaneName, Slots> = { draft: laneOf(), score: laneOf(), takeover: laneOf() };
  const asked: QuestionRequest[] = [];
  const made = { decisions: 0, interventions: 0, questions: 0 };

  const inLane = async <T>(lane: LaneName, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    const release = await lanes[lane].acquire(signal);
    try {
      return await work();
    } finally {
      release();
    }
  };

  const candidate = async (
    question: QuestionRequest,
    sample: number,
    tally: Tally,
    signal: AbortSignal,
  ): Promise<Candidate> => {
    const { id, messages, temperature, seed, maxTokens } = question;
    const chunks: CandidateChunk[] = [];
    const ids = [...(await target.codec.prompt(messages))];
    const textSoFar = (): string => chunks.map(({ text }) => text).join("");
    const write = async (engine: Engine, turn: number): Promise<string> => {
      const request: GenerateRequest = {
        key: { question: id, sample, turn, attempt: 0 },
        context: { ids: [...ids], messages, answer: textSoFar() },
        maxTokens: Math.min(chunkTokens, maxTokens),
        ...{ temperature, seed },
        ...(question.stop && { stop: question.stop }),
      };
      const { text, tokens, ids: written = [] } = await engine.generate(request, signal);
      ids.push(...written);
      if (engine === draft) tally.draftTokens += tokens;
      else tally.targetTokens += tokens;
      return text;
    };
    const tell = (piece: string): void => {
      if (question.samples === 1) question.onText?.(piece);
    };
    for (let turn = 0; turn < turns; turn += 1) {
      const from = ids.length;
      const text = await inLane("draft", signal, () => write(draft, turn));
      if (text === "") break;
      const scored = await inLane("score", signal, () => {
        const key = { question: id, sample, turn, attempt: 0 };
        return target.score({ key, context: { ids: [...ids], messages, answer: textSoFar() }, from }, signal);
      });
      tally.scoredTokens += scored.promptTokens - (scored.cachedTokens ?? 0);
      tally.cachedTokens += scored.cachedTokens ?? 0;
      const mean = scored.logprobs.reduce((sum, each) => sum + each, 0) / scored.logprobs.length;
      chunks.push({ turn, author: "draft", isKept: true, text, nonconformity: -mean });
      tell(text);
      made.decisions += 1;
      if (mean >= threshold) continue;
      made.interventions += 1;
      const taken = await inLane("takeover", signal, () => write(target, turn));
      chunks.push({ turn, author: "target", isKept: true, text: taken });
      tell(taken);
    }
    const answer = textSoFar().trim().split(" ").at(-1) ?? "";
    return { sample, text: textSoFar(), chunks, end: { kind: "answered", answer }, isUnchecked: false };
  };

  const answer = async (question: QuestionRequest, signal: AbortSignal) => {
    signal.throwIfAborted();
    const failure = script.fault?.(question);
    if (failure !== undefined) throw failure;
    const tally: Tally = { draftTokens: 0, targetTokens: 0, scoredTokens: 0, cachedTokens: 0 };
    const samples = Array.from({ length: question.samples }, (_, sample) => sample);
    const tries = await Promise.allSettled(
      samples.map((sample) => candidate(question, sample, tally, signal)),
    );
    signal.throwIfAborted();
    const candidates = tries.map((each, sample): Candidate => {
      if (each.status === "fulfilled") return each.value;
      if (!(each.reason instanceof EngineFault)) throw each.reason;
      const { code, message } = each.reason;
      return { sample, text: "", chunks: [], end: { kind: "failed", code, message }, isUnchecked: false };
    });
    const chosen = candidates.find(({ end }) => end.kind === "answered");
    const failed = tries.find((each) => each.status === "rejected");
    if (chosen === undefined) throw failed?.reason;
    const promptTokens = (await target.codec.prompt(question.messages)).length;
    return {
      ...{ text: chosen.text, finish: "stop" as const, chosen: chosen.sample, candidates },
      ...(chosen.end.kind === "answered" && { answer: chosen.end.answer }),
      usage: { promptTokens, ...tally },
    };
  };

  const load = (): ReturnType<Backend["load"]> => ({
    questions: made.questions,
    lanes: (["draft", "score", "takeover"] as const).map((name) => ({ name, ...lanes[name].snapshot() })),
  });

  return {
    engines: { draft, target },
    asked,
    busy: () =>
      load().lanes.reduce((sum, { running, queued }) => sum + running + queued, made.questions) +
      draft.busy() +
      target.busy(),
    ask: async (question, signal) => {
      asked.push(question);
      made.questions += 1;
      try {
        return await answer(question, signal);
      } finally {
        made.questions -= 1;
      }
    },
    load,
    interventions: () => {
      const { decisions, interventions } = made;
      const rate = decisions === 0 ? undefined : interventions / decisions;
      return { kinds: new Map([["chat/0", { rate, decisions }]]), alarms: 0 };
    },
    close: async () => {
      await Promise.all([draft.close(), target.close()]);
    },
  };
}
