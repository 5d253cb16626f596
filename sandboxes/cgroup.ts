// Control groups for sandboxes no engine makes: version 1 hierarchies or the unified one, where root may write them.
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isAlive, ownerFromFolder } from "./owner.ts";
import type { SandboxLimits } from "./types.ts";

const root = "/sys/fs/cgroup";
const parent = "swing-arena";
/** What stays in the group beside judged code: bwrap and the supervisor. */
const ownProcesses = 2;
const periodUs = 100_000;

export interface Cgroup {
  /** Writing a process id into each of these puts it into the group. */
  readonly processFiles: readonly string[];
  /** The folder whose counter the supervisor reads, and where it expects it inside the sandbox. */
  readonly memory: { readonly folder: string; readonly inside: string };
  oomKills(): Promise<number>;
  remove(): Promise<void>;
}

type Settings = Readonly<Record<string, readonly (readonly [file: string, value: string])[]>>;

function versionOne(limits: SandboxLimits): Settings {
  const bytes = String(limits.memoryMb * 1024 * 1024);
  return {
    memory: [
      ["memory.limit_in_bytes", bytes],
      ["memory.memsw.limit_in_bytes", bytes],
    ],
    pids: [["pids.max", String(limits.processes + ownProcesses)]],
    cpu: [
      ["cpu.cfs_period_us", String(periodUs)],
      ["cpu.cfs_quota_us", String(Math.round(limits.cpus * periodUs))],
    ],
  };
}

function unified(limits: SandboxLimits): Settings {
  return {
    "": [
      ["memory.max", String(limits.memoryMb * 1024 * 1024)],
      ["memory.swap.max", "0"],
      ["pids.max", String(limits.processes + ownProcesses)],
      ["cpu.max", `${Math.round(limits.cpus * periodUs)} ${periodUs}`],
    ],
  };
}

/** Without swap accounting the kernel has no such file; then there is no swap to bound or it is the host's choice. */
const optionalFiles = new Set(["memory.memsw.limit_in_bytes", "memory.swap.max"]);

function isUnified(): boolean {
  return existsSync(join(root, "cgroup.controllers"));
}

async function fill(folder: string, settings: readonly (readonly [string, string])[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [file, value] of settings) {
    try {
      await writeFile(join(folder, file), value);
    } catch (error) {
      if (!optionalFiles.has(file)) throw error;
    }
  }
}

async function removeGroup(folder: string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      await rmdir(folder);
      return;
    } catch (error) {
      // Processes that have just been killed still count for a moment.
      const busy = error instanceof Error && "code" in error && error.code === "EBUSY";
      if (!busy) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function oomKillsIn(folder: string): Promise<number> {
  const file = isUnified() ? "memory.events" : "memory.oom_control";
  const text = await readFile(join(folder, file), "utf8").catch(() => "");
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}

async function enableUnified(): Promise<void> {
  const wanted = "+memory +pids +cpu";
  await writeFile(join(root, "cgroup.subtree_control"), wanted);
  await mkdir(join(root, parent), { recursive: true });
  await writeFile(join(root, parent, "cgroup.subtree_control"), wanted);
}

/** Makes a group with these limits. @throws when the host does not let us */
export async function makeCgroup(name: string, limits: SandboxLimits): Promise<Cgroup> {
  if (isUnified()) await enableUnified();
  const settings = isUnified() ? unified(limits) : versionOne(limits);
  const folders = Object.keys(settings).map((controller) => join(root, controller, parent, name));
  const remove = async () => {
    for (const folder of folders) await removeGroup(folder);
  };
  try {
    for (const [controller, values] of Object.entries(settings)) {
      await fill(join(root, controller, parent, name), values);
    }
  } catch (error) {
    await remove();
    throw error;
  }
  const memory = join(root, isUnified() ? "" : "memory", parent, name);
  return {
    processFiles: folders.map((folder) => join(folder, "cgroup.procs")),
    memory: { folder: memory, inside: isUnified() ? root : join(root, "memory") },
    oomKills: () => oomKillsIn(memory),
    remove,
  };
}

/** Whether groups can be made here, tried for real. */
export async function canMakeCgroups(name: string, limits: SandboxLimits): Promise<boolean> {
  try {
    await (await makeCgroup(name, limits)).remove();
    return true;
  } catch {
    return false;
  }
}

/** Removes the groups of dead owners. */
export async function reapCgroups(): Promise<void> {
  const hierarchies = isUnified() ? [""] : ["memory", "pids", "cpu"];
  for (const hierarchy of hierarchies) {
    const folder = join(root, hierarchy, parent);
    for (const name of await readdir(folder).catch((): string[] => [])) {
      const owner = ownerFromFolder(name);
      if (owner !== undefined && !(await isAlive(owner))) await removeGroup(join(folder, name));
    }
  }
}
