// The mine stage without GitHub: the main line of a local clone, and issues somebody exported.
import type { LoggedCommit, Repository } from "../../git/index.ts";
import { type MinedRow, minedRow } from "../pipeline/rows.ts";
import type { Rejection, Stage, StageOutcome } from "../pipeline/stage.ts";
import { listed } from "../split/files.ts";
import { type Change, changeOf, revertedBy, withoutTrailers } from "./change.ts";
import { mineChange } from "./given.ts";
import type { IssueExport } from "./issue-export.ts";
import { type IssueName, issueKey, linkedIssues } from "./linked-issues.ts";
import { type CloneSource, type LocalSource, localSource } from "./sources.ts";
import { isoOf } from "./times.ts";

export interface MineLimits {
  /** Of the main line, newest first. */
  readonly mostChanges: number;
  /** Of one merged pull request. */
  readonly mostCommits: number;
  /** Of one change: a release names dozens. */
  readonly mostIssues: number;
}

export const defaultMineLimits: MineLimits = { mostChanges: 20_000, mostCommits: 250, mostIssues: 10 };

export interface MineCloneDeps {
  /** @throws a fault: the clone is asked again */
  readonly repositoryOf: (source: LocalSource) => Promise<Repository>;
  /** Of a clone that names an export. */
  readonly issuesOf: (source: CloneSource) => Promise<IssueExport | undefined>;
  readonly limits?: Partial<MineLimits>;
}

type LinkedIssue = MinedRow["mined"]["issues"][number];
type Found = { readonly kind: "issues"; readonly issues: LinkedIssue[] } | ({ kind: "rejected" } & Rejection);

function messageIssue(change: Change, about: { readonly repo: string; readonly at: string }): LinkedIssue {
  const body = withoutTrailers(change.body);
  const told = { title: change.title, body, createdAt: about.at, comments: [] };
  return { repo: about.repo, number: 0, ...told, linkedBy: "text" };
}

const issuesListed = (names: readonly IssueName[]): string =>
  listed(names.map(({ repo, number }) => `${repo}#${number}`));

function whyNone(names: readonly IssueName[], issues: IssueExport | undefined): Rejection {
  if (names.length === 0)
    return { reason: "no-issue", detail: "expected words that close an issue, found none" };
  if (names.every((each) => issues?.find(each)?.isPullRequest === true))
    return { reason: "only-pull-requests", detail: `expected an issue, found ${issuesListed(names)}` };
  return { reason: "issue-unknown", detail: `expected the text of ${issuesListed(names)}, found none` };
}

class CloneMiner {
  readonly #source: CloneSource;
  readonly #issues: IssueExport | undefined;
  readonly #limits: MineLimits;
  readonly #ids = new Set<string>();

  constructor(source: CloneSource, issues: IssueExport | undefined, limits: MineLimits) {
    this.#source = source;
    this.#issues = issues;
    this.#limits = limits;
  }

  /** The pull request's number where there is one; what follows it up under the same number is told by its commit. */
  idOf(commit: string, number?: number): string {
    const prefix = this.#source.repo.replace("/", "__");
    const own = `${prefix}-${number ?? commit.slice(0, 12)}`;
    const id = this.#ids.has(own) ? `${prefix}-${commit}` : own;
    this.#ids.add(id);
    return id;
  }

