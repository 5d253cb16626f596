// Tries candidates in a sandbox before one is given: best first, only those that verdicts of before let hope, until one passes.
import type { Trial } from "../model.ts";
import { admitted, failurePValue, type Verdict } from "./admission.ts";
import type { Candidate } from "./backend.ts";
import { uniformOf } from "./keyed-random.ts";
import { fingerprintOf, type Ledger, type LedgerEvent, type TrialPlan } from "./ledger.ts";
import { type Chosen, meanNonconformity, type Task } from "./task.ts";

export interface TrialSettings {
  /** Of one question, at most. */
  readonly most: number;
  /** Share of those tried that may be expected to fail, once enough verdicts tell. */
  readonly failureShare: number;
  /**
   * Share of questions of which one candidate, drawn by lot, is tried whatever it looks like; of all, until enough of
   * those have failed. Only their verdicts are measured by: what was tried because it looked good fails looking good.
   */
  readonly auditShare: number;
  readonly seed: string;
}

export const defaultTrialSettings: TrialSettings = {
  ...{ most: 4, failureShare: 0.5, auditShare: 0.1, seed: "a1" },
};

/** One candidate's trial, and what was known when it was decided upon. */
export interface CandidateTrial {
  readonly sample: number;
  readonly trial: Trial;
  /** Of "this one fails too"; absent while too few had failed to tell. */
  readonly p?: number;
  /** Drawn by lot: its verdict is one that later candidates are measured by. */
  readonly isAudit: boolean;
}

/** What came of trials so far, by kind of question; `unknown` ones teach nothing. */
export class TrialBook {
  readonly #ledger: Ledger;
  readonly #verdicts = new Map<string, (Verdict & { readonly question: string })[]>();
  /** By question. */
  readonly #known = new Map<string, Map<string, Trial>>();
  readonly #plans = new Map<string, TrialPlan>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Of candidates drawn by lot of other questions: one that is gone on with is decided as it was before. */
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

  /** Written down before it is acted on; one that was taken up by an earlier process stands. */
  planned(question: string, of: string, make: () => TrialPlan): TrialPlan {
    const known = this.#plans.get(question);
    if (known !== undefined) return known;
    const plan = make();
    this.#ledger.append({ kind: "trials-planned", question, of, ...plan });
    return plan;
  }

  /** It will not be asked again; verdicts stay. */
  forget(question: string): void {
    this.#known.delete(question);
    this.#plans.delete(question);
  }

  restorePlan({ question, contenders, hopeful, lot }: TrialPlan & { readonly question: string }): void {
    this.#plans.set(question, { contenders, hopeful, ...(lot === undefined ? {} : { lot }) });
  }

  /** What another process found out. */
  restore(event: Omit<Extract<LedgerEvent, { kind: "tried" }>, "kind">): void {
    const { question, text, of, trial, nonconformity, isAudit } = event;
    if (trial.kind === "unknown") return;
    const own = this.#known.get(question) ?? new Map<string, Trial>();
    this.#known.set(question, own.set(text, trial));
    if (!isAudit) return;
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
 * Which are tried is decided before anything is (see {@link admitted}). The one drawn by lot is tried after the others,
 * also where one of them has passed: verdicts that depend on those of siblings would teach something else.
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
  const plan = planned(contenders, deps);
  const trials: CandidateTrial[] = [];
  let passed: Chosen | undefined;
  for (const sample of new Set([...plan.hopeful, ...(plan.lot === undefined ? [] : [plan.lot])])) {
    const contender = contenders.find(({ chosen }) => chosen.sample === sample);
    const isAudit = sample === plan.lot;
    if (contender === undefined || (passed !== undefined && !isAudit)) continue;
    const trial = await tried({ ...contender, isAudit }, deps, task.trial, signal);
    const p = plan.contenders.find((each) => each.sample === sample)?.p;
    trials.push({ sample, trial, isAudit, ...(p === undefined ? {} : { p }) });
    // What kept this one from being tried would keep the next one from it too.
    if (trial.kind === "unknown") break;
    if (trial.kind === "passed") passed ??= contender.chosen;
  }
  if (passed !== undefined) return { chosen: passed, trials };
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

function planned(
  contenders: readonly Contender[],
  { settings, book, task, pair, question }: TrialDeps,
): TrialPlan {
  const of = kindOf(pair, task);
  const known = contenders.map(({ chosen, nonconformity }) => ({ sample: chosen.sample, nonconformity }));
  return book.planned(question, of, () =>
    trialPlanOf(known, { past: book.past(of, question), settings, question }),
  );
}

/** Pure: the same past, candidates and settings give the same plan. @param contenders best first */
export function trialPlanOf(
  contenders: readonly { readonly sample: number; readonly nonconformity: number }[],
  {
    past,
    settings,
    question,
  }: { readonly past: readonly Verdict[]; readonly settings: TrialSettings; readonly question: string },
): TrialPlan {
  const scores = contenders.map(({ nonconformity }) => nonconformity);
  const letIn = admitted(scores, past, settings.failureShare);
  const draw = (what: string): number => uniformOf(settings.seed, what, question);
  const share = letIn === undefined && settings.auditShare > 0 ? 1 : settings.auditShare;
  const lot = draw("trial") < share ? contenders[Math.floor(draw("lot") * contenders.length)] : undefined;
  return {
    contenders: contenders.map(({ sample, nonconformity }) => {
      const p = failurePValue(nonconformity, past);
      const told = { sample, nonconformity: Number.isFinite(nonconformity) ? nonconformity : null };
      return { ...told, ...(p === undefined ? {} : { p }) };
    }),
    hopeful: contenders
      .filter((_, at) => letIn === undefined || letIn.includes(at))
      .slice(0, settings.most)
      .map(({ sample }) => sample),
    ...(lot === undefined ? {} : { lot: lot.sample }),
  };
}

async function tried(
  { chosen: { sample }, text, nonconformity, isAudit }: Contender & { readonly isAudit: boolean },
  { book, task, pair, question }: TrialDeps,
  trialOf: NonNullable<Task["trial"]>,
  signal: AbortSignal,
): Promise<Trial> {
  const known = book.known(question, text);
  if (known !== undefined) return known;
  const trial = await trialOf(text, signal);
  book.note({
    ...{ question, sample, text: fingerprintOf(text), of: kindOf(pair, task), trial, isAudit },
    nonconformity: Number.isFinite(nonconformity) ? nonconformity : null,
  });
  return trial;
}

const kindOf = (pair: string, { name }: Task): string => JSON.stringify([pair, name]);
