// Finds a container engine; where none answers and this machine allows it, installs and starts a private one.
import { spawn } from "node:child_process";
import { existsSync, openSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";
import { engineCall } from "./engine-call.ts";
import { lastWords, runTool, toolEnv, whichTool } from "./tool.ts";
import { SandboxFault } from "./types.ts";

export interface EngineOptions {
  /** Asked first, and then the only one asked besides the private one; e.g. from a DOCKER_HOST of the form unix://. */
  readonly socketPath?: string;
  /** Data and socket of the private engine. */
  readonly privateFolder?: string;
  readonly onProgress?: (line: string) => void;
}

export interface Engine {
  readonly socketPath: string;
  /** As the engine tells it, e.g. `20.10.24`. */
  readonly version: string;
  readonly isPrivate: boolean;
}

export const defaultPrivateFolder = "/var/tmp/swing-arena/docker";
const systemSocket = "/var/run/docker.sock";

function privateSocket(folder = defaultPrivateFolder): string {
  return join(folder, "docker.sock");
}

async function ask(socketPath: string): Promise<string | undefined> {
  if (!existsSync(socketPath)) return undefined;
  try {
    const docker = new Docker({ socketPath });
    return await engineCall("asking an engine", 5_000, async () => (await docker.version()).Version);
  } catch {
    return undefined;
  }
}

/** The first engine that answers: the one asked for (or the system's), then our private one. Starts nothing. */
export async function findEngine(options: EngineOptions = {}): Promise<Engine | undefined> {
  const own = privateSocket(options.privateFolder);
  for (const socketPath of [options.socketPath ?? systemSocket, own]) {
    const version = await ask(socketPath);
    if (version !== undefined) return { socketPath, version, isPrivate: socketPath === own };
  }
  return undefined;
}

function cannot(why: string): SandboxFault {
  return new SandboxFault("engine-unreachable", `no container engine: ${why}`, { retryable: false });
}

/** Installs Debian packages. @throws SandboxFault when apt-get fails */
export async function installPackages(
  packages: readonly string[],
  onProgress: (line: string) => void,
): Promise<void> {
  onProgress(`installing ${packages.join(", ")} with apt-get`);
  const env = { ...toolEnv, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args: string[]) => runTool(["apt-get", ...args], { env, timeoutMs: 600_000 });
  const install = () => apt("install", "-y", "--no-install-recommends", ...packages);
  if ((await install()).code === 0) return;
  // Package lists that are absent or old.
  await apt("update");
  const result = await install();
  if (result.code !== 0) throw cannot(`apt-get install ${packages.join(" ")} failed: ${lastWords(result)}`);
}

async function ensureInstalled(onProgress: (line: string) => void): Promise<string> {
  const present = await whichTool("dockerd");
  if (present !== undefined) return present;
  if (!(await whichTool("apt-get"))) {
    throw cannot(
      "none answers, and without apt-get none can be installed here; install Docker 20.10 or later and start it",
    );
  }
  // Recommended packages stay out; what dockerd runs (containerd, runc) are dependencies.
  await installPackages(["docker.io"], onProgress);
  const installed = await whichTool("dockerd");
  if (installed === undefined) throw cannot("docker.io was installed but holds no dockerd");
  return installed;
}

async function logTail(folder: string): Promise<string> {
  const log = await readFile(join(folder, "dockerd.log"), "utf8").catch(() => "");
  return log.trim().split("\n").slice(-5).join("\n");
}

/** A pid file whose process is gone keeps a new engine from starting. */
async function clearStalePid(folder: string): Promise<void> {
  const pidFile = join(folder, "docker.pid");
  const pid = Number(await readFile(pidFile, "utf8").catch(() => "0"));
  if (pid > 0 && !existsSync(`/proc/${pid}`)) await rm(pidFile, { force: true });
}

/** Touches nothing of the host's network: containers have none, and preparation brings its own. */
function engineFlags(folder: string): string[] {
  const where = ["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")];
  const identity = ["--pidfile", join(folder, "docker.pid"), "-H", `unix://${privateSocket(folder)}`];
  return [
    ...where,
    ...identity,
    "--iptables=false",
    "--ip6tables=false",
    "--ip-forward=false",
    "--ip-masq=false",
    "--bridge=none",
  ];
}

async function startPrivate(dockerd: string, folder: string): Promise<Engine> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await clearStalePid(folder);
  const log = openSync(join(folder, "dockerd.log"), "a", 0o600);
  const child = spawn(dockerd, engineFlags(folder), {
    detached: true,
    env: toolEnv,
    stdio: ["ignore", log, log],
  });
  let ended: string | undefined;
  child.on("error", (error) => {
    ended = error.message;
  });
  child.on("exit", (code) => {
    ended = `it ended with ${code}`;
  });
  child.unref();
  const socketPath = privateSocket(folder);
  // When it ended, another process may have won the race to start the same engine: that one is as good.
  let patience = 600;
  while (patience-- > 0) {
    const version = await ask(socketPath);
    if (version !== undefined) return { socketPath, version, isPrivate: true };
    if (ended !== undefined) patience = Math.min(patience, 30);
    await sleep(100);
  }
  const why = `${dockerd} did not answer on ${socketPath}${ended === undefined ? "" : ` (${ended})`}`;
  throw cannot(`${why}. Its log (${folder}/dockerd.log) ends:\n${await logTail(folder)}`);
}

/**
 * An engine that answers, installed and started where needed (as root, where apt-get is).
 * A private engine keeps running for the next command; {@link stopPrivateEngine} ends it.
 * @throws SandboxFault engine-unreachable, saying what to do
 */
export async function ensureEngine(options: EngineOptions = {}): Promise<Engine> {
  const found = await findEngine(options);
  if (found !== undefined) return found;
  const { privateFolder = defaultPrivateFolder, onProgress = () => {} } = options;
  if (process.getuid?.() !== 0) {
    const asked = options.socketPath ?? systemSocket;
    throw cannot(`nothing answers at ${asked}, and only root can start one; start Docker, or run as root`);
  }
  const dockerd = await ensureInstalled(onProgress);
  onProgress(`starting a private container engine in ${privateFolder}`);
  return startPrivate(dockerd, privateFolder);
}

/** Ends the private engine by its own process id, and only when that process is one. */
export async function stopPrivateEngine(privateFolder = defaultPrivateFolder): Promise<boolean> {
  const pid = Number(await readFile(join(privateFolder, "docker.pid"), "utf8").catch(() => "0"));
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  if (!command.includes(join(privateFolder, "docker.pid"))) return false;
  process.kill(pid, "SIGTERM");
  for (let waited = 0; waited < 200 && existsSync(`/proc/${pid}`); waited++) await sleep(100);
  await runTool(["umount", join(privateFolder, "exec", "netns", "default")]);
  return !existsSync(`/proc/${pid}`);
}
