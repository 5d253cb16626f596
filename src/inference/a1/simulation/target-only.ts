// What the pair is to be measured by: the target alone writes all that stands in the pair's answers.
import { byQuestion, inFlight, type ScheduleResult, staged, type Workload } from "./stage.ts";
import type { TracedSample } from "./trace.ts";

export interface TargetSchedule {
  readonly concurrency: number;
  readonly hasQuestionBarrier?: boolean;
}

export function targetOnly(workload: Workload, schedule: TargetSchedule): Promise<ScheduleResult> {
  return staged(workload, ["target"], async (stage) => {
    const { promptTokens } = workload;
    const one = async (traced: TracedSample): Promise<void> => {
      if (stage.questions.isDecided(traced)) return;
      const { question, sample, turns } = traced;
      const writtenTokens = turns.reduce(
        (sum, { draftTokens, takeoverTokens, isWrittenAnew = false }) =>
          sum + (isWrittenAnew ? 0 : draftTokens) + takeoverTokens,
        0,
      );
      const prompt = { question, sample, promptTokens, contextTokens: promptTokens };
      await stage.one(traced, (signal) =>
        stage.target.call({ ...prompt, unreadTokens: promptTokens, writtenTokens }, signal),
      );
    };
    if (schedule.hasQuestionBarrier !== true)
      return inFlight(workload.samples, schedule.concurrency, (traced) =>
        stage.holding(1, () => one(traced)),
      );
    for (const group of byQuestion(workload.samples))
      await stage.holding(group.length, () => Promise.all(group.map(one)));
  });
}
