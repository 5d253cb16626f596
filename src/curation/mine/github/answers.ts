// What is used of GitHub's answers, parsed at the door: anything in them may have been written by anybody.
import { z } from "zod";
import { GitHubFault } from "./fault.ts";

const commitId = z.string().regex(/^[0-9a-f]{40}$/, "40 lower-case hex digits");
const time = z.iso.datetime({ offset: true });
const repoName = z
  .string()
  .max(150)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*\/[A-Za-z0-9._-]+$/, "owner/name");
const text = z.string().max(1_000_000);
const pageUrl = z.url({ protocol: /^https?$/ }).max(1000);
const number = z.int().positive();

export const repositoryAnswer = z.object({
  full_name: repoName,
  license: z.object({ spdx_id: z.string().max(100).nullable() }).nullish(),
});

export const pullAnswer = z.object({
  number,
  title: text,
  body: text.nullable(),
  html_url: pageUrl,
  created_at: time,
  merged_at: time.nullable(),
  merge_commit_sha: commitId.nullable(),
  head: z.object({ sha: commitId }),
  base: z.object({ sha: commitId }),
});

/** Of a commit only the author's date is used, and anybody may have set that to anything. */
export const commitAnswer = z.object({
  sha: commitId,
  commit: z.object({ message: text, author: z.object({ date: z.string().max(100).optional() }).nullable() }),
  parents: z.array(z.object({ sha: commitId })),
});

export const issueAnswer = z.object({
  number,
  title: text,
  body: text.nullish(),
  created_at: time,
  comments: z.int().nonnegative(),
  repository_url: z.string().max(1000),
  pull_request: z.unknown().optional(),
});

export const commentAnswer = z.object({
  body: text.optional(),
  created_at: time,
  updated_at: time,
  user: z.object({ login: z.string().max(100) }).nullable(),
});

const name = z.string().max(1000);

export const checkRunsAnswer = z.object({
  check_runs: z.array(
    z.object({
      name,
      status: z.string().max(100),
      conclusion: z.string().max(100).nullable(),
      app: z.object({ slug: z.string().max(200).optional() }).nullable(),
      check_suite: z.object({ id: z.number() }).nullable(),
    }),
  ),
});

export const statusesAnswer = z.object({
  statuses: z.array(z.object({ context: name, state: z.string().max(100) })),
});

export const workflowRunsAnswer = z.object({
  workflow_runs: z.array(z.object({ path: name, check_suite_id: z.number().optional() })),
});

export const workflowsAnswer = z.object({
  workflows: z.array(z.object({ path: name, state: z.string().max(100) })),
});

export const foundRepositories = z.object({
  total_count: z.int().nonnegative(),
  incomplete_results: z.boolean(),
  items: z.array(z.object({ full_name: repoName, stargazers_count: z.int().nonnegative() })),
});

const relatedIssue = z.object({ number, repository: z.object({ nameWithOwner: repoName }) });
const relatedCommit = z.object({
  commit: z.object({
    oid: commitId,
    message: text,
    authoredDate: time,
    parents: z.object({ totalCount: z.int().nonnegative() }),
  }),
});
const counted = <T extends z.ZodType>(node: T) =>
  z.object({ totalCount: z.int().nonnegative(), nodes: z.array(node.nullable()).nullable() });

const graphPull = z.object({
  number,
  title: text,
  body: text,
  url: pageUrl,
  createdAt: time,
  mergedAt: time.nullable(),
  baseRefOid: commitId,
  headRefOid: commitId,
  mergeCommit: z.object({ oid: commitId }).nullable(),
  closingIssuesReferences: counted(relatedIssue).nullable(),
  commits: counted(relatedCommit),
});
export type GraphPull = z.infer<typeof graphPull>;

const graphError = z.object({ type: z.string().optional(), message: z.string().optional() });

/** `null` stands where the token may not look, with an error that says so. */
export const pullsByGraph = z.object({
  data: z.object({
    repository: z.object({
      pullRequests: z.object({
        pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().max(1000).nullable() }),
        nodes: z.array(graphPull.nullable()).nullable(),
      }),
    }),
  }),
  errors: z.array(graphError).optional(),
});

export const pullByGraph = z.object({
  data: z.object({ repository: z.object({ pullRequest: graphPull.nullable() }) }),
  errors: z.array(graphError).optional(),
});

/** @throws GitHubFault github-answer, naming the field that is not as GitHub publishes it */
export function parsed<T>(schema: z.ZodType<T>, data: unknown, what: string): T {
  const read = schema.safeParse(data);
  if (read.success) return read.data;
  const said = read.error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.join(".")}: ${issue.message}`)
    .join("; ");
  const message = `${what}: expected an answer as GitHub publishes it, found ${said}`;
  throw new GitHubFault("github-answer", message, { retryable: false });
}
