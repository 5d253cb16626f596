// Whether the share of chunks that go to the target is what was asked for: recorded scores, decided about in order of arrival.
import { Calibrator, type CalibratorSettings, type TurnBucket, turnBucket } from "../calibrator.ts";
import type { CallKey } from "../engine.ts";
import { uniformOf } from "../keyed-random.ts";
import { nameOfCall } from "../ledger.ts";
import type { Arrival } from "./asynchronous.ts";
import { clusteredUniformity, quantile, type Uniformity } from "./statistics.ts";
import { type Traces, turnOf } from "./trace.ts";

export const turnBuckets = ["0", "1", "2-4", "5+"] as const satisfies readonly TurnBucket[];

export interface BucketRate {
  readonly bucket: TurnBucket;
  readonly rate: number;
  readonly n: number;
}

export interface Rates {
  readonly overall: number;
  readonly byBucket: readonly BucketRate[];
  /** Of questions: the rate is held over all, and no one's own rate is promised. */
  readonly ofQuestions: Spread;
}

export interface Spread {
  readonly q10: number;
  readonly median: number;
  readonly q90: number;
}

/**
 * `marginal`: banks by turns, all scores. `one a question`: of each question and epoch one. `conditional`: among half of
 * the question's own samples in the same turns, tested on the others. `first turn`: among the first turns of the half,
 * whatever the turn, as published.
 */
export const coverages = ["marginal", "one a question", "conditional", "first turn"] as const;
export type Coverage = (typeof coverages)[number];

export interface InterventionReport extends Rates {
  readonly nominal: number;
  /** Of the rule that was in force when the traces were recorded. */
  readonly published: Rates;
  /** Scores that know nothing are held to the rate just as well: the rate says nothing of a score. */
  readonly controls: readonly ({ readonly score: "constant" | "random" } & Rates)[];
  /** With levels that stay where they are and no audits: of p-values, and what their threshold alone would do. */
  readonly before: readonly {
    readonly coverage: Coverage;
    readonly rates: Rates;
    readonly uniformity: readonly ({ readonly bucket: TurnBucket } & Uniformity)[];
  }[];
}

interface Replayed {
  readonly key: CallKey;
  readonly p: number | undefined;
  readonly intervene: boolean;
}

type ScoreOf = (key: CallKey) => number;

export function interventionReport(
  { arrivals, traces }: { readonly arrivals: readonly Arrival[]; readonly traces: Traces },
  settings: CalibratorSettings,
): InterventionReport {
  const recorded: ScoreOf = (key) => turnOf(traces, key).nll;
  const random: ScoreOf = ({ question, sample, turn }) => uniformOf("random score", question, sample, turn);
  const adapted = (scoreOf: ScoreOf) => ratesOf(replayed(arrivals, scoreOf, settings));
  const published = arrivals.flatMap(({ kind, key }) =>
    kind === "decided" ? [{ key, p: undefined, intervene: turnOf(traces, key).isHandedOver }] : [],
  );
  return {
    nominal: settings.interventionRate,
    ...adapted(recorded),
    published: ratesOf(published),
    controls: [
      { score: "constant", ...adapted(() => 0) },
      { score: "random", ...adapted(random) },
    ],
    before: coverages.map((coverage) => {
      const decided = unadapted(coverage, arrivals, recorded, settings);
      return { coverage, rates: ratesOf(decided), uniformity: uniformityOf(decided, coverage) };
    }),
  };
}

/** Decides about every chunk where a calibrator of the product would. */
function replayed(
  arrivals: readonly Arrival[],
  scoreOf: ScoreOf,
  settings: CalibratorSettings,
  { calibrator = new Calibrator(settings), questionOf = ({ question }: CallKey) => question } = {},
): Replayed[] {
  const tickets = new Map<string, ReturnType<Calibrator["issue"]>>();
  return arrivals.flatMap(({ kind, key }) => {
    const name = nameOfCall(key);
    if (kind === "issued") {
      tickets.set(name, calibrator.issue());
      return [];
    }
    const ticket = tickets.get(name);
    if (ticket === undefined) throw new Error(`bug: ${name} is ${kind}, but was never issued`);
    if (kind === "withdrawn") {
      calibrator.withdrawn(ticket);
      return [];
    }
    const { p, intervene } = calibrator.decide(ticket, {
      ...{ pair: "traced", task: "traced", ...key, question: questionOf(key) },
      nonconformity: scoreOf(key),
    });
    return [{ key, p, intervene }];
  });
}

