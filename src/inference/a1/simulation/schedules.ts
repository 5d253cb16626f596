// The same samples under different schedules: without barriers, a question at a time, in step, and by the target alone.
import { Calls } from "../calls.ts";
import { meanNllScorer } from "../chunk-scorers.ts";
import { Lane, type Lanes } from "../lanes.ts";
import { noLedger } from "../ledger.ts";
import { runSample, type SampleDeps } from "../sample.ts";
import { Siblings } from "../siblings.ts";
import { Spending } from "../spending.ts";
import type { Task } from "../task.ts";
import { Transcript } from "../transcript.ts";
import { PrefixWarmth } from "../warmth.ts";
import type { Machine, ModelShape } from "./roofline.ts";
import { type ServerUse, SimulatedServer } from "./server.ts";
import {
  countingCodec,
  TracedEngine,
  type TracedSample,
  type TracedTurn,
  type Traces,
  tracesOf,
  turnOf,
} from "./trace.ts";
import { VirtualTime } from "./virtual-time.ts";

export interface Pair {
  readonly draft: { readonly model: ModelShape; readonly machine: Machine };
  readonly target: { readonly model: ModelShape; readonly machine: Machine };
}

export interface ScheduleResult {
  readonly makespanSeconds: number;
  /** Devices, times how long they were held: all of them from the first call to the last. */
  readonly gpuSeconds: number;
  /** Seconds from its first call to its end, of every sample. */
  readonly latenciesSeconds: readonly number[];
  readonly draft: ServerUse;
  readonly target: ServerUse;
}

export interface Workload {
  readonly pair: Pair;
  readonly samples: readonly TracedSample[];
  readonly promptTokens: number;
}

interface Stage {
  readonly time: VirtualTime;
  readonly draft: SimulatedServer;
  readonly target: SimulatedServer;
  readonly traces: Traces;
  readonly latencies: number[];
}

const never = new AbortController().signal;

/** Traces tell no answers: a sample ends when its turns do. */
const endless: Task = {
  name: "traced",
  gate: () => ({ kind: "open" }),
  ...{ scoresAnswers: true, onIntervention: "continue" },
  isDecided: () => false,
  choose: () => undefined,
};

/** Plays `play` in virtual time on fresh servers; `servers` are those that are held. */
async function staged(
  { pair, samples }: Workload,
  servers: readonly ("draft" | "target")[],
  play: (stage: Stage) => Promise<unknown>,
): Promise<ScheduleResult> {
  const time = new VirtualTime();
  const draft = new SimulatedServer(time, pair.draft.model, pair.draft.machine);
  const target = new SimulatedServer(time, pair.target.model, pair.target.machine);
  const latencies: number[] = [];
  await time.run(play({ time, draft, target, traces: tracesOf(samples), latencies }));
  const makespanSeconds = time.now() / 1000;
  const devices = servers.reduce((sum, name) => sum + pair[name].machine.devices, 0);
  return {
    ...{ makespanSeconds, gpuSeconds: devices * makespanSeconds, latenciesSeconds: latencies },
    ...{ draft: draft.use, target: target.use },
  };
}

async function timed(stage: Stage, work: () => Promise<unknown>): Promise<void> {
  const startedMs = stage.time.now();
  await work();
  stage.latencies.push((stage.time.now() - startedMs) / 1000);
}

/** So many at once, the next as soon as one has ended. */
async function inFlight<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}

function byQuestion(samples: readonly TracedSample[]): TracedSample[][] {
  const groups = new Map<string, TracedSample[]>();
  for (const sample of samples) {
    const own = groups.get(sample.question);
    if (own === undefined) groups.set(sample.question, [sample]);
    else own.push(sample);
  }
  return [...groups.values()];
}

export interface AsyncSchedule {
  /** Samples at once. */
  readonly concurrency: number;
  readonly takeovers: number;
  /** Scoring waits in the takeovers' lane, as published. */
  readonly isScoringShared?: boolean;
  /** The next question begins when all samples of the last have ended, as published. */
  readonly hasQuestionBarrier?: boolean;
}

/** The sample state machine itself; which chunks are handed over is the traces' own decision. */
export function asynchronous(workload: Workload, schedule: AsyncSchedule): Promise<ScheduleResult> {
  const { concurrency, takeovers, isScoringShared, hasQuestionBarrier } = schedule;
  return staged(workload, ["draft", "target"], async (stage) => {
    const lane = (name: Lane["name"], count: number) =>
      new Lane(name, { initial: count, max: count }, stage.time);
    const takeover = lane("takeover", takeovers);
    const score = isScoringShared === true ? takeover : lane("score", workload.samples.length);
    const lanes = { draft: lane("draft", concurrency), score, takeover };
    const calls = callsOf(stage, lanes);
    const one = (sample: TracedSample): Promise<void> =>
      timed(stage, () => runSample(depsOf(stage, calls, sample), sample, workOf(workload), never));
    if (hasQuestionBarrier !== true) return inFlight(workload.samples, concurrency, one);
    for (const group of byQuestion(workload.samples)) await Promise.all(group.map(one));
  });
}

