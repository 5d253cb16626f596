// What a plan will take before anything is spent: battles, calls, money, hours, disk; what is not known is said to be.
import type { Language } from "../domain/instance.ts";
import type { PlannedBattle, RoundRow } from "../domain/run.ts";
import type { BudgetLimits, Contestant, Limit, Spend } from "../inference/index.ts";
import type { DrawBounds } from "./adaptive/bounds.ts";
import type { HourLimits } from "./play-time.ts";
import { type PlannedSpend, worstCaseOf } from "./spent.ts";

/** A run that was played, to reckon by. */
export interface EarlierRun {
  readonly name: string;
  readonly rows: readonly RoundRow[];
  /** That its folder takes on the disk. */
  readonly bytes: number;
  /** Wall time of its sessions; absent where it is not on record. */
  readonly playedSeconds?: number;
  /** Battles at once. */
  readonly workers: number;
}

/** What a plan's power depends on. Rounds of one instance are one cluster. */
export interface PowerQuestion {
  readonly contestants: number;
  readonly instances: number;
  /** Of contestants that meet. */
  readonly pairs: number;
  readonly roundsPerBattle: number;
}

export interface Power {
  /** Of two ratings, on the board's scale. */
  readonly smallestDifference: number;
  readonly unit: string;
  /** Share of plans without a difference that would claim one. */
  readonly falseAlarms: number;
  /** Share of plans with just this difference that would find it. */
  readonly found: number;
  /** What had to be assumed. */
  readonly basis: string;
}

/** Some plans (one issue, pairs that never meet) have no such figure: why is said. */
export type PowerOf = (question: PowerQuestion) => Power | { readonly unknown: string };

export interface PlanFacts {
  /** Those whose sides are known. */
  readonly battles: readonly PlannedBattle[];
  /** Of an adaptive run: what may be drawn besides. */
  readonly drawn?: DrawBounds;
  readonly contestantIds: readonly string[];
  /** Those of them that cost something. */
  readonly models: readonly Contestant[];
  readonly languageOf: (instanceId: string) => Language;
  /** Battles at once. */
  readonly workers: number;
  readonly limits: BudgetLimits;
  readonly hours: HourLimits;
  readonly earlier?: EarlierRun;
  /** Of a run that goes on: all of its battles, those that are played too; what they have spent, and its hours. */
  readonly begun?: {
    readonly battles: readonly PlannedBattle[];
    readonly spent: ReadonlyMap<string, Spend>;
    readonly hours: number;
  };
  /** Left out, nothing is said of power. */
  readonly powerOf?: PowerOf;
}

/** A figure with what it rests on, or why there is none. */
export type Estimate = { readonly value: number; readonly basis: string } | { readonly unknown: string };

/** At most, where battles are drawn: not all contestants can have so many. */
export interface ContestantForecast {
  readonly id: string;
  readonly battles: number;
  /** That it plays one role of at least. */
  readonly rounds: number;
  /** The most it could take; absent for a contestant without a model. */
  readonly worst?: PlannedSpend;
}

