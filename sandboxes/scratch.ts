// A folder for a process's temporary files, among the sandboxes' own, so that the reaper removes what a killed one left.
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { folderName, thisOwner } from "./owner.ts";
import { removeAtExit } from "./trees.ts";

/** Made anew; it goes when this process ends, or with the next `reap` of the same state folder when it was killed. */
export async function scratchFolder(stateFolder: string): Promise<string> {
  const folder = join(stateFolder, "scratch", folderName(await thisOwner(), randomBytes(6).toString("hex")));
  removeAtExit(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}
