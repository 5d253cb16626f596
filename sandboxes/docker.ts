// Sandboxes as hardened containers of a Docker engine: one container per sandbox, our supervisor its main process.
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";
import { SupervisorClient } from "./client.ts";
import { engineCall, statusOf } from "./engine-call.ts";
import {
  certificateBundle,
  envOver,
  imageReference,
  isLanguage,
  sharedMemoryBytes,
  stepEnv,
} from "./images.ts";
import { connectOutward, type OutwardNetwork, resolverText } from "./network.ts";
import { isAlive, type Owner, ownerFromLabels, ownerLabels, runLabel, thisOwner } from "./owner.ts";
import { reapFolders } from "./reaper.ts";
import { SupervisedSandbox } from "./supervised.ts";
import { ensureSupervisor } from "./supervisor.ts";
import {
  type ReapReport,
  type Sandbox,
  type SandboxCapabilities,
  SandboxFault,
  type SandboxProvider,
  type SandboxSpec,
} from "./types.ts";
import {
  type JudgedUser,
  openWorkspace,
  probeWorkspaces,
  type Workspace,
  type WorkspaceKind,
} from "./workspace.ts";

export interface DockerOptions {
  /** The engine's Unix socket. */
  readonly socketPath: string;
  /** The compiled supervisor is kept here. */
  readonly cacheFolder: string;
  /** Workspaces live here while sandboxes are open. */
  readonly stateFolder: string;
}

const shortMs = 30_000;
/** Starting sets up namespaces and mounts; a busy host has been seen to need seconds. */
const startMs = 120_000;

interface Setting {
  readonly docker: Docker;
  readonly stateFolder: string;
  readonly supervisor: string;
  readonly owner: Owner;
  readonly judged: JudgedUser;
  readonly workspaces: WorkspaceKind;
}

/** What the supervisor alone may do; judged code loses these too, from its bounding set on. */
const supervisorCapabilities = ["SETUID", "SETGID", "SETPCAP", "KILL"];

/** Mounts, not `Binds`: those are text in which a colon means something. */
function bind(Source: string, Target: string, ReadOnly = false): Docker.MountSettings {
  return { Type: "bind", Source, Target, ReadOnly, BindOptions: { Propagation: "rprivate" } };
}

async function mounts(
  setting: Setting,
  spec: SandboxSpec,
  workspace: Workspace,
): Promise<Docker.MountSettings[]> {
  const { work, deps, tmp, folder } = workspace;
  const list = [
    bind(setting.supervisor, "/.arena/supervisor", true),
    bind(work, "/work"),
    bind(deps, "/deps"),
    bind(tmp, "/tmp"),
  ];
  if (await stat(certificateBundle).catch(() => undefined)) {
    list.push(bind(certificateBundle, certificateBundle, true));
  }
  if (spec.network === "registries") {
    const resolver = join(folder, "resolv.conf");
    await writeFile(resolver, resolverText, { mode: 0o644 });
    list.push(bind(resolver, "/etc/resolv.conf", true));
  }
  return list;
}

async function createOptions(
  setting: Setting,
  spec: SandboxSpec,
  workspace: Workspace,
): Promise<Docker.ContainerCreateOptions> {
  const { limits } = spec;
  const memory = limits.memoryMb * 1024 * 1024;
  const { uid, gid } = setting.judged;
  return {
    Image: imageReference(spec.image),
    Entrypoint: ["/.arena/supervisor"],
    Cmd: ["serve", String(uid), String(gid), "0", "0"],
    User: setting.judged.uid === 65534 ? "0:0" : `${uid}:${gid}`,
    WorkingDir: "/",
    Hostname: "sandbox",
    Env: [],
    Labels: { ...ownerLabels(setting.owner), [runLabel]: spec.run },
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: true,
    // When we go, the engine closes the supervisor's input, and it ends the sandbox.
    StdinOnce: true,
    HostConfig: {
      NetworkMode: "none",
      Mounts: await mounts(setting, spec, workspace),
      ReadonlyRootfs: true,
      Memory: memory,
      MemorySwap: memory,
      NanoCpus: Math.round(limits.cpus * 1e9),
      // The supervisor is not the judged code's.
      PidsLimit: limits.processes + 1,
      CapDrop: ["ALL"],
      CapAdd: supervisorCapabilities,
      SecurityOpt: ["no-new-privileges"],
      IpcMode: "private",
      ShmSize: sharedMemoryBytes,
      LogConfig: { Type: "none", Config: {} },
      Ulimits: [
        { Name: "core", Soft: 0, Hard: 0 },
        { Name: "nofile", Soft: 1024, Hard: 1024 },
      ],
      Init: false,
    },
  };
}

