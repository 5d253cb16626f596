// Sandboxes without a daemon: bwrap's namespaces over the host's own /usr, the same supervisor and workspace inside.
import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { type BubblewrapSetting, bwrapArguments } from "./bwrap-view.ts";
import { type Cgroup, canMakeCgroups, makeCgroup, reapCgroups } from "./cgroup.ts";
import { SupervisorClient } from "./client.ts";
import { stepEnv, systemPath } from "./images.ts";
import { connectOutward, type OutwardNetwork } from "./network.ts";
import { outletPrefix } from "./outlet.ts";
import { folderName, thisOwner } from "./owner.ts";
import { reapFolders } from "./reaper.ts";
import { SupervisedSandbox } from "./supervised.ts";
import { ensureSupervisor } from "./supervisor.ts";
import { toolEnv, whichTool } from "./tool.ts";
import {
  defaultLimits,
  type ReapReport,
  type Sandbox,
  type SandboxCapabilities,
  SandboxFault,
  type SandboxProvider,
  type SandboxSpec,
} from "./types.ts";
import { openWorkspace, probeWorkspaces } from "./workspace.ts";

export interface BubblewrapOptions {
  readonly cacheFolder: string;
  readonly stateFolder: string;
  /** Host folders outside /usr with toolchains (shown read-only at their own path); their `bin` goes first on PATH. */
  readonly toolPaths?: readonly string[];
}

const startMs = 30_000;

/** Joins control groups before anything else is started, then becomes the program. Arguments: count, files, program. */
const joinScript = 'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1"; shift; n=$((n-1)); done; exec "$@"';

/** The host's id of the sandbox's process 1, told by bwrap on its information pipe. */
async function childPid(info: Readable): Promise<number> {
  let text = "";
  info.setEncoding("utf8");
  for await (const part of info) text += part;
  const pid = Number(/"child-pid":\s*(\d+)/.exec(text)?.[1]);
  if (Number.isInteger(pid)) return pid;
  throw new SandboxFault("engine-error", `bwrap told no process id: ${text || "nothing"}`, {
    retryable: false,
  });
}

interface Running {
  readonly client: SupervisorClient;
  readonly pid: number;
  kill(): Promise<void>;
}

function killer(child: ChildProcess, pid: () => number | undefined): () => Promise<void> {
  const ended = once(child, "close");
  ended.catch(() => undefined);
  return async () => {
    const init = pid();
    try {
      // Killing process 1 ends the namespace; the kernel lets it go only when every process in it is gone.
      if (init !== undefined && child.exitCode === null && child.signalCode === null)
        process.kill(init, "SIGKILL");
      else child.kill("SIGKILL");
    } catch {
      child.kill("SIGKILL");
    }
    await ended;
  };
}

async function start(argv: readonly string[], cgroup: Cgroup | undefined): Promise<Running> {
  const files = cgroup?.processFiles ?? [];
  const child = spawn("sh", ["-c", joinScript, "sh", String(files.length), ...files, ...argv], {
    env: toolEnv,
    cwd: "/",
    stdio: ["pipe", "pipe", "pipe", "pipe"],
    // Ctrl-C in a terminal reaches every process of the foreground: what is under way must not be ended by it.
    detached: true,
  });
  const client = new SupervisorClient(child.stdin, child.stdout, () => child.stdin.destroy());
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2000);
  });
  child.on("error", (error) => client.lose(error.message));
  child.on("close", () => client.lose(`bwrap ended: ${said.trim() || "without a word"}`));
  const info = child.stdio[3];
  if (info === null || info === undefined || !("read" in info)) throw new Error("bug: no information pipe");
  let pid: number | undefined;
  const kill = killer(child, () => pid);
  try {
    const ready = client.ready(startMs);
    ready.catch(() => undefined);
    const told = await childPid(info).catch((error) =>
      Promise.reject(said.trim() === "" ? error : bwrapFault(said)),
    );
    pid = told;
    await ready;
    return { client, pid: told, kill };
  } catch (error) {
    client.lose("it did not start");
    await kill();
    throw error;
  }
}

function bwrapFault(said: string): SandboxFault {
  return new SandboxFault("engine-error", `bwrap could not start a sandbox: ${said.trim()}`, {
    retryable: false,
  });
}

