// Judges a list of predictions in a run folder: once each, voids again, resumable, stopped by what would void all.
import {
  type JudgementKey,
  type JudgementRow,
  noRetrieval,
  type RunSettings,
  type RunStore,
} from "../domain/run.ts";
import { judgePrediction, keyOf, type PredictionDeps } from "./judge-prediction.ts";
import { manifestIn } from "./manifest.ts";
import { mustBeSameSet } from "./plan.ts";
import type { Prediction } from "./predictions.ts";
import type { Session } from "./session.ts";

/** A session over a set, as far as judging predictions needs it. */
export interface JudgingSession extends PredictionDeps, Pick<Session, "mustHaveRepository"> {
  readonly store: RunStore;
  readonly setName: string;
  readonly setHash: string;
  readonly seed: string;
  readonly runFolder: string;
  readonly instanceIds: readonly string[];
  writeManifest(settings: RunSettings): Promise<void>;
}

export interface JudgeRequest {
  readonly predictions: readonly Prediction[];
  readonly workers: number;
  /** An abort lets what is being judged be cut off, and stays resumable. */
  readonly signal: AbortSignal;
  readonly onStart?: (judgements: { readonly due: number; readonly done: number }) => void;
  readonly onVerdict: (row: JudgementRow) => void;
}

export interface JudgedPredictions {
  /** One for each prediction on an instance of the set, in their order; fewer after an abort. */
  readonly rows: readonly JudgementRow[];
  /** Instance ids that the set does not hold: their predictions were left out. */
  readonly unknown: readonly string[];
}

const nameOf = ({ instanceId, contestant, patchHash }: JudgementKey): string =>
  JSON.stringify([instanceId, contestant, patchHash]);

/** A void is no verdict: it is due again. */
function isDone({ record }: JudgementRow): boolean {
  return record.void === undefined;
}

function dueOf(predictions: readonly Prediction[], stored: readonly JudgementRow[]): Prediction[] {
  const done = new Set(stored.filter(isDone).map(nameOf));
  const due = new Map(predictions.map((prediction) => [nameOf(keyOf(prediction)), prediction]));
  return [...due].filter(([name]) => !done.has(name)).map(([, prediction]) => prediction);
}

/** Nothing is planned in such a run; its manifest says where its set is, for `arena rejudge`. */
async function describeRun(session: JudgingSession): Promise<void> {
  const { setName: set, setHash, seed } = session;
  const begun = await manifestIn(session.runFolder);
  if (begun?.settings !== undefined) mustBeSameSet(begun.settings, { set, setHash });
  if (begun !== undefined) return;
  const nothing = { contestants: [], rounds: 0, feedback: false, hintMode: "none", panel: false } as const;
  await session.writeManifest({ set, setHash, seed, repeats: 1, retrieval: noRetrieval, ...nothing });
}

async function judgeDue(
  due: readonly Prediction[],
  session: JudgingSession,
  request: JudgeRequest,
): Promise<void> {
  const queue = [...due];
  let failure: unknown;
  const take = (): Prediction | undefined =>
    failure !== undefined || request.signal.aborted ? undefined : queue.shift();
  const work = async (): Promise<void> => {
    for (let next = take(); next !== undefined; next = take()) {
      try {
        const row = await judgePrediction(next, session);
        // What an interrupt cut short is no outcome and no void.
        if (request.signal.aborted) return;
        session.store.recordJudgement(row);
        request.onVerdict(row);
      } catch (error) {
        failure ??= error;
      }
    }
  };
  await Promise.all(Array.from({ length: request.workers }, work));
  if (failure !== undefined && !request.signal.aborted) throw failure;
}

/**
 * Verdicts on predictions; those the run folder holds already are not judged again, voids are.
 * @throws UsageError when no repository can be found, or the folder is of another set; the first fault that would
 *   void every other verdict too. What was judged is stored.
 */
export async function judgePredictions(
  session: JudgingSession,
  request: JudgeRequest,
): Promise<JudgedPredictions> {
  const isKnown = (instanceId: string): boolean => session.instanceIds.includes(instanceId);
  const known = request.predictions.filter(({ instanceId }) => isKnown(instanceId));
  const unknown = [...new Set(request.predictions.map((each) => each.instanceId))].filter(
    (id) => !isKnown(id),
  );
  const due = dueOf(known, session.store.judgements());
  await describeRun(session);
  if (due.length > 0) await session.mustHaveRepository([...new Set(known.map((each) => each.instanceId))]);
  request.onStart?.({ due: due.length, done: known.length - due.length });
  await judgeDue(due, session, request);
  const rows = new Map(session.store.judgements().map((row) => [nameOf(row), row]));
  return { rows: known.flatMap((prediction) => rows.get(nameOf(keyOf(prediction))) ?? []), unknown };
}

/** Counts of verdicts; a void counts for nothing but itself, whatever its label says. */
export function tallyOf(rows: readonly JudgementRow[]) {
  const sound = rows.filter(isDone).map((row) => row.record);
  return {
    judged: sound.length,
    // What resolves the issue and may not be merged has not solved it.
    resolved: sound.filter(({ label, submission }) => label === "resolved" && submission.status === "valid")
      .length,
    invalid: sound.filter((record) => record.submission.status === "invalid").length,
    voids: rows.length - sound.length,
  };
}
