// Where a change began, and whether what lies between there and its head is that change and nothing else.
import type { LoggedCommit, Repository } from "../../git/index.ts";
import type { Rejection } from "../pipeline/stage.ts";
import type { MinedPart } from "./texts.ts";

/** Machines that commit and hosts that merge disagree about the time; more than this is no disagreement of clocks. */
export const clockSlackSeconds = 3600;

export type BaseAnswer =
  | { readonly kind: "base"; readonly commit: string }
  | ({ readonly kind: "rejected" } & Rejection);

const rejected = (reason: string, detail: string): BaseAnswer => ({ kind: "rejected", reason, detail });

/** The merge-base of the target and the head; the first parent of a single fix that names no target. */
async function begin(repository: Repository, mined: MinedPart): Promise<BaseAnswer> {
  const { head, targetTip } = mined;
  if (targetTip === undefined) {
    const [own] = await repository.log(head, { atMost: 1 });
    const parent = own?.parents[0];
    if (parent !== undefined) return { kind: "base", commit: parent };
    return rejected("no-base", `expected ${head} to have a parent, found the first commit of its history`);
  }
  const bases = await repository.mergeBases(targetTip, head);
  const [base] = bases;
  if (base === undefined)
    return rejected("no-base", `expected a common ancestor of ${targetTip} and ${head}, found none`);
  if (bases.length > 1)
    return rejected(
      "crossed-histories",
      `expected one merge-base, found ${bases.length}: ${bases.join(", ")}`,
    );
  if (base === head)
    return rejected(
      "already-in-target",
      `expected a head that ${targetTip} does not hold, found ${head} in it`,
    );
  return { kind: "base", commit: base };
}

/** A commit of the range that nobody named as part of the change, or a merge that brings a branch from elsewhere. */
function stranger(range: readonly LoggedCommit[], mined: MinedPart): Rejection | undefined {
  const inRange = new Set(range.map(({ commit }) => commit));
  const named = new Set([...mined.commits, mined.head]);
  const foreign = range.find(({ commit, parents }) => parents.length < 2 && !named.has(commit));
  if (foreign !== undefined) {
    const detail = `expected the ${named.size} commits of the change alone, found ${foreign.commit} between its base and its head`;
    return { reason: "unrelated-commits", detail };
  }
  // A host lists what was merged in among the change's commits. A head without a target may be how a branch came in.
  const brings = range.find(
    ({ commit, parents }) =>
      parents.length > 1 &&
      (commit !== mined.head || mined.targetTip !== undefined) &&
      parents.slice(1).some((parent) => inRange.has(parent)),
  );
  if (brings === undefined) return undefined;
  const detail = `expected merges of the target alone, found ${brings.commit}, which brings in another branch`;
  return { reason: "unrelated-merge", detail };
}

/** A base, head or merge in an order that time does not allow. */
async function untimely(
  repository: Repository,
  base: string,
  mined: MinedPart,
): Promise<Rejection | undefined> {
  const [began, ended] = [await repository.commitTime(base), await repository.commitTime(mined.head)];
  const merged = Date.parse(mined.mergedAt) / 1000;
  const said = (seconds: number): string => new Date(seconds * 1000).toISOString();
  if (began > ended + clockSlackSeconds) {
    const detail = `expected a base from before the fix of ${said(ended)}, found ${base} of ${said(began)}`;
    return { reason: "base-after-fix", detail };
  }
  if (ended <= merged + clockSlackSeconds) return undefined;
  const detail = `expected a head from before the merge of ${mined.mergedAt}, found ${mined.head} of ${said(ended)}`;
  return { reason: "head-after-merge", detail };
}

/**
 * The commit a solver starts from, or why there is none that can be trusted.
 * @throws GitFault commit-missing where the clone lacks a commit, git-failed
 */
export async function baseOf(
  repository: Repository,
  mined: MinedPart,
  mostCommits: number,
): Promise<BaseAnswer> {
  for (const commit of [mined.head, ...(mined.targetTip === undefined ? [] : [mined.targetTip])])
    await repository.treeOf(commit);
  const base = await begin(repository, mined);
  if (base.kind === "rejected") return base;
  const range = await repository.log(mined.head, { without: base.commit, atMost: mostCommits + 1 });
  if (range.length > mostCommits)
    return rejected("too-large", `expected at most ${mostCommits} commits, found more`);
  const why = stranger(range, mined) ?? (await untimely(repository, base.commit, mined));
  return why === undefined ? base : { kind: "rejected", ...why };
}
