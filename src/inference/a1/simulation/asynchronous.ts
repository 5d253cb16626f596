// The sample state machine itself on simulated servers: no sample waits for another, unless a barrier is asked for.
import { Calls } from "../calls.ts";
import { meanNllScorer } from "../chunk-scorers.ts";
import type { CallKey } from "../engine.ts";
import { Lane, type Lanes } from "../lanes.ts";
import { noLedger } from "../ledger.ts";
import { runSample, type SampleDeps } from "../sample.ts";
import { Siblings } from "../siblings.ts";
import { Spending } from "../spending.ts";
import type { Task } from "../task.ts";
import { Transcript } from "../transcript.ts";
import { PrefixWarmth } from "../warmth.ts";
import { byQuestion, inFlight, type ScheduleResult, type Stage, staged, type Workload } from "./stage.ts";
import { countingCodec, TracedEngine, type TracedSample, turnOf } from "./trace.ts";

/** In the order in which a calibrator hears of drafts. */
export type Arrival = { readonly kind: "issued" | "decided" | "withdrawn"; readonly key: CallKey };

export interface AsyncSchedule {
  /** Samples at once. */
  readonly concurrency: number;
  readonly takeovers: number;
  /** Chunks at the server to be scored at once; all that wait for it where absent. */
  readonly scores?: number;
  /** Scoring waits in the takeovers' lane, as published. */
  readonly isScoringShared?: boolean;
  /** The next question begins when all samples of the last have ended, as published. */
  readonly hasQuestionBarrier?: boolean;
  readonly onArrival?: (arrival: Arrival) => void;
}

/** Traces tell no texts: a sample ends when its turns do. */
const endless: Task = {
  name: "traced",
  gate: () => ({ kind: "open" }),
  ...{ scoresAnswers: true, onIntervention: "continue", exchangesDuplicates: false },
  isDecided: () => false,
  choose: () => undefined,
};

/** Which chunks are handed over is the traces' own decision. */
export function asynchronous(workload: Workload, schedule: AsyncSchedule): Promise<ScheduleResult> {
  const { concurrency, takeovers, scores, isScoringShared, hasQuestionBarrier } = schedule;
  return staged(workload, ["draft", "target"], async (stage) => {
    const lane = (name: Lane["name"], count: number) =>
      new Lane(name, { initial: count, max: count }, stage.time);
    const takeover = lane("takeover", takeovers);
    const score = isScoringShared === true ? takeover : lane("score", scores ?? workload.samples.length);
    const lanes = { draft: lane("draft", concurrency), score, takeover };
    const calls = callsOf(stage, lanes, workload);
    const one = async (sample: TracedSample): Promise<void> => {
      if (stage.questions.isDecided(sample)) return;
      await stage.one(sample, (signal) =>
        runSample(depsOf(stage, calls, schedule, sample), idOf(sample), workOf(workload), signal),
      );
    };
    if (hasQuestionBarrier !== true)
      return inFlight(workload.samples, concurrency, (sample) => stage.holding(1, () => one(sample)));
    for (const group of byQuestion(workload.samples))
      await stage.holding(group.length, () => Promise.all(group.map(one)));
  });
}

const idOf = ({ question, sample }: TracedSample) => ({ question, sample });

function workOf({ promptTokens }: Workload) {
  const prompt = { messages: [], ids: new Array<number>(promptTokens).fill(0) };
  return {
    ...{ draft: new Transcript(countingCodec, prompt), target: new Transcript(countingCodec, prompt) },
    ...{ maxTokens: Infinity, temperature: 1, seed: 0, stop: [] },
  };
}

function callsOf({ time, draft, target, traces }: Stage, lanes: Lanes, { promptTokens }: Workload): Calls {
  const engines = {
    draft: new TracedEngine("draft", { server: draft, traces, promptTokens }),
    target: new TracedEngine("target", { server: target, traces, promptTokens }),
  };
  return new Calls({ engines, lanes, ledger: noLedger, clock: time, warmth: new PrefixWarmth(time) });
}

function depsOf(
  { traces }: Stage,
  calls: Calls,
  { onArrival = () => {} }: AsyncSchedule,
  { turns }: TracedSample,
): SampleDeps {
  return {
    calls,
    book: {
      issue: (key) => {
        onArrival({ kind: "issued", key });
        return {
          decide: () => {
            onArrival({ kind: "decided", key });
            return { intervene: turnOf(traces, key).isHandedOver, level: 0, u: 0, isAudit: false };
          },
          // Traced engines take as long as it takes.
          timedOut: () => onArrival({ kind: "withdrawn", key }),
          withdraw: () => onArrival({ kind: "withdrawn", key }),
        };
      },
    },
    ledger: noLedger,
    targetContinues: true,
    settings: {
      ...{ turns: turns.length, draftTokens: Infinity, takeoverTokens: Infinity },
      ...{ chunkStop: [], regenerations: 0, temperatureStep: 0, byLength: false },
      // Of one pair alike, but that a draft with an answer is always written anew, behind which nothing comes.
      onIntervention: turns.some(({ isWrittenAnew, hasAnswer }) => isWrittenAnew === true && !hasAnswer)
        ? "regenerate"
        : "continue",
    },
    scorer: meanNllScorer,
    task: endless,
    pair: "traced",
    spending: new Spending({ limits: {} }),
    siblings: new Siblings(),
  };
}
