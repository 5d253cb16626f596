// `arena judge`: verdicts for a file of patches, resumable, with the same evidence as a battle.
import { readFile } from "node:fs/promises";
import { judgePredictions, parsePredictions, tallyOf } from "../../arena/index.ts";
import { UsageError } from "../../domain/fault.ts";
import { reasonText, verdictOf } from "../../domain/record.ts";
import type { JudgementRow } from "../../domain/run.ts";
import { openSetSession, type SessionOptions } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { table } from "../output.ts";
import { reportSetProblems } from "../set-problems.ts";

export interface JudgeOptions extends SessionOptions {
  readonly predictions: string;
  readonly workers: number;
  readonly failUnder?: number;
}

function resultOf(row: JudgementRow) {
  const { record } = row;
  const faults = record.void === undefined ? [] : [`${record.void.cause}: ${record.void.detail}`];
  return {
    instance_id: row.instanceId,
    model_name_or_path: row.contestant,
    submission: record.submission.status,
    // A void says nothing, and what it lacks is not missed tests.
    label: record.void === undefined ? record.label : "unlabelled",
    verdict: verdictOf(record),
    reasons: [...record.submission.reasons.map(reasonText), ...faults],
    seconds: row.seconds,
  };
}

async function read(file: string): Promise<string> {
  return readFile(file, "utf8").catch((cause: unknown) => {
    throw new UsageError(`cannot read the predictions file ${file}`, { cause });
  });
}

function summary(rows: readonly JudgementRow[]): string {
  const { resolved, invalid, voids } = tallyOf(rows);
  return `${rows.length} judged: ${resolved} resolved, ${invalid} invalid, ${voids} void`;
}

function rendered(rows: readonly JudgementRow[]): string {
  const body = rows.map((row) => {
    const { instance_id: id, submission, label, verdict, reasons } = resultOf(row);
    return [id, row.contestant, submission, label, verdict, (reasons[0] ?? "").slice(0, 80)];
  });
  return `${table([["instance", "contestant", "submission", "label", "verdict", "why"], ...body])}\n\n${summary(rows)}`;
}

/** Exit code 1 with voids, 3 when every verdict is void, 4 below --fail-under. */
export async function judge(options: JudgeOptions, context: CommandContext): Promise<ExitCode> {
  const { predictions, problems } = parsePredictions(await read(options.predictions), options.predictions);
  for (const problem of problems) {
    context.out.note(
      `${options.predictions}:${problem.line}: ${problem.field}: expected ${problem.expected}, found ${problem.found}`,
    );
  }
  if (predictions.length === 0) throw new UsageError(`${options.predictions} holds no prediction`);
  const wanted = [...new Set(predictions.map((prediction) => prediction.instanceId))];
  await using session = await openSetSession({ ...options, onlyKnown: wanted }, context);
  const { out, signal } = context;
  reportSetProblems(session.problems, out, false);
  let left = 0;
  const { rows, unknown } = await judgePredictions(session, {
    ...{ predictions, signal, workers: options.workers },
    onStart: ({ due, done }) => {
      left = due;
      out.note(`${due} predictions to judge, ${done} done; run folder ${session.runFolder}`);
    },
    onVerdict: ({ instanceId, contestant, record }) => {
      left -= 1;
      out.note(`${instanceId} ${contestant}: ${verdictOf(record)} ${record.label}, ${left} left`);
    },
  });
  for (const id of unknown) out.note(`${options.predictions}: no instance ${id} in ${options.set}: left out`);
  const results = rows.map(resultOf);
  out.result(
    { schemaVersion: 1, set: session.setName, run: session.runFolder, results, unknown, problems },
    () => rendered(rows),
  );
  if (signal.aborted) out.note(`interrupted: the same command with --run ${session.runFolder} goes on`);
  return signal.aborted ? exitCodes.fault : exitCodeOf(rows, options.failUnder);
}

/** Of a run that came to its end; `failUnder` is the least share of resolved ones among those that are not void. */
export function exitCodeOf(rows: readonly JudgementRow[], failUnder?: number): ExitCode {
  const { judged, resolved, voids } = tallyOf(rows);
  if (voids > 0 && judged === 0) return exitCodes.fault;
  if (failUnder !== undefined && resolved < failUnder * judged) return exitCodes.belowThreshold;
  return voids > 0 ? exitCodes.doneWithVoids : exitCodes.done;
}
