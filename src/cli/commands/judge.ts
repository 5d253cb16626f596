// `arena judge`: verdicts for a file of patches, resumable, with the same evidence as a battle.
import { readFile } from "node:fs/promises";
import { judgePrediction, type Prediction, parsePredictions, patchHash } from "../../arena/index.ts";
import { UsageError } from "../../domain/fault.ts";
import { verdictOf } from "../../domain/record.ts";
import type { JudgementRow } from "../../domain/run.ts";
import { openSetSession, type SessionOptions } from "../../wire.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import type { CommandContext } from "../main.ts";
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
    label: record.label,
    verdict: verdictOf(record),
    reasons: [...record.submission.reasons.map((reason) => `${reason.code}: ${reason.detail}`), ...faults],
    seconds: row.seconds,
  };
}

async function read(file: string): Promise<string> {
  return readFile(file, "utf8").catch((cause: unknown) => {
    throw new UsageError(`cannot read the predictions file ${file}`, { cause });
  });
}

function summary(rows: readonly JudgementRow[]): string {
  const resolved = rows.filter(
    (row) => row.record.label === "resolved" && row.record.void === undefined,
  ).length;
  const invalid = rows.filter(
    (row) => row.record.submission.status === "invalid" && row.record.void === undefined,
  );
  const voids = rows.filter((row) => row.record.void !== undefined).length;
  return `${rows.length} judged: ${resolved} resolved, ${invalid.length} invalid, ${voids} void`;
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
  reportSetProblems(session.problems, context.out, false);
  const known = new Set(session.instanceIds);
  const unknown = wanted.filter((id) => !known.has(id));
  for (const id of unknown)
    context.out.note(`${options.predictions}: no instance ${id} in ${options.set}: left out`);
  const rows = await judgeAll(
    predictions.filter((prediction) => known.has(prediction.instanceId)),
    options,
    session,
    context,
  );
  const results = rows.map(resultOf);
  context.out.result(
    { schemaVersion: 1, set: session.setName, run: session.runFolder, results, unknown, problems },
    () => rendered(rows),
  );
  return exitCode(rows, options, context);
}

async function judgeAll(
  predictions: readonly Prediction[],
  options: JudgeOptions,
  session: Awaited<ReturnType<typeof openSetSession>>,
  context: CommandContext,
): Promise<JudgementRow[]> {
  const done = session.store.judgements();
  const isDone = (prediction: Prediction): boolean =>
    done.some(
      (row) =>
        row.instanceId === prediction.instanceId &&
        row.ordinal === prediction.ordinal &&
        row.patchHash === patchHash(prediction.patch),
    );
  const queue = predictions.filter((prediction) => !isDone(prediction));
  let judged = predictions.length - queue.length;
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined && !context.signal.aborted; next = queue.shift()) {
      const row = await judgePrediction(next, session, session.now);
      session.store.recordJudgement(row);
      judged += 1;
      context.out.note(
        `${judged}/${predictions.length} ${row.instanceId} ${verdictOf(row.record)} ${row.record.label}`,
      );
    }
  };
  await Promise.all(Array.from({ length: options.workers }, work));
  const wanted = new Set(predictions.map((prediction) => prediction.ordinal));
  return session.store.judgements().filter((row) => wanted.has(row.ordinal));
}

function exitCode(rows: readonly JudgementRow[], options: JudgeOptions, context: CommandContext): ExitCode {
  const voids = rows.filter((row) => row.record.void !== undefined).length;
  if (context.signal.aborted || (rows.length > 0 && voids === rows.length)) return exitCodes.fault;
  const resolved = rows.filter((row) => row.record.label === "resolved").length;
  const judged = rows.length - voids;
  if (options.failUnder !== undefined && resolved < options.failUnder * judged)
    return exitCodes.belowThreshold;
  return voids > 0 ? exitCodes.doneWithVoids : exitCodes.done;
}
