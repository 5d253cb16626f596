// How much a folder takes on the disk, everything below it included.
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Links are counted and not followed; a file that goes away meanwhile counts nothing. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true });
  let bytes = 0;
  for (const entry of entries) {
    const status = await lstat(join(folder, entry)).catch(() => undefined);
    // Blocks of 512 bytes, whatever the file system's own are.
    bytes += (status?.blocks ?? 0) * 512;
  }
  return bytes;
}