function missingImage(image: string): SandboxFault {
  const how = isLanguage(image)
    ? "run `arena doctor --fix`, which builds it"
    : `pull or build it: \`docker pull ${image}\``;
  return new SandboxFault(
    "image-missing",
    `image ${image} (${imageReference(image)}) is not in the engine: ${how}.`,
    { retryable: false },
  );
}

async function create(setting: Setting, spec: SandboxSpec, workspace: Workspace, signal?: AbortSignal) {
  const options = await createOptions(setting, spec, workspace);
  try {
    return await engineCall(
      "creating a container",
      shortMs,
      (abortSignal) => setting.docker.createContainer({ ...options, abortSignal }),
      signal,
    );
  } catch (error) {
    throw statusOf(error) === 404 ? missingImage(spec.image) : error;
  }
}

/** Attached before the start, so that not a byte is missed. */
async function attach(docker: Docker, container: Docker.Container): Promise<SupervisorClient> {
  const stream = await engineCall("attaching to a container", shortMs, (abortSignal) =>
    container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true, abortSignal }),
  );
  const replies = new PassThrough();
  let diagnostics = "";
  const errors = new PassThrough();
  errors.on("data", (text: Buffer) => {
    diagnostics = (diagnostics + text.toString("utf8")).slice(-2000);
  });
  docker.modem.demuxStream(stream, replies, errors);
  const client = new SupervisorClient(stream, replies);
  const gone = () => client.lose(`its container ended. ${diagnostics}`);
  stream.on("end", gone).on("close", gone).on("error", gone);
  return client;
}

/** Removing kills; gone is gone whoever did it. */
async function removeContainer(container: Docker.Container): Promise<void> {
  try {
    await engineCall("removing a container", 60_000, () => container.remove({ force: true, v: true }));
  } catch (error) {
    if (statusOf(error) === 404) return;
    if (statusOf(error) !== 409) throw error;
    await untilGone(container);
  }
}

/** Somebody else is removing it already; its mounts are free only once it is gone. */
async function untilGone(container: Docker.Container): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      await engineCall("inspecting a container", shortMs, () => container.inspect());
    } catch (error) {
      if (statusOf(error) === 404) return;
      throw error;
    }
    await sleep(100);
  }
}

/** Asked when the supervisor has gone: the engine may notice a moment later than we do. */
async function diedOfMemory(container: Docker.Container): Promise<boolean> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const { State } = await engineCall("inspecting a container", shortMs, () => container.inspect());
    if (!State.Running) return State.OOMKilled;
    await sleep(100);
  }
  return false;
}

async function start(
  container: Docker.Container,
  client: SupervisorClient,
  spec: SandboxSpec,
  signal?: AbortSignal,
): Promise<OutwardNetwork | undefined> {
  const ready = client.ready(startMs);
  ready.catch(() => undefined);
  await engineCall(
    "starting a container",
    startMs,
    (abortSignal) => container.start({ abortSignal }),
    signal,
  );
  await ready;
  if (spec.network === "none") return undefined;
  const { State } = await engineCall("inspecting a container", shortMs, () => container.inspect());
  return connectOutward(State.Pid);
}

async function openSandbox(setting: Setting, spec: SandboxSpec, signal?: AbortSignal): Promise<Sandbox> {
  const { docker, workspaces: kind, ...rest } = setting;
  const { run, layers, limits } = spec;
  const workspace = await openWorkspace({ ...rest, run, layers, diskMb: limits.diskMb, kind });
  let container: Docker.Container | undefined;
  try {
    container = await create(setting, spec, workspace, signal);
    const own = container;
    const client = await attach(docker, own);
    const network = await start(own, client, spec, signal);
    return new SupervisedSandbox({
      client,
      workspace,
      kill: async () => {
        network?.close();
        await removeContainer(own);
      },
      diedOfMemory: () => diedOfMemory(own),
    });
  } catch (error) {
    if (container !== undefined) await removeContainer(container).catch(() => undefined);
    await workspace.dispose();
    throw error;
  }
}

