// Removes the mounts and folders that sandboxes of dead processes left behind, and only theirs.
import { basename, dirname } from "node:path";
import { mountsBelow, removeFolder } from "./mounts.ts";
import { isAlive, ownerFromFolder } from "./owner.ts";
import { removeIfEmpty } from "./trees.ts";
import { sandboxFolders } from "./workspace.ts";

/** @throws SandboxFault mount-failed when something of a dead run cannot be unmounted */
export async function reapFolders(
  stateFolder: string,
  supervisor: string,
): Promise<{ mounts: number; folders: number }> {
  let mounts = 0;
  let folders = 0;
  for (const folder of await sandboxFolders(stateFolder)) {
    const owner = ownerFromFolder(basename(folder));
    if (owner === undefined || (await isAlive(owner))) continue;
    mounts += (await mountsBelow(folder)).length;
    await removeFolder(folder, supervisor);
    folders += 1;
    await removeIfEmpty(dirname(folder));
  }
  return { mounts, folders };
}
