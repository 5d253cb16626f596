// What one commit of the main line brought: a squashed or merged pull request, or a plain commit.
import type { LoggedCommit, Repository } from "../../git/index.ts";
import type { Rejection } from "../pipeline/stage.ts";

export interface Change {
  readonly title: string;
  readonly body: string;
  /** The pull request's, where the message names one. */
  readonly number?: number;
  readonly head: string;
  /** The main line before a merge; absent where the head's first parent is where it began. */
  readonly targetTip?: string;
  readonly merge?: string;
  /** Without merges, oldest first; never empty. */
  readonly commits: readonly LoggedCommit[];
  /** Each may say what the change closes. */
  readonly texts: readonly string[];
}

export type ChangeAnswer =
  | ({ readonly kind: "change" } & Change)
  | ({ readonly kind: "rejected" } & Rejection);

const rejected = (reason: string, detail: string): ChangeAnswer => ({ kind: "rejected", reason, detail });

/** The first line, and what follows it. */
export function messageParts(message: string): { readonly title: string; readonly body: string } {
  const [title = "", ...rest] = message.replaceAll("\r\n", "\n").split("\n");
  return { title: title.trim(), body: rest.join("\n").trim() };
}

/** Who signed and reviewed is no part of the problem. */
const trailer = /^[A-Za-z][A-Za-z-]*-by:.*$|^Change-Id:.*$/gim;

export const withoutTrailers = (text: string): string => text.replace(trailer, "").trim();

/** The commits that a message says it takes back, in full names. */
export function revertedBy(message: string): string[] {
  return [...message.matchAll(/\bThis reverts commit ([0-9a-f]{40})\b/g)].map(([, commit = ""]) => commit);
}

function squashedOrPlain(own: LoggedCommit): ChangeAnswer {
  const { title, body } = messageParts(own.message);
  const squashed = /^(.*\S)\s*\(#([1-9]\d{0,8})\)$/.exec(title);
  const change = { kind: "change", body, head: own.commit, commits: [own], texts: [own.message] } as const;
  if (squashed === null) return { ...change, title };
  const [, words = "", number] = squashed;
  return { ...change, title: words, number: Number(number), merge: own.commit };
}

async function merged(
  repository: Repository,
  { commit, message, parents }: LoggedCommit,
  mostCommits: number,
): Promise<ChangeAnswer> {
  const [targetTip, head] = parents;
  const found = /^Merge pull request #([1-9]\d{0,8}) from \S/.exec(message);
  if (targetTip === undefined || head === undefined || parents.length > 2 || found === null)
    return rejected(
      "other-merge",
      `expected a merged pull request, found ${messageParts(message).title.slice(0, 100)}`,
    );
  const range = await repository.log(head, { without: targetTip, atMost: mostCommits + 1 });
  if (range.length > mostCommits)
    return rejected("too-large", `expected at most ${mostCommits} commits, found more`);
  const commits = range.filter((each) => each.parents.length < 2).reverse();
  if (commits.length === 0)
    return rejected("no-own-commit", "expected commits that the target did not hold, found none");
  const { title, body } = messageParts(messageParts(message).body);
  const about = { title, body, number: Number(found[1]), head, targetTip, merge: commit, commits };
  return { kind: "change", ...about, texts: [message, ...commits.map((each) => each.message)] };
}

/** The change a commit of the main line stands for, or why it stands for none. @throws GitFault */
export async function changeOf(
  repository: Repository,
  own: LoggedCommit,
  mostCommits: number,
): Promise<ChangeAnswer> {
  if (own.parents.length === 0)
    return rejected("first-commit", "expected a commit with a parent, found the first of its history");
  if (/^(?:Merge pull request [^\n]*\n\s*)?Revert "/.test(own.message) || revertedBy(own.message).length > 0)
    return rejected("revert", "expected a change of its own, found one that takes another back");
  return own.parents.length === 1 ? squashedOrPlain(own) : merged(repository, own, mostCommits);
}
