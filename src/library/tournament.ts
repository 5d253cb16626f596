// `playTournament`: what `arena play` does, as a function.
import { planRun, playTournament as playPlanned } from "../arena/index.ts";
import { type AdaptivePairing, defaultPairing } from "../domain/adaptive.ts";
import type { Reading } from "../domain/record.ts";
import {
  defaultSnippetTokens,
  type HintMode,
  type RetrievalMode,
  type RoundRow,
  type RunSettings,
} from "../domain/run.ts";
import { type Board, makeBoard } from "../report/index.ts";
import { monotonicMs, openSetSession, type SessionOptions, type SetSession } from "../wire.ts";
import { type CommonOptions, contextOf, noteProblems, sessionOptions } from "./options.ts";

export interface TournamentOptions extends CommonOptions {
  /** As on the command line: controls, `replay:<file>`, `<file>.yaml`, `<file>.yaml#<id>`. */
  readonly contestants: readonly string[];
  /** Rounds of one battle; roles swap after each. 2 when absent. */
  readonly rounds?: number;
  /** Runs of one comparison; 3 when absent. */
  readonly repeats?: number;
  /** Pairing, starting sides and controls are drawn from it; a random one when absent. */
  readonly seed?: string;
  /** Only pairs with one of these contestants, when given. */
  readonly anchors?: readonly string[];
  /** Who meets on the next issue is drawn as results come; everybody meets everybody when absent. */
  readonly adaptive?: Partial<AdaptivePairing>;
  /** A side sees its own earlier answers in the same role and how they fared. */
  readonly feedback?: boolean;
  /** What a reviewer sees of the patch; `none` when absent. */
  readonly hints?: HintMode;
  /** False keeps reviews from meeting the set's hidden candidates. */
  readonly panel?: boolean;
  /** Valid reviews meet so many mutants of gold at most (docs/reviewers.md); none when absent. */
  readonly mutants?: number;
  /** What prompts show of the source; `full` when absent, at most `snippetTokens` tokens of it (20,000 when absent). */
  readonly retrieval?: RetrievalMode;
  readonly snippetTokens?: number;
  /** The later discussion is searched for too: it may give the answer away. */
  readonly queryHints?: boolean;
  /** Folder of a local model that ranks once more what `full` finds (docs/retrieval.md). */
  readonly rerank?: string;
  /** Where it runs: `cpu` when absent. */
  readonly rerankDevice?: "cpu" | "cuda";
  /** Model calls stop before they could cost more, US dollars and tokens; a run that goes on keeps what it has. */
  readonly budgetUsd?: number;
  readonly budgetTokens?: number;
  /** No battle begins once the run was played for so long, all its sessions together. */
  readonly budgetHours?: number;
  /** The same of every single contestant; hours are those that its model calls take. */
  readonly budgetEach?: { readonly usd?: number; readonly tokens?: number; readonly hours?: number };
  /** The reading that ranks; `strict` when absent. */
  readonly reading?: Reading;
  readonly onRound?: (row: RoundRow) => void;
}

export interface Tournament {
  readonly board: Board;
  /** Every round of the run, those played before a resume included. */
  readonly rows: readonly RoundRow[];
  readonly runFolder: string;
  /** Instances that cannot be judged on this machine, by id: their battles are left unplayed. */
  readonly unsound: ReadonlyMap<string, string>;
  /** Instances whose controls came out wrong on this machine: their battles are left unplayed, doubtful rounds left out. */
  readonly quarantined: readonly string[];
  /** Contestants whose own budget was used up, or whose endpoint failed for good: their battles are left unplayed. */
  readonly droppedOut: readonly string[];
  /** True when `signal` cut the run short. */
  readonly interrupted: boolean;
}

function settingsOf(options: TournamentOptions, session: SetSession): RunSettings {
  const { adaptive } = options;
  return {
    ...(adaptive === undefined ? {} : { pairing: { ...defaultPairing, ...adaptive } }),
    set: session.setName,
    setHash: session.setHash,
    contestants: session.contestantIds,
    seed: session.seed,
    rounds: options.rounds ?? 2,
    feedback: options.feedback ?? false,
    hintMode: options.hints ?? "none",
    repeats: options.repeats ?? 3,
    panel: options.panel ?? true,
    ...(options.mutants === undefined ? {} : { mutants: options.mutants }),
    retrieval: {
      mode: options.retrieval ?? "full",
      maxTokens: options.snippetTokens ?? defaultSnippetTokens,
      hints: options.queryHints ?? false,
      ...(session.reranker === undefined ? {} : { reranker: session.reranker }),
    },
  };
}

function budgetsOf({ budgetUsd, budgetTokens, budgetHours, budgetEach = {} }: TournamentOptions) {
  const { usd, tokens, hours } = budgetEach;
  return {
    ...(budgetUsd === undefined ? {} : { budget: budgetUsd }),
    ...(budgetTokens === undefined ? {} : { budgetTokens }),
    ...(budgetHours === undefined ? {} : { budgetHours }),
    ...(usd === undefined ? {} : { budgetEach: usd }),
    ...(tokens === undefined ? {} : { budgetEachTokens: tokens }),
    ...(hours === undefined ? {} : { budgetEachHours: hours }),
  };
}

/**
 * Plays a tournament, or goes on with the one in `runFolder`.
 * @throws UsageError for wrong options; a fault when it would void every other round too. What was finished is kept.
 */
export async function playTournament(options: TournamentOptions): Promise<Tournament> {
  const { seed, workers, anchors, rerank, rerankDevice } = options;
  const given: SessionOptions = {
    ...sessionOptions(options),
    contestants: options.contestants.join(","),
    ...(seed === undefined ? {} : { seed }),
    ...budgetsOf(options),
    ...(workers === undefined ? {} : { workers }),
    ...(rerank === undefined ? {} : { rerank }),
    ...(rerankDevice === undefined ? {} : { rerankDevice }),
    ...(options.retrieval === undefined ? {} : { retrieval: options.retrieval }),
    ...(anchors === undefined ? {} : { anchors: anchors.join(",") }),
  };
  const context = contextOf(options);
  await using session = await openSetSession(given, context);
  noteProblems(session, options);
  const { instanceIds } = session;
  const request = { instanceIds, ...(anchors === undefined ? {} : { anchors }) };
  const settings = await planRun(session, settingsOf(options, session), request);
  if (session.store.unplayed().length > 0 || settings.pairing !== undefined)
    await session.mustHaveRepository(instanceIds);
  const unsound = new Map<string, string>();
  const { store, runs, evidence, now, player, hours, canaries, isSilent, runFolder } = session;
  const { interrupted, quarantined, droppedOut } = await playPlanned({
    ...{ store, runs, evidence, settings, now, monotonicMs, player, hours, canaries, isSilent, instanceIds },
    onCanary: ({ instanceId, reason }) => {
      if (reason !== undefined) context.out.note(`${instanceId} is in quarantine: ${reason}`);
    },
    onDropOut: (contestant, reason) => context.out.note(`${contestant} drops out: ${reason}`),
    workers: workers ?? 2,
    openCase: session.open,
    signal: context.signal,
    onRound: options.onRound ?? (() => {}),
    onBattle: () => {},
    onUnsettled: (row, message) =>
      context.out.note(`the contested kill of round ${row.round} of ${row.battleId} stays open: ${message}`),
    onUnsound: (instanceId, why) => unsound.set(instanceId, why),
  });
  const board = makeBoard([session.boardSource()], { reading: options.reading ?? "strict" });
  return { board, rows: store.rounds(), runFolder, unsound, quarantined, droppedOut, interrupted };
}
