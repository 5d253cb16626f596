// The files a verdict can be judged from again: written once per run, compressed, tied to the database by hash.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { Fault } from "../domain/fault.ts";

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
  try {
    await writeFile(aside, content);
    await rename(aside, path);
  } catch (error) {
    // On a full disk half a file takes room, and would be taken for evidence.
    await rm(aside, { force: true }).catch(() => undefined);
    throw error;
  }
}

export class Evidence {
  readonly #folder: string;

  /** `folder` is the run folder; all names are relative to it. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async writeText(name: string, text: string): Promise<void> {
    await writeWhole(join(this.#folder, name), text);
  }

  async writeJson(name: string, value: unknown): Promise<void> {
    await writeWhole(join(this.#folder, name), `${JSON.stringify(value, null, 2)}\n`);
  }

  /** @throws EvidenceFault */
  async readText(name: string): Promise<string> {
    return readFile(join(this.#folder, name), "utf8").catch((cause: unknown) => {
      throw unreadable(join(this.#folder, name), cause);
    });
  }

  /** Transcripts of runs: long, and read by machines first. Named `<name>.json.gz`. */
  async writeTranscript(name: string, value: unknown): Promise<void> {
    await writeWhole(join(this.#folder, name), await compress(JSON.stringify(value)));
  }

  /** @throws EvidenceFault when the file is gone or damaged: the score stays, it cannot be judged again */
  async readTranscript(name: string): Promise<unknown> {
    try {
      return JSON.parse((await expand(await readFile(join(this.#folder, name)))).toString("utf8"));
    } catch (cause) {
      throw unreadable(join(this.#folder, name), cause);
    }
  }

  /** @throws EvidenceFault */
  async readJson(name: string): Promise<unknown> {
    try {
      return JSON.parse(await readFile(join(this.#folder, name), "utf8"));
    } catch (cause) {
      throw unreadable(join(this.#folder, name), cause);
    }
  }

  /** SHA-256 over the names and contents of a folder's files, in name order. */
  async hashOf(folder: string): Promise<string> {
    const hash = createHash("sha256");
    const names = (await readdir(join(this.#folder, folder)).catch(() => [])).sort();
    for (const name of names) {
      const content = await readFile(join(this.#folder, folder, name));
      hash.update(`${name}\0${content.length}\0`).update(content);
    }
    return hash.digest("hex");
  }
}
