// Writes a frozen set's folder: what goes with the set first, then the set itself, whose description comes last.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../../domain/fault.ts";
import { writeWhole } from "../pipeline/folder.ts";
import { standing } from "../pipeline/standing.ts";
import { writeSet } from "../write-set.ts";
import { textFile } from "./attributions.ts";
import type { FrozenFolder } from "./frozen-set.ts";

const textsIn = (folder: string): string => join(folder, "freeze", "texts");
const keptText = (folder: string, sha256: string): string => join(textsIn(folder), `${sha256}.txt`);

/** Keeps the texts of licences and notices below a curation's folder until a set is written. One at a time. */
export function textKeeper(folder: string): (sha256: string, bytes: Buffer) => Promise<void> {
  const kept = new Set<string>();
  return async (sha256, bytes) => {
    if (kept.has(sha256)) return;
    await mkdir(textsIn(folder), { recursive: true });
    await writeWhole(keptText(folder, sha256), bytes);
    kept.add(sha256);
  };
}

/** @throws UsageError where somebody has removed or changed it */
async function textOf(folder: string, sha256: string): Promise<Buffer> {
  const path = keptText(folder, sha256);
  const bytes = await standing(path, "the text that the stage kept", () => readFile(path));
  const found = bytes === undefined ? "nothing" : createHash("sha256").update(bytes).digest("hex");
  if (bytes !== undefined && found === sha256) return bytes;
  const next = `remove ${join(folder, "freeze")} and freeze again`;
  throw new UsageError(
    `${path}: expected the text with this hash, as the stage kept it, found ${found}: ${next}`,
  );
}

/** Texts of an earlier freeze that nothing in this one names. */
async function removeOthers(set: string, texts: readonly string[]): Promise<void> {
  const wanted = new Set(texts.map(textFile));
  const path = join(set, "licences");
  const names = (await standing(path, "a folder of licences", () => readdir(path))) ?? [];
  const ours = names.filter((name) => /^[0-9a-f]{64}\.txt$/.test(name));
  for (const name of ours) {
    if (!wanted.has(`licences/${name}`)) await rm(join(set, "licences", name));
  }
}

/**
 * Below `set`; the texts are taken from the curation's folder. A kill on the way leaves a set that the same command
 * completes. @throws UsageError for a text that is not as it was kept
 */
export async function writeFrozen(set: string, folder: string, frozen: FrozenFolder): Promise<void> {
  const texts = await Promise.all(frozen.texts.map((sha256) => textOf(folder, sha256)));
  await mkdir(set, { recursive: true });
  if (texts.length > 0) await mkdir(join(set, "licences"), { recursive: true });
  for (const [index, sha256] of frozen.texts.entries())
    await writeWhole(join(set, textFile(sha256)), texts[index] ?? "");
  await removeOthers(set, frozen.texts);
  for (const [name, text] of Object.entries(frozen.documents)) await writeWhole(join(set, name), text);
  await writeSet(set, frozen);
}