async function deadContainers(docker: Docker): Promise<Docker.Container[]> {
  const listed = await engineCall("listing containers", shortMs, () =>
    docker.listContainers({ all: true, filters: { label: [runLabel] } }),
  );
  const dead: Docker.Container[] = [];
  for (const { Id, Labels } of listed) {
    const owner = ownerFromLabels(Labels);
    if (owner !== undefined && !(await isAlive(owner))) dead.push(docker.getContainer(Id));
  }
  return dead;
}

class DockerProvider implements SandboxProvider {
  readonly name = "docker";
  readonly capabilities: SandboxCapabilities;
  readonly #setting: Setting;
  readonly #images = new Map<string, Promise<Docker.ImageInspectInfo>>();

  constructor(setting: Setting) {
    this.#setting = setting;
    this.capabilities = {
      limitsMemory: true,
      limitsCpu: true,
      limitsProcesses: true,
      limitsDisk: setting.workspaces !== "copy",
      separatesUsers: setting.judged.uid === 65534,
      filtersSystemCalls: true,
      images: true,
      caveats: caveatsOf(setting),
    };
  }

  open(spec: SandboxSpec, signal?: AbortSignal): Promise<Sandbox> {
    return openSandbox(this.#setting, spec, signal);
  }

  async imageDigest(image: string): Promise<string> {
    return (await this.#inspect(image)).Id;
  }

  async imageEnv(image: string): Promise<Readonly<Record<string, string>>> {
    if (isLanguage(image)) return stepEnv();
    return envOver((await this.#inspect(image)).Config.Env ?? []);
  }

  async reap(): Promise<ReapReport> {
    const { docker, stateFolder, supervisor } = this.#setting;
    const dead = await deadContainers(docker);
    for (const container of dead) await removeContainer(container);
    return { containers: dead.length, ...(await reapFolders(stateFolder, supervisor)) };
  }

  async #inspect(image: string): Promise<Docker.ImageInspectInfo> {
    const known = this.#images.get(image);
    if (known !== undefined) return known;
    const asked = engineCall("inspecting an image", shortMs, () =>
      this.#setting.docker.getImage(imageReference(image)).inspect(),
    );
    this.#images.set(image, asked);
    try {
      return await asked;
    } catch (error) {
      this.#images.delete(image);
      throw statusOf(error) === 404 ? missingImage(image) : error;
    }
  }
}

function caveatsOf({ workspaces, judged }: Setting): string[] {
  const caveats = ["containers share the host's kernel: a kernel exploit escapes them"];
  if (workspaces === "overlay-in-memory") {
    caveats.push("no loop devices here: what judged code writes counts as the host's memory");
  }
  if (workspaces === "copy") {
    caveats.push(
      "nothing can be mounted here: layers are copied, disk use is not bounded, and files preparation deletes come back",
    );
  }
  if (judged.uid !== 65534) {
    caveats.push("not root: judged code and its supervisor are one user inside the container, yours");
  }
  return caveats;
}

/**
 * Connects to an engine that runs. Finding, installing and starting one is engine.ts's.
 * @throws SandboxFault engine-unreachable, unsupported
 */
export async function dockerSandboxes(options: DockerOptions): Promise<SandboxProvider> {
  const { socketPath, cacheFolder, stateFolder } = options;
  const docker = new Docker({ socketPath });
  await engineCall(`asking the engine at ${socketPath}`, 5_000, () => docker.ping());
  const supervisor = await ensureSupervisor(cacheFolder);
  const owner = await thisOwner();
  const root = process.getuid?.() === 0;
  const judged = root
    ? { uid: 65534, gid: 65534 }
    : { uid: process.getuid?.() ?? 65534, gid: process.getgid?.() ?? 65534 };
  const probe = { stateFolder, run: "probe", owner, judged, supervisor };
  const workspaces = await probeWorkspaces(probe);
  return new DockerProvider({ docker, stateFolder, supervisor, owner, judged, workspaces });
}
