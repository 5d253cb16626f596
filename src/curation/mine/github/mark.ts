// The time a mining run is of: kept in the folder, so that the same command after a kill is the same run.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { UsageError } from "../../../domain/fault.ts";
import { writeWhole } from "../../pipeline/folder.ts";
import { jsonIn, standingText } from "../../pipeline/standing.ts";

const markSchema = z.strictObject({ asOf: z.iso.datetime() });

/** Where a curation keeps what GitHub has answered. */
export const gitHubFolder = (folder: string): string => join(folder, "github");

/**
 * ISO; the folder's own where it has one, and now where it has none or a new run is wanted.
 * @throws UsageError for a file that is none of ours
 */
export async function runMark(
  folder: string,
  { nowMs, isNew }: { readonly nowMs: number; readonly isNew: boolean },
): Promise<string> {
  const path = join(gitHubFolder(folder), "as-of.json");
  const text = isNew ? undefined : await standingText(path, "the time of a mining run");
  if (text !== undefined) {
    const read = markSchema.safeParse(jsonIn(text));
    if (read.success) return read.data.asOf;
    throw new UsageError(`${path}: expected the time of a mining run, found something else: remove the file`);
  }
  const asOf = new Date(nowMs).toISOString();
  await mkdir(gitHubFolder(folder), { recursive: true });
  await writeWhole(path, `${JSON.stringify({ asOf })}\n`);
  return asOf;
}
