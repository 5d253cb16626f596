// Writes the site of stored runs into a folder: whole or not at all, and never over what is not a site of ours.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { UsageError } from "../domain/fault.ts";
import { type SiteFile, type SiteInput, siteFiles } from "../report/index.ts";

/** It tells a folder that may be written anew from one that somebody put something else in. */
const marker = ".arena-site";
/** Files between two looks at whether anybody wants it stopped. */
const breath = 50;

export interface WrittenSite {
  /** Absolute path of its first page. */
  readonly index: string;
  readonly files: number;
  readonly bytes: number;
}

function mustBeFree(out: string): void {
  if (!existsSync(out)) return;
  const found = readdirSync(out);
  if (found.length === 0 || found.includes(marker)) return;
  throw new UsageError(
    `--html: expected a new or empty folder, or one that an earlier --html wrote, found ${found.length} other files in ${out}`,
  );
}

/** One file after another, in the order they come: a folder is made once. */
class Folder {
  readonly #at: string;
  readonly #made = new Set<string>();
  files = 0;
  bytes = 0;

  constructor(at: string) {
    this.#at = at;
  }

  write({ path, text }: SiteFile): void {
    const full = join(this.#at, path);
    const folder = dirname(full);
    if (!this.#made.has(folder)) mkdirSync(folder, { recursive: true });
    this.#made.add(folder);
    writeFileSync(full, text);
    this.files += 1;
    this.bytes += Buffer.byteLength(text);
  }
}

/** @throws UsageError where the folder holds something else; whatever was there stays then, as it does after an abort */
export async function writeSite(out: string, input: SiteInput, signal: AbortSignal): Promise<WrittenSite> {
  const target = resolve(out);
  mustBeFree(target);
  const aside = `${target}.${process.pid}.part`;
  const folder = new Folder(aside);
  try {
    folder.write({ path: marker, text: "Written by `arena board --html`; written anew as a whole.\n" });
    for await (const file of siteFiles(input)) {
      folder.write(file);
      if (folder.files % breath === 0) await setImmediate();
      signal.throwIfAborted();
    }
    await rm(target, { recursive: true, force: true });
    await rename(aside, target);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return { index: join(target, "index.html"), files: folder.files, bytes: folder.bytes };
}
