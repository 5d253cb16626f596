// Merged pull requests of one repository, newest first: by GraphQL, which knows what each closes, or by REST without a token.
import { z } from "zod";
import type { Rejection } from "../../pipeline/stage.ts";
import type { IssueName } from "../linked-issues.ts";
import { commitAnswer, type GraphPull, parsed, pullAnswer, pullByGraph, pullsByGraph } from "./answers.ts";
import type { Asking, GitHubClient } from "./client.ts";
import { GitHubFault } from "./fault.ts";

export interface PullCommit {
  readonly sha: string;
  readonly message: string;
  /** As its author's machine said; not necessarily a time at all. */
  readonly authoredAt: string;
  readonly isMerge: boolean;
}

export interface Pull {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly url: string;
  readonly createdAt: string;
  readonly mergedAt: string;
  readonly base: string;
  readonly head: string;
  readonly merge?: string;
  /** By GitHub's own relation, and how many there are; absent where nobody could ask. */
  readonly closes?: { readonly issues: readonly IssueName[]; readonly count: number };
  /** All of them, oldest first; absent where they have to be asked for. */
  readonly commits?: readonly PullCommit[];
}

/** What is read: the newest so many, and none that was opened before. */
export interface PullRange {
  readonly most: number;
  /** ISO. */
  readonly openedSince?: string;
  /** Of one REST page; GraphQL takes fewer at once, for each brings its commits. */
  readonly pageSize: number;
}

export interface Pulls {
  readonly merged: readonly Pull[];
  /** Older ones were there and were not read. */
  readonly hasOlder: boolean;
}

const mostOfGraph = 25;
/** A page that GitHub cannot put together in its ten seconds may come in smaller ones. */
const smallerPages = [6, 1];
/** GraphQL brings so many commits along; whoever has more is asked for by REST. */
const commitsAlong = 100;

const fields = `
  number title body url createdAt mergedAt baseRefOid headRefOid
  mergeCommit { oid }
  closingIssuesReferences(first: 20) { totalCount nodes { number repository { nameWithOwner } } }
  commits(first: ${commitsAlong}) {
    totalCount
    nodes { commit { oid message authoredDate parents(first: 1) { totalCount } } }
  }
`;

const query = `query($owner: String!, $name: String!, $first: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequests(states: MERGED, first: $first, after: $after, orderBy: {field: CREATED_AT, direction: DESC}) {
      pageInfo { hasNextPage endCursor }
      nodes { ${fields} }
    }
  }
}`;

const oneQuery = `query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { ${fields} } }
}`;

/** Whether what is missing in it is missing for a reason that stays: what may not be seen, or is gone. */
function isWhole(body: unknown): boolean {
  const read = z.union([pullsByGraph, pullByGraph]).safeParse(body);
  const stays = new Set(["NOT_FOUND", "FORBIDDEN"]);
  return read.success && (read.data.errors ?? []).every(({ type }) => type !== undefined && stays.has(type));
}

const present = <T>(nodes: readonly (T | null)[] | null): T[] =>
  (nodes ?? []).filter((node): node is T & {} => node !== null);

function ofGraph(pull: GraphPull): Pull[] {
  const { number, title, body, url, createdAt, mergedAt, baseRefOid: base, headRefOid: head } = pull;
  if (mergedAt === null) return [];
  const commits = present(pull.commits.nodes).map(({ commit: { oid, message, authoredDate, parents } }) => ({
    ...{ sha: oid, message, authoredAt: authoredDate, isMerge: parents.totalCount > 1 },
  }));
  const related = pull.closingIssuesReferences;
  const issues = present(related?.nodes ?? null).map((issue) => ({
    repo: issue.repository.nameWithOwner,
    number: issue.number,
  }));
  return [
    {
      ...{ number, title, body, url, createdAt, mergedAt, base, head },
      ...(pull.mergeCommit === null ? {} : { merge: pull.mergeCommit.oid }),
      ...(related === null ? {} : { closes: { issues, count: related.totalCount } }),
      ...(commits.length === pull.commits.totalCount ? { commits } : {}),
    },
  ];
}

function ofRest(pull: z.infer<typeof pullAnswer>): Pull[] {
  const { number, title, body, html_url: url, created_at: createdAt, merged_at: mergedAt } = pull;
  if (mergedAt === null) return [];
  const merge = pull.merge_commit_sha === null ? {} : { merge: pull.merge_commit_sha };
  return [
    {
      ...{ number, title, body: body ?? "", url, createdAt, mergedAt, ...merge },
      ...{ base: pull.base.sha, head: pull.head.sha },
    },
  ];
}

interface Page {
  readonly kind: "page";
  readonly pulls: readonly Pull[];
  /** When the oldest of the page was opened, merged or not. */
  readonly opened: string | undefined;
}

type PageAnswer = Page | ({ readonly kind: "rejected" } & Rejection);

