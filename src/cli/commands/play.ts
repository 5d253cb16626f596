// `arena play`: plans the battles of a set, plays what is unplayed, prints the leaderboard.
import {
  battlesOf,
  type PlanRequest,
  planRun,
  playTournament,
  resumedOptions,
  type TournamentResult,
} from "../../arena/index.ts";
import { isFault, UsageError } from "../../domain/fault.ts";
import { verdictOf } from "../../domain/record.ts";
import {
  type HintMode,
  type RetrievalSettings,
  type RoundRow,
  type RunSettings,
  retrievalModes,
} from "../../domain/run.ts";
import { openSetSession, type SessionOptions, type SetSession } from "../../wire.ts";
import { boardOf, renderBoard } from "../board-of.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import type { CommandContext } from "../main.ts";
import { reportSetProblems } from "../set-problems.ts";

export interface PlayOptions extends SessionOptions {
  readonly resume?: string;
  readonly retryVoids?: boolean;
  readonly rounds: number;
  readonly repeats: number;
  readonly feedback?: boolean;
  readonly hints: string;
  /** False with --no-panel. */
  readonly panel: boolean;
  readonly retrieval: string;
  readonly snippetTokens: number;
  readonly queryHints?: boolean;
}

function hintMode(text: string): HintMode {
  if (text === "none" || text === "changed-regions" || text === "diff") return text;
  throw new UsageError(`--hints: expected none, changed-regions or diff, found "${text}"`);
}

function retrievalOf(options: PlayOptions): RetrievalSettings {
  const { retrieval: wanted, snippetTokens: maxTokens, queryHints } = options;
  const mode = retrievalModes.find((each) => each === wanted);
  if (mode === undefined) {
    throw new UsageError(`--retrieval: expected ${retrievalModes.join(", ")}, found "${wanted}"`);
  }
  return { mode, maxTokens, hints: queryHints === true };
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
    retrieval: {
      ...retrievalOf(options),
      ...(session.reranker === undefined ? {} : { reranker: session.reranker }),
    },
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
  if (options.retryVoids === true && options.resume === undefined) {
    throw new UsageError(
      "--retry-voids plays rounds of an earlier run again: name the run with --resume <folder>",
    );
  }
  hintMode(options.hints);
  retrievalOf(options);
  await using session = await openSetSession({ ...options, contestants: options.contestants }, context);
  const { out } = context;
  reportSetProblems(session.problems, out, false);
  const wanted = settingsOf(options, session);
  const request = requestOf(options, session);
  if (options.dryRun === true) return dryRun(battlesOf(wanted, request).length, wanted, session, context);
  const settings = await planRun(session, wanted, request);
  if (options.retryVoids === true) retryVoids(session, context);
  const total = session.store.battles().length;
  const unplayed = session.store.unplayed();
  if (unplayed.length > 0) await session.mustHaveRepository(session.instanceIds);
  out.note(`${total} battles, ${unplayed.length} to play; run folder ${session.runFolder}`);
  const goOn = `arena play ${options.set} --resume ${session.runFolder}`;
  const result = await playAll(session, { settings, workers: options.workers ?? 2 }, context).catch(
    (error: unknown) => {
      if (isFault(error)) out.note(`stopped: once it is mended, go on with \`${goOn}\``);
      throw error;
    },
  );
  const board = boardOf([session.boardSource()], "strict");
  out.result(
    { ...board.json, run: session.runFolder, unsound: result.unsound, interrupted: result.interrupted },
    () => `${renderBoard(board, "table")}\nrun: ${session.runFolder}`,
  );
  if (result.interrupted) {
    out.note(`interrupted: go on with \`${goOn}\``);
    return exitCodes.fault;
  }
  if (result.voidRounds > 0) out.note(`void rounds can be played again with \`${goOn} --retry-voids\``);
  return result.voidRounds > 0 || result.unsound.length > 0 ? exitCodes.doneWithVoids : exitCodes.done;
}

function playAll(
  session: SetSession,
  { settings, workers }: { readonly settings: RunSettings; readonly workers: number },
  { out, signal }: CommandContext,
): Promise<TournamentResult> {
  const { store, runs, evidence, now, player } = session;
  return playTournament({
    ...{ store, runs, evidence, settings, now, player, workers, signal },
    openCase: session.open,
    onRound: (row) => out.note(roundLine(row)),
    onBattle: (battle, state) =>
      out.progress(`${battle.instanceId}: ${battle.first} and ${battle.second} ${state}`),
    onUnsettled: (row, message) =>
      out.note(`the contested kill of round ${row.round} of ${row.battleId} stays open: ${message}`),
    onUnsound: (instanceId, message) => out.note(`${instanceId} is left out: ${message}`),
  });
}

function retryVoids(session: SetSession, { out }: CommandContext): void {
  const count = session.store.reopenVoids();
  out.note(`${count} void ${count === 1 ? "round is" : "rounds are"} played again`);
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
