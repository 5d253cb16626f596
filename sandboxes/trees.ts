// The trees of one sandbox, /work, /deps and /tmp: layers merged copy-on-write over one bounded scratch file system.
import { chmod, chown, lstat, mkdir, readdir, rm, rmdir, stat, symlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { mountImage, mountMemory, mountOverlay, removeFolder, removeFolderAtExit } from "./mounts.ts";
import type { Owner } from "./owner.ts";
import { lastWords, runTool } from "./tool.ts";
import { SandboxFault } from "./types.ts";

/** How a host can make workspaces, best first. */
export type WorkspaceKind =
  /** Overlay mounts over an ext4 image file: writes are bounded and cost disk. */
  | "overlay-on-disk"
  /** Overlay mounts over a sized tmpfs: writes are bounded and cost memory. */
  | "overlay-in-memory"
  /** Copies of the layers, for hosts where nothing may be mounted: no bound. */
  | "copy";

export interface WorkspaceRequest {
  /** Where run-state folders live; short and without `:`, `,` or `\`, which overlay options cannot carry. */
  readonly stateFolder: string;
  readonly run: string;
  readonly owner: Owner;
  readonly layers: readonly string[];
  readonly diskMb: number;
  readonly judged: JudgedUser;
  readonly kind: WorkspaceKind;
  /** The compiled supervisor, which can drop a scratch file system's unwritten data. */
  readonly supervisor: string;
}

export interface JudgedUser {
  readonly uid: number;
  readonly gid: number;
}

export interface Workspace {
  /** Host folders to be bound at /work, /deps and /tmp. */
  readonly work: string;
  readonly deps: string;
  readonly tmp: string;
  /** The workspace's own folder, for other state of the same sandbox. */
  readonly folder: string;
  /** Copies what was written into a new layer. @throws SandboxFault */
  snapshot(layer: string): Promise<void>;
  /** Unmounts and removes everything. Safe to call again. @throws SandboxFault mount-failed when it cannot */
  dispose(): Promise<void>;
}

const parts = ["work", "deps"] as const;
/** An ext4 file system smaller than this cannot be made sensibly. */
export const smallestDiskMb = 16;

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

async function give(folder: string, { uid, gid }: JudgedUser, mode = 0o755): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (process.getuid?.() === 0) await chown(folder, uid, gid);
  await chmod(folder, mode);
}

/** A run's folder goes with its last sandbox. */
export async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch(() => undefined);
}

/**
 * Removes what an overlay would hide: files and links where `from` has folders, and whatever stands where it has files.
 * `cp` refuses the first and would write through the links; what cannot be removed it will complain of.
 */
