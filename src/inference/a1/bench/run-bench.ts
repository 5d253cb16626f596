// One bench from its questions to its report: every way in turn, on the same engines, and what differs between them.
import type { LedgerEvent } from "../ledger.ts";
import type { Draws, Interval } from "../tasks/clustered-bootstrap.ts";
import type { Question } from "../tasks/questions.ts";
import { type ArmDeps, type ArmName, armOf } from "./arms.ts";
import { asTraces } from "./as-traces.ts";
import {
  type ArmResult,
  type ArmSummary,
  differenceOf,
  type ExperimentDeps,
  type ExperimentSettings,
  measures,
  runArm,
  summaryOf,
} from "./experiment.ts";
import { featuresIn, type ScoreQuality, scoreQualities } from "./score-quality.ts";
import { type VirtualTimes, virtualTimes } from "./virtual.ts";

export interface BenchSettings extends ExperimentSettings {
  readonly arms: readonly ArmName[];
}

export interface Difference {
  readonly one: ArmName;
  readonly other: ArmName;
  readonly measure: keyof typeof measures;
  /** Over its `n` questions: without those that an engine failed at in either. */
  readonly gain: Interval;
}

export interface BenchReport {
  readonly schemaVersion: 1;
  readonly dataset: string;
  readonly questions: number;
  readonly samples: number;
  readonly arms: readonly ArmSummary[];
  /** The first arm against each of the others. */
  readonly differences: readonly Difference[];
  /** Of drafts that nobody handed over (arm `scored`), otherwise of the pair's own, whose outcomes takeovers have changed. */
  readonly scores: readonly ScoreQuality[];
  /** What the pair's own calls would take on servers of a given size, and in step; absent without the arm `a1`. */
  readonly virtual?: VirtualTimes;
}

export interface BenchDeps extends Omit<ArmDeps, "ledger">, ExperimentDeps {
  readonly draws: Draws;
  /** Told everything of the arm `a1`, whose ledger `before` goes on. */
  readonly onEvent?: (event: LedgerEvent) => void;
}

export async function runBench(
  questions: readonly Question[],
  settings: BenchSettings,
  deps: BenchDeps,
): Promise<{ readonly report: BenchReport; readonly results: readonly ArmResult[] }> {
  const results: ArmResult[] = [];
  let virtual: VirtualTimes | undefined;
  let scored: { readonly result: ArmResult; readonly events: readonly LedgerEvent[] } | undefined;
  for (const name of settings.arms) {
    const isPair = name === "a1";
    const events: LedgerEvent[] = (isPair ? (deps.before ?? []) : []).filter(({ kind }) => kind === "call");
    const ledger = {
      append: (event: LedgerEvent): void => {
        if (event.kind === "call") events.push(event);
        if (isPair) deps.onEvent?.(event);
      },
    };
    const result = await runArm(armOf(name, { ...deps, ledger }), questions, settings, deps);
    results.push(result);
    if (isPair) virtual = await virtualTimes(asTraces(result.questions, events));
    if (name === "scored" || (isPair && scored === undefined)) scored = { result, events };
  }
  const [first, ...others] = results;
  const differences = others.flatMap((other) =>
    (["pass1", "majority"] as const).flatMap((measure) => {
      const gain =
        first === undefined ? undefined : differenceOf(first, other, measures[measure], deps.draws);
      return gain === undefined ? [] : [{ ...pairOf(settings, other.name), measure, gain }];
    }),
  );
  return {
    results,
    report: {
      ...{ schemaVersion: 1, dataset: settings.dataset, questions: questions.length },
      ...{ samples: settings.samples, arms: results.map(summaryOf), differences },
      scores:
        scored === undefined
          ? []
          : scoreQualities(scored.result.questions, featuresIn(scored.events), deps.draws),
      ...(virtual === undefined ? {} : { virtual }),
    },
  };
}

function pairOf({ arms }: BenchSettings, otherName: string): { one: ArmName; other: ArmName } {
  const [one] = arms;
  const other = arms.find((name) => name === otherName);
  if (one === undefined || other === undefined) throw new Error(`bug: no arm ${otherName}`);
  return { one, other };
}