export interface Forecast {
  /** At most, where they are drawn. */
  readonly battles: number;
  readonly rounds: number;
  /** Of an adaptive run: battles that there will be in any case. */
  readonly leastBattles?: number;
  readonly languages: Readonly<Partial<Record<Language, number>>>;
  readonly contestants: readonly ContestantForecast[];
  readonly worst: PlannedSpend;
  readonly hours: Estimate;
  readonly diskBytes: Estimate;
  /** Budgets that the worst case passes: the run may stop before its end. */
  readonly tight: readonly string[];
  readonly power?: ReturnType<PowerOf>;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function countedBy<K extends string>(keys: readonly K[]): Partial<Record<K, number>> {
  const counts: Partial<Record<K, number>> = {};
  for (const key of keys.toSorted()) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

function contestantForecast(id: string, facts: PlanFacts): ContestantForecast {
  const own = facts.battles.filter(({ first, second }) => first === id || second === id);
  const { mostOfOne = 0, dearest: [{ rounds: perBattle } = { rounds: 0 }] = [] } = facts.drawn ?? {};
  const drawnRounds = mostOfOne * perBattle;
  const rounds = sum(own.map((battle) => battle.rounds)) + drawnRounds;
  const worst = worstOf(id, turnsOf(id, own) + drawnRounds, facts);
  return { id, battles: own.length + mostOfOne, rounds, ...(worst === undefined ? {} : { worst }) };
}

/** One role in each round, and both against itself. */
function turnsOf(id: string, battles: readonly PlannedBattle[]): number {
  const own = battles.filter(({ first, second }) => first === id || second === id);
  return sum(own.map(({ first, second, rounds }) => (first === second ? 2 * rounds : rounds)));
}

function worstOf(id: string, turns: number, { models }: PlanFacts): PlannedSpend | undefined {
  const model = models.find((each) => each.id === id);
  return model === undefined ? undefined : worstCaseOf(model, turns);
}

const secondsOf = ({ judgingSeconds, submitterUsage, reviewerUsage }: RoundRow): number =>
  judgingSeconds + submitterUsage.seconds + reviewerUsage.seconds;

const noEarlier = "no earlier run to reckon by; --like <run folder> names one";

function withEarlier(earlier: EarlierRun | undefined, reckon: (earlier: EarlierRun) => Estimate): Estimate {
  if (earlier === undefined) return { unknown: noEarlier };
  if (earlier.rows.length === 0) return { unknown: `${earlier.name} holds no round to reckon by` };
  return reckon(earlier);
}

const mean = (rows: readonly RoundRow[]): number => sum(rows.map(secondsOf)) / rows.length;

/**
 * What a run took beside its rounds (preparing issues, idle workers), as a factor on them; below one its time is on record
 * in part alone.
 */
function overheadOf({ rows, playedSeconds, workers }: EarlierRun): number | undefined {
  const inRounds = sum(rows.map(secondsOf));
  if (playedSeconds === undefined || inRounds === 0) return undefined;
  const factor = (playedSeconds * workers) / inRounds;
  return factor < 1 ? undefined : factor;
}

/** Each language at the mean of its own rounds; those that the earlier run has none of at the mean of all. */
function hoursOf({ battles, languageOf, workers, earlier: given }: PlanFacts): Estimate {
  return withEarlier(given, (earlier) => {
    const { name, rows } = earlier;
    const known = new Set(rows.map(({ language }) => language));
    const strange = new Set<Language>();
    const secondsOfBattle = ({ instanceId, rounds }: PlannedBattle): number => {
      const language = languageOf(instanceId);
      if (!known.has(language)) strange.add(language);
      return rounds * mean(known.has(language) ? rows.filter((row) => row.language === language) : rows);
    };
    const seconds = sum(battles.map(secondsOfBattle));
    const overhead = overheadOf(earlier);
    const basis = [
      `${rows.length} rounds of ${name}, ${mean(rows).toFixed(1)} s each`,
      overhead === undefined
        ? "what comes on top is not on record there"
        : `times ${overhead.toFixed(2)} for all else it took`,
      `${workers} at once`,
      ...(strange.size === 0 ? [] : [`it has no ${[...strange].toSorted().join(", ")}: taken at the mean`]),
    ];
    return { value: (seconds * (overhead ?? 1)) / workers / 3600, basis: basis.join("; ") };
  });
}

function diskOf(rounds: number, { earlier }: PlanFacts): Estimate {
  return withEarlier(earlier, ({ name, rows, bytes }) => ({
    value: (bytes / rows.length) * rounds,
    basis: `the folder ${name} with its ${rows.length} rounds; images and caches come on top`,
  }));
}

const nothing: Spend = { usd: 0, tokens: 0 };

const plus = (one: Spend, other: Spend): Spend => ({
  usd: one.usd + other.usd,
  tokens: one.tokens + other.tokens,
});

/** @param most what is spent already and the worst of what is left */
function passes(whose: string, limit: Limit | undefined, most: Spend): string[] {
  const { usd, tokens } = limit ?? {};
  return [
    ...(usd === undefined || most.usd <= usd
      ? []
      : [`${usd.toFixed(2)} USD ${whose}: at worst ${most.usd.toFixed(2)} USD`]),
    ...(tokens === undefined || most.tokens <= tokens
      ? []
      : [`${tokens} tokens ${whose}: at worst ${most.tokens}`]),
  ];
}

function tightBudgets(
  { limits, hours: { total: allowed }, begun }: PlanFacts,
  { contestants, worst, hours }: Pick<Forecast, "contestants" | "worst" | "hours">,
): string[] {
  const spent = [...(begun?.spent.values() ?? [])].reduce(plus, nothing);
  const used = begun?.hours ?? 0;
  return [
    ...passes("in all", limits.total, plus(spent, worst)),
    ...contestants.flatMap(({ id, worst: own }) =>
      own === undefined
        ? []
        : passes(`of ${id}`, limits.perContestant, plus(begun?.spent.get(id) ?? nothing, own)),
    ),
    ...(allowed === undefined || "unknown" in hours || used + hours.value <= allowed
      ? []
      : [`${allowed} hours in all: about ${(used + hours.value).toFixed(2)}`]),
  ];
}

/** Of the whole run: what was played of it tells as much as what is left. */
function powerQuestion({ contestantIds, begun, ...facts }: PlanFacts): PowerQuestion {
  const battles = begun?.battles ?? facts.battles;
  const pairs = new Set(battles.map(({ first, second }) => JSON.stringify([first, second].toSorted()))).size;
  const instances = new Set(battles.map(({ instanceId }) => instanceId)).size;
  const [{ rounds: roundsPerBattle } = { rounds: 0 }] = battles;
  return { contestants: contestantIds.length, instances, pairs, roundsPerBattle };
}

/** Pure: the same facts give the same forecast. */
export function forecastOf({ drawn, ...known }: PlanFacts): Forecast {
  const facts = { ...known, battles: [...known.battles, ...(drawn?.dearest ?? [])] };
  const { battles, contestantIds, languageOf, powerOf } = facts;
  const instances = [...new Set(battles.map(({ instanceId }) => instanceId))];
  const contestants = contestantIds.map((id) =>
    contestantForecast(id, drawn === undefined ? known : { ...known, drawn }),
  );
  const spends = contestantIds.flatMap((id) => worstOf(id, turnsOf(id, battles), facts) ?? []);
  const rounds = sum(battles.map((battle) => battle.rounds));
  const worst = {
    calls: sum(spends.map(({ calls }) => calls)),
    tokens: sum(spends.map(({ tokens }) => tokens)),
    usd: sum(spends.map(({ usd }) => usd)),
  };
  const parts = { contestants, worst, hours: hoursOf(facts) };
  return {
    ...{ battles: battles.length, rounds, languages: countedBy(instances.map(languageOf)) },
    ...(drawn === undefined ? {} : { leastBattles: known.battles.length + drawn.least }),
    ...parts,
    ...{ diskBytes: diskOf(rounds, facts), tight: tightBudgets(facts, parts) },
    ...(powerOf === undefined || battles.length === 0 ? {} : { power: powerOf(powerQuestion(facts)) }),
  };
}
