// What others do, to be compared with: all candidates of a question draft, are scored, and go to the target in step.
import type { Candidate, CandidateChunk, CandidateEnd, QuestionAnswer, QuestionRequest } from "../backend.ts";
import type { Calls } from "../calls.ts";
import { chunkEnd, hasEnded } from "../chunk-end.ts";
import type { ChunkScorer } from "../chunk-scorers.ts";
import { type Engine, EngineFault, type Generated } from "../engine.ts";
import { uniformOf } from "../keyed-random.ts";
import { isWrittenAnew, type SampleSettings } from "../sample.ts";
import type { Spending } from "../spending.ts";
import type { Task } from "../task.ts";
import { type Segment, Transcript } from "../transcript.ts";

export interface InStepDeps {
  readonly engines: { readonly draft: Engine; readonly target: Engine };
  readonly calls: Calls;
  readonly settings: SampleSettings;
  readonly scorer: ChunkScorer;
  readonly task: Task;
  readonly spending: Spending;
  /** Share of a turn's drafts, the worst of them, that go to the target. */
  readonly interventionRate: number;
}

interface InStep {
  readonly sample: number;
  readonly draft: Transcript;
  readonly target: Transcript;
  readonly chunks: CandidateChunk[];
  readonly promptTokens: number;
  end?: CandidateEnd;
}

/** Where a text stands in both transcripts. */
interface Pieces {
  readonly draft: Segment;
  readonly target: Segment;
}

/** A draft that waits for the others, and how it ends its candidate where it is not handed over. */
interface Drafted extends Pieces {
  readonly generated: Generated;
  readonly end?: CandidateEnd;
}

interface Scored {
  readonly each: InStep;
  readonly nonconformity: number;
}

/** @throws EngineFault; rejects with the signal's reason */
export async function answerInStep(
  deps: InStepDeps,
  request: QuestionRequest,
  signal: AbortSignal,
): Promise<QuestionAnswer> {
  const { engines, settings, task, spending } = deps;
  const { id, messages, samples } = request;
  const ids = {
    draft: await engines.draft.codec.prompt(messages),
    target: await engines.target.codec.prompt(messages),
  };
  const all: InStep[] = Array.from({ length: samples }, (_, sample) => ({
    sample,
    draft: new Transcript(engines.draft.codec, { messages, ids: ids.draft }),
    target: new Transcript(engines.target.codec, { messages, ids: ids.target }),
    ...{ chunks: [], promptTokens: ids.draft.length },
  }));
  for (let turn = 0; turn < settings.turns; turn += 1) {
    const active = all.filter(({ end }) => end === undefined);
    if (active.length === 0) break;
    const phase = new Phase(deps, request, { turn, signal });
    // Three barriers a turn: nobody is scored before all have drafted, nobody taken over before all are scored.
    await Promise.all(active.map((each) => phase.draft(each)));
    const open = active.filter(({ end }) => end === undefined);
    const scored = await Promise.all(open.map((each) => phase.score(each)));
    const worst = scored.toSorted(
      (one, other) => other.nonconformity - one.nonconformity || one.each.sample - other.each.sample,
    );
    // Rounded by chance, so that a few candidates come to the same rate in the mean.
    const drawn = Math.floor(worst.length * deps.interventionRate + uniformOf(id, "step", turn));
    // Never fewer than could not be scored: those go to the target whatever the rate, as the pair's do.
    const count = Math.max(drawn, scored.filter(({ nonconformity }) => nonconformity === Infinity).length);
    await Promise.all(worst.slice(0, count).map(({ each }) => phase.takeOver(each)));
    for (const { each } of worst.slice(count)) phase.keep(each);
  }
  const candidates = all.map(candidateOf);
  const usage = spending.usage(ids.target.length);
  const chosen = task.choose(candidates);
  if (chosen === undefined) return { text: "", finish: "length", candidates, usage };
  const text = candidates[chosen.sample]?.text ?? "";
  return { text, finish: "stop", answer: chosen.answer, chosen: chosen.sample, candidates, usage };
}

function candidateOf({ sample, draft, chunks, end }: InStep): Candidate {
  const because = { kind: "unanswered", because: "turns" } as const;
  return { sample, text: draft.text, chunks, end: end ?? because, isUnchecked: false };
}

class Phase {
  readonly #deps: InStepDeps;
  readonly #request: QuestionRequest;
  readonly #turn: number;
  readonly #signal: AbortSignal;
  readonly #drafts = new Map<InStep, Drafted>();

  constructor(
    deps: InStepDeps,
    request: QuestionRequest,
    { turn, signal }: { readonly turn: number; readonly signal: AbortSignal },
  ) {
    this.#deps = deps;
    this.#request = request;
    this.#turn = turn;
    this.#signal = signal;
  }

