// `arena play`: plans the battles of a set, plays what is unplayed, prints the leaderboard.
import {
  battlesOf,
  defaultWatermarks,
  type EarlierRun,
  forecastOf,
  keepTournament,
  type PlanRequest,
  planRun,
  playTournament,
  readManifest,
  spentSoFar,
  type Tournament,
  type TournamentResult,
  type Watermarks,
} from "../../arena/index.ts";
import type { Canary } from "../../domain/canary.ts";
import { isFault, UsageError } from "../../domain/fault.ts";
import { verdictOf } from "../../domain/record.ts";
import {
  type HintMode,
  type RetrievalSettings,
  type RoundRow,
  type RunSettings,
  retrievalModes,
} from "../../domain/run.ts";
import {
  monotonicMs,
  openRunReadOnly,
  openSetSession,
  type SetSession,
  secretIn,
  webhookWorld,
} from "../../wire.ts";
import { boardOf, renderBoard } from "../board-of.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { folderBytes } from "../folder-bytes.ts";
import { boundsOf, pairingOf, planLine } from "../pairing-options.ts";
import { planJson, planText } from "../plan-text.ts";
import { askedFor, type GivenOptions, type PlayOptions } from "../play-options.ts";
import { openPlaying } from "../playing.ts";
import { powerOf } from "../power-of.ts";
import { reportSetProblems } from "../set-problems.ts";
import { type RunEnding, tellWebhook, type Webhook, webhookOf } from "../webhook.ts";

/** Battles at once, unless a run says otherwise. */
const defaultWorkers = 2;

function hintMode(text: string): HintMode {
  if (text === "none" || text === "changed-regions" || text === "diff") return text;
  throw new UsageError(`--hints: expected none, changed-regions or diff, found "${text}"`);
}

export function retrievalOf(
  options: Pick<PlayOptions, "retrieval" | "snippetTokens" | "queryHints">,
): RetrievalSettings {
  const { retrieval: wanted, snippetTokens: maxTokens, queryHints } = options;
  const mode = retrievalModes.find((each) => each === wanted);
  if (mode === undefined) {
    throw new UsageError(`--retrieval: expected ${retrievalModes.join(", ")}, found "${wanted}"`);
  }
  return { mode, maxTokens, hints: queryHints === true };
}

