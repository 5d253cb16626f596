// How the checks of a pull request ended at GitHub: check runs with their workflow's file, and statuses of older tools.
import type { MinedRow } from "../../pipeline/rows.ts";
import { checkRunsAnswer, parsed, statusesAnswer, workflowRunsAnswer } from "./answers.ts";
import type { Asking, GitHubClient } from "./client.ts";

type Check = MinedRow["mined"]["checks"][number];

interface AskedCommit {
  readonly repo: string;
  readonly sha: string;
}

/** Everything that a listing holds; nothing where the commit is gone. */
async function listed<T>(
  client: GitHubClient,
  place: string,
  { asking, read }: { readonly asking: Asking; readonly read: (data: unknown) => readonly T[] },
): Promise<T[]> {
  const all: T[] = [];
  for await (const answer of client.pages(place, asking))
    if (answer.kind === "found") all.push(...read(answer.data));
  return all;
}

/** Workflow files by the suite of checks that a run of them is; runs are kept for some 400 days. */
async function workflowsBySuite(
  client: GitHubClient,
  { repo, sha }: AskedCommit,
  asking: Asking,
): Promise<ReadonlyMap<number, string>> {
  const place = `/repos/${repo}/actions/runs?head_sha=${sha}&per_page=100`;
  const read = (data: unknown) => parsed(workflowRunsAnswer, data, place).workflow_runs;
  const runs = await listed(client, place, { asking, read });
  const named = runs.flatMap(({ path, check_suite_id: suite }) =>
    suite === undefined ? [] : [[suite, path.replace(/@.*$/, "")] as const],
  );
  return new Map(named);
}

async function checksOfCommit(
  client: GitHubClient,
  commit: AskedCommit,
  asking: Asking,
): Promise<Omit<Check, "commit">[]> {
  const own = `/repos/${commit.repo}/commits/${commit.sha}`;
  const [runsAt, statusesAt] = [`${own}/check-runs?per_page=100`, `${own}/status?per_page=100`];
  const runs = await listed(client, runsAt, {
    asking,
    read: (data) => parsed(checkRunsAnswer, data, runsAt).check_runs,
  });
  const statuses = await listed(client, statusesAt, {
    asking,
    read: (data) => parsed(statusesAnswer, data, statusesAt).statuses,
  });
  const hasWorkflows = runs.some(({ app }) => app?.slug === "github-actions");
  const workflows = hasWorkflows ? await workflowsBySuite(client, commit, asking) : new Map<number, string>();
  const checks = runs.map(({ name, status, conclusion, check_suite: suite }) => {
    const workflow = suite === null ? undefined : workflows.get(suite.id);
    return { name, ...(workflow === undefined ? {} : { workflow }), conclusion: conclusion ?? status };
  });
  return [...checks, ...statuses.map(({ context, state }) => ({ name: context, conclusion: state }))];
}

const keyOf = ({ workflow = "", name, conclusion }: Omit<Check, "commit">): string =>
  JSON.stringify([workflow, name, conclusion]);

/** Of head and merge, each in an order that does not depend on GitHub's. @throws GitHubFault, UsageError */
export async function checksOf(
  client: GitHubClient,
  {
    repo,
    head,
    merge,
  }: { readonly repo: string; readonly head: string; readonly merge?: string | undefined },
  asking: Asking,
): Promise<Check[]> {
  const commits: { readonly commit: "head" | "merge"; readonly sha: string }[] = [
    { commit: "head", sha: head },
  ];
  if (merge !== undefined && merge !== head) commits.push({ commit: "merge", sha: merge });
  const all: Check[] = [];
  for (const { commit, sha } of commits) {
    const found = await checksOfCommit(client, { repo, sha }, asking);
    const once = new Map(found.map((check) => [keyOf(check), check]));
    const sorted = [...once].sort(([one], [other]) => (one < other ? -1 : 1));
    all.push(...sorted.map(([, check]) => ({ ...check, commit })));
  }
  return all;
}
