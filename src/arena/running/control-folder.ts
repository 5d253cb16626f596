// The folder in which a run can be spoken to: its owner's alone, whatever the run folder lets others do.
import { chmod, lstat, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../../domain/fault.ts";

export const controlFolder = (run: string): string => join(run, "control");
export const socketOf = (run: string): string => join(controlFolder(run), "socket");
export const heartbeatOf = (run: string): string => join(controlFolder(run), "heartbeat.json");

/** Whoever else may write there could answer in the run's place, or be sent what is meant for it. */
async function mustBeOurs(folder: string): Promise<void> {
  const found = await lstat(folder);
  const uid = process.getuid?.();
  const isOurs = uid === undefined || uid === 0 || found.uid === uid;
  if (found.isDirectory() && isOurs && (found.mode & 0o077) === 0) return;
  const mode = (found.mode & 0o777).toString(8);
  const what = found.isDirectory() ? `a folder of user ${found.uid} with mode ${mode}` : "no folder";
  throw new UsageError(
    `${folder}: expected a folder of your own that nobody else may enter, found ${what}. What to do: see who made it, ` +
      "then remove it; the run makes it anew when it is resumed",
  );
}

/** @throws UsageError when something else stands in its place */
export async function makeControlFolder(run: string): Promise<void> {
  const folder = controlFolder(run);
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  if (made === undefined && found.isDirectory() && found.uid === process.getuid?.())
    await chmod(folder, 0o700);
  await mustBeOurs(folder);
}

/** False when the run was never played by a release that makes one. @throws UsageError for one that others may enter */
export async function hasControlFolder(run: string): Promise<boolean> {
  try {
    await mustBeOurs(controlFolder(run));
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
