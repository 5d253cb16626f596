// Sandboxes as hardened containers of a Docker engine: one container per sandbox, our supervisor its main process.
import Docker from "dockerode";
import type { SupervisorClient } from "./client.ts";
import {
  attachTo,
  containerFor,
  createContainer,
  type DockerSetting,
  diedOfMemory,
  LeftContainers,
  missingImage,
  removeContainer,
  shortMs,
  startContainer,
} from "./container.ts";
import { engineCall, statusOf } from "./engine-call.ts";
import { envOver, imageReference, isLanguage, stepEnv } from "./images.ts";
import { outletPrefix } from "./outlet.ts";
import { isAlive, ownerFromLabels, runLabel, thisOwner } from "./owner.ts";
import { reapFolders } from "./reaper.ts";
import { SupervisedSandbox } from "./supervised.ts";
import { ensureSupervisor } from "./supervisor.ts";
import type { ReapReport, Sandbox, SandboxCapabilities, SandboxProvider, SandboxSpec } from "./types.ts";
import { openWorkspace, probeWorkspaces } from "./workspace.ts";

export interface DockerOptions {
  /** The engine's Unix socket. */
  readonly socketPath: string;
  /** The compiled supervisor is kept here. */
  readonly cacheFolder: string;
  /** Workspaces live here while sandboxes are open. */
  readonly stateFolder: string;
}

async function openSandbox(
  setting: DockerSetting,
  spec: SandboxSpec,
  { left, signal }: { readonly left: LeftContainers; readonly signal: AbortSignal | undefined },
): Promise<Sandbox> {
  signal?.throwIfAborted();
  await left.clear();
  const { docker, workspaces: kind, ...rest } = setting;
  const { run, layers, limits } = spec;
  const workspace = await openWorkspace({ ...rest, run, layers, diskMb: limits.diskMb, kind });
  const container = containerFor(docker, workspace);
  let client: SupervisorClient | undefined;
  try {
    await createContainer(setting, spec, { workspace, signal });
    const attached = await attachTo(docker, container);
    client = attached;
    const network = await startContainer(container, attached, spec, signal);
    const kill = async () => {
      network?.close();
      await left.remove(container);
    };
    return new SupervisedSandbox({
      client: attached,
      workspace,
      prefix: outletPrefix(spec),
      kill,
      diedOfMemory: () => diedOfMemory(container),
    });
  } catch (error) {
    client?.lose("it did not start");
    await left.remove(container);
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
  readonly #setting: DockerSetting;
  readonly #images = new Map<string, Promise<Docker.ImageInspectInfo>>();
  readonly #left = new LeftContainers();

  constructor(setting: DockerSetting) {
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
    return openSandbox(this.#setting, spec, { left: this.#left, signal });
  }

  async imageDigest(image: string): Promise<string> {
    return (await this.#inspect(image)).Id;
  }

  async imageEnv(image: string): Promise<Readonly<Record<string, string>>> {
    if (isLanguage(image)) return stepEnv();
    return envOver((await this.#inspect(image)).Config.Env ?? []);
  }

  ping(): Promise<void> {
    return pinged(this.#setting.docker);
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

/** @throws SandboxFault engine-unreachable, engine-timeout */
async function pinged(docker: Docker): Promise<void> {
  await engineCall("asking the engine whether it is there", 5_000, () => docker.ping());
}

function caveatsOf({ workspaces, judged }: DockerSetting): string[] {
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
  await pinged(docker);
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
