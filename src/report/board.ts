// The leaderboard: who ranks where, how sure that is, and everything a reader needs to believe or doubt it.
import type { Language } from "../domain/instance.ts";
import { seededRandom } from "../domain/random.ts";
import type { Reading } from "../domain/record.ts";
import type { PlannedBattle, RetrievalSettings, RoundRow, RunSettings, StoredCall } from "../domain/run.ts";
import { Bootstrap, defaultResamples, type Estimate, fewInstances } from "../rating/index.ts";
import { type Spend, spendOf, type VoidCount, type Voids, voidCounts, voidsOf } from "./accounts.ts";
import { type Collusion, type CollusionOptions, collusionIn } from "./collusion.ts";
import { independentIn, type Sampling } from "./independence.ts";
import {
  type Glossary,
  type Metrics,
  metricGlossary,
  metricsByLanguage,
  metricsOf,
  type SeenRound,
} from "./metrics.ts";
import { mustBeOfOneKind } from "./source.ts";

/** One stored run. */
export interface BoardSource {
  /** Its folder, as it was given. */
  readonly name: string;
  readonly settings: RunSettings;
  /** The sandbox class its code ran in. */
  readonly sandbox: string;
  /** How its contestants behind models are sampled. */
  readonly sampling: readonly Sampling[];
  readonly rounds: readonly RoundRow[];
  readonly calls: readonly StoredCall[];
  readonly battles: readonly PlannedBattle[];
}

export interface BoardOptions {
  /** The reading that ranks; the other stands beside it. `strict` unless said otherwise. */
  readonly reading?: Reading;
  readonly resamples?: number;
  readonly seed?: string;
  /** Tries of Best@k and pass^k. */
  readonly k?: number;
}

/** Places that the intervals leave open: 1 to 1 is a first place, 1 to 3 a claim to one of three. */
export interface Rank {
  readonly best: number;
  readonly worst: number;
}

export interface Standing {
  readonly id: string;
  /** Absent without a score in both roles. */
  readonly rank?: Rank;
  readonly tooFewIssues: boolean;
  readonly rounds: { readonly submitter: number; readonly reviewer: number };
  readonly metrics: Metrics;
  readonly languages: Readonly<Partial<Record<Language, Metrics>>>;
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
  /** By rank; contestants without one last. */
  readonly contestants: readonly Standing[];
  readonly glossary: Readonly<Record<string, Glossary>>;
  /** Absent where no round has a known vendor on both sides. */
  readonly collusion?: Collusion;
}

export const scoreName = { strict: "scoreStrict", paper: "scorePaper" } as const;

const count = <T>(items: readonly T[], holds: (item: T) => boolean): number => items.filter(holds).length;

/** Others are ahead or behind only where the intervals do not touch. */
export function rankAmong(own: Estimate, all: readonly Estimate[]): Rank {
  const ahead = count(all, (other) => other.low > own.high);
  const behind = count(all, (other) => other.high < own.low);
  return { best: 1 + ahead, worst: all.length - behind };
}

function ranked(standings: readonly Omit<Standing, "rank">[], reading: Reading): Standing[] {
  const scoreOf = (standing: Omit<Standing, "rank">) => standing.metrics[scoreName[reading]];
  const scores = standings.flatMap((standing) => scoreOf(standing) ?? []);
  const value = (standing: Standing) => scoreOf(standing)?.value ?? Number.NEGATIVE_INFINITY;
  return standings
    .map((standing): Standing => {
      const own = scoreOf(standing);
      return own === undefined ? standing : { ...standing, rank: rankAmong(own, scores) };
    })
    .sort((a, b) => {
      const [left, right] = [value(a), value(b)];
      return left === right ? (a.id < b.id ? -1 : 1) : right - left;
    });
}

function runOf(source: BoardSource): BoardRun {
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

/** A contestant whose vendor differs between runs has none: nobody can say whose it is. */
function collusionOf(
  sources: readonly BoardSource[],
  chance: Pick<CollusionOptions, "bootstrap" | "random">,
): { readonly collusion?: Collusion } {
  const named = sources.flatMap(({ sampling }) => sampling);
  const vendors = named.flatMap(({ id, vendor }) => (vendor === undefined ? [] : [[id, vendor] as const]));
  const isOne = ([id, vendor]: readonly [string, string]): boolean =>
    named.every((other) => other.id !== id || other.vendor === vendor);
  const collusion = collusionIn(
    sources.flatMap(({ rounds }) => rounds),
    { ...chance, vendorOf: new Map(vendors.filter(isOne)) },
  );
  return collusion === undefined ? {} : { collusion };
}

/**
 * The board of one or more runs. Rounds of all runs on one instance are one cluster. Pure: the same rows give the
 * same board to the last digit, in whatever order they were played.
 */
export function makeBoard(sources: readonly BoardSource[], options: BoardOptions = {}): Board {
  mustBeOfOneKind(sources);
  const { reading = "strict", seed = "board", resamples = defaultResamples, k = 3 } = options;
  const bootstrap = new Bootstrap({ random: seededRandom(seed), resamples });
  const independent = independentIn(sources);
  const seen = sources.flatMap(({ rounds }, index) =>
    rounds.map((row): SeenRound => ({ row, independent: independent[index] ?? new Set() })),
  );
  const rows = seen.map(({ row }) => row);
  const calls = sources.flatMap((source) => source.calls);
  const standings = contestantsOf(sources).map((id) => {
    const own = seen.filter(({ row }) => row.submitter === id || row.reviewer === id);
    const metrics = metricsOf(id, own, { bootstrap, k });
    const judged = own.filter(({ row }) => row.record.void === undefined);
    return {
      id,
      tooFewIssues: new Set(judged.map(({ row }) => row.instanceId)).size < fewInstances,
      rounds: {
        submitter: count(judged, ({ row }) => row.submitter === id),
        reviewer: count(judged, ({ row }) => row.reviewer === id),
      },
      metrics,
      languages: metricsByLanguage(id, own, { bootstrap, k }),
      voids: voidsOf(id, rows),
      spend: spendOf(id, calls),
    };
  });
  const judged = rows.filter((row) => row.record.void === undefined);
  const runs = sources.map(runOf);
  const instances = new Set(judged.map((row) => row.instanceId)).size;
  return {
    reading,
    runs,
    instances,
    rounds: {
      planned: runs.reduce((sum, run) => sum + run.roundsPlanned, 0),
      recorded: rows.length,
      void: rows.length - judged.length,
    },
    voids: voidCounts(rows),
    ...(rows.length === 0 ? {} : { weakShare: count(rows, (row) => row.trust === "weak") / rows.length }),
    intervals: { method: "BCa bootstrap over instances", level: bootstrap.level, resamples, seed },
    tooFewIssues: instances < fewInstances,
    contestants: ranked(standings, reading),
    glossary: metricGlossary(k),
    ...collusionOf(sources, { bootstrap, random: seededRandom(`${seed} vendors`) }),
  };
}

/** For machines: `{"schemaVersion":1,"contestants":[{"id","metrics":{"winRate":{"value","low","high","n"},...}}],...}`. */
export function boardJson(board: Board): Board & { readonly schemaVersion: 1 } {
  return { schemaVersion: 1, ...board };
}
