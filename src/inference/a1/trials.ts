// Tries candidates in a sandbox before one is given: best first, only those that verdicts of before let hope, until one passes.
import type { Trial } from "../model.ts";
import { admitted, failurePValue, type Verdict } from "./admission.ts";
import type { Candidate } from "./backend.ts";
import { uniformOf } from "./keyed-random.ts";
import { fingerprintOf, type Ledger, type LedgerEvent } from "./ledger.ts";
import { type Chosen, meanNonconformity, type Task } from "./task.ts";

export interface TrialSettings {
  /** Of one question, at most. */
  readonly most: number;
  /** Share of those tried that may be expected to fail, once enough verdicts tell. */
  readonly failureShare: number;
  /** Share of those not admitted that is tried all the same: verdicts of the admitted alone would flatter. */
  readonly auditShare: number;
  readonly seed: string;
}

export const defaultTrialSettings: TrialSettings = {
  ...{ most: 4, failureShare: 0.5, auditShare: 0.05, seed: "a1" },
};

/** One candidate's trial, and what was known when it was decided upon. */
export interface CandidateTrial {
  readonly sample: number;
  readonly trial: Trial;
  /** Of "this one fails too"; absent while too few had failed to tell. */
  readonly p?: number;
  /** Tried by chance, although it looked like those that fail. */
  readonly isAudit: boolean;
}

/** What came of trials so far, by kind of question; `unknown` ones teach nothing. */
export class TrialBook {
  readonly #ledger: Ledger;
  readonly #verdicts = new Map<string, (Verdict & { readonly question: string })[]>();
  /** By question. */
  readonly #known = new Map<string, Map<string, Trial>>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Of other questions: one that is gone on with is decided as it was before. */
  past(kind: string, question: string): readonly Verdict[] {
    return (this.#verdicts.get(kind) ?? []).filter((verdict) => verdict.question !== question);
  }

  /** What another process found out of the same text; it is not tried again. */
  known(question: string, text: string): Trial | undefined {
    return this.#known.get(question)?.get(fingerprintOf(text));
  }

  note(event: Omit<Extract<LedgerEvent, { kind: "tried" }>, "kind">): void {
    this.#ledger.append({ kind: "tried", ...event });
    this.restore(event);
  }

  /** It will not be asked again; verdicts stay. */
  forget(question: string): void {
    this.#known.delete(question);
  }

  /** What another process found out. */
  restore(event: Omit<Extract<LedgerEvent, { kind: "tried" }>, "kind">): void {
    const { question, text, of, trial, nonconformity } = event;
    if (trial.kind === "unknown") return;
    const own = this.#known.get(question) ?? new Map<string, Trial>();
    this.#known.set(question, own.set(text, trial));
    const known = this.#verdicts.get(of) ?? [];
    this.#verdicts.set(of, known);
    known.push({ question, nonconformity: nonconformity ?? Infinity, hasPassed: trial.kind === "passed" });
  }
}

export interface TrialDeps {
  readonly settings: TrialSettings;
  readonly book: TrialBook;
  readonly task: Task;
  readonly question: string;
  /** Draft and target. */
  readonly pair: string;
}

/** An answer that may be tried: of those that come to the same the one that is chosen. */
interface Contender {
  readonly chosen: Chosen;
  readonly text: string;
  readonly nonconformity: number;
}

/**
 * The first contender that passes; where none does, the best of those that did not fail; where all failed, the best.
 * Which are tried is decided before anything is (see {@link admitted}), so that each verdict is one of its kind.
 */
export async function chosenByTrial(
  candidates: readonly Candidate[],
  deps: TrialDeps,
  signal: AbortSignal,
): Promise<{ readonly chosen?: Chosen; readonly trials: readonly CandidateTrial[] }> {
  const { settings, task } = deps;
  const best = task.choose(candidates);
  if (best === undefined) return { trials: [] };
  if (task.trial === undefined || settings.most === 0) return { chosen: best, trials: [] };
  const contenders = contendersOf(task, candidates);
  const trials: CandidateTrial[] = [];
  for (const { contender, ...odds } of worthTrying(contenders, deps)) {
    const trial = await tried(contender, deps, task.trial, signal);
    trials.push({ sample: contender.chosen.sample, trial, ...odds });
    if (trial.kind === "passed") return { chosen: contender.chosen, trials };
    // What kept this one from being tried would keep the next one from it too.
    if (trial.kind === "unknown") break;
  }
  const failed = new Set(trials.flatMap(({ sample, trial }) => (trial.kind === "failed" ? [sample] : [])));
  const standing = contenders.find(({ chosen }) => !failed.has(chosen.sample));
  return { chosen: standing?.chosen ?? best, trials };
}

/** Best first, each answer once. */
function contendersOf(task: Task, candidates: readonly Candidate[]): Contender[] {
  const contenders: Contender[] = [];
  let left = candidates;
  for (;;) {
    const chosen = task.choose(left);
    const candidate = left.find(({ sample }) => sample === chosen?.sample);
    if (chosen === undefined || candidate === undefined) return contenders;
    const nonconformity = meanNonconformity(candidate) ?? Infinity;
    contenders.push({ chosen, text: candidate.text, nonconformity });
    left = left.filter(({ end }) => !(end.kind === "answered" && end.answer === chosen.answer));
  }
}

function worthTrying(
  contenders: readonly Contender[],
  { settings, book, task, pair, question }: TrialDeps,
): { readonly contender: Contender; readonly p?: number; readonly isAudit: boolean }[] {
  const past = book.past(kindOf(pair, task), question);
  const scores = contenders.map(({ nonconformity }) => nonconformity);
  const letIn = admitted(scores, past, settings.failureShare);
  const wanted = contenders.flatMap((contender, at) => {
    const p = failurePValue(contender.nonconformity, past);
    const isAdmitted = letIn === undefined || letIn.includes(at);
    const isAudit =
      !isAdmitted &&
      uniformOf(settings.seed, "trial", question, contender.chosen.sample) < settings.auditShare;
    if (!isAdmitted && !isAudit) return [];
    return [{ contender, isAudit, ...(p === undefined ? {} : { p }) }];
  });
  return wanted.slice(0, settings.most);
}

async function tried(
  { chosen: { sample }, text, nonconformity }: Contender,
  { book, task, pair, question }: TrialDeps,
  trialOf: NonNullable<Task["trial"]>,
  signal: AbortSignal,
): Promise<Trial> {
  const known = book.known(question, text);
  if (known !== undefined) return known;
  const trial = await trialOf(text, signal);
  book.note({
    ...{ question, sample, text: fingerprintOf(text), of: kindOf(pair, task), trial },
    nonconformity: Number.isFinite(nonconformity) ? nonconformity : null,
  });
  return trial;
}

const kindOf = (pair: string, { name }: Task): string => JSON.stringify([pair, name]);
