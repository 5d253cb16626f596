// `arena play`: plans the battles of a set, plays what is unplayed, prints the leaderboard.
import { battlesOf, type PlanRequest, planRun, playTournament } from "../../arena/index.ts";
import { UsageError } from "../../domain/fault.ts";
import { verdictOf } from "../../domain/record.ts";
import type { HintMode, RoundRow, RunSettings } from "../../domain/run.ts";
import { openSetSession, resumedOptions, type SessionOptions, type SetSession } from "../../wire.ts";
import { boardOf, renderBoard } from "../board-of.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import type { CommandContext } from "../main.ts";
import { reportSetProblems } from "../set-problems.ts";

export interface PlayOptions extends SessionOptions {
  readonly contestants?: string;
  readonly resume?: string;
  readonly rounds: number;
  readonly repeats: number;
  readonly seed?: string;
  readonly anchors?: string;
  readonly feedback?: boolean;
  readonly hints: string;
  /** False with --no-panel. */
  readonly panel: boolean;
  readonly workers: number;
  readonly dryRun?: boolean;
}

function hintMode(text: string): HintMode {
  if (text === "none" || text === "changed-regions" || text === "diff") return text;
  throw new UsageError(`--hints: expected none, changed-regions or diff, found "${text}"`);
}

function settingsOf(options: PlayOptions, session: SetSession): RunSettings {
  return {
    set: session.setName,
    setHash: session.setHash,
    contestants: session.contestantIds,
    seed: session.seed,
    rounds: options.rounds,
    feedback: options.feedback === true,
    hintMode: hintMode(options.hints),
    repeats: options.repeats,
    panel: options.panel,
  };
}

function requestOf(options: PlayOptions, session: SetSession): PlanRequest {
  const anchors = options.anchors?.split(",").map((name) => name.trim());
  const stranger = anchors?.find((name) => !session.contestantIds.includes(name));
  if (stranger !== undefined) {
    const known = session.contestantIds.join(", ");
    throw new UsageError(`--anchors: expected some of the contestants (${known}), found "${stranger}"`);
  }
  return { instanceIds: session.instanceIds, ...(anchors === undefined ? {} : { anchors }) };
}

function roundLine(row: RoundRow): string {
  const why =
    row.record.void === undefined ? row.record.label : `${row.record.void.cause} (${row.record.void.side})`;
  return `${row.instanceId} round ${row.round}: ${row.submitter} against ${row.reviewer}: ${verdictOf(row.record)}, ${why}`;
}

/** Exit code 1 with void rounds, 3 when a fault or an interrupt stopped the run. */
export async function play(given: PlayOptions, context: CommandContext): Promise<ExitCode> {
  const options = given.resume === undefined ? given : await resumedOptions(given, given.resume);
  if (options.contestants === undefined) {
    throw new UsageError(
      "--contestants is missing: e.g. --contestants gold,empty or --contestants models.yaml",
    );
  }
  hintMode(options.hints);
  await using session = await openSetSession({ ...options, contestants: options.contestants }, context);
  const { out } = context;
  reportSetProblems(session.problems, out, false);
  const wanted = settingsOf(options, session);
  const request = requestOf(options, session);
  if (options.dryRun === true) return dryRun(battlesOf(wanted, request).length, wanted, session, context);
  const settings = await planRun(session, wanted, request);
  const total = session.store.battles().length;
  const unplayed = session.store.unplayed();
  if (unplayed.length > 0) await session.mustHaveRepository(session.instanceIds);
  out.note(`${total} battles, ${unplayed.length} to play; run folder ${session.runFolder}`);
  const result = await playTournament({
    store: session.store,
    runs: session.runs,
    evidence: session.evidence,
    settings,
    now: session.now,
    player: session.player,
    workers: options.workers,
    openCase: session.open,
    signal: context.signal,
    onRound: (row) => out.note(roundLine(row)),
    onBattle: (battle, state) =>
      out.progress(`${battle.instanceId}: ${battle.first} and ${battle.second} ${state}`),
    onUnsound: (instanceId, message) => out.note(`${instanceId} is left out: ${message}`),
  });
  const board = boardOf([session.boardSource()], "strict");
  out.result(
    { ...board.json, run: session.runFolder, unsound: result.unsound, interrupted: result.interrupted },
    () => `${renderBoard(board, "table")}\nrun: ${session.runFolder}`,
  );
  if (result.interrupted) {
    out.note(`interrupted: go on with \`arena play ${options.set} --resume ${session.runFolder}\``);
    return exitCodes.fault;
  }
  return result.voidRounds > 0 || result.unsound.length > 0 ? exitCodes.doneWithVoids : exitCodes.done;
}

function dryRun(
  battles: number,
  settings: RunSettings,
  session: SetSession,
  context: CommandContext,
): ExitCode {
  const rounds = battles * settings.rounds;
  const worst = session.worstCase(rounds);
  const json = {
    schemaVersion: 1,
    battles,
    rounds,
    modelCalls: worst.calls,
    worstCaseUsd: worst.usd,
    worstCaseTokens: worst.tokens,
  };
  context.out.result(json, () =>
    [
      `battles      ${battles}`,
      `rounds       ${rounds}`,
      `model calls  at most ${worst.calls}`,
      `tokens       at most ${worst.tokens}`,
      `cost         at most ${worst.usd === undefined ? "unknown (a contestant has no prices)" : `${worst.usd.toFixed(2)} USD`}`,
    ].join("\n"),
  );
  return exitCodes.done;
}
