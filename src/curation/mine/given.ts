// One change that somebody named by its two commits: no pull request, and an issue only where they wrote one.
import type { LoggedCommit, Repository } from "../../git/index.ts";
import type { MinedRow } from "../pipeline/rows.ts";
import { keptAs, rejectedFor, type StageOutcome } from "../pipeline/stage.ts";
import { messageParts, withoutTrailers } from "./change.ts";
import type { ChangeSource } from "./sources.ts";
import { isoOf } from "./times.ts";

type LinkedIssue = MinedRow["mined"]["issues"][number];

/** The messages of the change, oldest first: they may speak of the fix, which the audit looks for. */
function toldByMessages(commits: readonly LoggedCommit[]): Pick<LinkedIssue, "title" | "body"> {
  const parts = commits.map(({ message }) => messageParts(withoutTrailers(message)));
  const [first] = parts;
  const rest = parts
    .slice(1)
    .map(({ title, body }) => [title, body].filter((text) => text !== "").join("\n\n"));
  const body = [first?.body ?? "", ...rest].filter((text) => text !== "").join("\n\n");
  return { title: first?.title ?? "", body };
}

/**
 * Rejects `not-a-base`, `no-own-commit`, `too-large` and `unsound-time`.
 * @throws GitFault commit-missing where the clone lacks one of the two
 */
export async function mineChange(
  source: ChangeSource,
  repository: Repository,
  mostCommits: number,
): Promise<StageOutcome<MinedRow>> {
  const { id, repo, base, fix, issue } = source;
  for (const each of [base, fix]) await repository.treeOf(each);
  const bases = await repository.mergeBases(base, fix);
  if (!bases.includes(base)) {
    const detail = `expected a base that ${fix} was made from, found ${base}, which is none of its past`;
    return rejectedFor(source, { reason: "not-a-base", detail });
  }
  const range = await repository.log(fix, { without: base, atMost: mostCommits + 1 });
  if (range.length > mostCommits) {
    const detail = `expected at most ${mostCommits} commits between ${base} and ${fix}, found more`;
    return rejectedFor(source, { reason: "too-large", detail });
  }
  const commits = range.filter(({ parents }) => parents.length < 2).reverse();
  const last = range[0];
  if (last === undefined || commits.length === 0) {
    const detail = `expected commits between ${base} and ${fix}, found none`;
    return rejectedFor(source, { reason: "no-own-commit", detail });
  }
  const firstCommitAt = isoOf(Math.min(...commits.map((each) => each.authoredAt)));
  const mergedAt = isoOf(last.committedAt);
  if (firstCommitAt === undefined || mergedAt === undefined) {
    const detail = "expected commits from between 1970 and 2100, found another time";
    return rejectedFor(source, { reason: "unsound-time", detail });
  }
  const told = toldByMessages(commits);
  const linked: LinkedIssue = {
    ...{ repo, number: 0, ...(issue ?? told), createdAt: firstCommitAt, comments: [] },
    linkedBy: issue === undefined ? "text" : "given",
  };
  const mined = {
    ...{ ...told, head: fix, targetTip: base, commits: commits.map(({ commit }) => commit) },
    ...{ firstCommitAt, mergedAt, issues: [linked], checks: [] },
  };
  return keptAs({ schemaVersion: 1, id, repo, origin: { kind: "commits", fix }, mined });
}
