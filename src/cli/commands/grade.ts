// `arena grade`: reviewers alone, on gold, the hidden panel and mutants; no battle, resumable, with evidence.
import {
  battlesOf,
  defaultWatermarks,
  forecastOf,
  planRun,
  type TournamentResult,
} from "../../arena/index.ts";
import { UsageError } from "../../domain/fault.ts";
import type { RunSettings } from "../../domain/run.ts";
import { renderReviewers, reviewersJson } from "../../report/index.ts";
import { openSetSession, type SessionOptions, type SetSession } from "../../wire.ts";
import { boardOf } from "../board-of.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { planJson, planText } from "../plan-text.ts";
import { reportSetProblems } from "../set-problems.ts";
import { playAll, retrievalOf } from "./play.ts";

export interface GradeOptions extends SessionOptions {
  readonly repeats: number;
  /** Of each instance, at most. */
  readonly mutants: number;
  readonly retrieval: string;
  readonly snippetTokens: number;
  readonly workers: number;
}

function settingsOf(options: GradeOptions, session: SetSession): RunSettings {
  return {
    set: session.setName,
    setHash: session.setHash,
    contestants: session.contestantIds,
    seed: session.seed,
    rounds: 1,
    feedback: false,
    hintMode: "none",
    repeats: options.repeats,
    panel: true,
    mutants: options.mutants,
    grading: true,
    retrieval: retrievalOf(options),
  };
}

/** @throws UsageError for the folder of a run that holds battles, or grades others */
function mustBeGrading(session: SetSession): void {
  const { settings } = session.store;
  if (settings === undefined) return;
  if (settings.grading !== true) {
    throw new UsageError(`--run: ${session.runFolder} holds battles: name another folder`);
  }
  const [begun, now] = [settings.contestants, session.contestantIds].map((ids) => [...ids].sort().join(", "));
  if (begun === now) return;
  throw new UsageError(
    `--run: ${session.runFolder} grades ${begun}, found ${now}: name the same, or another folder`,
  );
}

/** Exit code 1 with void reviews, 3 when a fault, a budget or an interrupt stopped it. */
export async function grade(options: GradeOptions, context: CommandContext): Promise<ExitCode> {
  const { out } = context;
  if (options.contestants === undefined) {
    throw new UsageError("--contestants is missing: e.g. --contestants gold,trivial,models.yaml");
  }
  retrievalOf(options);
  await using session = await openSetSession(options, context);
  reportSetProblems(session.problems, out, false);
  mustBeGrading(session);
  const request = { instanceIds: session.instanceIds };
  if (options.dryRun === true) return planOnly(options, session, context);
  const settings = await planRun(session, settingsOf(options, session), request);
  // A void is no grade: it is due again, as with `arena judge`.
  session.store.reopenVoids();
  const due = session.store.unplayed().length;
  if (due > 0) await session.mustHaveRepository(session.instanceIds);
  const total = session.store.battles().length;
  out.note(`${due} reviews to grade, ${total - due} done; run folder ${session.runFolder}`);
  const result = await playAll(
    session,
    { settings, workers: options.workers, marks: defaultWatermarks },
    context,
  );
  return ended(session, result, context);
}

function planOnly(options: GradeOptions, session: SetSession, { out }: CommandContext): ExitCode {
  const { limits, hours, models, contestantIds, instanceIds } = session;
  const battles = battlesOf(session.store.settings ?? settingsOf(options, session), { instanceIds });
  const forecast = forecastOf({
    ...{ battles, contestantIds, models, limits, hours, workers: options.workers },
    languageOf: (id) => session.instance(id).language,
  });
  const plan = { set: session.setName, forecast, played: 0 };
  out.result(planJson(plan), () => planText(plan));
  return exitCodes.done;
}

function ended(session: SetSession, result: TournamentResult, { out }: CommandContext): ExitCode {
  const { unsound, interrupted, voidRounds } = result;
  const { board } = boardOf([session.boardSource()], "strict");
  const rows = session.store.rounds();
  const reviewers = reviewersJson(board, rows);
  const json = { schemaVersion: 1, set: session.setName, run: session.runFolder, reviewers };
  out.result({ ...json, unsound, interrupted }, () => `${renderReviewers(board)}\nrun: ${session.runFolder}`);
  if (interrupted) {
    out.note(`interrupted: the same command with --run ${session.runFolder} goes on`);
    return exitCodes.fault;
  }
  return voidRounds > 0 || unsound.length > 0 ? exitCodes.doneWithVoids : exitCodes.done;
}
