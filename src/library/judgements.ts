// `judgePredictions`: what `arena judge` does, as a function.
import { readFile } from "node:fs/promises";
import { judgePrediction, type Prediction, parsePredictions, patchHash } from "../arena/index.ts";
import { UsageError } from "../domain/fault.ts";
import type { JudgementRow } from "../domain/run.ts";
import { openSetSession } from "../wire.ts";
import { type CommonOptions, contextOf, inTurn, noteProblems, sessionOptions } from "./options.ts";

export interface JudgeOptions extends CommonOptions {
  /** A file as SWE-bench tools write it, or the patches themselves. */
  readonly predictions: string | readonly Omit<Prediction, "ordinal">[];
  readonly onVerdict?: (row: JudgementRow) => void;
}

export interface Judgements {
  readonly rows: readonly JudgementRow[];
  readonly runFolder: string;
  /** Instance ids that the set does not hold: their predictions were left out. */
  readonly unknown: readonly string[];
}

async function predictionsOf(options: JudgeOptions): Promise<readonly Prediction[]> {
  const { predictions: given } = options;
  if (typeof given !== "string") return given.map((prediction, ordinal) => ({ ...prediction, ordinal }));
  const text = await readFile(given, "utf8").catch((cause: unknown) => {
    throw new UsageError(`cannot read the predictions file ${given}`, { cause });
  });
  const { predictions, problems } = parsePredictions(text, given);
  for (const { line, field, expected, found } of problems) {
    options.onNote?.(`${given}:${line}: ${field}: expected ${expected}, found ${found}`);
  }
  return predictions;
}

const sameAs = (prediction: Prediction) => (row: JudgementRow) =>
  row.instanceId === prediction.instanceId &&
  row.ordinal === prediction.ordinal &&
  row.patchHash === patchHash(prediction.patch);

/**
 * Verdicts for existing patches; those already in `runFolder` are not judged again.
 * @throws UsageError; faults void single verdicts and are in their rows
 */
export async function judgePredictions(options: JudgeOptions): Promise<Judgements> {
  const predictions = await predictionsOf(options);
  const wanted = [...new Set(predictions.map((prediction) => prediction.instanceId))];
  await using session = await openSetSession(
    { ...sessionOptions(options), onlyKnown: wanted },
    contextOf(options),
  );
  noteProblems(session, options);
  const { store } = session;
  const known = predictions.filter(({ instanceId }) => session.instanceIds.includes(instanceId));
  const before = store.judgements();
  const due = known.filter((prediction) => !before.some(sameAs(prediction)));
  await inTurn(due, options, async (prediction) => {
    const row = await judgePrediction(prediction, session, session.now);
    store.recordJudgement(row);
    options.onVerdict?.(row);
  });
  const rows = store.judgements().filter((row) => known.some((prediction) => sameAs(prediction)(row)));
  const unknown = wanted.filter((id) => !session.instanceIds.includes(id));
  return { rows, runFolder: session.runFolder, unknown };
}