async function makeWay(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const at = join(to, entry.name);
    const there = await lstat(at).catch(() => undefined);
    if (there === undefined) continue;
    if (entry.isDirectory() && there.isDirectory()) await makeWay(join(from, entry.name), at);
    else await rm(at, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Runs a copy and turns its failure into a fault. */
async function copyTree(from: string, to: string): Promise<void> {
  const result = await runTool(["cp", "-a", "--reflink=auto", "--", `${from}/.`, to], {
    timeoutMs: 1_800_000,
  });
  if (result.code === 0) return;
  const full = /No space left/.test(result.stderr);
  throw new SandboxFault(
    full ? "host-disk-full" : "mount-failed",
    `copying ${from} to ${to} failed: ${lastWords(result)}`,
    { retryable: false },
  );
}

const open = new Set<string>();
let watching = false;

/** A process that exits with sandboxes open takes their folders along; one that is killed leaves them to the reaper. */
export function removeAtExit(folder: string): void {
  open.add(folder);
  if (watching) return;
  watching = true;
  process.on("exit", () => {
    for (const left of open) removeFolderAtExit(left);
  });
}

/** Nothing of it exists until it is opened; disposing undoes a half-done opening too. */
export class OverlayWorkspace implements Workspace {
  readonly folder: string;
  readonly work: string;
  readonly deps: string;
  readonly tmp: string;
  readonly #scratch: string;
  readonly #request: WorkspaceRequest;
  #disposing: Promise<void> | undefined;

  constructor(folder: string, request: WorkspaceRequest) {
    this.folder = folder;
    this.work = join(folder, "work");
    this.deps = join(folder, "deps");
    this.#scratch = join(folder, "scratch");
    this.tmp = join(this.#scratch, "tmp");
    this.#request = request;
  }

  async open(): Promise<void> {
    const { kind, diskMb, judged } = this.#request;
    const sizeMb = Math.max(diskMb, smallestDiskMb);
    await mkdir(this.#scratch);
    if (kind === "overlay-on-disk") {
      await mountImage(join(this.folder, "disk"), this.#scratch, sizeMb);
    } else await mountMemory(this.#scratch, sizeMb);
    await give(this.tmp, judged, 0o1777);
    await Promise.all(parts.map((part) => this.#merge(part)));
    await give(join(this.deps, "home"), judged);
  }

  async #merge(part: (typeof parts)[number]): Promise<void> {
    const upper = join(this.#scratch, part, "upper");
    const work = join(this.#scratch, part, "overlay");
    await give(upper, this.#request.judged);
    await mkdir(work, { recursive: true });
    await mkdir(join(this.folder, part));
    const lower = [];
    for (const [index, layer] of this.#request.layers.entries()) {
      const source = resolve(layer, part);
      if (!(await isFolder(source))) continue;
      // Links keep option strings short and free of whatever characters the layers' own paths have.
      const link = join(this.folder, `${part}-${index}`);
      await symlink(source, link);
      lower.unshift(link);
    }
    if (lower.length === 0) {
      const empty = join(this.#scratch, part, "empty");
      await mkdir(empty);
      lower.push(empty);
    }
    await mountOverlay({ lower, upper, work, at: join(this.folder, part) });
  }

  async snapshot(layer: string): Promise<void> {
    for (const part of parts) {
      await give(join(layer, part), this.#request.judged);
      await copyTree(join(this.#scratch, part, "upper"), join(layer, part));
    }
  }

  dispose(): Promise<void> {
    this.#disposing ??= this.#remove();
    return this.#disposing;
  }

  async #remove(): Promise<void> {
    await removeFolder(this.folder, this.#request.supervisor);
    open.delete(this.folder);
    await removeIfEmpty(dirname(this.folder));
  }
}

/** For hosts where nothing may be mounted. */
export class CopiedWorkspace implements Workspace {
  readonly folder: string;
  readonly work: string;
  readonly deps: string;
  readonly tmp: string;
  readonly #request: WorkspaceRequest;

  constructor(folder: string, request: WorkspaceRequest) {
    this.folder = folder;
    this.work = join(folder, "work");
    this.deps = join(folder, "deps");
    this.tmp = join(folder, "tmp");
    this.#request = request;
  }

  async open(): Promise<void> {
    const { judged, layers } = this.#request;
    await give(this.tmp, judged, 0o1777);
    for (const part of parts) {
      await give(join(this.folder, part), judged);
      for (const layer of layers) {
        const source = resolve(layer, part);
        if (!(await isFolder(source))) continue;
        await makeWay(source, join(this.folder, part));
        await copyTree(source, join(this.folder, part));
      }
    }
    await give(join(this.deps, "home"), judged);
  }

  async snapshot(layer: string): Promise<void> {
    for (const part of parts) {
      await mkdir(join(layer, part), { recursive: true });
      await copyTree(join(this.folder, part), join(layer, part));
    }
  }

  async dispose(): Promise<void> {
    // Judged code may have taken its own folders' permissions away.
    await runTool(["chmod", "-R", "u+rwX", "--", this.folder], { timeoutMs: 600_000 });
    await rm(this.folder, { recursive: true, force: true });
    open.delete(this.folder);
    await removeIfEmpty(dirname(this.folder));
  }
}
