// One merged pull request: whether it closed an issue, with which commits, and what is known of both.
import type { MinedRow } from "../../pipeline/rows.ts";
import { type Rejection, rejectedFor, type StageOutcome } from "../../pipeline/stage.ts";
import { listed } from "../../split/files.ts";
import { revertedBy } from "../change.ts";
import { type IssueName, linkedIssues } from "../linked-issues.ts";
import { isoOf } from "../times.ts";
import { checksOf } from "./checks.ts";
import type { Asking, GitHubClient } from "./client.ts";
import { distinct, issueOf } from "./issues.ts";
import { commitsOf, type Pull, type PullCommit } from "./pulls.ts";

export interface MineGitHubLimits {
  /** Merged ones of a repository, newest first. */
  readonly mostPulls: number;
  /** Of one pull request. GitHub lists no more than 250. */
  readonly mostCommits: number;
  readonly mostIssues: number;
  /** What one page holds, at most 100. */
  readonly pageSize: number;
}

type LinkedIssue = MinedRow["mined"]["issues"][number];

const textOf = ({ title, body }: Pull): string => `${title}\n\n${body}`;

/** Pull requests and commits that others say they take back. */
export class Reverted {
  readonly #numbers = new Set<number>();
  readonly #commits = new Set<string>();

  constructor(pulls: readonly Pull[], repo: string) {
    for (const pull of pulls) {
      const texts = [textOf(pull), ...(pull.commits ?? []).map(({ message }) => message)];
      for (const commit of texts.flatMap(revertedBy)) this.#commits.add(commit);
      const [, of = repo, number] =
        /^Reverts (?:([\w.-]+\/[\w.-]+))?#([1-9]\d{0,8})\b/m.exec(pull.body) ?? [];
      if (number !== undefined && of.toLowerCase() === repo.toLowerCase()) this.#numbers.add(Number(number));
    }
  }

  has({ number, head, merge }: Pull): boolean {
    const commits = [head, ...(merge === undefined ? [] : [merge])];
    return this.#numbers.has(number) || commits.some((commit) => this.#commits.has(commit));
  }
}

export interface MinedRepo {
  /** owner/name. */
  readonly name: string;
  /** SPDX id. */
  readonly licence?: string;
}

interface Links {
  readonly names: readonly IssueName[];
  readonly linkedBy: "reference" | "text";
}

/** The id of the row that a pull request becomes. */
export const pullRowId = (repo: string, number: number): string => `${repo.replace("/", "__")}-${number}`;

/** Of one repository and one run. */
export class PullMiner {
  readonly #client: GitHubClient;
  readonly #repo: MinedRepo;
  readonly #about: { readonly limits: MineGitHubLimits; readonly asking: Asking };

  constructor(
    client: GitHubClient,
    repo: MinedRepo,
    about: { readonly limits: MineGitHubLimits; readonly asking: Asking },
  ) {
    this.#client = client;
    this.#repo = repo;
    this.#about = about;
  }

