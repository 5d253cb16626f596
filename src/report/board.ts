// The leaderboard: who ranks where, how sure that is, and everything a reader needs to believe or doubt it.
import type { OpenedIssue } from "../domain/adaptive.ts";
import type { Language } from "../domain/instance.ts";
import { seededRandom } from "../domain/random.ts";
import type { Reading } from "../domain/record.ts";
import type { PlannedBattle, RetrievalSettings, RoundRow, RunSettings, StoredCall } from "../domain/run.ts";
import { Bootstrap, defaultResamples, fewInstances } from "../rating/index.ts";
import { type Spend, spendOf, type VoidCount, type Voids, voidCounts, voidsOf } from "./accounts.ts";
import { type Collusion, collusionOf } from "./collusion.ts";
import { type BoardFacts, boardFacts, type CutOff, cutAfter, factsByIssue } from "./cut.ts";
import type { IssueFacts, RunFacts } from "./facts.ts";
import type { Sampling } from "./independence.ts";
import { ContestantMetrics, type Glossary, type Metrics, metricGlossary } from "./metrics.ts";
import {
  type DroppedOut,
  droppedOutOf,
  type LeftOut,
  type QuarantineAccount,
  quarantineOf,
} from "./quarantine.ts";
import { type Rank, ranked } from "./ranking.ts";
import { type BoardRatings, boardRatings, type Ranking, rankingOn } from "./ratings.ts";
import { type SeenRound, seenIn } from "./seen.ts";
import { mustBeOfOneKind } from "./source.ts";
import { type BoardEvidence, evidenceOf } from "./tournament-evidence.ts";

/** One stored run. */
export interface BoardSource {
  /** Its folder, as it was given. */
  readonly name: string;
  readonly settings: RunSettings;
  /** The sandbox class its code ran in. */
  readonly sandbox: string;
  /** How its contestants behind models are sampled. */
  readonly sampling: readonly Sampling[];
  /** Those that count; others are in `leftOut`. */
  readonly rounds: readonly RoundRow[];
  readonly leftOut?: LeftOut;
  readonly calls: readonly StoredCall[];
  readonly battles: readonly PlannedBattle[];
  /** Of an adaptive run, in the order of opening; absent where all was planned beforehand. */
  readonly opened?: readonly OpenedIssue[];
  /** What the set says of its issues; absent where nobody asked it. */
  readonly facts?: RunFacts;
}

export interface BoardOptions {
  /** The reading that ranks; the other stands beside it. `strict` unless said otherwise. */
  readonly reading?: Reading;
  readonly resamples?: number;
  readonly seed?: string;
  /** Tries of Best@k and pass^k. */
  readonly k?: number;
  /** Only issues opened after this day, `2026-11-03`; undated ones are left out, and counted. */
  readonly after?: string;
}

export interface Standing {
  readonly id: string;
  /** By what `ranking` names; absent for whoever has none of it. */
  readonly rank?: Rank;
  readonly tooFewIssues: boolean;
  readonly rounds: { readonly submitter: number; readonly reviewer: number };
  readonly metrics: Metrics;
  readonly languages: Readonly<Partial<Record<Language, Metrics>>>;
  /** By difficulty as the set gives it; issues without one are in none. */
  readonly difficulties: Readonly<Record<string, Metrics>>;
  readonly voids: Voids;
  readonly spend: Spend;
}

export interface BoardRun {
  readonly name: string;
  readonly set: string;
  readonly setHash: string;
  readonly sandbox: string;
  readonly seed: string;
  readonly repeats: number;
  readonly feedback: boolean;
  readonly hintMode: string;
  readonly retrieval: RetrievalSettings;
  readonly roundsPlanned: number;
  readonly roundsRecorded: number;
}

export interface Board {
  readonly reading: Reading;
  readonly runs: readonly BoardRun[];
  /** Instances with at least one round that is not void. */
  readonly instances: number;
  readonly rounds: { readonly planned: number; readonly recorded: number; readonly void: number };
  readonly voids: readonly VoidCount[];
  /** Absent where no run had its controls run on its host. */
  readonly quarantine?: QuarantineAccount;
  /** Contestants who left a run that others played on. */
  readonly droppedOut: readonly DroppedOut[];
  /** Share of recorded rounds with a job whose only evidence is an exit code; absent without rounds. */
  readonly weakShare?: number;
  readonly intervals: {
    readonly method: string;
    readonly level: number;
    readonly resamples: number;
    readonly seed: string;
  };
  /** Fewer than ten instances: intervals are wide, and may still be too narrow. */
  readonly tooFewIssues: boolean;
  readonly ratings: BoardRatings;
  /** Overall strength in the board's reading, or mean scores where no rating could be fitted. */
  readonly ranking: Ranking;
  /** What is proven of pairs, in the board's reading. */
  readonly evidence: BoardEvidence;
  /** By rank; contestants without one last. */
  readonly contestants: readonly Standing[];
  readonly facts: BoardFacts;
  /** Present where older issues were left out. */
  readonly cutOff?: CutOff;
  readonly glossary: Readonly<Record<string, Glossary>>;
  /** Absent where no round has a known vendor on both sides. */
  readonly collusion?: Collusion;
}

