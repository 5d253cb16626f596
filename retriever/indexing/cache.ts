// What was indexed before, by content: a blob's digest by its id and language, a commit by its id.
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { z } from "zod";
import { languages } from "../chunking/languages.ts";
import type { PastCommit } from "../digest.ts";
import { RetrieverFault } from "../fault.ts";
import type { PastCommits } from "../reading/history.ts";
import { CacheFile, isUnwritable } from "./cache-file.ts";
import { decodeBlob, digestVersion, type IndexedBlob } from "./codec.ts";

/** A blob to be read as a language ("" for none, "#!" where its first line decides). */
export interface BlobKey {
  readonly blob: string;
  readonly language: string;
}

export function nameOf({ blob, language }: BlobKey): string {
  return `${blob} ${language}`;
}

const pastCommit = z.strictObject({ time: z.number(), message: z.string(), paths: z.array(z.string()) });

/** Digest keys hold everything that decides a digest besides the bytes. */
function suffixOf(language: string): Buffer {
  const decided = JSON.stringify([digestVersion, languages().fingerprint, language]);
  return createHash("sha256").update(decided).digest().subarray(0, 8);
}

/** A damaged row is as good as none: it is said in {@link damage}, and written anew. */
export class IndexCache implements Disposable, PastCommits {
  readonly #file: CacheFile;
  readonly #suffixes = new Map<string, Buffer>();
  #damagedRows = 0;
  #stopped: string | undefined;

  /** @throws RetrieverFault cache-unusable */
  constructor(folder: string) {
    this.#file = new CacheFile(folder);
  }

  get damage(): string[] {
    const rows = this.#damagedRows === 0 ? [] : [`${this.#damagedRows} damaged rows were read anew`];
    return [...this.#file.damage, ...rows];
  }

  /** Why nothing more is kept: the work goes on without. */
  get stopped(): string | undefined {
    return this.#stopped;
  }

  /** By {@link nameOf}; what is absent has to be indexed. */
  digests(keys: readonly BlobKey[]): Map<string, IndexedBlob> {
    const rows = this.#rows(
      "digests",
      keys.map((key) => this.#keyOf(key)),
    );
    const found = new Map<string, IndexedBlob>();
    keys.forEach((key, at) => {
      const row = rows[at];
      if (row === undefined) return;
      const blob = decodeBlob(row);
      if (blob === undefined) this.#damagedRows += 1;
      else found.set(nameOf(key), blob);
    });
    return found;
  }

  putDigests(entries: readonly { readonly key: BlobKey; readonly payload: Uint8Array }[]): void {
    this.#put(
      "digests",
      entries.map(({ key, payload }) => [
        this.#keyOf(key),
        Buffer.from(payload.buffer, payload.byteOffset, payload.length),
      ]),
    );
  }

  get(ids: readonly string[]): ReadonlyMap<string, PastCommit> {
    const rows = this.#rows("commits", ids.map(commitKey));
    const found = new Map<string, PastCommit>();
    ids.forEach((id, at) => {
      const row = rows[at];
      if (row === undefined) return;
      const commit = decodeCommit(row);
      if (commit === undefined) this.#damagedRows += 1;
      else found.set(id, { id, ...commit });
    });
    return found;
  }

  put(commits: readonly PastCommit[]): void {
    this.#put(
      "commits",
      commits.map(({ id, ...rest }) => [commitKey(id), encodeCommit(rest)]),
    );
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }

  #keyOf({ blob, language }: BlobKey): Buffer {
    const suffix = this.#suffixes.get(language) ?? suffixOf(language);
    this.#suffixes.set(language, suffix);
    return Buffer.concat([Buffer.from(blob, "hex"), suffix]);
  }

  #rows(table: "digests" | "commits", keys: readonly Buffer[]): (Buffer | undefined)[] {
    return this.#file.use((database) => {
      const read = database.prepare<[Buffer], { payload: unknown }>(
        `SELECT payload FROM ${table} WHERE key = ?`,
      );
      return database.transaction(() =>
        keys.map((key) => {
          const row = read.get(key);
          if (row === undefined) return undefined;
          return unsealed(key, row.payload);
        }),
      )();
    });
  }

  /** A cache that cannot grow is no reason to stop: it is said, and nothing more is tried. */
  #put(table: "digests" | "commits", rows: readonly (readonly [Buffer, Buffer])[]): void {
    if (rows.length === 0 || this.#stopped !== undefined) return;
    try {
      this.#write(table, rows);
    } catch (cause) {
      if (!(cause instanceof RetrieverFault) || !isUnwritable(cause.cause)) throw cause;
      this.#stopped = cause.message;
    }
  }

  #write(table: "digests" | "commits", rows: readonly (readonly [Buffer, Buffer])[]): void {
    this.#file.use((database) => {
      const write = database.prepare(`INSERT OR REPLACE INTO ${table} (key, payload) VALUES (?, ?)`);
      database
        .transaction(() => {
          for (const [key, payload] of rows) write.run(key, sealed(key, payload));
        })
        .immediate();
    });
  }
}

/** Raised whenever a commit is kept in another way: old rows are then not found. */
const commitVersion = 2;

const commitKey = (id: string): Buffer => Buffer.concat([Buffer.from(id, "hex"), Buffer.of(commitVersion)]);

/** A row ends with a sum of its key: what belongs to another key is damage, however whole it is. */
function sealed(key: Buffer, payload: Buffer): Buffer {
  const row = Buffer.allocUnsafe(payload.length + 4);
  payload.copy(row);
  row.writeUInt32LE(crc32(key), payload.length);
  return row;
}

/** Nothing at all where the seal does not fit: whoever decodes it finds it damaged. */
function unsealed(key: Buffer, row: unknown): Buffer {
  if (!(row instanceof Buffer) || row.length < 4) return Buffer.alloc(0);
  const end = row.length - 4;
  return row.readUInt32LE(end) === crc32(key) ? row.subarray(0, end) : Buffer.alloc(0);
}

function encodeCommit(commit: Omit<PastCommit, "id">): Buffer {
  const text = Buffer.from(JSON.stringify(commit), "utf8");
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(text));
  return Buffer.concat([sum, text]);
}

function decodeCommit(row: Buffer): Omit<PastCommit, "id"> | undefined {
  if (row.length < 4 || row.readUInt32LE(0) !== crc32(row.subarray(4))) return undefined;
  try {
    return pastCommit.safeParse(JSON.parse(row.toString("utf8", 4))).data;
  } catch {
    return undefined;
  }
}