async function openSandbox(
  setting: BubblewrapSetting,
  spec: SandboxSpec,
  signal?: AbortSignal,
): Promise<Sandbox> {
  signal?.throwIfAborted();
  const { workspaces: kind, owner, ...rest } = setting;
  const { run, layers, limits } = spec;
  const workspace = await openWorkspace({ ...rest, owner, run, layers, diskMb: limits.diskMb, kind });
  let cgroup: Cgroup | undefined;
  let running: Running | undefined;
  let network: OutwardNetwork | undefined;
  const kill = async () => {
    network?.close();
    await running?.kill();
    await cgroup?.remove();
  };
  try {
    const name = folderName(owner, randomBytes(6).toString("hex"));
    if (setting.cgroups) cgroup = await makeCgroup(name, limits);
    running = await start(await bwrapArguments(setting, spec, { workspace, cgroup }), cgroup);
    if (spec.network === "registries") network = await connectOutward(running.pid);
    signal?.throwIfAborted();
    const diedOfMemory = async () => ((await cgroup?.oomKills()) ?? 0) > 0;
    const prefix = outletPrefix(spec);
    return new SupervisedSandbox({ client: running.client, workspace, prefix, kill, diedOfMemory });
  } catch (error) {
    await kill();
    await workspace.dispose();
    throw error;
  }
}

function capabilitiesOf({ cgroups, root, workspaces }: BubblewrapSetting): SandboxCapabilities {
  const caveats = [
    "processes share the host's kernel, and the system call filter only takes away what no test needs",
    "the host's /usr is shown read-only: results depend on what this machine has installed",
  ];
  if (!cgroups) {
    caveats.push(
      "no control group can be written: memory is bounded per process only, processes per user, cpu not at all",
    );
  }
  if (!root)
    caveats.push(
      "not root: judged code and its supervisor are one user, kept apart only by the kernel's dumpable flag",
    );
  if (workspaces !== "overlay-on-disk") {
    caveats.push(
      workspaces === "copy"
        ? "layers are copied: disk use is not bounded, and files preparation deletes come back"
        : "no loop devices here: what judged code writes counts as the host's memory",
    );
  }
  return {
    limitsMemory: cgroups,
    limitsCpu: cgroups,
    limitsProcesses: cgroups,
    limitsDisk: workspaces !== "copy",
    separatesUsers: root,
    filtersSystemCalls: true,
    images: false,
    caveats,
  };
}

class BubblewrapProvider implements SandboxProvider {
  readonly name = "bubblewrap";
  readonly capabilities: SandboxCapabilities;
  readonly #setting: BubblewrapSetting;

  constructor(setting: BubblewrapSetting) {
    this.#setting = setting;
    this.capabilities = capabilitiesOf(setting);
  }

  open(spec: SandboxSpec, signal?: AbortSignal): Promise<Sandbox> {
    return openSandbox(this.#setting, spec, signal);
  }

  /** There is no image: the identity is that of the host's packages and toolchains. */
  async imageDigest(): Promise<string> {
    const hash = createHash("sha256");
    for (const file of ["/etc/os-release", "/var/lib/dpkg/status"]) {
      hash.update(await readFile(file).catch(() => `no ${file}`));
    }
    for (const path of this.#setting.toolPaths) hash.update(`${path} ${(await stat(path)).mtimeMs}`);
    return `host:${hash.digest("hex")}`;
  }

  async imageEnv(): Promise<Readonly<Record<string, string>>> {
    const { toolPaths } = this.#setting;
    const first = toolPaths.map((path) => (existsSync(join(path, "bin")) ? join(path, "bin") : path));
    return stepEnv([...first, systemPath].join(":"));
  }

  /** Nothing stands between us and the kernel. */
  async ping(): Promise<void> {}

  async reap(): Promise<ReapReport> {
    const { stateFolder, supervisor } = this.#setting;
    await reapCgroups();
    return { containers: 0, ...(await reapFolders(stateFolder, supervisor)) };
  }
}

/**
 * @throws SandboxFault `unsupported` when bwrap is missing or cannot make its namespaces here
 */
export async function bubblewrapSandboxes(options: BubblewrapOptions): Promise<SandboxProvider> {
  if (!(await whichTool("bwrap"))) {
    throw new SandboxFault("unsupported", "bwrap is not installed: `apt-get install bubblewrap`", {
      retryable: false,
    });
  }
  const { cacheFolder, stateFolder, toolPaths = [] } = options;
  const supervisor = await ensureSupervisor(cacheFolder);
  const owner = await thisOwner();
  const root = process.getuid?.() === 0;
  const judged = { uid: 65534, gid: 65534 };
  const workspaces = await probeWorkspaces({ stateFolder, run: "probe", owner, judged, supervisor });
  const cgroups = root && (await canMakeCgroups(folderName(owner, "0"), defaultLimits));
  const setting = { owner, stateFolder, supervisor, judged, workspaces, cgroups, toolPaths, root };
  const provider = new BubblewrapProvider(setting);
  const trial = { run: "probe", image: "host", layers: [], network: "none", limits: defaultLimits } as const;
  try {
    await (await provider.open(trial))[Symbol.asyncDispose]();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SandboxFault("unsupported", `bwrap does not work here: ${why}`, {
      retryable: false,
      cause: error,
    });
  }
  return provider;
}
