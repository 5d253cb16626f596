// What all schedules are played on: fresh servers in virtual time, and what is measured whatever is played.
import { SiblingsDecided } from "../sample.ts";
import { type StopRule, waitForAll, whenDecided } from "../tasks/stopping.ts";
import { DetailedServer, type DetailedSettings } from "./detailed-server.ts";
import { OpenQuestions } from "./early-stop.ts";
import type { Pair } from "./roofline.ts";
import { type ModelServer, ReferenceServer, type ServerUse } from "./server.ts";
import { type TracedSample, type Traces, tracesOf } from "./trace.ts";
import { VirtualTime } from "./virtual-time.ts";

export interface Workload {
  readonly pair: Pair;
  /** Siblings one after the other. */
  readonly samples: readonly TracedSample[];
  readonly promptTokens: number;
  /** The reference model where absent. */
  readonly detailed?: DetailedSettings;
  /** A question's samples are called off once those that have ended decide it, by `stopRule` ({@link whenDecided}). */
  readonly stopsEarly?: boolean;
  readonly stopRule?: StopRule;
}

export interface ScheduleResult {
  readonly makespanSeconds: number;
  /** Devices, times how long they were held: all of them from the first call to the last. */
  readonly gpuSeconds: number;
  readonly questionsPerSecond: number;
  /** Seconds from its first call to its end, of every sample that was not called off. */
  readonly latenciesSeconds: readonly number[];
  readonly questionLatenciesSeconds: readonly number[];
  readonly calledOff: number;
  readonly intensity: Intensity;
  /** Of the servers that are held. */
  readonly draft?: ServerUse;
  readonly target: ServerUse;
}

/**
 * `r = T_c / (T_m + T_s)` of arXiv 2509.15148, in seconds of samples: a step that serves thirty counts thirtyfold.
 * T_c: arithmetic of the steps a sample took part in. T_m: their reading of weights, keys and values from memory.
 * T_s: all other time for which a sample's place was held, be it in a lane, at a server or, behind its end, at a barrier.
 */
export interface Intensity {
  readonly computingSeconds: number;
  readonly memorySeconds: number;
  readonly waitingSeconds: number;
  readonly r: number;
}

export interface Stage {
  readonly time: VirtualTime;
  readonly draft: ModelServer;
  readonly target: ModelServer;
  readonly traces: Traces;
  readonly questions: OpenQuestions;
  /** One sample from its first call to its end; a sample that is called off is counted, and no failure. */
  one(sample: TracedSample, work: (signal: AbortSignal) => Promise<unknown>): Promise<void>;
  /** So many places are held from now until `work` ends. */
  holding(places: number, work: () => Promise<unknown>): Promise<void>;
}

/** Plays `play` on fresh servers; `held` are those that somebody pays for. */
export async function staged(
  workload: Workload,
  held: readonly ("draft" | "target")[],
  play: (stage: Stage) => Promise<unknown>,
): Promise<ScheduleResult> {
  const { pair, samples, stopsEarly = false, stopRule = whenDecided } = workload;
  const stop = stopsEarly ? stopRule : waitForAll;
  const time = new VirtualTime();
  const servers = { draft: serverOf(workload, "draft", time), target: serverOf(workload, "target", time) };
  const questions = new OpenQuestions(samples, { now: () => time.now(), stop });
  const latenciesSeconds: number[] = [];
  let [heldSeconds, calledOff] = [0, 0];
  const seconds = async (work: () => Promise<unknown>): Promise<number> => {
    const startedMs = time.now();
    await work();
    return (time.now() - startedMs) / 1000;
  };
  const one: Stage["one"] = async (sample, work) => {
    const signal = questions.begun(sample);
    const latency = await seconds(() => work(signal).catch(unlessDecided));
    if (signal.aborted) {
      calledOff += 1;
      return;
    }
    latenciesSeconds.push(latency);
    questions.ended(sample);
  };
  const holding: Stage["holding"] = async (places, work) => {
    heldSeconds += places * (await seconds(work));
  };
  await time.run(play({ time, ...servers, traces: tracesOf(samples), questions, one, holding }));
  const makespanSeconds = time.now() / 1000;
  const devices = held.reduce((sum, name) => sum + pair[name].machine.devices, 0);
  const uses = held.map((name) => servers[name].use);
  const questionLatenciesSeconds = questions.latenciesSeconds();
  return {
    ...{ makespanSeconds, gpuSeconds: devices * makespanSeconds },
    ...{ latenciesSeconds, questionLatenciesSeconds, calledOff },
    questionsPerSecond: questionLatenciesSeconds.length / makespanSeconds,
    intensity: intensityOf(uses, heldSeconds),
    ...(held.includes("draft") ? { draft: servers.draft.use } : {}),
    target: servers.target.use,
  };
}

function serverOf({ pair, detailed }: Workload, name: "draft" | "target", time: VirtualTime): ModelServer {
  const { model, machine } = pair[name];
  return detailed === undefined
    ? new ReferenceServer(time, model, machine)
    : new DetailedServer(time, model, machine, detailed);
}

function unlessDecided(error: unknown): void {
  if (!(error instanceof SiblingsDecided)) throw error;
}

function intensityOf(uses: readonly ServerUse[], heldSeconds: number): Intensity {
  const sum = (name: keyof ServerUse["sampleSeconds"]) =>
    uses.reduce((total, { sampleSeconds }) => total + sampleSeconds[name], 0);
  const [computingSeconds, memorySeconds] = [sum("computing"), sum("memory")];
  const waitingSeconds = Math.max(0, heldSeconds - sum("service"));
  const r = computingSeconds / (memorySeconds + waitingSeconds);
  return { computingSeconds, memorySeconds, waitingSeconds, r };
}

/** So many at once, the next as soon as one has ended. */
export async function inFlight<T>(
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

export function byQuestion(samples: readonly TracedSample[]): TracedSample[][] {
  const groups = new Map<string, TracedSample[]>();
  for (const sample of samples) {
    const own = groups.get(sample.question);
    if (own === undefined) groups.set(sample.question, [sample]);
    else own.push(sample);
  }
  return [...groups.values()];
}