  /** GitHub's own relation; where it has none, what the words of the pull request say. */
  #linksOf(pull: Pull, commits: readonly PullCommit[]): Links | Rejection {
    const { mostIssues } = this.#about.limits;
    const { closes } = pull;
    const isRelated = closes !== undefined && closes.count > 0;
    const texts = [textOf(pull), ...commits.map(({ message }) => message)];
    const inTexts = () => texts.flatMap((text) => linkedIssues(text, this.#repo.name, this.#client.host));
    const names = distinct(isRelated ? closes.issues : inTexts());
    const count = isRelated ? closes.count : names.length;
    if (count > mostIssues)
      return { reason: "many-issues", detail: `expected at most ${mostIssues} issues, found ${count}` };
    if (names.length > 0) return { names, linkedBy: isRelated ? "reference" : "text" };
    if (isRelated)
      return {
        reason: "issue-unknown",
        detail: `expected issues that can be seen, found ${count} that cannot`,
      };
    const where = pull.commits === undefined ? "its title and text" : "its texts and messages";
    return { reason: "no-issue", detail: `expected words in ${where} that close an issue, found none` };
  }

  async #issuesOf({ names, linkedBy }: Links, firstCommitAt: string): Promise<LinkedIssue[] | Rejection> {
    const issues: LinkedIssue[] = [];
    const unknown: number[] = [];
    for (const name of names) {
      const found = await issueOf(this.#client, name, { linkedBy, firstCommitAt, ...this.#about });
      if (found.kind === "issue") issues.push(found.issue);
      if (found.kind === "unknown") unknown.push(found.status);
    }
    const once = new Map(issues.map((issue) => [`${issue.repo.toLowerCase()}#${issue.number}`, issue]));
    if (once.size > 0) return [...once.values()];
    const all = listed(names.map(({ repo, number }) => `${repo}#${number}`));
    if (unknown.length === 0)
      return { reason: "only-pull-requests", detail: `expected an issue, found ${all}` };
    return { reason: "issue-unknown", detail: `expected ${all}, found ${[...new Set(unknown)].join(", ")}` };
  }

  /** The row's part, or why there is none. */
  async #minedOf(pull: Pull, reverted: Reverted): Promise<MinedRow["mined"] | Rejection> {
    const { asking, limits } = this.#about;
    if (/^Revert "/.test(pull.title) || /^Reverts \S*#\d+/m.test(pull.body))
      return { reason: "revert", detail: "expected a change of its own, found one that takes another back" };
    if (reverted.has(pull))
      return {
        reason: "reverted",
        detail: "expected a change that stayed, found one that is taken back later",
      };
    // Without a token each request counts: the messages are read of those alone that name an issue before.
    const early = this.#linksOf(pull, pull.commits ?? []);
    if ("reason" in early) return early;
    const all =
      pull.commits ?? (await commitsOf(this.#client, { repo: this.#repo.name, number: pull.number }, asking));
    if ("reason" in all) return all;
    const links = pull.commits === undefined ? this.#linksOf(pull, all) : early;
    if ("reason" in links) return links;
    if (all.length > limits.mostCommits)
      return { reason: "too-large", detail: `expected at most ${limits.mostCommits} commits, found more` };
    const commits = all.filter(({ isMerge }) => !isMerge);
    if (commits.length === 0)
      return { reason: "no-own-commit", detail: "expected commits of its own, found merges alone" };
    const firstCommitAt = isoOf(Math.min(...commits.map(({ authoredAt }) => Date.parse(authoredAt))) / 1000);
    if (firstCommitAt === undefined)
      return {
        reason: "unsound-time",
        detail: "expected commits from between 1970 and 2100, found another time",
      };
    const issues = await this.#issuesOf(links, firstCommitAt);
    if ("reason" in issues) return issues;
    const { title, body, base: targetTip, head, merge, mergedAt } = pull;
    const checks = await checksOf(this.#client, { repo: this.#repo.name, head, merge }, asking);
    return {
      ...{ title, body, targetTip, head, ...(merge === undefined ? {} : { merge }) },
      ...{ commits: commits.map(({ sha }) => sha), firstCommitAt, mergedAt, issues, checks },
      ...(this.#repo.licence === undefined ? {} : { licence: this.#repo.licence }),
    };
  }

  async mine(pull: Pull, reverted: Reverted): Promise<StageOutcome<MinedRow>> {
    const id = pullRowId(this.#repo.name, pull.number);
    const mined = await this.#minedOf(pull, reverted);
    if ("reason" in mined) return rejectedFor({ id }, mined);
    const { number, url } = pull;
    const origin = { kind: "pull-request", host: this.#client.host, number, url } as const;
    return { kept: [{ schemaVersion: 1, id, repo: this.#repo.name, origin, mined }], rejected: [] };
  }
}
