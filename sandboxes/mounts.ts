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

async function must(argv: readonly string[], what: string): Promise<void> {
  const result = await runTool(argv, { timeoutMs: 60_000 });
  if (result.code === 0) return;
  throw new SandboxFault("mount-failed", `${what} failed (${argv.join(" ")}): ${lastWords(result)}`, {
    retryable: false,
  });
}

// Nothing here outlives the sandbox, so nothing needs a journal, a barrier or a sync.
const imageOptions = "loop,noatime,nosuid,nodev,barrier=0,errors=continue";

/** Makes a sparse ext4 image and mounts it. @throws SandboxFault mount-failed */
export async function mountImage(image: string, at: string, sizeMb: number): Promise<void> {
  await (await open(image, "wx", 0o600)).close();
  await truncate(image, sizeMb * 1024 * 1024);
  const layout = ["-m0", "-O", "^has_journal,^resize_inode", "-E", "lazy_itable_init=1,nodiscard"];
  // One shell for both: starting a program from a large process costs more than all it does.
  const both =
    'image=$1 at=$2 options=$3; shift 3; mkfs.ext4 -q -F "$@" "$image" && mount -t ext4 -o "$options" "$image" "$at"';
  await must(["sh", "-c", both, "sh", image, at, imageOptions, ...layout], "making a scratch file system");
}

export async function mountMemory(at: string, sizeMb: number): Promise<void> {
  const options = `size=${sizeMb}m,nosuid,nodev,mode=0755`;
  await must(
    ["mount", "-t", "tmpfs", "-o", options, "tmpfs", at],
    "mounting a scratch file system in memory",
  );
}

export async function mountOverlay({ lower, upper, work, at }: OverlayMount): Promise<void> {
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

async function unmount(mounts: readonly MountPoint[], supervisor: string | undefined): Promise<void> {
  const scratch = mounts.find(({ type }) => type === "ext4");
  // Only to save time; unmounting does the same, slower.
  if (scratch !== undefined && supervisor !== undefined) await runTool([supervisor, "discard", scratch.at]);
  const all = mounts.map(({ at }) => at);
  for (let attempt = 0; attempt < 20; attempt++) {
    const result = await runTool(["umount", ...all]);
    if (result.code === 0) return;
    if (!/busy/.test(result.stderr)) break;
    await sleep(50 + 25 * attempt);
  }
  // Somebody else's process sits inside: detach them now, the kernel frees them when it leaves.
  for (const { at } of mounts) await runTool(["umount", "-l", at]);
}

/** Unmounts everything below a folder and removes it. @throws SandboxFault mount-failed when it cannot */
export async function removeFolder(folder: string, supervisor?: string): Promise<void> {
  const mounts = await mountsBelow(folder);
  if (mounts.length > 0) await unmount(mounts, supervisor);
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
