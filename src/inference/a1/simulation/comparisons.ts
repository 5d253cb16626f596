// How many times as fast, and beside what: a number without its baseline says nothing.
import { names } from "./plan.ts";
import type { ScheduleRow } from "./report.ts";

export interface Comparison {
  readonly stopsEarly: boolean;
  readonly name: string;
  readonly baseline: string;
  readonly schedule: string;
  /** Questions a second of the schedule, in those of the baseline. */
  readonly speedup: number;
  /** Device seconds of the schedule, in those of the baseline. */
  readonly cost: number;
  readonly remark: string;
}

/** Both sides always stop by the same rule. */
export function comparisonsOf(
  all: readonly ScheduleRow[],
  { stopsEarly, headline }: { readonly stopsEarly: boolean; readonly headline: number },
): Comparison[] {
  const rows = all.filter((row) => row.stopsEarly === stopsEarly);
  const fastest = (family: ScheduleRow["family"]): string | undefined =>
    rows
      .filter((row) => row.isOfCurve && row.family === family)
      .toSorted((one, other) => one.makespanSeconds - other.makespanSeconds)[0]?.name;
  const atHeadline = names.curve("async", headline);
  const best = fastest("async") ?? atHeadline;
  const wanted: readonly (readonly [name: string, baseline: string, schedule: string, remark: string])[] = [
    [
      "equal concurrency",
      names.curve("turn-sync", headline),
      atHeadline,
      "the same places on the same machines; what barriers cost",
    ],
    [
      "equal concurrency, places refilled",
      names.refilled(headline),
      atHeadline,
      "the strongest pipeline in step: ended samples are replaced at every turn",
    ],
    [
      "published shape",
      names.barrier,
      best,
      "16 samples of one question at a time; most of it is the concurrency that the barrier forbids",
    ],
    ["published shape and lanes", names.published, best, "as above, and four calls to the target at once"],
    [
      "target alone, well batched",
      fastest("target-only") ?? names.curve("target-only", headline),
      best,
      "each at its fastest concurrency; the cost counts that the pair holds more devices",
    ],
    [
      "target alone, one sequence at a time",
      names.serialTarget,
      best,
      "easy, and proves little: nobody has to run a server for one sequence",
    ],
  ];
  return wanted.flatMap(([name, baseline, schedule, remark]) => {
    const [from, to] = [baseline, schedule].map((each) => rows.find((row) => row.name === each));
    if (from === undefined || to === undefined) return [];
    const speedup = to.questionsPerSecond / from.questionsPerSecond;
    return [{ stopsEarly, name, baseline, schedule, speedup, cost: to.gpuSeconds / from.gpuSeconds, remark }];
  });
}
