// Clones of ours, brought from elsewhere part by part: histories first, files of the trees that are asked for.
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { GitFault, type GitResult, runGit } from "./run.ts";

export interface Remote {
  /** `https://host/owner/name.git`, or a folder. */
  readonly address: string;
  /** For https alone. */
  readonly token?: string;
  readonly signal?: AbortSignal;
}

export interface WantedCommits {
  readonly commits: readonly string[];
  /** Refs that hold them, where a host shows more than its branches. */
  readonly refs: readonly string[];
}

/** A large history over a slow line. */
const longestMs = 3_600_000;

/** The token travels in the environment: arguments can be seen by everybody on the machine. */
function environmentOf({ address, token }: Remote): Readonly<Record<string, string>> {
  const allowed = { GIT_ALLOW_PROTOCOL: "https:file" };
  if (token === undefined || !address.startsWith("https://")) return allowed;
  const given = Buffer.from(`x-access-token:${token}`).toString("base64");
  return {
    ...{ ...allowed, GIT_CONFIG_COUNT: "1" },
    GIT_CONFIG_KEY_0: `http.${new URL(address).origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${given}`,
  };
}

/** Of a plain folder git would take everything. */
const urlOf = ({ address }: Remote): string => (address.startsWith("/") ? `file://${address}` : address);

async function remotely(args: readonly string[], remote: Remote, input?: string): Promise<GitResult> {
  const { signal } = remote;
  signal?.throwIfAborted();
  const options = {
    env: environmentOf(remote),
    timeoutMs: longestMs,
    ...(signal === undefined ? {} : { signal }),
  };
  const result = await runGit(args, input === undefined ? options : { ...options, input });
  signal?.throwIfAborted();
  return result;
}

async function must(args: readonly string[], remote: Remote, input?: string): Promise<void> {
  const { code, stderr } = await remotely(args, remote, input);
  if (code === 0) return;
  const said = stderr.trim().slice(-500) || `nothing within ${longestMs / 60_000} minutes`;
  throw new GitFault("remote-unreachable", `expected an answer from ${remote.address}, found ${said}`, {
    retryable: true,
  });
}

/**
 * A bare clone at `path` with every branch's history and none of its files, whole or not at all.
 * @throws GitFault remote-unreachable; the signal's reason
 */
export async function cloneHistory(remote: Remote, path: string): Promise<void> {
  const made = `${path}.new`;
  await rm(made, { recursive: true, force: true });
  await mkdir(dirname(path), { recursive: true });
  const how = ["--bare", "--filter=blob:none", "--no-tags", "--quiet", "--template="];
  await must(["clone", ...how, "--end-of-options", urlOf(remote), made], remote);
  await rename(made, path);
}

async function lacking(path: string, commits: readonly string[]): Promise<string[]> {
  const lines = `${commits.map((commit) => `${commit}^{commit}`).join("\n")}\n`;
  const args = ["-C", path, "rev-list", "--no-walk", "--quiet", "--stdin"];
  const missing: string[] = [];
  const whole = await runGit(args, { input: lines, env: withoutFetching });
  if (whole.code === 0) return missing;
  for (const commit of commits) {
    const found = await runGit(["-C", path, "cat-file", "-e", `${commit}^{commit}`], {
      env: withoutFetching,
    });
    if (found.code !== 0) missing.push(commit);
  }
  return missing;
}

/** Older gits fetch what is missing by themselves whenever they look: with no way out they say that it is. */
const withoutFetching = { GIT_ALLOW_PROTOCOL: "none" };

/** Whether a folder is a clone as {@link cloneHistory} makes them: bare, and without files that nobody asked for. */
export async function isBrought(path: string): Promise<boolean> {
  const setting = async (name: string): Promise<string> => {
    const { stdout } = await runGit(["--git-dir", path, "config", "--get", name]);
    return stdout.toString("utf8").trim();
  };
  return (
    (await setting("core.bare")) === "true" &&
    (await setting("remote.origin.partialclonefilter")) === "blob:none"
  );
}

const fetchWords = (path: string): string[] => [
  ...["-C", path, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance"],
  ...["--recurse-submodules=no", "--filter=blob:none", "--force"],
];

/**
 * Brings commits that the clone lacks: by the refs first, then by their own names.
 * @throws GitFault remote-unreachable, also where the remote does not give one of them; the signal's reason
 */
export async function fetchCommits(path: string, remote: Remote, wanted: WantedCommits): Promise<void> {
  if ((await lacking(path, wanted.commits)).length === 0) return;
  const refs = wanted.refs.map((ref) => `+${ref}:${ref}`);
  // A ref may be gone while the commits are still given by name.
  if (refs.length > 0) await remotely([...fetchWords(path), "origin", ...refs], remote);
  const left = await lacking(path, wanted.commits);
  if (left.length > 0) await must([...fetchWords(path), "origin", ...left], remote);
}

/**
 * Brings the files of some commits' trees, all that are missing at once.
 * @throws GitFault remote-unreachable, git-failed; the signal's reason
 */
export async function fetchFiles(path: string, remote: Remote, commits: readonly string[]): Promise<void> {
  const args = ["-C", path, "rev-list", "--no-walk", "--objects", "--missing=print", "--no-object-names"];
  const listed = await runGit([...args, "--end-of-options", ...commits], { env: withoutFetching });
  if (listed.code !== 0) {
    const said = listed.stderr.trim().slice(0, 500);
    throw new GitFault("git-failed", `git rev-list ended with ${listed.code}: ${said}`, { retryable: false });
  }
  const missing = [...listed.stdout.toString("utf8").matchAll(/^\?([0-9a-f]{40})$/gm)].map(
    ([, id = ""]) => id,
  );
  if (missing.length === 0) return;
  await must([...fetchWords(path), "--stdin", "origin"], remote, `${missing.join("\n")}\n`);
}
