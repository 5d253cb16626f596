// The mine stage without GitHub: the main line of a local clone, and issues somebody exported.
import { z } from "zod";
import type { LoggedCommit, Repository } from "../../git/index.ts";
import { type MinedRow, minedRow } from "../pipeline/rows.ts";
import type { Rejection, Stage, StageOutcome } from "../pipeline/stage.ts";
import { type Change, changeOf, revertedBy } from "./change.ts";
import type { IssueExport } from "./issue-export.ts";
import { type IssueName, issueKey, linkedIssues } from "./linked-issues.ts";

const sourceSchema = z.strictObject({
  id: z.string().min(1),
  /** owner/name: ids and `#12` are told by it. */
  repo: z
    .string()
    .max(150)
    .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*\/[A-Za-z0-9._-]+$/, "owner/name"),
  path: z.string().min(1),
  /** Where the main line ends; the clone's HEAD where absent. Named, a clone that is fetched meanwhile changes nothing. */
  head: z
    .string()
    .regex(/^[0-9a-f]{40}$/, "40 lower-case hex digits")
    .exactOptional(),
});
export type CloneSource = z.infer<typeof sourceSchema>;

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
  readonly repositoryOf: (source: CloneSource) => Promise<Repository>;
  readonly issues?: IssueExport;
  /**
   * When a change's own message stands for its issue: never; where it closes an issue whose text is not at hand; or
   * always then, whether it names an issue or not.
   */
  readonly messages: "never" | "linked" | "any";
  /** Whose URLs name issues; github.com where absent. */
  readonly host?: string;
  readonly limits?: Partial<MineLimits>;
}

type LinkedIssue = MinedRow["mined"]["issues"][number];
type Found = { readonly kind: "issues"; readonly issues: LinkedIssue[] } | ({ kind: "rejected" } & Rejection);

/** Times that a row can hold: a commit may say anything. */
const latestSeconds = Date.UTC(2100, 0) / 1000;

function isoOf(seconds: number): string | undefined {
  if (!(seconds >= 0 && seconds < latestSeconds)) return undefined;
  return new Date(seconds * 1000).toISOString();
}

/** Who signed and reviewed is no part of the problem. */
const trailer = /^[A-Za-z][A-Za-z-]*-by:.*$|^Change-Id:.*$/gim;

function messageIssue(change: Change, about: { readonly repo: string; readonly at: string }): LinkedIssue {
  const body = change.body.replace(trailer, "").trim();
  const told = { title: change.title, body, createdAt: about.at, comments: [] };
  return { repo: about.repo, number: 0, ...told, linkedBy: "text" };
}

const listed = (names: readonly IssueName[]): string =>
  names
    .slice(0, 5)
    .map(({ repo, number }) => `${repo}#${number}`)
    .join(", ");

function whyNone(names: readonly IssueName[], issues: IssueExport | undefined): Rejection {
  if (names.length === 0)
    return { reason: "no-issue", detail: "expected words that close an issue, found none" };
  if (names.every((each) => issues?.find(each)?.isPullRequest === true))
    return { reason: "only-pull-requests", detail: `expected an issue, found ${listed(names)}` };
  return { reason: "issue-unknown", detail: `expected the text of ${listed(names)}, found none` };
}

class CloneMiner {
  readonly #source: CloneSource;
  readonly #deps: MineCloneDeps;
  readonly #limits: MineLimits;
  readonly #ids = new Set<string>();

  constructor(source: CloneSource, deps: MineCloneDeps, limits: MineLimits) {
    this.#source = source;
    this.#deps = deps;
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
    const known = this.#deps.issues?.find({ repo: this.#source.repo, number });
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
    const { repo } = this.#source;
    const { issues, messages, host } = this.#deps;
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

/** Rows of every change on a clone's main line that closes an issue, oldest first; docs/curation/mine.md names the rest. */
export function mineCloneStage(deps: MineCloneDeps): Stage<CloneSource, MinedRow> {
  const limits: MineLimits = { ...defaultMineLimits, ...deps.limits };
  const { messages, host = "github.com" } = deps;
  return {
    name: "mine",
    input: sourceSchema,
    output: minedRow,
    settings: { rules: 1, limits, messages, host, issues: deps.issues?.sha256 ?? "none" },
    run: async (source, signal) => {
      const repository = await deps.repositoryOf(source);
      const head = source.head ?? "HEAD";
      await repository.treeOf(head);
      const line = await repository.log(head, { mainLine: true, atMost: limits.mostChanges + 1 });
      const read = line.slice(0, limits.mostChanges).reverse();
      const reverted = new Set(read.flatMap((each) => revertedBy(each.message)));
      const miner = new CloneMiner(source, deps, limits);
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
    },
  };
}
