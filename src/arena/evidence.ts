// The files a verdict can be judged from again: written once per run, compressed, tied to the database by hash.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { Fault } from "../domain/fault.ts";
import type { RunStore } from "../domain/run.ts";

const compress = promisify(gzip);
const expand = promisify(gunzip);

export class EvidenceFault extends Fault<"evidence-missing" | "evidence-damaged"> {}

/** A file that is not there, told apart from one that is there and cannot be read. */
function unreadable(path: string, cause: unknown): EvidenceFault {
  const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
  return isMissing
    ? new EvidenceFault("evidence-missing", `the evidence ${path} is missing`, { retryable: false, cause })
    : new EvidenceFault("evidence-damaged", `the evidence ${path} is damaged`, { retryable: false, cause });
}

/** Writes a file whole or not at all: a kill in the middle leaves the old one or none. */
export async function writeWhole(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}.part`;
  await writeFile(aside, content);
  await rename(aside, path);
}

/** Where the hashes of files go that no row ties. */
export type FileRecord = Pick<RunStore, "beginFile" | "settleFile" | "files">;

/** Folders whose hash is in the row of their round or judgement. */
export const tiedFolder = /^(battles\/[^/]+\/round-\d+|predictions\/[^/]+\/[^/]+)\//;

const sha256Of = (content: string | Buffer): string => createHash("sha256").update(content).digest("hex");

export class Evidence {
  readonly folder: string;
  readonly #record: FileRecord | undefined;

  /** `folder` is the run folder; all names are relative to it. Without a record files are only read, or tied by nobody. */
  constructor(folder: string, record?: FileRecord) {
    this.folder = folder;
    this.#record = record;
  }

  /** Told before and after: a kill in between leaves a file of which both readings are known. */
  async #write(name: string, content: string | Buffer): Promise<void> {
    const record = tiedFolder.test(name) ? undefined : this.#record;
    const sha256 = record === undefined ? "" : sha256Of(content);
    record?.beginFile(name, sha256);
    await writeWhole(join(this.folder, name), content);
    record?.settleFile(name, sha256);
  }

  /** Puts on record which files a killed session had put in their place, and which not. Others stay in doubt. */
  async settle(): Promise<void> {
    for (const { path, sha256, earlier, isWritten } of this.#record?.files() ?? []) {
      if (isWritten) continue;
      const found = await this.fileHash(path);
      if (found === sha256 || found === earlier) this.#record?.settleFile(path, found);
    }
  }

  /** SHA-256 of a file; undefined where there is none. @throws EvidenceFault when it cannot be read */
  async fileHash(name: string): Promise<string | undefined> {
    try {
      return sha256Of(await readFile(join(this.folder, name)));
    } catch (cause) {
      const fault = unreadable(join(this.folder, name), cause);
      if (fault.code === "evidence-missing") return undefined;
      throw fault;
    }
  }

  /** Every file of the run folder, in the order of their names. */
  async names(): Promise<string[]> {
    const entries = await readdir(this.folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory());
    return files.map((entry) => relative(this.folder, join(entry.parentPath, entry.name))).sort();
  }

  async writeText(name: string, text: string): Promise<void> {
    await this.#write(name, text);
  }

  async writeJson(name: string, value: unknown): Promise<void> {
    await this.#write(name, `${JSON.stringify(value, null, 2)}\n`);
  }

  /** @throws EvidenceFault */
  async readText(name: string): Promise<string> {
    return readFile(join(this.folder, name), "utf8").catch((cause: unknown) => {
      throw unreadable(join(this.folder, name), cause);
    });
  }

  /** Transcripts of runs: long, and read by machines first. Named `<name>.json.gz`. */
  async writeTranscript(name: string, value: unknown): Promise<void> {
    await this.#write(name, await compress(JSON.stringify(value)));
  }

  /** @throws EvidenceFault when the file is gone or damaged: the score stays, it cannot be judged again */
  async readTranscript(name: string): Promise<unknown> {
    try {
      return JSON.parse((await expand(await readFile(join(this.folder, name)))).toString("utf8"));
    } catch (cause) {
      throw unreadable(join(this.folder, name), cause);
    }
  }

  /** @throws EvidenceFault */
  async readJson(name: string): Promise<unknown> {
    try {
      return JSON.parse(await readFile(join(this.folder, name), "utf8"));
    } catch (cause) {
      throw unreadable(join(this.folder, name), cause);
    }
  }

  /** SHA-256 over the names and contents of a folder's files, in name order. */
  async hashOf(folder: string): Promise<string> {
    const hash = createHash("sha256");
    const names = (await readdir(join(this.folder, folder)).catch(() => [])).sort();
    for (const name of names) {
      const content = await readFile(join(this.folder, folder, name));
      hash.update(`${name}\0${content.length}\0`).update(content);
    }
    return hash.digest("hex");
  }
}