function settingsOf(options: PlayOptions, session: SetSession): RunSettings {
  const pairing = pairingOf(options);
  return {
    ...(pairing === undefined ? {} : { pairing }),
    set: session.setName,
    setHash: session.setHash,
    contestants: session.contestantIds,
    seed: session.seed,
    rounds: options.rounds,
    feedback: options.feedback === true,
    hintMode: hintMode(options.hints),
    repeats: options.repeats,
    panel: options.panel,
    ...(options.mutants === undefined ? {} : { mutants: options.mutants }),
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

/** Of the disk, in bytes. */
function watermarks({ diskLow, diskHigh }: PlayOptions): Watermarks {
  const lowBytes = diskLow === undefined ? defaultWatermarks.lowBytes : diskLow * 1024 ** 3;
  const highBytes = diskHigh === undefined ? 1.5 * lowBytes : diskHigh * 1024 ** 3;
  if (highBytes >= lowBytes) return { lowBytes, highBytes };
  throw new UsageError(
    `--disk-high: expected at least --disk-low, ${lowBytes / 1024 ** 3} GiB, found ${diskHigh} GiB`,
  );
}

function checkOptions({ contestants, resume, like, dryRun, ...options }: PlayOptions): void {
  const { retryVoids, retryQuarantined } = options;
  if (contestants === undefined) {
    throw new UsageError(
      "--contestants is missing: e.g. --contestants gold,empty or --contestants models.yaml",
    );
  }
  if (retryVoids === true && resume === undefined) {
    throw new UsageError(
      "--retry-voids plays rounds of an earlier run again: name the run with --resume <folder>",
    );
  }
  if (retryQuarantined === true && resume === undefined) {
    throw new UsageError(
      "--retry-quarantined tries instances of an earlier run again: name the run with --resume <folder>",
    );
  }
  if (like !== undefined && dryRun !== true) {
    throw new UsageError("--like names a run to reckon a plan by: expected --dry-run beside it");
  }
  hintMode(options.hints);
  retrievalOf(options);
  watermarks(options);
  pairingOf(options);
}

/** Exit code 1 with void rounds, 3 when a fault, a budget or an interrupt stopped the run. */
export async function play(given: GivenOptions, context: CommandContext): Promise<ExitCode> {
  const { out } = context;
  const { options, tournament } = await askedFor(given, out.note);
  checkOptions(options);
  const webhook = webhookOf(options, secretIn);
  await using session = await openSetSession(options, context);
  reportSetProblems(session.problems, out, false);
  noteDependentTries(tournament, session, context);
  const wanted = settingsOf(options, session);
  const request = requestOf(options, session);
  // Awaited here: the session closes when this function returns.
  if (options.dryRun === true) return await dryRun({ options, wanted, request }, session, context);
  const settings = await begin(session, { tournament, wanted, request });
  if (options.retryVoids === true) retryVoids(session, context);
  if (options.retryQuarantined === true) retryQuarantined(session, context);
  // What an adaptive run will still draw, nobody knows.
  if (session.store.unplayed().length > 0 || settings.pairing !== undefined)
    await session.mustHaveRepository(session.instanceIds);
  out.note(`${planLine(settings, session)}; run folder ${session.runFolder}`);
  noteLostHours(session, context);
  const goOn = `arena play ${options.set} --resume ${session.runFolder}`;
  const parts = { workers: options.workers ?? defaultWorkers, marks: watermarks(options) };
  const result = await playAll(session, { settings, ...parts }, context).catch(async (error: unknown) => {
    if (!isFault(error)) throw error;
    out.note(`stopped: once it is mended, go on with \`${goOn}\``);
    await tell(webhook, session, { ending: { exit: exitCodes.fault, fault: error.code }, out });
    throw error;
  });
  const exit = ended(session, { result, goOn }, context);
  await tell(webhook, session, { ending: { exit }, out });
  return exit;
}

type Ending = Pick<RunEnding, "exit" | "fault">;

/** Whatever becomes of it, the run has ended as it has. */
async function tell(
  webhook: Webhook | undefined,
  session: SetSession,
  { ending, out }: { readonly ending: Ending } & Pick<CommandContext, "out">,
): Promise<void> {
  if (webhook === undefined) return;
  const ledger = session.store.ledgerEnd();
  const { board } = boardOf([session.boardSource()], "strict");
  const whole = {
    ...ending,
    runFolder: session.runFolder,
    board,
    ...(ledger === undefined ? {} : { ledger }),
  };
  await tellWebhook(webhook, whole, { ...webhookWorld(), note: out.note });
}

async function begin(
  session: SetSession,
  asked: {
    readonly tournament?: Tournament | undefined;
    readonly wanted: RunSettings;
    readonly request: PlanRequest;
  },
): Promise<RunSettings> {
  const { tournament, wanted, request } = asked;
  if (tournament !== undefined) await keepTournament(session.evidence, tournament);
  return planRun(session, wanted, request);
}

/** Several tries say something of a contestant only where it is sampled: boards leave Best@k out for all others. */
function noteDependentTries(
  tournament: Tournament | undefined,
  { models }: SetSession,
  { out }: CommandContext,
): void {
  if ((tournament?.samples ?? 1) === 1) return;
  const fixed = models.filter(({ temperature = 0 }) => temperature === 0).map(({ id }) => id);
  if (fixed.length === 0) return;
  out.note(
    `samples: expected a temperature above 0 of every contestant, found none of ${fixed.join(", ")}: their tries ` +
      "are no independent ones, and boards give them no Best@k",
  );
}

/** A run that an earlier release began may have been played for longer than is on record. */
function noteLostHours({ store, hours }: SetSession, { out }: CommandContext): void {
  if (hours.total === undefined || store.playedSeconds() !== undefined || store.rounds().length === 0) return;
  out.note("how long earlier sessions of this run took is not on record: its hours are counted from now on");
}

function ended(
  session: SetSession,
  { result, goOn }: { readonly result: TournamentResult; readonly goOn: string },
  { out }: CommandContext,
): ExitCode {
  const { unsound, interrupted, voidRounds, quarantined, droppedOut, winner } = result;
  const board = boardOf([session.boardSource()], "strict");
  out.result(
    {
      ...board.json,
      ...{ run: session.runFolder, unsound, quarantined, interrupted },
      endpoints: session.endpoints(),
    },
    () => `${renderBoard(board, "table")}\nrun: ${session.runFolder}`,
  );
  const among = droppedOut.length === 0 ? "" : " of those who did not drop out";
  if (winner !== undefined)
    out.note(`decided: ${winner} is proven to be first${among}, no further issue was opened`);
  if (interrupted) {
    out.note(`interrupted: go on with \`${goOn}\``);
    return exitCodes.fault;
  }
  if (voidRounds > 0) out.note(`void rounds can be played again with \`${goOn} --retry-voids\``);
  if (quarantined.length > 0)
    out.note(`instances in quarantine are tried again with \`${goOn} --retry-quarantined\``);
  if (droppedOut.length > 0) out.note(`who dropped out plays on with \`${goOn}\``);
  const isWhole = voidRounds + unsound.length + quarantined.length + droppedOut.length === 0;
  return isWhole ? exitCodes.done : exitCodes.doneWithVoids;
}

interface Played {
  readonly settings: RunSettings;
  readonly workers: number;
  readonly marks: Watermarks;
}

export async function playAll(
  session: SetSession,
  { settings, workers, marks }: Played,
  context: CommandContext,
): Promise<TournamentResult> {
  const { store, runs, evidence, now, player, hours, instanceIds, canaries, isSilent } = session;
  const { out, signal } = context;
  const isGrowing = settings.pairing !== undefined;
  await using playing = await openPlaying(session, { workers, marks, isGrowing }, context);
  const { gate, progress } = playing;
  try {
    const result = await playTournament({
      ...{
        store,
        runs,
        evidence,
        settings,
        now,
        monotonicMs,
        player,
        workers,
        gate,
        hours,
        signal,
        instanceIds,
      },
      ...{ canaries, isSilent },
      onCanary: (canary) => noteCanary(canary, out),
      onDropOut: (contestant, reason) => out.note(`${contestant} drops out, others play on: ${reason}`),
      openCase: session.open,
      onRound: (row) => {
        progress.onRound(row);
        out.note(roundLine(row));
      },
      onBattle: (battle, state) => {
        progress.onBattle(battle, state);
        out.progress(`${battle.instanceId}: ${battle.first} and ${battle.second} ${state}`);
      },
      onUnsettled: (row, message) =>
        out.note(`the contested kill of round ${row.round} of ${row.battleId} stays open: ${message}`),
      onUnsound: (instanceId, message) => {
        progress.onUnsound(instanceId);
        out.note(`${instanceId} is left out: ${message}`);
      },
    });
    playing.end(result.interrupted ? "it was interrupted and can be resumed" : "all was played");
    return result;
  } catch (error) {
    if (isFault(error)) playing.end(`${error.code}: ${error.message}`.slice(0, 1000));
    throw error;
  }
}

/** One that has passed is nothing to speak of. */
function noteCanary({ instanceId, reason, evidence }: Canary, out: CommandContext["out"]): void {
  if (reason === undefined) out.progress(`${instanceId}: its controls come out as they must`);
  else out.note(`${instanceId} is in quarantine, its battles are left unplayed: ${reason} (${evidence})`);
}

function retryQuarantined(session: SetSession, { out }: CommandContext): void {
  const { instanceIds, rounds } = session.store.retryQuarantined();
  const which = instanceIds.length === 0 ? "no instance was in quarantine" : instanceIds.join(", ");
  out.note(`tried again: ${which}; ${rounds} rounds that were recorded in doubt are played again`);
}

function retryVoids(session: SetSession, { out }: CommandContext): void {
  const count = session.store.reopenVoids();
  out.note(`${count} void ${count === 1 ? "round is" : "rounds are"} played again`);
}

interface Planning {
  readonly options: PlayOptions;
  readonly wanted: RunSettings;
  readonly request: PlanRequest;
}

/** What is left of a run that goes on, all of a new one. */
async function dryRun(planning: Planning, session: SetSession, { out }: CommandContext): Promise<ExitCode> {
  const { options, request } = planning;
  const { store, limits, hours, models, contestantIds } = session;
  const settings = store.settings ?? planning.wanted;
  const stored = store.battles();
  const drawn = boundsOf(settings, request, session);
  const isNew = stored.length === 0 && drawn === undefined;
  const battles = isNew ? battlesOf(settings, request) : store.unplayed();
  const forecast = forecastOf({
    ...{ battles, contestantIds, models, limits, hours, workers: options.workers ?? defaultWorkers },
    languageOf: (id) => session.instance(id).language,
    powerOf,
    ...(drawn === undefined ? {} : { drawn }),
    ...(stored.length === 0
      ? {}
      : {
          begun: {
            battles: stored,
            spent: spentSoFar(store),
            hours: (store.playedSeconds() ?? 0) / 3600,
          },
        }),
    ...(options.like === undefined ? {} : { earlier: await earlierRun(options.like) }),
  });
  const played = stored.length === 0 ? 0 : stored.length - battles.length;
  const plan = { set: session.setName, forecast, played };
  out.result(planJson(plan), () => planText(plan));
  return exitCodes.done;
}

async function earlierRun(run: string): Promise<EarlierRun> {
  const { options } = await readManifest(run);
  const store = openRunReadOnly(run);
  try {
    const playedSeconds = store.playedSeconds();
    return {
      ...{ name: run, rows: store.rounds(), bytes: await folderBytes(run) },
      ...(playedSeconds === undefined ? {} : { playedSeconds }),
      workers: options.workers ?? defaultWorkers,
    };
  } finally {
    store.close();
  }
}
