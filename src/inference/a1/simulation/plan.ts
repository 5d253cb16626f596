// Which schedules are played: those of the published comparison, and each kind at every concurrency.
import { asynchronous } from "./asynchronous.ts";
import type { ScheduleResult, Workload } from "./stage.ts";
import { turnSynchronous } from "./synchronous.ts";
import { targetOnly } from "./target-only.ts";

export type Family = "target-only" | "turn-sync" | "async";

export interface PlannedSchedule {
  readonly name: string;
  readonly family: Family;
  readonly concurrency: number;
  /** One of a curve over concurrency, all else equal. */
  readonly isOfCurve: boolean;
  play(workload: Workload): Promise<ScheduleResult>;
}

/** In the published experiments: samples of a question, and takeovers at once. */
const published = { samples: 16, takeovers: 4 };

export const names = {
  serialTarget: "target-only, one sequence at a time",
  inStep: "turn-sync, 16 of a question",
  published: "async, question barrier, 16 of a question, 4 target calls",
  barrier: "async, question barrier, 16 of a question",
  refilled: (concurrency: number) => `turn-sync refilled, C=${concurrency}`,
  curve: (family: Family, concurrency: number) => `${family}, C=${concurrency}`,
} as const;

/** @param headline the concurrency at which pipelines are compared with each other */
export function plannedSchedules(concurrencies: readonly number[], headline: number): PlannedSchedule[] {
  const { samples: concurrency, takeovers } = published;
  const once = (
    name: string,
    family: Family,
    play: PlannedSchedule["play"],
    at: number = concurrency,
  ): PlannedSchedule => ({ name, family, concurrency: at, isOfCurve: false, play });
  const shared = { concurrency, takeovers, isScoringShared: true };
  return [
    once(names.serialTarget, "target-only", (of) => targetOnly(of, { concurrency: 1 }), 1),
    once("turn-sync, 16 of a question, serial scoring and takeovers", "turn-sync", (of) =>
      turnSynchronous(of, { isScoringSerial: true, areTakeoversSerial: true }),
    ),
    once("turn-sync, 16 of a question, serial scoring", "turn-sync", (of) =>
      turnSynchronous(of, { isScoringSerial: true }),
    ),
    once("target-only, question barrier, 16 of a question", "target-only", (of) =>
      targetOnly(of, { concurrency, hasQuestionBarrier: true }),
    ),
    once(names.inStep, "turn-sync", (of) => turnSynchronous(of)),
    once(names.published, "async", (of) => asynchronous(of, { ...shared, hasQuestionBarrier: true })),
    once(names.barrier, "async", (of) =>
      asynchronous(of, { concurrency, takeovers: concurrency, hasQuestionBarrier: true }),
    ),
    once("async, C=16, 4 target calls", "async", (of) => asynchronous(of, shared)),
    once(
      names.refilled(headline),
      "turn-sync",
      (of) => turnSynchronous(of, { concurrency: headline, isRefilled: true }),
      headline,
    ),
    ...concurrencies.flatMap(curveAt),
  ];
}

function curveAt(concurrency: number): PlannedSchedule[] {
  const at = (family: Family, play: PlannedSchedule["play"]): PlannedSchedule => ({
    ...{ name: names.curve(family, concurrency), family, concurrency, isOfCurve: true, play },
  });
  return [
    at("turn-sync", (of) => turnSynchronous(of, { concurrency })),
    at("async", (of) => asynchronous(of, { concurrency, takeovers: concurrency })),
    at("target-only", (of) => targetOnly(of, { concurrency })),
  ];
}
