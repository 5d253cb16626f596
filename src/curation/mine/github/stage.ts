// The mine stage at GitHub: merged pull requests that closed an issue, with what was said and checked of them.
import { type MinedRow, minedRow } from "../../pipeline/rows.ts";
import { type Rejection, rejectedFor, type Stage, type StageOutcome } from "../../pipeline/stage.ts";
import { type GitHubSource, gitHubSource } from "../sources.ts";
import { parsed, repositoryAnswer } from "./answers.ts";
import type { Asking, GitHubClient } from "./client.ts";
import { type MinedRepo, type MineGitHubLimits, PullMiner, Reverted } from "./pull-miner.ts";
import { mergedPulls, onePull } from "./pulls.ts";

export const defaultMineGitHubLimits: MineGitHubLimits = {
  mostPulls: 20_000,
  mostCommits: 249,
  mostIssues: 10,
  pageSize: 100,
};

export interface MineGitHubDeps {
  /** The same for all sources of one API: its limits are shared. */
  readonly clientOf: (source: GitHubSource) => GitHubClient;
  readonly limits?: Partial<MineGitHubLimits>;
  /** Pull requests of a repository that have been looked at, of all that were listed. */
  readonly onPull?: (repo: string, done: number, of: number) => void;
}

/** Under the name that it has by now. */
async function repositoryOf(
  client: GitHubClient,
  { repo }: GitHubSource,
  asking: Asking,
): Promise<MinedRepo | Rejection> {
  const place = `/repos/${repo}`;
  const answer = await client.get(place, asking);
  if (answer.kind === "missing") {
    const isBlocked = answer.status === 451 || answer.status === 403;
    const reason = isBlocked ? "repository-blocked" : "repository-gone";
    return {
      reason,
      detail: `expected ${repo} on ${client.host}, found ${answer.status} ${answer.message}`.trim(),
    };
  }
  const { full_name: name, license } = parsed(repositoryAnswer, answer.data, place);
  const licence = license?.spdx_id ?? undefined;
  // What GitHub says where it cannot tell.
  return licence === undefined || licence === "NOASSERTION" ? { name } : { name, licence };
}

async function mineRepository(
  source: GitHubSource,
  {
    deps,
    limits,
    signal,
  }: { readonly deps: MineGitHubDeps; readonly limits: MineGitHubLimits; readonly signal: AbortSignal },
): Promise<StageOutcome<MinedRow>> {
  const client = deps.clientOf(source);
  const asking: Asking = { asOf: source.asOf, signal };
  const repo = await repositoryOf(client, source, asking);
  if ("reason" in repo) return rejectedFor(source, repo);
  const { mostPulls: most, pageSize } = limits;
  const { openedSince } = source;
  const range = { most, pageSize, ...(openedSince === undefined ? {} : { openedSince }) };
  const { pull: number } = source;
  const pulls =
    number === undefined
      ? await mergedPulls(client, repo.name, { ...range, asking })
      : await onePull(client, { repo: repo.name, number }, asking);
  if ("reason" in pulls) return rejectedFor(source, pulls);
  const { merged, hasOlder } = pulls;
  const miner = new PullMiner(client, repo, { limits, asking });
  const reverted = new Reverted(merged, repo.name);
  const kept: MinedRow[] = [];
  const rejected: (Rejection & { readonly id: string })[] = [];
  if (hasOlder) {
    const detail = `expected at most ${most} merged pull requests, found more: only the newest were read`;
    rejected.push({ id: source.id, reason: "older-history", detail });
  }
  for (const [index, pull] of merged.toReversed().entries()) {
    signal.throwIfAborted();
    const outcome = await miner.mine(pull, reverted);
    kept.push(...outcome.kept);
    rejected.push(...outcome.rejected);
    deps.onPull?.(repo.name, index + 1, merged.length);
  }
  return { kept, rejected };
}

/** Of rows with one id the first is kept: a repository may be listed under two names. */
export function listedOnce(rows: readonly MinedRow[]): StageOutcome<MinedRow> {
  const kept = new Map<string, MinedRow>();
  const rejected: (Rejection & { readonly id: string })[] = [];
  for (const row of rows) {
    const isKnown = kept.has(row.id);
    if (!isKnown) kept.set(row.id, row);
    const detail = "expected each change once, found it under another name of its repository before";
    if (isKnown) rejected.push({ id: row.id, reason: "listed-twice", detail });
  }
  return { kept: [...kept.values()], rejected };
}

/** Rows of repositories at GitHub, oldest first; docs/curation/mine-github.md names the reasons of what is put aside. */
export function mineGitHubStage(deps: MineGitHubDeps): Stage<GitHubSource, MinedRow> {
  const { pageSize, ...decides }: MineGitHubLimits = { ...defaultMineGitHubLimits, ...deps.limits };
  return {
    name: "mine",
    input: gitHubSource,
    output: minedRow,
    settings: { rules: 1, limits: decides },
    run: (source, signal) => mineRepository(source, { deps, limits: { ...decides, pageSize }, signal }),
    whole: listedOnce,
  };
}
