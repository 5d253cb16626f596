// One question from its first candidate to its answer: candidates race, and those that could change nothing are called off.
import { whenAborted } from "../abort.ts";
import type { Clock } from "../clock.ts";
import type { Candidate, CandidateEnd, PairUsage, QuestionAnswer, QuestionRequest } from "./backend.ts";
import { type Engine, EngineFault } from "./engine.ts";
import { firstDraftScores } from "./own-bank.ts";
import { mustFit } from "./prompt-size.ts";
import { runSample, type SampleDeps, SiblingsDecided } from "./sample.ts";
import type { Spending } from "./spending.ts";
import { Transcript } from "./transcript.ts";
import { chosenByTrial, type TrialBook, type TrialSettings } from "./trials.ts";

export interface QuestionDeps extends Omit<SampleDeps, "spending"> {
  readonly engines: { readonly draft: Engine; readonly target: Engine };
  readonly clock: Clock;
  readonly spending: Spending;
  /** Conditional coverage: so many first drafts are made and scored beforehand, for this question's own bank. */
  readonly ownBank?: { readonly drafts: number; keep(nonconformities: readonly number[]): void };
  readonly trials: { readonly settings: TrialSettings; readonly book: TrialBook };
  /**
   * Of candidates: those still under way then are called off, and the answer is chosen from those that have ended. Drafts
   * for a bank of its own come before that time, trials after it.
   */
  readonly deadlineMs?: number;
}

/** @throws QuestionFault where none answered and one failed for want of an engine, or all because the prompt is too long; rejects with the signal's reason once all work has ended */
export async function answerQuestion(
  deps: QuestionDeps,
  request: QuestionRequest,
  signal: AbortSignal,
): Promise<QuestionAnswer> {
  const { engines, spending, task } = deps;
  mustFitBoth(engines, request, spending);
  const [draftPrompt, targetPrompt] = await Promise.all([
    engines.draft.codec.prompt(request.messages),
    engines.target.codec.prompt(request.messages),
  ]);
  const prompts = { draft: draftPrompt, target: targetPrompt };
  const { ownBank } = deps;
  if (ownBank !== undefined) {
    const scores = await firstDraftScores(deps, request, { prompts, drafts: ownBank.drafts, signal });
    // Among none a p-value is chance alone: the banks of all questions know more.
    if (scores.length > 0) ownBank.keep(scores);
  }
  const candidates = await race(deps, request, prompts, signal);
  const usage = spending.usage(targetPrompt.length);
  const { chosen, trials } = await chosenByTrial(
    candidates,
    { ...deps.trials, task, question: request.id, pair: deps.pair },
    signal,
  );
  const fault = faultOf(candidates);
  // Silence is no answer while those who might have spoken could not be heard.
  if (chosen !== undefined && (chosen.answer !== "" || fault === undefined)) {
    const answer = answered(candidates, chosen, usage);
    return trials.length === 0 ? answer : { ...answer, trials };
  }
  if (fault !== undefined) throw new QuestionFault(fault, usage);
  return unanswered(candidates, usage);
}

/** Nothing has been asked or paid for yet. @throws QuestionFault */
function mustFitBoth(
  { draft, target }: QuestionDeps["engines"],
  { messages }: QuestionRequest,
  spending: Spending,
): void {
  try {
    for (const engine of [draft, target]) mustFit(engine, messages);
  } catch (error) {
    if (!(error instanceof EngineFault)) throw error;
    const { code, message } = error;
    throw new QuestionFault({ kind: "failed", code, message }, spending.usage(0));
  }
}

type Failed = Extract<CandidateEnd, { kind: "failed" }>;

/** Every candidate that might have answered failed; what the others had cost is known. */
export class QuestionFault extends EngineFault {
  readonly usage: PairUsage;

  constructor({ code, message }: Failed, usage: PairUsage) {
    super(code, message, { retryable: false });
    this.usage = usage;
  }
}

/**
 * Why there is no answer although the models were not heard out: an outage that took one candidate may have taken the
 * one that answers. A prompt too long for the models is theirs, and a fault only where no candidate came to anything.
 */
function faultOf(candidates: readonly Candidate[]): Failed | undefined {
  const failed = candidates.flatMap(({ end }) => (end.kind === "failed" ? [end] : []));
  const outage = failed.find(({ code }) => code !== "context-overflow");
  return outage ?? (failed.length === candidates.length ? failed[0] : undefined);
}

function answered(
  candidates: readonly Candidate[],
  { sample, answer }: { readonly sample: number; readonly answer: string },
  usage: PairUsage,
): QuestionAnswer {
  const text = candidates.find((each) => each.sample === sample)?.text ?? "";
  return { text, finish: "stop", answer, chosen: sample, candidates, usage };
}

/** The longest of what there is: whoever asked for text gets some, and `finish` says that it is no whole one. */
function unanswered(candidates: readonly Candidate[], usage: PairUsage): QuestionAnswer {
  const [longest] = candidates.toSorted((one, other) => other.text.length - one.text.length);
  if (longest === undefined) return { text: "", finish: "length", candidates, usage };
  const hasEnded = longest.end.kind === "unanswered" && longest.end.because === "ended";
  return { text: longest.text, finish: hasEnded ? "stop" : "length", candidates, usage };
}

async function race(
  deps: QuestionDeps,
  request: QuestionRequest,
  prompts: Readonly<Record<"draft" | "target", readonly number[]>>,
  signal: AbortSignal,
): Promise<Candidate[]> {
  const { engines, clock, deadlineMs, task } = deps;
  const { id: question, messages, samples, maxTokens, temperature, seed, stop = [], onText } = request;
  const decided = new AbortController();
  const callOff = (): void => decided.abort(new SiblingsDecided());
  const stay = whenAborted(signal, () => decided.abort(signal.reason));
  if (signal.aborted) decided.abort(signal.reason);
  const cancelDeadline = deadlineMs === undefined ? () => {} : clock.after(deadlineMs, callOff);
  const ended: Candidate[] = [];
  // What breaks one candidate off is no outcome: its siblings have nobody left to answer to.
  const endAll = (error: unknown): never => {
    decided.abort(error);
    throw error;
  };
  const one = async (sample: number): Promise<Candidate> => {
    const transcript = (side: "draft" | "target") =>
      new Transcript(engines[side].codec, { messages, ids: prompts[side] });
    const told = onText !== undefined && samples === 1 ? { onText } : {};
    const work = {
      ...{ draft: transcript("draft"), target: transcript("target") },
      ...{ maxTokens, temperature, seed, stop, ...told },
    };
    const candidate = await runSample(deps, { question, sample }, work, decided.signal);
    if (candidate.end.kind !== "cancelled") ended.push(candidate);
    if (task.isDecided(ended, samples - ended.length)) callOff();
    return candidate;
  };
  try {
    const all = await Promise.allSettled(
      Array.from({ length: samples }, (_, sample) => one(sample).catch(endAll)),
    );
    return all.map((each) => {
      if (each.status === "fulfilled") return each.value;
      throw each.reason;
    });
  } finally {
    cancelDeadline();
    stay();
  }
}