const count = <T>(items: readonly T[], holds: (item: T) => boolean): number => items.filter(holds).length;

export function runOf(source: BoardSource): BoardRun {
  const { set, setHash, seed, repeats, feedback, hintMode, retrieval } = source.settings;
  return {
    name: source.name,
    set,
    setHash,
    sandbox: source.sandbox,
    seed,
    repeats,
    feedback,
    hintMode,
    retrieval,
    roundsPlanned: source.battles.reduce((sum, battle) => sum + battle.rounds, 0),
    roundsRecorded: source.rounds.length,
  };
}

function contestantsOf(sources: readonly BoardSource[]): string[] {
  const played = sources.flatMap((source) => source.rounds.flatMap((row) => [row.submitter, row.reviewer]));
  return [...new Set([...sources.flatMap((source) => source.settings.contestants), ...played])].sort();
}

interface Material {
  readonly seen: readonly SeenRound[];
  readonly calls: readonly StoredCall[];
  readonly facts: ReadonlyMap<string, IssueFacts>;
  readonly bootstrap: Bootstrap;
  readonly k: number;
}

function standingOf(id: string, { seen, calls, facts, bootstrap, k }: Material): Omit<Standing, "rank"> {
  const own = seen.filter(({ row }) => row.submitter === id || row.reviewer === id);
  const judged = own.filter(({ row }) => row.record.void === undefined);
  const metrics = new ContestantMetrics(id, own, { bootstrap, k });
  return {
    id,
    tooFewIssues: new Set(judged.map(({ row }) => row.instanceId)).size < fewInstances,
    rounds: {
      submitter: count(judged, ({ row }) => row.submitter === id),
      reviewer: count(judged, ({ row }) => row.reviewer === id),
    },
    metrics: metrics.all(),
    languages: metrics.by(({ language }) => language),
    difficulties: metrics.by(({ instanceId }) => facts.get(instanceId)?.difficulty),
    voids: voidsOf(
      id,
      own.map(({ row }) => row),
    ),
    spend: spendOf(id, calls),
  };
}

/**
 * The board of one or more runs. Rounds of all runs on one instance are one cluster. Pure: the same rows give the
 * same board to the last digit, in whatever order they were played.
 * @throws UsageError where `after` is no day, or where some runs grade reviewers and others were played
 */
export function makeBoard(given: readonly BoardSource[], options: BoardOptions = {}): Board {
  mustBeOfOneKind(given);
  const { reading = "strict", seed = "board", resamples = defaultResamples, k = 3, after } = options;
  const { sources, ...cut } = after === undefined ? { sources: given } : cutAfter(given, after);
  const bootstrap = new Bootstrap({ random: seededRandom(seed), resamples });
  const seen = seenIn(sources);
  const rows = seen.map(({ row }) => row);
  const facts = factsByIssue(sources);
  const material = { seen, calls: sources.flatMap(({ calls }) => calls), facts, bootstrap, k };
  const standings = contestantsOf(sources).map((id) => standingOf(id, material));
  const judged = rows.filter((row) => row.record.void === undefined);
  const runs = sources.map(runOf);
  const quarantine = quarantineOf(sources);
  const instances = new Set(judged.map((row) => row.instanceId));
  const ratings = boardRatings(
    rows,
    options.resamples === undefined ? { seed } : { seed, resamples: options.resamples },
  );
  const ranking = rankingOn(ratings[reading]);
  return {
    reading,
    runs,
    instances: instances.size,
    rounds: {
      planned: runs.reduce((sum, run) => sum + run.roundsPlanned, 0),
      recorded: rows.length,
      void: rows.length - judged.length,
    },
    voids: voidCounts(rows),
    ...(quarantine === undefined ? {} : { quarantine }),
    droppedOut: droppedOutOf(sources),
    ...(rows.length === 0 ? {} : { weakShare: count(rows, (row) => row.trust === "weak") / rows.length }),
    intervals: { method: "BCa bootstrap over instances", level: bootstrap.level, resamples, seed },
    tooFewIssues: instances.size < fewInstances,
    ratings,
    ranking,
    evidence: evidenceOf(sources, reading),
    contestants: ranked(standings, { ranking, ratings: ratings[reading] }),
    facts: boardFacts(sources, [...instances]),
    ...cut,
    glossary: metricGlossary(k),
    ...collusionOf(sources, { bootstrap, random: seededRandom(`${seed} vendors`) }),
  };
}

/** For machines: `{"schemaVersion":1,"contestants":[{"id","metrics":{"winRate":{"value","low","high","n"},...}}],...}`. */
export function boardJson(board: Board): Board & { readonly schemaVersion: 1 } {
  return { schemaVersion: 1, ...board };
}
