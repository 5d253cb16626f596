// Whether the disk has room, so that a full disk is known for what it is: neither a bad patch nor a bad tree.
import { statfs } from "node:fs/promises";
import { maxChangedBytes } from "./patch.ts";

/** Whether a folder's file system has room for whatever one answer may change, twice over. */
export async function hasRoom(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize >= 2 * maxChangedBytes;
}
