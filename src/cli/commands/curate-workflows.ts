// `arena curate workflows`: the repositories' own jobs run here, set beside how they ended at their host.
import {
  readKept,
  runStage,
  type StageReport,
  splitRow,
  type WorkflowsRow,
  workflowsRow,
  workflowsStage,
} from "../../curation/index.ts";
import { type CurationOptions, claimCuration, openTreeRuns } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import type { ExitCode } from "../exit.ts";
import { table } from "../output.ts";
import { askedOf, exitOf, progressTold, reportText } from "../stage-report.ts";
import { treeOf } from "./curate-environment.ts";

export interface CurateWorkflowsOptions extends CurationOptions {
  readonly only?: string;
  readonly workers: number;
  readonly mostJobs: number;
}

type Told = WorkflowsRow["workflows"]["jobs"][number] & { readonly id: string };

async function workflowsStep(options: CurateWorkflowsOptions, context: CommandContext): Promise<StageReport> {
  const { folder, workers, mostJobs } = options;
  const rows = await readKept(folder, "split", splitRow);
  const isAsked = askedOf(rows, options.only);
  const runs = await openTreeRuns(options, context);
  const stage = workflowsStage({ treeOf: treeOf(options), runs, mostJobs });
  const onProgress = progressTold(context.out);
  return (await runStage(stage, rows, { folder, workers, signal: context.signal, isAsked, onProgress }))
    .report;
}

function countsText(jobs: readonly Told[]): string {
  const counts = new Map<string, number>();
  for (const { upstream = "not known", here } of jobs) {
    const key = JSON.stringify([upstream, here]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return table([
    ["at its host", "here", "jobs"],
    ...rows.map(([key, count]) => {
      const [upstream = "", here = ""]: string[] = JSON.parse(key);
      return [upstream, here, String(count)];
    }),
  ]);
}

/** What ran there and not here as there: a person looks at these. */
const differs = ({ upstream, here }: Told): boolean =>
  here !== "not-run" && upstream !== undefined && (upstream === "unrecorded" ? "success" : upstream) !== here;

function differencesText(jobs: readonly Told[]): string {
  return jobs
    .filter(differs)
    .map(
      ({ id, name, upstream, here, detail }) =>
        `${id}: ${name}: ${upstream} there, ${here} here${detail && `: ${detail}`}`,
    )
    .map((line) => line.replace(/\s+/g, " ").slice(0, 300))
    .join("\n");
}

export async function curateWorkflows(
  options: CurateWorkflowsOptions,
  context: CommandContext,
): Promise<ExitCode> {
  await using _ = await claimCuration(options.folder);
  const report = await workflowsStep(options, context);
  const kept = await readKept(options.folder, "workflows", workflowsRow);
  const jobs = kept.flatMap(({ id, workflows }) => workflows.jobs.map((job) => ({ id, ...job })));
  context.out.result({ ...report, folder: options.folder, jobs }, () =>
    [reportText(options.folder, report), countsText(jobs), differencesText(jobs)]
      .filter(Boolean)
      .join("\n\n"),
  );
  return exitOf(report);
}
