// One container of a Docker engine: made hardened, attached to before it starts, removed whatever became of it.
import { stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { SupervisorClient } from "./client.ts";
import { engineCall, statusOf } from "./engine-call.ts";
import { certificateBundle, imageReference, isLanguage, sharedMemoryBytes } from "./images.ts";
import { connectOutward, type OutwardNetwork, resolverText } from "./network.ts";
import { outletMount } from "./outlet.ts";
import { type Owner, ownerLabels, runLabel } from "./owner.ts";
import { SandboxFault, type SandboxSpec } from "./types.ts";
import type { JudgedUser, Workspace, WorkspaceKind } from "./workspace.ts";

/** Deadline of calls that only ask or note something. */
export const shortMs = 30_000;
/** Starting sets up namespaces and mounts; a busy host has been seen to need seconds. */
const startMs = 120_000;

export interface DockerSetting {
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
  setting: DockerSetting,
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
  const outlet = outletMount(spec);
  if (outlet !== undefined) list.push(bind(outlet.source, outlet.target, true));
  if (spec.network === "registries") {
    const resolver = join(folder, "resolv.conf");
    await writeFile(resolver, resolverText, { mode: 0o644 });
    list.push(bind(resolver, "/etc/resolv.conf", true));
  }
  return list;
}

async function createOptions(
  setting: DockerSetting,
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

/** The fault for an image the engine does not have. */
export function missingImage(image: string): SandboxFault {
  const how = isLanguage(image)
    ? "run `arena doctor --fix`, which builds it"
    : `pull or build it: \`docker pull ${image}\``;
  return new SandboxFault(
    "image-missing",
    `image ${image} (${imageReference(image)}) is not in the engine: ${how}.`,
    { retryable: false },
  );
}

/** A name of ours, so that a container whose creation was never answered can be removed too. */
export function containerFor(docker: Docker, workspace: Workspace): Docker.Container {
  return docker.getContainer(containerName(workspace));
}

function containerName(workspace: Workspace): string {
  return `swing-arena-${basename(workspace.folder).slice(-12)}`;
}

/** @throws SandboxFault image-missing and what {@link engineCall} throws */
export async function createContainer(
  setting: DockerSetting,
  spec: SandboxSpec,
  { workspace, signal }: { readonly workspace: Workspace; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const options = { name: containerName(workspace), ...(await createOptions(setting, spec, workspace)) };
  try {
    // Seen through even when nobody wants it any more: a request given up half-way may still make a container.
    await engineCall("creating a container", shortMs, () => setting.docker.createContainer(options));
  } catch (error) {
    throw statusOf(error) === 404 ? missingImage(spec.image) : error;
  }
  signal?.throwIfAborted();
}

/** Attached before the start, so that not a byte is missed. */
export async function attachTo(docker: Docker, container: Docker.Container): Promise<SupervisorClient> {
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
  const client = new SupervisorClient(stream, replies, () => {
    // A container that never starts never ends its stream, which would keep this process alive.
    if ("destroy" in stream && typeof stream.destroy === "function") stream.destroy();
  });
  const gone = () => client.lose(`its container ended. ${diagnostics}`);
  stream.on("end", gone).on("close", gone).on("error", gone);
  return client;
}

/** Removing kills; gone is gone whoever did it. */
export async function removeContainer(container: Docker.Container): Promise<void> {
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

/**
 * Containers that were not removed when they should have been, since the engine had gone: nothing can be asked of them
 * any more, and they go before another sandbox is opened.
 */
export class LeftContainers {
  readonly #left = new Set<Docker.Container>();

  /** Removes it now, or remembers that it was not. */
  async remove(container: Docker.Container): Promise<void> {
    try {
      await removeContainer(container);
    } catch (error) {
      if (!(error instanceof SandboxFault)) throw error;
      this.#left.add(container);
    }
  }

  /** @throws SandboxFault when one of them still cannot be removed */
  async clear(): Promise<void> {
    for (const container of this.#left) {
      await removeContainer(container);
      this.#left.delete(container);
    }
  }
}

/** Asked when the supervisor has gone: the engine may notice a moment later than we do. */
export async function diedOfMemory(container: Docker.Container): Promise<boolean> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const { State } = await engineCall("inspecting a container", shortMs, () => container.inspect());
    if (!State.Running) return State.OOMKilled;
    await sleep(100);
  }
  return false;
}

/** Starts it, waits for the supervisor's greeting, and connects preparation outward. */
export async function startContainer(
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
  if (spec.network !== "registries") return undefined;
  const { State } = await engineCall("inspecting a container", shortMs, () => container.inspect());
  return connectOutward(State.Pid);
}
