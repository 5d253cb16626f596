// How long what a pair did would take on servers of a given size, without barriers and in step: in virtual time, so exactly.
import { asynchronous } from "../simulation/asynchronous.ts";
import { type MachineName, type PairName, pairOn } from "../simulation/roofline.ts";
import type { Workload } from "../simulation/stage.ts";
import { byQuestion } from "../simulation/stage.ts";
import { turnSynchronous } from "../simulation/synchronous.ts";
import { targetOnly } from "../simulation/target-only.ts";
import type { TracedSample } from "../simulation/trace.ts";
import { stopRuleNamed } from "../tasks/stopping.ts";

export interface VirtualSettings {
  /** Models and machines whose speeds are assumed: the real ones may be of any size. */
  readonly pair: PairName;
  readonly gpu: MachineName;
  /** Candidates at once, in both pipelines. */
  readonly concurrency: number;
  /** Chunks of the asynchronous one that the target scores at once; of one question, those furthest on go first. */
  readonly scores: number;
  readonly promptTokens: number;
  /** Questions that are answered one by one for their latency. */
  readonly alone: number;
}

export const defaultVirtualSettings: VirtualSettings = {
  ...{ pair: "8b-32b", gpu: "h200", concurrency: 256, scores: 2, promptTokens: 40, alone: 50 },
};

/** The pair without barriers and in step, and the target alone writing the same text, batched. */
export interface OfSchedules {
  readonly async: number;
  readonly turnSync: number;
  readonly targetOnly: number;
}

export interface VirtualTimes {
  readonly settings: VirtualSettings;
  /** Of all candidates, at equal concurrency. */
  readonly makespanSeconds: OfSchedules;
  /** Devices, times how long they are held: those of both models, or of the target alone. */
  readonly gpuSeconds: OfSchedules;
  /** Means of questions that have the servers to themselves, until all candidates have ended or a rule says enough. */
  readonly questionSeconds: readonly QuestionSeconds[];
}

/** Names that {@link stopRuleNamed} knows. */
const stopsCompared = ["all", "decided", "beta", "agree-3"] as const;

export interface QuestionSeconds {
  readonly stop: (typeof stopsCompared)[number];
  readonly async: number;
  readonly turnSync: number;
}

export async function virtualTimes(
  samples: readonly TracedSample[],
  settings: VirtualSettings = defaultVirtualSettings,
): Promise<VirtualTimes> {
  const { concurrency, scores, promptTokens, alone } = settings;
  const workload = (own: readonly TracedSample[], stop: QuestionSeconds["stop"]): Workload => ({
    ...{ pair: pairOn(settings.pair, settings.gpu), samples: own, promptTokens },
    ...(stop === "all" ? {} : { stopsEarly: true, stopRule: stopRuleNamed(stop) }),
  });
  const whole = workload(samples, "all");
  const free = { concurrency, takeovers: concurrency, scores };
  const questions = byQuestion(samples).slice(0, alone);
  const mean = async (seconds: (own: readonly TracedSample[]) => Promise<number>): Promise<number> => {
    let sum = 0;
    for (const own of questions) sum += await seconds(own);
    return sum / Math.max(1, questions.length);
  };
  const questionSeconds: QuestionSeconds[] = [];
  for (const stop of stopsCompared) {
    questionSeconds.push({
      stop,
      async: await mean(async (own) => (await asynchronous(workload(own, stop), free)).makespanSeconds),
      turnSync: await mean(async (own) => (await turnSynchronous(workload(own, stop))).makespanSeconds),
    });
  }
  const results = {
    async: await asynchronous(whole, free),
    turnSync: await turnSynchronous(whole, { concurrency }),
    targetOnly: await targetOnly(whole, { concurrency }),
  };
  const each = (figure: "makespanSeconds" | "gpuSeconds"): OfSchedules => ({
    async: results.async[figure],
    turnSync: results.turnSync[figure],
    targetOnly: results.targetOnly[figure],
  });
  return {
    settings,
    ...{ makespanSeconds: each("makespanSeconds"), gpuSeconds: each("gpuSeconds"), questionSeconds },
  };
}
