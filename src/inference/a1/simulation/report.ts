// What `arena a1 simulate` says: recorded or synthetic samples in, rates, schedules, costs and comparisons out.
import { type CalibratorSettings, defaultCalibratorSettings } from "../calibrator.ts";
import { type Arrival, asynchronous } from "./asynchronous.ts";
import { type Comparison, comparisonsOf } from "./comparisons.ts";
import { defaultDetailedSettings } from "./detailed-server.ts";
import { type InterventionReport, interventionReport } from "./interventions.ts";
import { type Family, type PlannedSchedule, plannedSchedules } from "./plan.ts";
import { type RateSweep, rateSweep } from "./rate-sweep.ts";
import { cacheCapacityTokens, type MachineName, type PairName, pairOn } from "./roofline.ts";
import type { Intensity, ScheduleResult, Workload } from "./stage.ts";
import { quantile } from "./statistics.ts";
import { defaultSyntheticSettings, type SyntheticSettings, syntheticSamples } from "./synthetic.ts";
import { type TracedSample, tracesOf } from "./trace.ts";
import { defaultPromptTokens, defaultTokenRule, readTraces, type TokenRule } from "./traces-file.ts";

export interface SimulateOptions {
  /** Text of a table of recorded chunks; without one samples are made by {@link syntheticSamples}. */
  readonly traces?: string;
  /** Text of a table of recorded answers: only with it a question can stop early. */
  readonly samples?: string;
  /** Which run of the table; may be left out where there is one. */
  readonly run?: string;
  readonly synthetic?: SyntheticSettings;
  readonly model?: "reference" | "detailed";
  readonly pair?: PairName;
  readonly gpu?: MachineName;
  /** Aimed at by the calibrator, 0 to 1. */
  readonly rate?: number;
  /** Of the curves, ascending; pipelines are compared at the headline, which is one of them. */
  readonly concurrency?: readonly number[];
  readonly headline?: number;
  readonly sweepRates?: readonly number[];
  readonly promptTokens?: number;
  readonly tokenRule?: TokenRule;
  readonly calibrator?: CalibratorSettings;
  /** Told after each step of how many, and waited for: virtual time leaves nobody else a turn. */
  readonly onProgress?: (step: {
    readonly done: number;
    readonly of: number;
    readonly name: string;
  }) => void | Promise<void>;
}

export const simulateDefaults: Required<
  Pick<SimulateOptions, "model" | "pair" | "gpu" | "rate" | "headline" | "concurrency" | "sweepRates">
> = {
  ...{ model: "reference", pair: "8b-32b", gpu: "h200" },
  ...{ rate: 0.4, headline: 256 },
  concurrency: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  sweepRates: [0, 0.1, 0.2, 0.4, 0.6, 1],
};

export interface SimulationReport {
  readonly schemaVersion: 1;
  readonly workload: WorkloadReport;
  readonly intervention: InterventionReport;
  readonly schedules: readonly ScheduleRow[];
  readonly comparisons: readonly Comparison[];
  readonly rateSweeps: readonly RateSweep[];
}

export interface WorkloadReport {
  readonly source: { readonly kind: "recorded"; readonly run: string } | { readonly kind: "synthetic" };
  readonly model: "reference" | "detailed";
  readonly pair: PairName;
  readonly gpu: MachineName;
  readonly headline: number;
  readonly questions: number;
  readonly samples: number;
  readonly turns: number;
  readonly draftTokens: number;
  readonly takeoverTokens: number;
  readonly promptTokens: number;
  readonly cacheCapacityTokens: { readonly draft: number; readonly target: number };
  /** Lines and samples that were left out, and drafts of a turn before its last. */
  readonly problems: readonly string[];
  readonly droppedAttempts: number;
}