function unadapted(
  coverage: Coverage,
  arrivals: readonly Arrival[],
  scoreOf: ScoreOf,
  settings: CalibratorSettings,
): Replayed[] {
  const ofQuestion = coverage === "one a question" ? "one" : "all";
  const fixed = { ...settings, step: 0, auditShare: 0, banks: { ...settings.banks, ofQuestion } } as const;
  if (coverage !== "conditional" && coverage !== "first turn") return replayed(arrivals, scoreOf, fixed);
  const questionOf = ({ question, turn }: CallKey): string =>
    coverage === "conditional" ? JSON.stringify([question, turnBucket(turn)]) : question;
  const calibrator = new Calibrator(fixed);
  const banks = ownBanks(arrivals, coverage, questionOf);
  for (const [question, keys] of banks) calibrator.ownBank(question, keys.map(scoreOf), turnBuckets);
  const tested = arrivals.filter(({ key }) => !isOfBank(key) && banks.has(questionOf(key)));
  return replayed(tested, scoreOf, fixed, { calibrator, questionOf });
}

const isOfBank = ({ sample }: CallKey): boolean => sample % 2 === 0;

/** One chunk of each sample of the half, since those of one sample are no news of each other. */
function ownBanks(
  arrivals: readonly Arrival[],
  coverage: Coverage,
  questionOf: (key: CallKey) => string,
): Map<string, readonly CallKey[]> {
  const bySample = new Map<string, CallKey[]>();
  for (const { kind, key } of arrivals) {
    if (kind !== "decided" || !isOfBank(key) || (coverage === "first turn" && key.turn > 0)) continue;
    grouped(bySample, JSON.stringify([questionOf(key), key.sample]), key);
  }
  const banks = new Map<string, CallKey[]>();
  for (const keys of bySample.values()) {
    const one = drawnOf(keys, "bank");
    if (one !== undefined) grouped(banks, questionOf(one), one);
  }
  return banks;
}

function ratesOf(decided: readonly Replayed[]): Rates {
  const rate = (of: readonly Replayed[]): number =>
    of.length === 0 ? Number.NaN : of.filter(({ intervene }) => intervene).length / of.length;
  const byQuestion = new Map<string, Replayed[]>();
  for (const each of decided) grouped(byQuestion, each.key.question, each);
  const own = [...byQuestion.values()].map(rate);
  const share = (at: number): number => quantile(own, at) ?? Number.NaN;
  return {
    overall: rate(decided),
    byBucket: turnBuckets.flatMap((bucket) => {
      const of = decided.filter(({ key }) => turnBucket(key.turn) === bucket);
      return of.length === 0 ? [] : [{ bucket, rate: rate(of), n: of.length }];
    }),
    ofQuestions: { q10: share(0.1), median: share(0.5), q90: share(0.9) },
  };
}

/** p-values of one question are siblings; under `conditional` those of one sample are, and one of each is taken. */
function uniformityOf(
  decided: readonly Replayed[],
  coverage: Coverage,
): ({ readonly bucket: TurnBucket } & Uniformity)[] {
  return turnBuckets.flatMap((bucket) => {
    const own = decided.filter(({ key, p }) => p !== undefined && turnBucket(key.turn) === bucket);
    if (own.length === 0) return [];
    const bySample = new Map<string, Replayed[]>();
    for (const each of own) grouped(bySample, JSON.stringify([each.key.question, each.key.sample]), each);
    const taken =
      coverage === "conditional" ? [...bySample.values()].flatMap((of) => drawnOf(of, "test") ?? []) : own;
    const byQuestion = new Map<string, number[]>();
    for (const { key, p } of taken) if (p !== undefined) grouped(byQuestion, key.question, p);
    return [{ bucket, ...clusteredUniformity(byQuestion, `${coverage} ${bucket}`) }];
  });
}

function grouped<T>(groups: Map<string, T[]>, name: string, value: T): void {
  const own = groups.get(name);
  if (own === undefined) groups.set(name, [value]);
  else own.push(value);
}

/** Always the same one of the same number. */
function drawnOf<T>(of: readonly T[], name: string): T | undefined {
  return of[Math.floor(uniformOf(name, of.length, JSON.stringify(of[0] ?? "")) * of.length)];
}
