// Invented repositories as a scripted GitHub knows them: plain data, with functions that fill in what a test does not name.
import { createHash } from "node:crypto";

export interface ModelComment {
  /** `null` where the account is gone. */
  readonly author: string | null;
  readonly body: string;
  readonly createdAt: string;
  readonly updatedAt?: string;
}

export interface ModelIssue {
  readonly number: number;
  readonly title: string;
  readonly body: string | null;
  readonly createdAt: string;
  readonly comments: readonly ModelComment[];
  /** owner/name#number of where it is now. */
  readonly movedTo?: string;
  readonly isGone?: boolean;
}

export interface ModelCommit {
  readonly sha: string;
  readonly message: string;
  readonly authoredAt: string;
  readonly parents: readonly string[];
}

export interface ModelPull {
  readonly number: number;
  readonly title: string;
  readonly body: string | null;
  readonly createdAt: string;
  readonly mergedAt: string | null;
  readonly base: string;
  readonly head: string;
  readonly merge: string | null;
  readonly commits: readonly ModelCommit[];
  /** owner/name#number of what GitHub itself takes it to close; `null` for one the token may not see. */
  readonly closes: readonly (string | null)[];
}

export interface ModelChecks {
  readonly runs: readonly {
    readonly name: string;
    readonly conclusion: string | null;
    readonly suite: number;
    readonly app: string;
  }[];
  readonly statuses: readonly { readonly context: string; readonly state: string }[];
  readonly workflowRuns: readonly { readonly path: string; readonly suite: number }[];
}

export interface ModelRepository {
  readonly name: string;
  readonly id: number;
  readonly formerNames: readonly string[];
  /** The status of everything below it, where it is no longer there. */
  readonly gone?: 403 | 404 | 451;
  readonly language: string;
  readonly stars: number;
  readonly licence: string | null;
  readonly pushedAt: string;
  readonly workflows: readonly { readonly path: string; readonly state: string }[];
  issues: ModelIssue[];
  pulls: ModelPull[];
  readonly checks: Readonly<Record<string, ModelChecks>>;
}

/** Day n of the model's life, as GitHub writes it. */
export const day = (n: number): string =>
  new Date(Date.UTC(2025, 0, 1) + n * 86_400_000).toISOString().replace(".000Z", "Z");

/** A commit's name from any words. */
export const shaOf = (words: string): string => createHash("sha1").update(words).digest("hex");

export function repository(name: string, parts: Partial<ModelRepository> = {}): ModelRepository {
  return {
    ...{
      name,
      id: Number.parseInt(shaOf(name).slice(0, 6), 16),
      formerNames: [],
      language: "Go",
      stars: 100,
    },
    ...{ licence: "MIT", pushedAt: day(300), workflows: [], issues: [], pulls: [], checks: {}, ...parts },
  };
}

export function issue(number: number, parts: Partial<ModelIssue> = {}): ModelIssue {
  const about = { title: `Issue ${number}`, body: `What is wrong in ${number}.`, createdAt: day(number) };
  return { number, ...about, comments: [], ...parts };
}

export function commit(words: string, parts: Partial<ModelCommit> = {}): ModelCommit {
  return {
    sha: shaOf(words),
    message: words,
    authoredAt: day(100),
    parents: [shaOf(`${words} before`)],
    ...parts,
  };
}

/** Merged, with one commit, two days after it was opened. */
export function pull(number: number, parts: Partial<ModelPull> = {}): ModelPull {
  const own = commit(`work for ${number}`, { authoredAt: day(number + 50) });
  return {
    ...{ number, title: `Change ${number}`, body: "", createdAt: day(number), mergedAt: day(number + 60) },
    ...{ base: shaOf(`base ${number}`), head: (parts.commits?.at(-1) ?? own).sha },
    ...{ merge: shaOf(`merge ${number}`), commits: [own], closes: [], ...parts },
  };
}