  async draft(each: InStep): Promise<void> {
    const generated = await this.#written(each, "draft");
    if (generated === undefined) return;
    if (generated.text === "" && generated.stoppedBy === undefined) {
      each.end = (await this.#endOf(each, generated)) ?? { kind: "unanswered", because: "empty" };
      return;
    }
    const pieces = await this.#appended(each, "draft", generated);
    const end = await this.#endOf(each, generated);
    // As the pair does: what would end its candidate is scored first, unless the task ends with an answer unseen.
    if (end?.kind === "answered" && !this.#deps.task.scoresAnswers) each.end = end;
    else this.#drafts.set(each, { ...pieces, generated, ...(end === undefined ? {} : { end }) });
  }

  /** What has been scored and is not handed over stands. */
  keep(each: InStep): void {
    const { end } = this.#draftOf(each);
    if (end !== undefined) each.end = end;
  }

  /** What cannot be scored is infinitely bad, as it is for the pair. */
  async score(each: InStep): Promise<Scored> {
    const { calls, scorer, spending } = this.#deps;
    const { draft, target, generated } = this.#draftOf(each);
    const chunk = {
      ...{ key: this.#key(each), context: each.target.context, from: target.from },
      ...{ text: draft.text, draft: generated },
    };
    const last = each.chunks.pop();
    if (last === undefined) throw new Error("bug: a candidate is scored that has no draft");
    try {
      const scored = await calls.score(chunk, scorer, this.#signal);
      spending.read(scored);
      const { nonconformity } = scored;
      each.chunks.push({ ...last, nonconformity });
      return { each, nonconformity };
    } catch (error) {
      if (!(error instanceof EngineFault)) throw error;
      each.chunks.push({ ...last, unscored: error.code });
      return { each, nonconformity: Infinity };
    }
  }

  async takeOver(each: InStep): Promise<void> {
    const targetContinues = this.#deps.engines.target.capabilities.continuesAnswers;
    const { draft, target, end } = this.#draftOf(each);
    const hasAnswered = end?.kind === "answered";
    if (isWrittenAnew({ ...this.#deps, targetContinues }, { hasAnswered })) {
      each.draft.withdraw(draft);
      each.target.withdraw(target);
      const last = each.chunks.pop();
      if (last !== undefined) each.chunks.push({ ...last, isKept: false });
    }
    const generated = await this.#written(each, "target");
    if (generated === undefined) return;
    await this.#appended(each, "target", generated);
    const ended = await this.#endOf(each, generated);
    if (ended !== undefined) each.end = ended;
  }

  /** Undefined where the candidate has ended, having written all it may. */
  async #written(each: InStep, author: "draft" | "target"): Promise<Generated | undefined> {
    const { calls, settings, spending } = this.#deps;
    const { maxTokens, temperature, seed } = this.#request;
    const role = author === "draft" ? "draft" : "takeover";
    const most = author === "draft" ? settings.draftTokens : settings.takeoverTokens;
    const left = maxTokens - (each.draft.tokens - each.promptTokens);
    if (left <= 0) {
      each.end = { kind: "unanswered", because: "length" };
      return undefined;
    }
    const key = this.#key(each);
    const { question, sample, turn } = key;
    const generated = await calls.generate(
      role,
      {
        ...{ key, context: each[author].context, temperature, maxTokens: Math.min(most, left) },
        seed: Math.floor(2 ** 31 * uniformOf(seed, question, sample, turn, 0, role)),
        ...(settings.chunkStop.length === 0 ? {} : { stop: settings.chunkStop }),
      },
      this.#signal,
    );
    spending.wrote(author, generated);
    return generated;
  }

  async #appended(each: InStep, author: "draft" | "target", generated: Generated): Promise<Pieces> {
    const { text, ids } = generated;
    const chunkStopped = chunkEnd(generated, this.#deps.settings.chunkStop);
    const other = author === "draft" ? each.target : each.draft;
    const { from } = await each[author].append(text, ids);
    if (chunkStopped !== "") await each[author].append(chunkStopped);
    const own = { from, text: text + chunkStopped };
    const theirs = await other.append(own.text);
    each.chunks.push({ turn: this.#turn, author, text: own.text, isKept: true });
    return author === "draft" ? { draft: own, target: theirs } : { draft: theirs, target: own };
  }

  #draftOf(each: InStep): Drafted {
    const drafted = this.#drafts.get(each);
    if (drafted === undefined) throw new Error("bug: a candidate is scored that has not drafted");
    return drafted;
  }

  /** How the text as it stands would end its candidate; undefined where it goes on. */
  async #endOf(each: InStep, generated: Generated): Promise<CandidateEnd | undefined> {
    const isEnded = hasEnded(generated, this.#deps.settings.chunkStop);
    const verdict = await this.#deps.task.gate(each.draft.text, isEnded);
    if (verdict.kind === "answered") return verdict;
    return isEnded ? { kind: "unanswered", because: "ended" } : undefined;
  }

  #key({ sample }: InStep) {
    return { question: this.#request.id, sample, turn: this.#turn, attempt: 0 };
  }
}
