// Mounting and unmounting on the host, as root: the few commands workspaces and the reaper are made of.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { open, readFile, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lastWords, runTool, toolEnv } from "./tool.ts";
import { SandboxFault } from "./types.ts";

export interface OverlayMount {
  /** Highest first. */
  readonly lower: readonly string[];
  readonly upper: string;
  readonly work: string;
  readonly at: string;
}

export interface MountTools {
  /** Makes a sparse ext4 image and mounts it. @throws SandboxFault mount-failed */
  mountImage(image: string, at: string, sizeMb: number): Promise<void>;
  mountMemory(at: string, sizeMb: number): Promise<void>;
  mountOverlay(mount: OverlayMount): Promise<void>;
  /** Unmounts everything below a folder and removes it; how many mounts there were is not told. @throws SandboxFault */
  removeFolder(folder: string, supervisor?: string): Promise<void>;
}

async function must(argv: readonly string[], what: string): Promise<void> {
  const result = await runTool(argv, { timeoutMs: 60_000 });
  if (result.code === 0) return;
  throw new SandboxFault("mount-failed", `${what} failed (${argv.join(" ")}): ${lastWords(result)}`, {
    retryable: false,
  });
}

// Nothing here outlives the sandbox, so nothing needs a journal, a barrier or a sync.
const imageOptions = "loop,noatime,nosuid,nodev,barrier=0,errors=continue";

async function mountImage(image: string, at: string, sizeMb: number): Promise<void> {
  await (await open(image, "wx", 0o600)).close();
  await truncate(image, sizeMb * 1024 * 1024);
  const layout = ["-m0", "-O", "^has_journal,^resize_inode", "-E", "lazy_itable_init=1,nodiscard"];
  await must(["mkfs.ext4", "-q", "-F", ...layout, image], "making a scratch file system");
  await must(["mount", "-t", "ext4", "-o", imageOptions, image, at], "mounting a scratch file system");
}

async function mountMemory(at: string, sizeMb: number): Promise<void> {
  const options = `size=${sizeMb}m,nosuid,nodev,mode=0755`;
  await must(
    ["mount", "-t", "tmpfs", "-o", options, "tmpfs", at],
    "mounting a scratch file system in memory",
  );
}

async function mountOverlay({ lower, upper, work, at }: OverlayMount): Promise<void> {
  const where = `lowerdir=${lower.join(":")},upperdir=${upper},workdir=${work}`;
  const tried = [];
  // Older kernels lack some of these; what is left out only costs time or makes renaming a folder a copy.
  for (const extra of ["redirect_dir=on,metacopy=off,index=off,volatile", "metacopy=off,index=off", ""]) {
    const options = ["nosuid,nodev,noatime", where, extra].filter((part) => part !== "").join(",");
    const result = await runTool(["mount", "-t", "overlay", "-o", options, "overlay", at]);
    if (result.code === 0) return;
    tried.push(lastWords(result));
  }
  throw new SandboxFault("mount-failed", `mounting the layers at ${at} failed: ${tried.join("; ")}`, {
    retryable: false,
  });
}

interface MountPoint {
  readonly at: string;
  readonly type: string;
}

function unescapeMountPath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Mount points at or below a folder, newest first. */
export async function mountsBelow(folder: string): Promise<MountPoint[]> {
  const table = await readFile("/proc/self/mountinfo", "utf8");
  const found = [];
  for (const line of table.split("\n")) {
    const [before = "", after = ""] = line.split(" - ");
    const at = unescapeMountPath(before.split(" ")[4] ?? "");
    if (at === folder || at.startsWith(`${folder}/`)) found.push({ at, type: after.split(" ")[0] ?? "" });
  }
  return found.reverse();
}

async function unmount({ at, type }: MountPoint, supervisor: string | undefined): Promise<void> {
  // Only to save time; unmounting does the same, slower.
  if (type === "ext4" && supervisor !== undefined) await runTool([supervisor, "discard", at]);
  for (let attempt = 0; attempt < 20; attempt++) {
    const result = await runTool(["umount", at]);
    if (result.code === 0 || /not mounted|no mount point/.test(result.stderr)) return;
    await sleep(50 + 25 * attempt);
  }
  // Somebody else's process sits inside: detach it now, the kernel frees it when they leave.
  await must(["umount", "-l", at], "unmounting");
}

async function removeFolder(folder: string, supervisor?: string): Promise<void> {
  for (const mount of await mountsBelow(folder)) await unmount(mount, supervisor);
  const left = await mountsBelow(folder);
  if (left.length > 0) {
    // Removing files through a mount that is still there could reach the layers.
    const names = left.map((mount) => mount.at).join(", ");
    throw new SandboxFault(
      "mount-failed",
      `still mounted: ${names}; unmount by hand, then remove ${folder}`,
      {
        retryable: false,
      },
    );
  }
  await rm(join(folder), { recursive: true, force: true });
}

/** What can still be done while the process exits: detached mounts are freed when their last user ends. */
export function removeFolderAtExit(folder: string): void {
  for (const part of ["work", "deps", "scratch"]) {
    spawnSync("umount", ["-l", join(folder, part)], { stdio: "ignore", env: toolEnv, timeout: 10_000 });
  }
  const table = readFileSync("/proc/self/mounts", "utf8");
  if (!table.includes(`${folder}/`)) rmSync(folder, { recursive: true, force: true });
}

export const rootMounts: MountTools = { mountImage, mountMemory, mountOverlay, removeFolder };
