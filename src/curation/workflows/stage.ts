// The stage that runs a repository's own workflow jobs on the merged tree: whether our reading of them can be trusted.
import type { CiPlan } from "../../domain/instance.ts";
import type { BaseTree } from "../environment/base-tree.ts";
import { deedsOf, workflowsOf } from "../environment/candidates.ts";
import { dated } from "../environment/dated.ts";
import { type CompiledJob, planOf } from "../environment/workflow/compile.ts";
import { instanceIn, writtenPlan } from "../pipeline/line-of.ts";
import {
  type SplitRow,
  splitRow,
  type WorkflowJob,
  type WorkflowsRow,
  workflowsRow,
} from "../pipeline/rows.ts";
import { keptAs, type Stage } from "../pipeline/stage.ts";
import type { TreeRuns } from "../pipeline/tree-runs.ts";
import { besideUpstream, endedHere, upstreamJobs } from "./compare.ts";

export interface WorkflowsDeps {
  /** The row's base tree. @throws faults of its repository */
  readonly treeOf: (row: SplitRow) => Promise<BaseTree>;
  readonly runs: Pick<TreeRuns, "tryPlan">;
  /** Of one row, each a plan of its own; legs that do the same are one. */
  readonly mostJobs: number;
}

type Ended = Pick<WorkflowJob, "here" | "detail">;

/** As of the row's date, and without a date where that cannot be prepared. */
async function ranHere(
  row: SplitRow,
  job: CompiledJob,
  { runs, n }: { readonly runs: WorkflowsDeps["runs"]; readonly n: number },
): Promise<Ended> {
  const { language, createdAt } = row.split;
  const plan: CiPlan = planOf([job], language);
  let last: Ended = { here: "not-run", detail: "it has no plan" };
  for (const [at, candidate] of dated({ name: job.name, plan, notes: [] }, language, createdAt).entries()) {
    const id = `${row.id.slice(0, 180)}.workflow-${n}-${at + 1}`;
    const read = instanceIn({ ...row, id }, writtenPlan(candidate.plan));
    if ("problem" in read) return { here: "not-run", detail: read.problem };
    const run = await runs.tryPlan(read.instance, "merged");
    if (run.kind === "ran") return endedHere(run.report, run.said);
    last = { here: "not-run", detail: `${run.kind}: ${run.detail.trim().slice(-600)}` };
  }
  return last;
}

/** Keeps every row: a job that fails is what is to be seen. */
export function workflowsStage({ treeOf, runs, mostJobs }: WorkflowsDeps): Stage<SplitRow, WorkflowsRow> {
  const run = async (row: SplitRow, signal: AbortSignal) => {
    const { jobs, unsupported } = await workflowsOf(row, await treeOf(row));
    const byDeeds = new Map<string, Ended>();
    const ended: Omit<WorkflowJob, "upstream">[] = [];
    for (const job of jobs) {
      signal.throwIfAborted();
      const deeds = deedsOf(planOf([job], row.split.language));
      const known = byDeeds.get(deeds);
      const tooMany: Ended = { here: "not-run", detail: `beyond the first ${mostJobs} jobs that differ` };
      const found =
        known ?? (byDeeds.size < mostJobs ? await ranHere(row, job, { runs, n: byDeeds.size + 1 }) : tooMany);
      if (found !== tooMany) byDeeds.set(deeds, found);
      ended.push({ workflow: job.workflow, name: job.name, ...found });
    }
    const all = besideUpstream(ended, { upstream: upstreamJobs(row), unsupported });
    return keptAs({ ...row, workflows: { jobs: all } });
  };
  return {
    name: "workflows",
    input: splitRow,
    output: workflowsRow,
    settings: { version: 2, mostJobs },
    run,
  };
}
