// What others do, to be compared with: all candidates of a question draft, are scored, and go to the target in step.
import type { Candidate, CandidateChunk, CandidateEnd, QuestionAnswer, QuestionRequest } from "../backend.ts";
import type { Calls } from "../calls.ts";
import type { ChunkScorer } from "../chunk-scorers.ts";
import type { Engine, Generated } from "../engine.ts";
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
  end?: CandidateEnd;
}

/** Where a text stands in both transcripts. */
interface Pieces {
  readonly draft: Segment;
  readonly target: Segment;
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
    chunks: [],
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
    const count = Math.floor(worst.length * deps.interventionRate + uniformOf(id, "step", turn));
    await Promise.all(worst.slice(0, count).map(({ each }) => phase.takeOver(each)));
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
  readonly #drafts = new Map<InStep, Pieces & { readonly generated: Generated }>();

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
    if (each.end !== undefined) return;
    const pieces = await this.#appended(each, "draft", generated);
    this.#drafts.set(each, { ...pieces, generated });
    await this.#gate(each, generated);
  }

  async score(each: InStep): Promise<Scored> {
    const { calls, scorer, spending } = this.#deps;
    const { target, generated } = this.#draftOf(each);
    const scored = await calls.score(
      {
        ...{ key: this.#key(each), context: each.target.context, from: target.from },
        ...{ text: generated.text, draft: generated },
      },
      scorer,
      this.#signal,
    );
    spending.read(scored);
    const { nonconformity } = scored;
    const last = each.chunks.pop();
    if (last !== undefined) each.chunks.push({ ...last, nonconformity });
    return { each, nonconformity };
  }

  async takeOver(each: InStep): Promise<void> {
    const targetContinues = this.#deps.engines.target.capabilities.continuesAnswers;
    if (isWrittenAnew({ ...this.#deps, targetContinues })) {
      const { draft, target } = this.#draftOf(each);
      each.draft.withdraw(draft);
      each.target.withdraw(target);
      const last = each.chunks.pop();
      if (last !== undefined) each.chunks.push({ ...last, isKept: false });
    }
    const generated = await this.#written(each, "target");
    if (each.end !== undefined) return;
    await this.#appended(each, "target", generated);
    await this.#gate(each, generated);
  }

  async #written(each: InStep, author: "draft" | "target"): Promise<Generated> {
    const { calls, settings, spending } = this.#deps;
    const { maxTokens, temperature, seed } = this.#request;
    const role = author === "draft" ? "draft" : "takeover";
    const most = author === "draft" ? settings.draftTokens : settings.takeoverTokens;
    const key = this.#key(each);
    const { question, sample, turn } = key;
    const generated = await calls.generate(
      role,
      {
        ...{ key, context: each[author].context, temperature, maxTokens: Math.min(most, maxTokens) },
        seed: Math.floor(2 ** 31 * uniformOf(seed, question, sample, turn, 0, role)),
        ...(settings.chunkStop.length === 0 ? {} : { stop: settings.chunkStop }),
      },
      this.#signal,
    );
    spending.wrote(author, generated);
    if (generated.text === "" && generated.stoppedBy === undefined && author === "draft")
      each.end = { kind: "unanswered", because: "empty" };
    return generated;
  }

  async #appended(
    each: InStep,
    author: "draft" | "target",
    { text, ids, stoppedBy = "" }: Generated,
  ): Promise<Pieces> {
    const other = author === "draft" ? each.target : each.draft;
    const { from } = await each[author].append(text, ids);
    if (stoppedBy !== "") await each[author].append(stoppedBy);
    const own = { from, text: text + stoppedBy };
    const theirs = await other.append(text + stoppedBy);
    each.chunks.push({ turn: this.#turn, author, text: text + stoppedBy, isKept: true });
    return author === "draft" ? { draft: own, target: theirs } : { draft: theirs, target: own };
  }

  #draftOf(each: InStep): Pieces & { readonly generated: Generated } {
    const drafted = this.#drafts.get(each);
    if (drafted === undefined) throw new Error("bug: a candidate is scored that has not drafted");
    return drafted;
  }

  async #gate(each: InStep, { finish, stoppedBy }: Generated): Promise<void> {
    const isEnded = finish === "stop" && stoppedBy === undefined;
    const verdict = await this.#deps.task.gate(each.draft.text, isEnded);
    if (verdict.kind === "answered") each.end = verdict;
    else if (isEnded) each.end = { kind: "unanswered", because: "ended" };
  }

  #key({ sample }: InStep) {
    return { question: this.#request.id, sample, turn: this.#turn, attempt: 0 };
  }
}
