// The plans worth trying on a row, cheapest first: read from its manifests, then its own workflows.
import type { CiPlan } from "../../domain/instance.ts";
import { patchFiles } from "../patches.ts";
import type { SplitRow } from "../pipeline/rows.ts";
import { inferPlan, type PlanInput, planFilesOf } from "../plan-inference.ts";
import { type BaseTree, textsOf } from "./base-tree.ts";
import { dated } from "./dated.ts";
import { type Compiled, type CompiledJob, compileWorkflows, planOf } from "./workflow/compile.ts";

export interface Candidate {
  /** For a person: where the plan comes from. */
  readonly name: string;
  readonly plan: CiPlan;
  readonly notes: readonly string[];
}

export interface Candidates {
  readonly candidates: readonly Candidate[];
  /** Of the workflows: what could not be compiled. */
  readonly unsupported: readonly string[];
}

/** More files are read of no repository; each has GitHub's limit of its own. */
const mostWorkflows = 40;
/** Of a repository's own jobs, each an attempt of minutes. */
const mostJobs = 6;

const isWorkflow = (path: string): boolean => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path);

async function inferred(row: SplitRow, tree: BaseTree): Promise<Candidate[]> {
  const { language, goldPatch, testPatch } = row.split;
  const texts = await textsOf(tree, planFilesOf(language, tree.files));
  const paths = (patch: string): string[] => patchFiles(patch).map(({ path }) => path);
  const touched = { testPaths: paths(testPatch), goldPaths: paths(goldPatch) };
  const of = (name: string, more: Pick<PlanInput, "testPaths" | "goldPaths">): Candidate => {
    const { plan, notes } = inferPlan(language, { files: tree.files, texts, repo: row.repo, ...more });
    return { name, plan, notes };
  };
  return [
    of("the language's rules, what the change touches", touched),
    of("the language's rules, everything", { testPaths: [], goldPaths: [] }),
  ];
}

const lists = ({ jobs }: CompiledJob): boolean => jobs.some(({ runner }) => runner !== "exit-code");

/** Jobs that list tests first, the ones with fewer commands before others. */
function byCost(jobs: readonly CompiledJob[]): CompiledJob[] {
  const cost = ({ prepare, jobs: parts }: CompiledJob): number => prepare.length + parts.length;
  return [...jobs].sort((one, other) => Number(lists(other)) - Number(lists(one)) || cost(one) - cost(other));
}

/** What a plan does, its jobs' names aside: legs that differ in nothing that matters here are tried once. */
export const deedsOf = ({ prepare, jobs }: CiPlan): string =>
  JSON.stringify([prepare, jobs.map(({ run, runner, env }) => [run, runner, env])]);

/** The repository's own jobs, as the base commit has them. @throws faults of the tree */
export async function workflowsOf({ repo, split }: SplitRow, tree: BaseTree): Promise<Compiled> {
  const paths = tree.files.filter(isWorkflow).slice(0, mostWorkflows);
  const workflows = await textsOf(tree, paths);
  return compileWorkflows({ workflows, files: tree.files, repo, language: split.language });
}

/**
 * @param fromWorkflow only the repository's own jobs: all of them as one plan, then one by one
 * @throws faults of the tree
 */
export async function candidatesOf(
  row: SplitRow,
  tree: BaseTree,
  fromWorkflow: boolean,
): Promise<Candidates> {
  const { language, createdAt } = row.split;
  const { jobs, unsupported, notes } = await workflowsOf(row, tree);
  const single = byCost(jobs)
    .filter((job) => fromWorkflow || lists(job))
    .slice(0, mostJobs)
    .map((job) => ({ name: `${job.workflow}: ${job.name}`, plan: planOf([job], language), notes }));
  const all = { name: "all jobs of the workflows", plan: planOf(jobs, language), notes };
  const own = fromWorkflow && jobs.length > 0 ? [all, ...single] : single;
  const found = fromWorkflow ? own : [...(await inferred(row, tree)), ...own];
  const seen = new Set<string>();
  const candidates = found
    .flatMap((candidate) => dated(candidate, language, createdAt))
    .filter(({ plan }) => !seen.has(deedsOf(plan)) && seen.add(deedsOf(plan)));
  return { candidates, unsupported };
}