async function* graphPages(
  client: GitHubClient,
  repo: string,
  { pageSize, asking }: { readonly pageSize: number; readonly asking: Asking },
): AsyncGenerator<PageAnswer, void> {
  const [owner = "", name = ""] = repo.split("/");
  const largest = Math.min(pageSize, mostOfGraph);
  const sizes = [largest, ...smallerPages.filter((size) => size < largest)];
  let after: string | null = null;
  do {
    const body = await graphPage(client, { variables: { owner, name, after }, sizes }, asking);
    const answer = parsed(pullsByGraph, body, `pull requests of ${repo}`);
    const { pageInfo, nodes } = answer.data.repository.pullRequests;
    const pulls = present(nodes);
    yield { kind: "page", pulls: pulls.flatMap(ofGraph), opened: pulls.at(-1)?.createdAt };
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
}

/** @param sizes largest first; what is too large is taken out of it, for the pages that follow too */
async function graphPage(
  client: GitHubClient,
  { variables, sizes }: { readonly variables: Readonly<Record<string, unknown>>; readonly sizes: number[] },
  asking: Asking,
): Promise<unknown> {
  for (;;) {
    try {
      return await client.graphql(query, { ...variables, first: sizes[0] }, { ...asking, isSound: isWhole });
    } catch (error) {
      const isHeavy = error instanceof GitHubFault && error.code === "github-unreachable";
      if (!isHeavy || sizes.length < 2) throw error;
      sizes.shift();
    }
  }
}

/** All states: one that changes its own must not move others from page to page. */
async function* restPages(
  client: GitHubClient,
  repo: string,
  { pageSize, asking }: { readonly pageSize: number; readonly asking: Asking },
): AsyncGenerator<PageAnswer, void> {
  const place = `/repos/${repo}/pulls?state=all&sort=created&direction=desc&per_page=${pageSize}`;
  for await (const answer of client.pages(place, asking)) {
    if (answer.kind === "missing") {
      yield { kind: "rejected", ...vanished("repository-gone", place, answer.status) };
      return;
    }
    const pulls = parsed(z.array(pullAnswer), answer.data, place);
    yield { kind: "page", pulls: pulls.flatMap(ofRest), opened: pulls.at(-1)?.created_at };
  }
}

/** What was there a moment ago. */
function vanished(reason: string, place: string, status: number): Rejection {
  return { reason, detail: `expected an answer at ${place}, found ${status}, though there was one before` };
}

/** Those merged by the time of the run, newest first. @throws GitHubFault, UsageError, the signal's reason */
export async function mergedPulls(
  client: GitHubClient,
  repo: string,
  { asking, most, openedSince, pageSize }: PullRange & { readonly asking: Asking },
): Promise<Pulls | Rejection> {
  const pages = client.hasToken ? graphPages : restPages;
  const since = openedSince === undefined ? Number.NEGATIVE_INFINITY : Date.parse(openedSince);
  const isMeant = ({ createdAt, mergedAt }: Pull): boolean =>
    Date.parse(createdAt) >= since && Date.parse(mergedAt) <= Date.parse(asking.asOf);
  // What is opened meanwhile moves others to the next page, where they come again.
  const merged = new Map<number, Pull>();
  for await (const page of pages(client, repo, { pageSize, asking })) {
    if (page.kind === "rejected") return { reason: page.reason, detail: page.detail };
    for (const pull of page.pulls.filter(isMeant)) merged.set(pull.number, pull);
    const isPast = page.opened !== undefined && Date.parse(page.opened) < since;
    if (isPast || merged.size > most) break;
  }
  return { merged: [...merged.values()].slice(0, most), hasOlder: merged.size > most };
}

/** One by its number. @throws GitHubFault, UsageError, the signal's reason */
export async function onePull(
  client: GitHubClient,
  { repo, number }: IssueName,
  asking: Asking,
): Promise<Pulls | Rejection> {
  const gone = {
    reason: "pull-gone",
    detail: `expected ${repo} to have a pull request ${number}, found none`,
  };
  const found = client.hasToken
    ? await oneByGraph(client, { repo, number }, asking)
    : await oneByRest(client, { repo, number }, asking);
  if (found === undefined) return gone;
  const [pull] = found;
  if (pull !== undefined) return { merged: [pull], hasOlder: false };
  return {
    reason: "not-merged",
    detail: `expected a merged pull request, found ${repo}#${number} not merged`,
  };
}

/** Undefined where there is none, nothing in it where it is not merged. */
async function oneByGraph(
  client: GitHubClient,
  { repo, number }: IssueName,
  asking: Asking,
): Promise<Pull[] | undefined> {
  const [owner = "", name = ""] = repo.split("/");
  const body = await client.graphql(oneQuery, { owner, name, number }, { ...asking, isSound: isWhole });
  const { pullRequest } = parsed(pullByGraph, body, `pull request ${repo}#${number}`).data.repository;
  return pullRequest === null ? undefined : ofGraph(pullRequest);
}

async function oneByRest(
  client: GitHubClient,
  { repo, number }: IssueName,
  asking: Asking,
): Promise<Pull[] | undefined> {
  const place = `/repos/${repo}/pulls/${number}`;
  const answer = await client.get(place, asking);
  return answer.kind === "missing" ? undefined : ofRest(parsed(pullAnswer, answer.data, place));
}

/** Oldest first; GitHub lists no more than 250. @throws GitHubFault, UsageError, the signal's reason */
export async function commitsOf(
  client: GitHubClient,
  { repo, number }: IssueName,
  asking: Asking,
): Promise<PullCommit[] | Rejection> {
  const place = `/repos/${repo}/pulls/${number}/commits?per_page=100`;
  const commits: PullCommit[] = [];
  for await (const answer of client.pages(place, asking)) {
    if (answer.kind === "missing") return vanished("commits-gone", place, answer.status);
    for (const { sha, commit, parents } of parsed(z.array(commitAnswer), answer.data, place)) {
      const authoredAt = commit.author?.date ?? "";
      commits.push({ sha, message: commit.message, authoredAt, isMerge: parents.length > 1 });
    }
  }
  return commits;
}
