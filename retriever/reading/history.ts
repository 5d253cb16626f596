// The commits behind a commit, with the paths each changed: what recency, co-change and messages are read from.
import type { PastCommit } from "../digest.ts";
import { RetrieverFault } from "../fault.ts";
import { askGit } from "./git.ts";
import type { ObjectReader } from "./objects.ts";
import { pathOf, type RepositoryAt } from "./tree.ts";

/** Commits looked at, newest first. */
const historyLimit = 2_000;
/** A commit that changes more says nothing about any one of them: the first in path order are kept. */
const pathsPerCommitLimit = 500;
/** Characters of a message kept. */
const messageLimit = 10_000;

/** Where commits already read are kept: a commit never changes, so the next snapshot reads only new ones. */
export interface PastCommits {
  get(ids: readonly string[]): ReadonlyMap<string, PastCommit>;
  put(commits: readonly PastCommit[]): void;
}

interface Ancestor {
  readonly id: string;
  /** As far as this repository goes: of a shallow clone's oldest commits as well. */
  readonly isFirst: boolean;
}

/** Ancestors without merges, newest first (committer's clock, as git orders them). */
async function listAncestors({ repository, commit, signal }: RepositoryAt): Promise<Ancestor[]> {
  const limits = ["--no-merges", "--parents", `--max-count=${historyLimit}`];
  const args = ["rev-list", ...limits, "--end-of-options", commit, "--"];
  const answer = await askGit({ repository, args, signal });
  if (answer.code === 0) {
    const lines = answer.stdout.toString("latin1").split("\n").filter(Boolean);
    return lines.map((line) => ({ id: line.split(" ", 1)[0] ?? "", isFirst: !line.includes(" ") }));
  }
  const message = `expected the history of ${commit} in ${repository}, found it incomplete: ${answer.stderr}`;
  throw new RetrieverFault("object-missing", message);
}

/** Raw records start with a colon and bring their path along, so no path can pass for a commit id. */
function pathsByCommit(output: Buffer): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let paths: string[] = [];
  let isPath = false;
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(0, at);
    const field = output.subarray(at, end < 0 ? output.length : end);
    at = end < 0 ? output.length : end + 1;
    if (isPath) {
      if (paths.length < pathsPerCommitLimit) paths.push(pathOf(field));
      isPath = false;
    } else if (field[0] === 0x3a) {
      isPath = true;
    } else {
      paths = [];
      found.set(field.toString("latin1").trim(), paths);
    }
  }
  return found;
}

async function changedPaths(at: RepositoryAt, ids: readonly string[]): Promise<Map<string, string[]>> {
  const args = ["diff-tree", "--stdin", "-r", "--root", "--raw", "-z", "--no-renames", "--no-ext-diff"];
  const { repository, signal } = at;
  const answer = await askGit({ repository, args, signal, input: `${ids.join("\n")}\n` });
  if (answer.code === 0) return pathsByCommit(answer.stdout);
  const message = `expected the trees of past commits in ${repository}, found some missing: ${answer.stderr}`;
  throw new RetrieverFault("object-missing", message);
}

/** Committer's time and message of a raw commit object. */
export function readCommit(raw: Buffer): { time: number; message: string } {
  const end = raw.indexOf("\n\n");
  const header = raw.toString("latin1", 0, end < 0 ? raw.length : end);
  const time = /^committer .*> (-?\d+) [+-]\d+$/m.exec(header)?.[1];
  const message = end < 0 ? "" : raw.toString("utf8", end + 2, end + 2 + 4 * messageLimit);
  return { time: Number(time ?? 0), message: message.slice(0, messageLimit).trim() };
}

const hasParents = (raw: Buffer): boolean =>
  /^parent /m.test(raw.toString("latin1").split("\n\n", 1)[0] ?? "");

/** With what a shallow clone cuts off: what its oldest commits changed cannot be known, and is not kept. */
async function readCommits(
  at: RepositoryAt,
  ancestors: readonly Ancestor[],
  objects: ObjectReader,
): Promise<{ readonly whole: PastCommit[]; readonly cut: PastCommit[] }> {
  const whole: PastCommit[] = [];
  const cut: PastCommit[] = [];
  if (ancestors.length === 0) return { whole, cut };
  const ids = ancestors.map(({ id }) => id);
  const paths = await changedPaths(at, ids);
  const raws = await Promise.all(ids.map((id) => objects.need(id, "commit")));
  for (const [index, { id, isFirst }] of ancestors.entries()) {
    const raw = raws[index] ?? Buffer.alloc(0);
    if (isFirst && hasParents(raw)) cut.push({ id, ...readCommit(raw), paths: [] });
    else whole.push({ id, ...readCommit(raw), paths: paths.get(id) ?? [] });
  }
  return { whole, cut };
}

/** @throws RetrieverFault object-missing, repository-unreadable, aborted */
export async function readHistory(
  at: RepositoryAt,
  objects: ObjectReader,
  known?: PastCommits,
): Promise<PastCommit[]> {
  const ancestors = await listAncestors(at);
  const ids = ancestors.map(({ id }) => id);
  const found = new Map(known?.get(ids));
  const unread = ancestors.filter(({ id }) => !found.has(id));
  const { whole, cut } = await readCommits(at, unread, objects);
  for (const commit of [...whole, ...cut]) found.set(commit.id, commit);
  known?.put(whole);
  return ids.flatMap((id) => found.get(id) ?? []);
}
