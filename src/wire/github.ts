// What mining at GitHub takes from the world: tokens, the clock, and clones of the repositories that rows are about.
import { lstat, rm } from "node:fs/promises";
import { resolve } from "node:path";
import {
  GitHubClient,
  gitHubFolder,
  hostOf,
  type LimitListeners,
  type MinedRow,
  runMark,
} from "../curation/index.ts";
import { cloneHistory, fetchCommits, fetchFiles, type Remote } from "../git/index.ts";
import { systemClock } from "../inference/index.ts";
import { clonePath, openClone } from "./curation.ts";
import { now } from "./environment.ts";

/** As GitHub's own command line does: a token of github.com is sent to no other server. */
function tokenFor(host: string): string | undefined {
  const isPublic = host === "github.com" || host.endsWith(".ghe.com");
  const { GITHUB_TOKEN, GITHUB_ENTERPRISE_TOKEN } = process.env;
  const token = isPublic ? GITHUB_TOKEN : GITHUB_ENTERPRISE_TOKEN;
  return token === undefined || token.trim() === "" ? undefined : token.trim();
}

/** One client for each API: what is left of a limit is shared. */
export function openGitHub(folder: string, listeners: LimitListeners): (api: string) => GitHubClient {
  const clients = new Map<string, GitHubClient>();
  return (api) => {
    const known = clients.get(api);
    if (known !== undefined) return known;
    const token = tokenFor(hostOf(api));
    const own = { api, folder: gitHubFolder(resolve(folder)), clock: systemClock, ...listeners };
    const client = new GitHubClient(token === undefined ? own : { ...own, token });
    clients.set(api, client);
    return client;
  };
}

/** The time of the mining run on a folder, or of a new one. */
export const gitHubMark = (folder: string, isNew: boolean): Promise<string> =>
  runMark(resolve(folder), { nowMs: now(), isNew });

export interface PullRequestClones {
  readonly folder: string;
  /** `<base>/owner/name.git` is cloned; https at the row's host where it is absent. */
  readonly cloneBase?: string;
}

function remoteOf(
  row: MinedRow,
  host: string,
  { cloneBase, signal }: { cloneBase?: string; signal: AbortSignal },
): Remote {
  const address = `${(cloneBase ?? `https://${host}`).replace(/\/+$/, "")}/${row.repo}.git`;
  // A mirror is not the host that the token is for.
  const token = cloneBase === undefined ? tokenFor(host) : undefined;
  return { address, signal, ...(token === undefined ? {} : { token }) };
}

/** Only what lies there as a folder is a clone of ours: a link leads to somebody's own. */
async function ownClone(path: string): Promise<boolean> {
  const status = await lstat(path).catch(() => undefined);
  if (status?.isSymbolicLink() === true) await rm(path);
  return status?.isDirectory() === true;
}

/** The row's commits, and the files of the trees it began and ended with. @throws GitFault */
async function bring(
  { origin, mined: { head, targetTip } }: MinedRow,
  path: string,
  remote: Remote,
): Promise<void> {
  if (!(await ownClone(path))) await cloneHistory(remote, path);
  const commits = targetTip === undefined ? [head] : [head, targetTip];
  const refs = origin.kind === "pull-request" ? [`refs/pull/${origin.number}/head`] : [];
  await fetchCommits(path, remote, { commits, refs });
  const bases = targetTip === undefined ? [] : await (await openClone(path)).mergeBases(targetTip, head);
  // With none or several there is no tree to begin from, and split says so.
  if (bases.length === 1) await fetchFiles(path, remote, [...bases, head]);
}

/**
 * Brings a row's commits to where every later stage looks for them; rows of one repository one after the other.
 * @throws GitFault remote-unreachable: the row is asked again by the next run
 */
export function pullRequestClones(
  { folder, cloneBase }: PullRequestClones,
  signal: AbortSignal,
): (row: MinedRow) => Promise<void> {
  const last = new Map<string, Promise<void>>();
  return (row) => {
    const { origin } = row;
    if (origin.kind !== "pull-request") return Promise.resolve();
    const path = clonePath(folder, row.repo);
    const remote = remoteOf(row, origin.host, { signal, ...(cloneBase === undefined ? {} : { cloneBase }) });
    const own = (last.get(path) ?? Promise.resolve()).catch(() => {}).then(() => bring(row, path, remote));
    last.set(path, own);
    return own;
  };
}
