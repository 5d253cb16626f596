// What our sandboxes are measured against: `docker run` written by hand, and the command alone in a running container.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import type { SandboxLimits } from "../sandboxes/index.ts";

export interface Peer {
  readonly socketPath: string;
  /** The engine's reference of the image. */
  readonly image: string;
}

const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

function docker(peer: Peer, args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn("docker", ["-H", `unix://${peer.socketPath}`, ...args], { env: { PATH: path }, cwd: "/" });
}

/** @throws when the client is missing or the command in the container does not succeed */
async function mustRun(peer: Peer, args: readonly string[]): Promise<void> {
  const child = docker(peer, args);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-2000);
    });
  }
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`docker ${args.join(" ")} ended with ${code}: ${said.trim()}`);
}

/** Whether Docker's own client is here at all. */
export async function hasClient(peer: Peer): Promise<boolean> {
  return mustRun(peer, ["version"]).then(
    () => true,
    () => false,
  );
}

/** What a careful person writes by hand; `limits` are those of our sandboxes. */
function hardenedFlags(limits: SandboxLimits): string[] {
  const memory = `${limits.memoryMb}m`;
  return [
    ...["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--network", "none"],
    ...["--memory", memory, "--memory-swap", memory, "--cpus", String(limits.cpus)],
    ...["--pids-limit", String(limits.processes), "--user", "65534:65534"],
    ...["--tmpfs", `/tmp:rw,exec,nosuid,nodev,mode=1777,size=${limits.diskMb}m`],
  ];
}

export interface HardenedRun {
  readonly argv: readonly string[];
  readonly limits: SandboxLimits;
  /** A host folder shown read-only at /work, which is then the working directory. */
  readonly work?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export function hardenedRun(peer: Peer, { argv, limits, work, env = {} }: HardenedRun): Promise<void> {
  const tree =
    work === undefined ? [] : ["--mount", `type=bind,src=${work},dst=/work,readonly`, "-w", "/work"];
  const variables = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  return mustRun(peer, ["run", "--rm", ...hardenedFlags(limits), ...tree, ...variables, peer.image, ...argv]);
}

export function plainRun(peer: Peer, argv: readonly string[]): Promise<void> {
  return mustRun(peer, ["run", "--rm", peer.image, ...argv]);
}

/** A shell in a container that runs all along: what a command costs when nothing is set up for it. */
export class BareShell implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<unknown>;
  #said = "";
  readonly #lines: Interface;

  constructor(peer: Peer) {
    this.#child = docker(peer, ["run", "--rm", "-i", "--network", "none", peer.image, "sh"]);
    this.#ended = once(this.#child, "close");
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#said = (this.#said + text).slice(-2000);
    });
    this.#lines = createInterface(this.#child.stdout);
  }

  /** `command` is ours, one shell line that prints nothing. @throws when it fails or the container has ended */
  async run(command: string): Promise<void> {
    const answered = once(this.#lines, "line");
    this.#child.stdin.write(`${command} && echo ok || echo failed\n`);
    const [line] = await Promise.race([
      answered,
      this.#ended.then(() => [`its container ended ${this.#said}`]),
    ]);
    if (line !== "ok") throw new Error(`the bare command "${command}" did not succeed: ${line}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }
}