  /** The change with the pull request's own words, where they were exported; a number that is an issue's is no change's. */
  #asExported(change: Change): Change {
    const { number } = change;
    if (number === undefined) return change;
    const known = this.#issues?.find({ repo: this.#source.repo, number });
    if (known === undefined) return change;
    if (known.isPullRequest) {
      const { title, body } = known;
      return { ...change, title, body, texts: [`${title}\n\n${body}`, ...change.texts] };
    }
    if (change.targetTip !== undefined) return change;
    const { number: _number, merge: _merge, ...plain } = change;
    return { ...plain, title: `${change.title} (#${number})` };
  }

  #issuesOf(told: Change, change: Change, at: string): Found {
    const { repo, messages, host } = this.#source;
    const issues = this.#issues;
    const all = told.texts.flatMap((text) => linkedIssues(text, repo, host));
    const names = [...new Map(all.map((name) => [issueKey(name), name])).values()];
    const { mostIssues } = this.#limits;
    if (names.length > mostIssues) {
      const detail = `expected at most ${mostIssues} issues, found ${names.length}`;
      return { kind: "rejected", reason: "many-issues", detail };
    }
    const found = names.flatMap((name): LinkedIssue[] => {
      const known = issues?.find(name);
      if (known === undefined || known.isPullRequest) return [];
      const { title, body, createdAt } = known;
      return [{ ...name, title, body, createdAt, linkedBy: "text", comments: [] }];
    });
    if (found.length > 0) return { kind: "issues", issues: found };
    const why = whyNone(names, issues);
    const stands = messages === "any" || (messages === "linked" && why.reason === "issue-unknown");
    // The message itself, not what the pull request says: the option says so.
    if (stands) return { kind: "issues", issues: [messageIssue(change, { repo, at })] };
    return { kind: "rejected", ...why };
  }

  #rejected(id: string, { reason, detail }: Rejection): StageOutcome<MinedRow> {
    return { kept: [], rejected: [{ id, reason, detail }] };
  }

  async mine(
    repository: Repository,
    own: LoggedCommit,
    reverted: ReadonlySet<string>,
  ): Promise<StageOutcome<MinedRow>> {
    const answer = await changeOf(repository, own, this.#limits.mostCommits);
    if (answer.kind === "rejected") return this.#rejected(this.idOf(own.commit), answer);
    const { kind: _kind, ...change } = answer;
    const told = this.#asExported(change);
    const id = this.idOf(own.commit, told.number);
    if (reverted.has(own.commit)) {
      const detail = `expected a change that stayed, found ${own.commit}, which a later commit takes back`;
      return this.#rejected(id, { reason: "reverted", detail });
    }
    const firstCommitAt = isoOf(Math.min(...told.commits.map((each) => each.authoredAt)));
    const mergedAt = isoOf(own.committedAt);
    if (firstCommitAt === undefined || mergedAt === undefined) {
      const detail = "expected commits from between 1970 and 2100, found another time";
      return this.#rejected(id, { reason: "unsound-time", detail });
    }
    const found = this.#issuesOf(told, change, firstCommitAt);
    if (found.kind === "rejected") return this.#rejected(id, found);
    const { title, body, head, targetTip, merge } = told;
    const places = {
      ...(targetTip === undefined ? {} : { targetTip }),
      ...(merge === undefined ? {} : { merge }),
    };
    const commits = told.commits.map((each) => each.commit);
    const mined = { title, body, head, ...places, commits, firstCommitAt, mergedAt, issues: found.issues };
    const about = { schemaVersion: 1, id, repo: this.#source.repo } as const;
    const row: MinedRow = {
      ...about,
      origin: { kind: "commits", fix: own.commit },
      mined: { ...mined, checks: [] },
    };
    return { kept: [row], rejected: [] };
  }
}

/** Every change on a clone's main line that closes an issue, oldest first. */
async function mineClone(
  source: CloneSource,
  repository: Repository,
  {
    deps,
    limits,
    signal,
  }: { readonly deps: MineCloneDeps; readonly limits: MineLimits; readonly signal: AbortSignal },
): Promise<StageOutcome<MinedRow>> {
  await repository.treeOf(source.head);
  const line = await repository.log(source.head, { mainLine: true, atMost: limits.mostChanges + 1 });
  const read = line.slice(0, limits.mostChanges).reverse();
  const reverted = new Set(read.flatMap((each) => revertedBy(each.message)));
  const miner = new CloneMiner(source, await deps.issuesOf(source), limits);
  const kept: MinedRow[] = [];
  const rejected: (Rejection & { readonly id: string })[] = [];
  if (line.length > limits.mostChanges) {
    const detail = `expected at most ${limits.mostChanges} changes, found more: only the newest were read`;
    rejected.push({ id: source.id, reason: "older-history", detail });
  }
  for (const own of read) {
    signal.throwIfAborted();
    const outcome = await miner.mine(repository, own, reverted);
    kept.push(...outcome.kept);
    rejected.push(...outcome.rejected);
  }
  return { kept, rejected };
}

/** Rows of clones and of single changes; docs/curation/mine.md names the reasons of what is put aside. */
export function mineCloneStage(deps: MineCloneDeps): Stage<LocalSource, MinedRow> {
  const limits: MineLimits = { ...defaultMineLimits, ...deps.limits };
  return {
    name: "mine",
    input: localSource,
    output: minedRow,
    settings: { rules: 1, limits },
    run: async (source, signal) => {
      const repository = await deps.repositoryOf(source);
      if (source.kind === "change") return mineChange(source, repository, limits.mostCommits);
      return mineClone(source, repository, { deps, limits, signal });
    },
  };
}
