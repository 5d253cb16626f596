// Runs git over a repository of strangers: no shell, no configuration of the user's, no prompt, no network.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { RetrieverFault } from "../fault.ts";

/** Nothing of the user's set-up, and nothing in the repository, may change what an object is or start a program. */
const isolation: Readonly<Record<string, string>> = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_NO_LAZY_FETCH: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_ALLOW_PROTOCOL: "none",
  LC_ALL: "C",
  HOME: "/nonexistent",
  PATH: "/usr/local/bin:/usr/bin:/bin",
};

const settings = [
  "safe.directory=*",
  "core.fsmonitor=false",
  "core.hooksPath=/dev/null",
  "core.quotePath=false",
];

/** A git child in the repository; whoever starts it ends it. */
export function startGit(
  repository: string,
  args: readonly string[],
  signal?: AbortSignal,
): ChildProcessWithoutNullStreams {
  const argv = ["-C", repository, ...settings.flatMap((each) => ["-c", each]), ...args];
  return spawn("git", argv, {
    env: { ...isolation },
    stdio: ["pipe", "pipe", "pipe"],
    // Ctrl-C in a terminal reaches every process of the foreground: what is under way must not be ended by it.
    detached: true,
    killSignal: "SIGKILL",
    ...(signal === undefined ? {} : { signal }),
  });
}

export function abortedFault(cause: unknown): RetrieverFault {
  return new RetrieverFault("aborted", "reading the repository was stopped by its caller", { cause });
}

export function gitMissing(cause: unknown): RetrieverFault {
  return new RetrieverFault(
    "repository-unreadable",
    "git could not be started: install git 2.30 or newer on the path",
    { cause },
  );
}

export interface GitAnswer {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface GitRequest {
  readonly repository: string;
  readonly args: readonly string[];
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
}

/** One command to its end. Exit codes are answers. @throws RetrieverFault repository-unreadable, aborted */
export function askGit({ repository, args, input = "", signal }: GitRequest): Promise<GitAnswer> {
  const child = startGit(repository, args, signal);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => stdout.push(part));
  child.stderr.on("data", (part: Buffer) => stderr.push(part));
  // A command that ends before it has read all its input closes the pipe; its exit code tells the story.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", (cause) => reject(signal?.aborted ? abortedFault(cause) : gitMissing(cause)));
    child.on("close", (code) =>
      resolve({
        code: code ?? -1,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString("utf8").trim().slice(0, 500),
      }),
    );
  });
}
