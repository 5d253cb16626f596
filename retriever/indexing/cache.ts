// What was indexed before, by content: a blob's digest by its id and language, a commit by its id.
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { z } from "zod";
import { languages } from "../chunking/languages.ts";
import type { PastCommit } from "../digest.ts";
import type { PastCommits } from "../reading/history.ts";
import { CacheFile } from "./cache-file.ts";
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

  /** @throws RetrieverFault cache-unusable */
  constructor(folder: string) {
    this.#file = new CacheFile(folder);
  }

  get damage(): string[] {
    const rows = this.#damagedRows === 0 ? [] : [`${this.#damagedRows} damaged rows were read anew`];
    return [...this.#file.damage, ...rows];
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
    const rows = this.#rows(
      "commits",
      ids.map((id) => Buffer.from(id, "hex")),
    );
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
      commits.map(({ id, ...rest }) => [Buffer.from(id, "hex"), encodeCommit(rest)]),
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
          const payload = read.get(key)?.payload;
          return payload instanceof Buffer ? payload : undefined;
        }),
      )();
    });
  }

  #put(table: "digests" | "commits", rows: readonly (readonly [Buffer, Buffer])[]): void {
    if (rows.length === 0) return;
    this.#file.use((database) => {
      const write = database.prepare(`INSERT OR REPLACE INTO ${table} (key, payload) VALUES (?, ?)`);
      database
        .transaction(() => {
          for (const [key, payload] of rows) write.run(key, payload);
        })
        .immediate();
    });
  }
}

function encodeCommit(commit: Omit<PastCommit, "id">): Buffer {
  const text = Buffer.from(JSON.stringify(commit), "utf8");
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(text));
  return Buffer.concat([sum, text]);
}

function decodeCommit(row: Buffer): Omit<PastCommit, "id"> | undefined {
  if (row.length < 4 || row.readUInt32LE(0) !== crc32(row.subarray(4))) return undefined;
  const commit = pastCommit.safeParse(JSON.parse(row.toString("utf8", 4)));
  return commit.data;
}