function workOf({ promptTokens }: Workload) {
  const prompt = { messages: [], ids: new Array<number>(promptTokens).fill(0) };
  return {
    ...{ draft: new Transcript(countingCodec, prompt), target: new Transcript(countingCodec, prompt) },
    ...{ maxTokens: Infinity, temperature: 1, seed: 0, stop: [] },
  };
}

function callsOf({ time, draft, target, traces }: Stage, lanes: Lanes): Calls {
  const engines = {
    draft: new TracedEngine("draft", draft, traces),
    target: new TracedEngine("target", target, traces),
  };
  return new Calls({ engines, lanes, ledger: noLedger, clock: time, warmth: new PrefixWarmth(time) });
}

function depsOf({ traces }: Stage, calls: Calls, { turns }: TracedSample): SampleDeps {
  return {
    calls,
    book: {
      issue: (key) => ({
        decide: () => ({
          ...{ intervene: turnOf(traces, key).isHandedOver, level: 0, u: 0, isAudit: false },
        }),
        withdraw: () => {},
      }),
    },
    ledger: noLedger,
    settings: {
      ...{ turns: turns.length, draftTokens: Infinity, takeoverTokens: Infinity },
      ...{ chunkStop: [], regenerations: 0, temperatureStep: 0 },
    },
    scorer: meanNllScorer,
    task: endless,
    pair: "traced",
    spending: new Spending({ limits: {} }),
    siblings: new Siblings(),
  };
}

export interface SyncSchedule {
  /** One chunk after the other is scored, as in the published ancestor. */
  readonly isScoringSerial?: boolean;
  readonly areTakeoversSerial?: boolean;
  /** Questions in step with each other. */
  readonly questions?: number;
}

interface InStep {
  readonly turns: readonly TracedTurn[];
  contextTokens: number;
}

/** All samples of a question draft, are scored and are taken over in step: each phase waits for the slowest. */
export function turnSynchronous(workload: Workload, schedule: SyncSchedule = {}): Promise<ScheduleResult> {
  const { isScoringSerial, areTakeoversSerial, questions = 1 } = schedule;
  return staged(workload, ["draft", "target"], async (stage) => {
    const groups = byQuestion(workload.samples);
    for (let at = 0; at < groups.length; at += questions) {
      const group = groups.slice(at, at + questions).flat();
      await timed(stage, () =>
        inStep(stage, workload.promptTokens, group, {
          score: isScoringSerial === true ? 1 : group.length,
          takeover: areTakeoversSerial === true ? 1 : group.length,
        }),
      );
    }
  });
}

async function inStep(
  { draft, target }: Stage,
  promptTokens: number,
  group: readonly TracedSample[],
  limits: { readonly score: number; readonly takeover: number },
): Promise<void> {
  const all: InStep[] = group.map(({ turns }) => ({ turns, contextTokens: promptTokens }));
  const longest = Math.max(...all.map(({ turns }) => turns.length));
  for (let turn = 0; turn < longest; turn += 1) {
    const active = all.flatMap((each) => {
      const now = each.turns[turn];
      return now === undefined ? [] : [{ each, now }];
    });
    await Promise.all(
      active.map(({ each, now }) => draft.decode(now.draftTokens, each.contextTokens, never)),
    );
    await inFlight(active, limits.score, async ({ each, now }) => {
      const cached = turn === 0 ? 0 : each.contextTokens;
      each.contextTokens += now.draftTokens;
      await target.prefill(each.contextTokens - cached, cached, never);
    });
    const handedOver = active.filter(({ now }) => now.isHandedOver);
    await inFlight(handedOver, limits.takeover, async ({ each, now }) => {
      await target.decode(now.takeoverTokens, each.contextTokens, never);
      each.contextTokens += now.takeoverTokens;
    });
  }
}

/** The target writes all that draft and target wrote. */
export function targetOnly(
  workload: Workload,
  { concurrency, hasQuestionBarrier }: Pick<AsyncSchedule, "concurrency" | "hasQuestionBarrier">,
): Promise<ScheduleResult> {
  return staged(workload, ["target"], async (stage) => {
    const { promptTokens } = workload;
    const one = ({ turns }: TracedSample): Promise<void> =>
      timed(stage, async () => {
        await stage.target.prefill(promptTokens, 0, never);
        const count = turns.reduce(
          (sum, { draftTokens, takeoverTokens }) => sum + draftTokens + takeoverTokens,
          0,
        );
        await stage.target.decode(count, promptTokens, never);
      });
    if (hasQuestionBarrier !== true) return inFlight(workload.samples, concurrency, one);
    for (const group of byQuestion(workload.samples)) await Promise.all(group.map(one));
  });
}
