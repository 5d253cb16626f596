// The issues a pull request closes, each with what was said below it before anybody worked on the fix.
import { z } from "zod";
import type { MinedRow } from "../../pipeline/rows.ts";
import { type IssueName, issueKey } from "../linked-issues.ts";
import { commentAnswer, issueAnswer, parsed } from "./answers.ts";
import type { Asking, GitHubClient } from "./client.ts";

type LinkedIssue = MinedRow["mined"]["issues"][number];
type Comment = LinkedIssue["comments"][number];

export type IssueAnswer =
  | { readonly kind: "issue"; readonly issue: LinkedIssue }
  /** Gone, never there, or not for us. */
  | { readonly kind: "unknown"; readonly status: number }
  | { readonly kind: "pull-request" };

/** Comments of one issue that are read. */
const mostComments = 1000;

/** Whoever has no account any more. */
const nobody = "ghost";

/** Under the name that its repository has by now. */
function repoIn(repositoryUrl: string, otherwise: string): string {
  return /\/repos\/([A-Za-z0-9_][A-Za-z0-9._-]*\/[A-Za-z0-9._-]+)$/.exec(repositoryUrl)?.[1] ?? otherwise;
}

/** From before a moment, and not edited since: what was edited may speak of the fix by now. */
async function commentsBefore(
  client: GitHubClient,
  { repo, number }: IssueName,
  { beforeMs, asking }: { readonly beforeMs: number; readonly asking: Asking },
): Promise<Comment[]> {
  const place = `/repos/${repo}/issues/${number}/comments?per_page=100`;
  const early: Comment[] = [];
  let read = 0;
  for await (const answer of client.pages(place, asking)) {
    // Deleted since the issue was read: it has no comments then.
    if (answer.kind === "missing") return [];
    const page = parsed(z.array(commentAnswer), answer.data, place);
    for (const { body = "", created_at: createdAt, updated_at: updatedAt, user } of page) {
      const isEarly = Date.parse(createdAt) < beforeMs && Date.parse(updatedAt) < beforeMs;
      if (isEarly) early.push({ author: user?.login ?? nobody, createdAt, body });
    }
    read += page.length;
    // In the order in which they were written.
    const last = page.at(-1);
    if (last === undefined || Date.parse(last.created_at) >= beforeMs || read >= mostComments) break;
  }
  return early;
}

/** One issue, followed to where it was moved. @throws GitHubFault, UsageError, the signal's reason */
export async function issueOf(
  client: GitHubClient,
  name: IssueName,
  about: {
    readonly linkedBy: "reference" | "text";
    readonly firstCommitAt: string;
    readonly asking: Asking;
  },
): Promise<IssueAnswer> {
  const { linkedBy, firstCommitAt, asking } = about;
  const place = `/repos/${name.repo}/issues/${name.number}`;
  const answer = await client.get(place, asking);
  if (answer.kind === "missing") return { kind: "unknown", status: answer.status };
  const told = parsed(issueAnswer, answer.data, place);
  if (told.pull_request !== undefined && told.pull_request !== null) return { kind: "pull-request" };
  const { number, title, body, created_at: createdAt } = told;
  const repo = repoIn(told.repository_url, name.repo);
  const beforeMs = Date.parse(firstCommitAt);
  const hasEarly = told.comments > 0 && Date.parse(createdAt) < beforeMs;
  const comments = hasEarly ? await commentsBefore(client, { repo, number }, { beforeMs, asking }) : [];
  const issue = { repo, number, title, body: body ?? "", createdAt, linkedBy, comments };
  return { kind: "issue", issue };
}

/** Each issue once, by the name it was found under. */
export function distinct(names: readonly IssueName[]): IssueName[] {
  return [...new Map(names.map((name) => [issueKey(name), name] as const).reverse()).values()].reverse();
}
