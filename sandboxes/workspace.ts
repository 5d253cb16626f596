// Makes the workspace of a sandbox in a folder that names its owner, in the best way this host can.
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import { folderName } from "./owner.ts";
import {
  CopiedWorkspace,
  OverlayWorkspace,
  removeAtExit,
  smallestDiskMb,
  type Workspace,
  type WorkspaceKind,
  type WorkspaceRequest,
} from "./trees.ts";
import { SandboxFault } from "./types.ts";

export type { JudgedUser, Workspace, WorkspaceKind } from "./trees.ts";

/** Below this much free space on the host a run's outcome would be ours, not the judged code's. */
const hostReserveBytes = 256 * 1024 * 1024;

/** Any label as one short folder name; the hash keeps two labels apart that read alike. */
function runFolder(run: string): string {
  const readable = run.replace(/[^A-Za-z0-9.-]+/g, "-").slice(-40);
  return `run-${readable}-${createHash("sha256").update(run).digest("hex").slice(0, 8)}`;
}

async function checkHostSpace(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= hostReserveBytes) return;
  throw new SandboxFault(
    "host-disk-full",
    `only ${Math.floor((bavail * bsize) / 1e6)} MB are free under ${folder}; a sandbox needs at least ${hostReserveBytes / 1e6} MB. Free some, or run \`arena clean\`.`,
    { retryable: false },
  );
}

/**
 * Makes the workspace of one sandbox in a folder of its own under `stateFolder`.
 * @throws SandboxFault mount-failed, host-disk-full
 */
export async function openWorkspace(request: WorkspaceRequest): Promise<Workspace> {
  const { stateFolder, run, owner, kind } = request;
  const parent = join(stateFolder, runFolder(run));
  const folder = join(parent, folderName(owner, randomBytes(6).toString("hex")));
  if (/[:,\\\s]/.test(folder)) {
    throw new SandboxFault(
      "mount-failed",
      `the state folder ${stateFolder} has a colon, comma, backslash or blank in its path, which overlay mounts cannot carry; choose another`,
      { retryable: false },
    );
  }
  // In one call: the run's folder goes away with its last sandbox, which may be just now.
  removeAtExit(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const workspace =
    kind === "copy" ? new CopiedWorkspace(folder, request) : new OverlayWorkspace(folder, request);
  try {
    await checkHostSpace(folder);
    await workspace.open();
    return workspace;
  } catch (error) {
    await workspace.dispose();
    throw error;
  }
}

/** The best kind this host can do, tried for real. @throws SandboxFault host-disk-full */
export async function probeWorkspaces(
  request: Omit<WorkspaceRequest, "kind" | "layers" | "diskMb">,
): Promise<WorkspaceKind> {
  if (process.getuid?.() !== 0) return "copy";
  for (const kind of ["overlay-on-disk", "overlay-in-memory"] as const) {
    try {
      await (await openWorkspace({ ...request, kind, layers: [], diskMb: smallestDiskMb })).dispose();
      return kind;
    } catch (error) {
      if (error instanceof SandboxFault && error.code === "mount-failed") continue;
      throw error;
    }
  }
  return "copy";
}

/** Names of the run-state folders below a state folder: `<run>/<sandbox>`. */
export async function sandboxFolders(stateFolder: string): Promise<string[]> {
  const names = (folder: string) => readdir(folder).catch((): string[] => []);
  const found: string[] = [];
  for (const run of await names(stateFolder)) {
    for (const name of await names(join(stateFolder, run))) found.push(join(stateFolder, run, name));
  }
  return found;
}