export interface Latency {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export interface ScheduleRow {
  readonly name: string;
  readonly family: Family;
  readonly concurrency: number;
  readonly isOfCurve: boolean;
  readonly stopsEarly: boolean;
  readonly makespanSeconds: number;
  readonly gpuSeconds: number;
  readonly questionsPerSecond: number;
  readonly intensity: Intensity;
  readonly peakCacheTokens: { readonly draft: number; readonly target: number };
  readonly evictedTokens: number;
  readonly preemptions: number;
  readonly sampleSeconds: Latency;
  readonly questionSeconds: Latency;
  readonly calledOff: number;
}

/** @throws RangeError for tables, runs and numbers that cannot be simulated */
export async function simulate(options: SimulateOptions = {}): Promise<SimulationReport> {
  const { model, pair, gpu, rate, headline, concurrency, sweepRates } = { ...simulateDefaults, ...options };
  const { source, samples, problems, droppedAttempts } = samplesOf(options);
  const concurrencies = [...new Set([...concurrency, headline])].sort((one, other) => one - other);
  checked(rate, concurrencies);
  const { promptTokens = defaultPromptTokens, onProgress = () => {} } = options;
  const workload: Workload = {
    ...{ pair: pairOn(pair, gpu), samples, promptTokens },
    ...(model === "detailed" ? { detailed: defaultDetailedSettings } : {}),
  };
  const stops = samples.some(({ answer }) => answer !== undefined) ? [false, true] : [false];
  const planned = plannedSchedules(concurrencies, headline);
  const of = 1 + stops.length * (planned.length + sweepRates.length);
  let done = 0;
  const told = async (name: string): Promise<void> => {
    done += 1;
    await onProgress({ done, of, name });
  };
  const intervention = await interventionsOf(workload, headline, {
    ...(options.calibrator ?? defaultCalibratorSettings),
    interventionRate: rate,
  });
  await told("interventions");
  const schedules: ScheduleRow[] = [];
  const rateSweeps: RateSweep[] = [];
  for (const stopsEarly of stops) {
    const rows: ScheduleRow[] = [];
    for (const each of planned) {
      rows.push(rowOf(each, stopsEarly, await each.play({ ...workload, stopsEarly })));
      await told(each.name);
    }
    const cheapest = { async: cheapestOf(rows, "async"), targetOnly: cheapestOf(rows, "target-only") };
    rateSweeps.push(
      await rateSweep({ ...workload, stopsEarly }, { concurrency: cheapest, rates: sweepRates }, (at) =>
        told(`intervention rate ${at}`),
      ),
    );
    schedules.push(...rows);
  }
  const turns = samples.flatMap((each) => each.turns);
  return {
    schemaVersion: 1,
    workload: {
      ...{ source, model, pair, gpu, headline, problems, droppedAttempts, promptTokens },
      ...{ questions: new Set(samples.map(({ question }) => question)).size, samples: samples.length },
      turns: turns.length,
      draftTokens: turns.reduce((sum, { draftTokens }) => sum + draftTokens, 0),
      takeoverTokens: turns.reduce((sum, { takeoverTokens }) => sum + takeoverTokens, 0),
      cacheCapacityTokens: {
        draft: cacheCapacityTokens(workload.pair.draft.model, workload.pair.draft.machine),
        target: cacheCapacityTokens(workload.pair.target.model, workload.pair.target.machine),
      },
    },
    ...{ intervention, schedules, rateSweeps },
    comparisons: stops.flatMap((stopsEarly) => comparisonsOf(schedules, { stopsEarly, headline })),
  };
}

async function interventionsOf(
  workload: Workload,
  concurrency: number,
  settings: CalibratorSettings,
): Promise<InterventionReport> {
  const arrivals: Arrival[] = [];
  const onArrival = (arrival: Arrival): void => {
    arrivals.push(arrival);
  };
  await asynchronous(workload, { concurrency, takeovers: concurrency, onArrival });
  return interventionReport({ arrivals, traces: tracesOf(workload.samples) }, settings);
}

interface Source {
  readonly source: WorkloadReport["source"];
  readonly samples: readonly TracedSample[];
  readonly problems: readonly string[];
  readonly droppedAttempts: number;
}

function samplesOf({
  traces,
  samples,
  run,
  synthetic,
  tokenRule = defaultTokenRule,
}: SimulateOptions): Source {
  if (traces === undefined)
    return {
      ...{ source: { kind: "synthetic" }, samples: syntheticSamples(synthetic ?? defaultSyntheticSettings) },
      ...{ problems: [], droppedAttempts: 0 },
    };
  const tables = { traces, ...(samples === undefined ? {} : { samples }) };
  const { runs, problems, droppedAttempts } = readTraces(tables, {
    rule: tokenRule,
    ...(run === undefined ? {} : { run }),
  });
  const [first, second] = runs;
  if (run === undefined && first !== undefined && second !== undefined)
    throw new RangeError(
      `traces: expected one run, found ${[...runs.keys()].join(", ")}: name the one to simulate`,
    );
  const found = run === undefined ? first : ([run, runs.get(run)] as const);
  if (found?.[1] === undefined)
    throw new RangeError(
      `traces: expected samples${run === undefined ? "" : ` of the run ${run}`}, found none: ${problems[0] ?? "give a table that has some"}`,
    );
  return { source: { kind: "recorded", run: found[0] }, samples: found[1], problems, droppedAttempts };
}

function checked(rate: number, concurrencies: readonly number[]): void {
  if (!(rate >= 0 && rate <= 1))
    throw new RangeError(`intervention rate: expected a number from 0 to 1, found ${rate}: give a share`);
  for (const each of concurrencies)
    if (!Number.isInteger(each) || each < 1)
      throw new RangeError(`concurrency: expected whole numbers from 1 on, found ${each}: leave it out`);
}

function cheapestOf(rows: readonly ScheduleRow[], family: Family): number {
  const curve = rows.filter((row) => row.isOfCurve && row.family === family);
  const [cheapest] = curve.toSorted((one, other) => one.gpuSeconds - other.gpuSeconds);
  if (cheapest === undefined) throw new Error(`bug: no ${family} was simulated`);
  return cheapest.concurrency;
}

function rowOf(
  { name, family, concurrency, isOfCurve }: PlannedSchedule,
  stopsEarly: boolean,
  result: ScheduleResult,
): ScheduleRow {
  const { makespanSeconds, gpuSeconds, questionsPerSecond, intensity, calledOff, draft, target } = result;
  return {
    ...{ name, family, concurrency, isOfCurve, stopsEarly },
    ...{ makespanSeconds, gpuSeconds, questionsPerSecond, intensity, calledOff },
    peakCacheTokens: { draft: draft?.peakCacheTokens ?? 0, target: target.peakCacheTokens },
    evictedTokens: (draft?.evictedTokens ?? 0) + target.evictedTokens,
    preemptions: (draft?.preemptions ?? 0) + target.preemptions,
    sampleSeconds: latencyOf(result.latenciesSeconds),
    questionSeconds: latencyOf(result.questionLatenciesSeconds),
  };
}

function latencyOf(seconds: readonly number[]): Latency {
  const at = (share: number): number => quantile(seconds, share) ?? 0;
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}
