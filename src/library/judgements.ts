// `judgePredictions`: what `arena judge` does, as a function.
import { readFile } from "node:fs/promises";
import { judgePredictions as judgeAll, type Prediction, parsePredictions } from "../arena/index.ts";
import { UsageError } from "../domain/fault.ts";
import type { JudgementRow } from "../domain/run.ts";
import { openSetSession } from "../wire.ts";
import { type CommonOptions, contextOf, noteProblems, sessionOptions } from "./options.ts";

export interface JudgeOptions extends CommonOptions {
  /** A file as SWE-bench tools write it, or the patches themselves. */
  readonly predictions: string | readonly Prediction[];
  readonly onVerdict?: (row: JudgementRow) => void;
}

export interface Judgements {
  /** One for each prediction on an instance of the set, in their order; fewer when `signal` cut the run short. */
  readonly rows: readonly JudgementRow[];
  readonly runFolder: string;
  /** Instance ids that the set does not hold: their predictions were left out. */
  readonly unknown: readonly string[];
}

async function predictionsOf(options: JudgeOptions): Promise<readonly Prediction[]> {
  const { predictions: given } = options;
  if (typeof given !== "string") return given;
  const text = await readFile(given, "utf8").catch((cause: unknown) => {
    throw new UsageError(`cannot read the predictions file ${given}`, { cause });
  });
  const { predictions, problems } = parsePredictions(text, given);
  for (const { line, field, expected, found } of problems) {
    options.onNote?.(`${given}:${line}: ${field}: expected ${expected}, found ${found}`);
  }
  return predictions;
}

/**
 * Verdicts for existing patches; those already in `runFolder` are not judged again, voids are.
 * @throws UsageError; a fault when it would void every other verdict too. Others void single verdicts, in their rows.
 */
export async function judgePredictions(options: JudgeOptions): Promise<Judgements> {
  const predictions = await predictionsOf(options);
  const wanted = [...new Set(predictions.map((prediction) => prediction.instanceId))];
  const context = contextOf(options);
  await using session = await openSetSession({ ...sessionOptions(options), onlyKnown: wanted }, context);
  noteProblems(session, options);
  const { rows, unknown } = await judgeAll(session, {
    predictions,
    workers: options.workers ?? 2,
    signal: context.signal,
    onVerdict: options.onVerdict ?? (() => {}),
  });
  return { rows, runFolder: session.runFolder, unknown };
}
