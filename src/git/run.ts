// Runs git without a shell, without the user's configuration and without prompts.
import { spawn } from "node:child_process";
import { statfs } from "node:fs/promises";
import { Fault } from "../domain/fault.ts";
import { maxChangedBytes } from "./patch.ts";

export type GitFaultCode =
  | "git-missing"
  | "git-failed"
  | "repository-missing"
  | "commit-missing"
  | "remote-unreachable"
  | "host-disk-full"
  | "folder-unreadable";
export class GitFault extends Fault<GitFaultCode> {}

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface GitOptions {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The command is killed when it takes longer; its code is then -1. */
  readonly timeoutMs?: number;
  /** Once aborted the command is killed, with whatever it has started; its code is then -1. */
  readonly signal?: AbortSignal;
}

/** Nothing of the user's set-up may change what a tree, a diff or a checkout is. */
const isolation: Readonly<Record<string, string>> = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_NO_LAZY_FETCH: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_ALLOW_PROTOCOL: "file",
  LC_ALL: "C",
  HOME: "/nonexistent",
  PATH: "/usr/local/bin:/usr/bin:/bin",
};

const settings = [
  "core.quotePath=false",
  "core.fsmonitor=false",
  "core.hooksPath=/dev/null",
  "safe.directory=*",
];

/** Runs one git command to its end. Exit codes are answers, not faults; a missing git binary is a fault. */
export function runGit(args: readonly string[], options: GitOptions = {}): Promise<GitResult> {
  const argv = [...settings.flatMap((setting) => ["-c", setting]), ...args];
  return new Promise((resolve, reject) => {
    const child = spawn("git", argv, {
      env: { ...isolation, ...options.env },
      cwd: options.cwd,
      stdio: ["pipe", "pipe", "pipe"],
      // Ctrl-C in a terminal reaches every process of the foreground: what is under way must not be ended by it.
      detached: true,
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, killSignal: "SIGKILL" }),
    });
    const kill = (): void => {
      try {
        // A group of its own: a fetch has helpers.
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // It has just ended by itself.
      }
    };
    options.signal?.addEventListener("abort", kill);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", (cause) =>
      reject(
        new GitFault("git-missing", "git could not be started: install git 2.30 or newer", {
          retryable: false,
          cause,
        }),
      ),
    );
    child.on("close", (code) => {
      options.signal?.removeEventListener("abort", kill);
      resolve({
        code: code ?? -1,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString("utf8"),
      });
    });
    // A command that exits before reading all its input closes the pipe; its exit code tells the story.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

/** With fewer files left to be made it may have been that one was. */
const leastInodes = 64;

/**
 * A command that failed on a disk without room says nothing of what it was given: neither a bad patch nor a bad tree.
 * @param folders each must have room for whatever one answer may change, twice over
 * @throws GitFault host-disk-full
 */
export async function mustHaveRoom(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const { bavail, bsize, files, ffree } = await statfs(folder);
    // File systems that make inodes as they go count none.
    const hasInodes = files === 0 || ffree >= leastInodes;
    if (bavail * bsize >= 2 * maxChangedBytes && hasInodes) continue;
    const message = `the disk of ${folder} is almost full: free some, then go on`;
    throw new GitFault("host-disk-full", message, { retryable: false });
  }
}

/** As git ends a line with what the system told it. */
const saysNoRoom = /: (?:No space left on device|Disk quota exceeded)$/m;

/**
 * Like {@link runGit}, once more where git says that it found no room: somebody may have made some since. What it says is
 * believed for that alone, for a patch can put words into its mouth. An answer that stays the same with room is one.
 * @param writesTo folders that must have room: looked at once it has failed, before anybody cleans up
 * @throws GitFault host-disk-full
 */
export async function runGitWithRoom(
  args: readonly string[],
  { writesTo, ...options }: GitOptions & { readonly writesTo: readonly string[] },
): Promise<GitResult> {
  const result = await runGit(args, options);
  if (result.code === 0) return result;
  await mustHaveRoom(writesTo);
  if (!saysNoRoom.test(result.stderr)) return result;
  const again = await runGit(args, options);
  if (again.code !== 0) await mustHaveRoom(writesTo);
  return again;
}

/**
 * Like {@link runGit}, for commands that must succeed.
 * @throws GitFault git-failed, host-disk-full
 */
export async function git(
  args: readonly string[],
  { writesTo = [], ...options }: GitOptions & { readonly writesTo?: readonly string[] } = {},
): Promise<Buffer> {
  const result = await runGitWithRoom(args, { ...options, writesTo });
  if (result.code === 0) return result.stdout;
  const detail = result.stderr.trim().slice(0, 500);
  throw new GitFault("git-failed", `git ${args[0]} ended with ${result.code}: ${detail}`, {
    retryable: false,
  });
}
