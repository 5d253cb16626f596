// The simulation's report as tables to be read, with what each figure can and cannot show.
import type { TurnBucket } from "../calibrator.ts";
import type { Comparison } from "./comparisons.ts";
import type { InterventionReport, Rates } from "./interventions.ts";
import { turnBuckets } from "./interventions.ts";
import type { RateSweep } from "./rate-sweep.ts";
import type { ScheduleRow, SimulationReport, WorkloadReport } from "./report.ts";

export function simulationText(report: SimulationReport): string {
  const { workload, intervention, schedules, comparisons, rateSweeps } = report;
  const early = schedules.some(({ stopsEarly }) => stopsEarly) ? [false, true] : [false];
  return [
    workloadText(workload),
    interventionText(intervention),
    uniformityText(intervention),
    ...early.map((stopsEarly) =>
      scheduleText(
        schedules.filter((row) => row.stopsEarly === stopsEarly),
        stopsEarly,
      ),
    ),
    comparisonText(comparisons),
    ...rateSweeps.map(sweepText),
    remarks,
  ].join("\n\n");
}

const remarks = `What this cannot show: whether answers are right. Recorded text stays as it is whatever is decided about it, so that no
figure here says anything of accuracy, and none of how long texts would be at another rate. r is T_c / (T_m + T_s) in
seconds of samples: arithmetic, over reading from memory plus all time a place was held without being worked for.`;

function workloadText(of: WorkloadReport): string {
  const source = of.source.kind === "recorded" ? `run ${of.source.run}` : "synthetic samples";
  const { draft, target } = of.cacheCapacityTokens;
  const lines = [
    `${source}: ${of.questions} questions, ${of.samples} samples, ${of.turns} turns; ${millions(of.draftTokens)} tokens drafted, ${millions(of.takeoverTokens)} taken over`,
    `${of.pair} on ${of.gpu}, ${of.model} model; key/value memory for ${draft} and ${target} tokens${of.model === "reference" ? " (not limited here)" : ""}`,
    ...(of.droppedAttempts > 0
      ? [`${of.droppedAttempts} drafts were written anew and are not replayed`]
      : []),
    ...(of.problems.length > 0 ? [`${of.problems.length} lines or samples were left out:`] : []),
    ...of.problems.slice(0, 5).map((problem) => `  ${problem}`),
  ];
  return lines.join("\n");
}

function interventionText(of: InterventionReport): string {
  const row = (name: string, { overall, byBucket, ofQuestions }: Rates): string[] => [
    name,
    share(overall),
    ...turnBuckets.map((bucket) => share(byBucket.find((each) => each.bucket === bucket)?.rate)),
    `${share(ofQuestions.q10)} ${share(ofQuestions.median)} ${share(ofQuestions.q90)}`,
  ];
  const counts = turnBuckets.map((bucket) => of.byBucket.find((each) => each.bucket === bucket)?.n ?? 0);
  return table(`Share of chunks that go to the target; ${share(of.nominal)} is aimed at`, [
    ["", "overall", ...turnBuckets.map((bucket) => `turn ${bucket}`), "questions' q10 median q90"],
    row("as recorded, threshold of first turns", of.published),
    row("adaptive, recorded score", of),
    ...of.controls.map((control) => row(`adaptive, ${control.score} score`, control)),
    ...of.before.map(({ coverage, rates }) => row(`fixed level, ${coverage}`, rates)),
    ["chunks", `${counts.reduce((sum, each) => sum + each, 0)}`, ...counts.map(String), ""],
  ]);
}

function uniformityText({ before }: InterventionReport): string {
  const cell = (bucket: TurnBucket, of: InterventionReport["before"][number]): string => {
    const found = of.uniformity.find((each) => each.bucket === bucket);
    if (found === undefined) return "-";
    return `${found.distance.toFixed(3)} ${found.pValue.toFixed(3)} (${found.clusters})`;
  };
  return table(
    "Are p-values uniform before any adaptation? Distance, p-value of the test over questions (questions that have one)",
    [
      ["", ...turnBuckets.map((bucket) => `turn ${bucket}`)],
      ...before.map((of) => [of.coverage, ...turnBuckets.map((bucket) => cell(bucket, of))]),
    ],
  );
}

function scheduleText(rows: readonly ScheduleRow[], stopsEarly: boolean): string {
  const head = ["schedule", "makespan s", "GPU s", "questions/s", "r", "peak KV draft", "target"];
  const lost = ["evicted", "put off", "sample p50 p95 max s", "question p50 p95 max s", "called off"];
  return table(stopsEarly ? "Schedules, each stopping early by the same rule" : "Schedules", [
    [...head, ...lost],
    ...rows.map((row) => [
      row.name,
      ...[row.makespanSeconds, row.gpuSeconds].map((each) => each.toFixed(0)),
      row.questionsPerSecond.toFixed(3),
      row.intensity.r.toFixed(3),
      ...[row.peakCacheTokens.draft, row.peakCacheTokens.target, row.evictedTokens].map((each) =>
        each.toFixed(0),
      ),
      `${row.preemptions}`,
      ...[row.sampleSeconds, row.questionSeconds].map(({ p50, p95, max }) =>
        [p50, p95, max].map((each) => each.toFixed(1)).join(" "),
      ),
      `${row.calledOff}`,
    ]),
  ]);
}

function comparisonText(comparisons: readonly Comparison[]): string {
  return table("Beside what", [
    ["", "stops early", "times as fast", "times the cost", "schedule", "baseline", "remark"],
    ...comparisons.map(({ name, stopsEarly, speedup, cost, schedule, baseline, remark }) => [
      ...[name, stopsEarly ? "yes" : "no", speedup.toFixed(2), cost.toFixed(2)],
      ...[schedule, baseline, remark],
    ]),
  ]);
}

function sweepText({ stopsEarly, concurrency, points, targetGpuSeconds, cheaperUpTo }: RateSweep): string {
  const until = (rate: number | null): string =>
    rate === null ? "at no rate" : `up to an intervention rate of ${rate.toFixed(2)}`;
  const title = `Device seconds by intervention rate${stopsEarly ? ", stopping early" : ""}: the pair at C=${concurrency.async}, the target alone at C=${concurrency.targetOnly}`;
  return [
    table(title, [
      ["rate", "makespan s", "pair", "target alone, same text", "target alone, recorded text"],
      ...points.map((point) => [
        point.rate.toFixed(2),
        ...[point.makespanSeconds, point.gpuSeconds, point.targetGpuSeconds, targetGpuSeconds].map((each) =>
          each.toFixed(0),
        ),
      ]),
    ]),
    `The pair is cheaper than the target alone writing the recorded text ${until(cheaperUpTo.recordedText)}, the same text ${until(cheaperUpTo.sameText)}.`,
  ].join("\n");
}

function table(title: string, rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) =>
        at === 0 || at > 11 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return [title, ...rows.map(line)].join("\n");
}

const share = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? "-" : value.toFixed(3);

const millions = (tokens: number): string => `${(tokens / 1e6).toFixed(2)} million`;
