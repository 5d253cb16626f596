// Vectors of passages between runs: one SQLite file that several processes share and that may be damaged at any time.
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type Database from "better-sqlite3";
import { RetrieverFault } from "../fault.ts";
import { openShared, sqliteCode } from "../shared-database.ts";

/** How long a statement waits for another process. */
const busyTimeoutMs = 10_000;
/** 1.5 KB each at 384 dimensions: 300 MB. The oldest go first. */
const defaultMaxVectors = 200_000;
/**
 * A damaged file is left where it is and its successor used: another process may have it open, and two processes that
 * find the damage come to the same successor.
 */
const generations = 5;
const checksumBytes = 8;

export interface VectorCacheOptions {
  readonly folder: string;
  /** Of the model: vectors of different models stand side by side. */
  readonly fingerprint: string;
  readonly maxVectors?: number;
}

interface Row {
  readonly vector: Buffer;
  readonly checksum: Buffer;
}

function checksumOf(key: Buffer, vector: Buffer): Buffer {
  return createHash("sha256").update(key).update(vector).digest().subarray(0, checksumBytes);
}

function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB|ERROR)/.test(sqliteCode(error));
}

function fault(path: string, cause: unknown): RetrieverFault {
  const found = cause instanceof Error ? cause.message : String(cause);
  return new RetrieverFault(
    "cache-unusable",
    `${path}: expected a cache that can be read and written, found: ${found}. ` +
      "What to do: try again; if that does not help, delete the cache folder or give another one",
    { cause },
  );
}

const columns =
  "id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, vector BLOB NOT NULL, checksum BLOB NOT NULL";

function openFile(path: string): Database.Database {
  return openShared({ path, busyTimeoutMs }, (database) => {
    database.exec(`CREATE TABLE IF NOT EXISTS vectors (${columns})`);
    // Fails here, and not in the middle of a search, where the file is cut short or its table is another one.
    database.prepare("SELECT id, key, vector, checksum FROM vectors ORDER BY id DESC LIMIT 1").get();
  });
}

export class VectorCache {
  readonly #options: VectorCacheOptions;
  #generation: number;
  #path = "";
  #database: Database.Database;
  #notice: string | undefined;

  /** @throws RetrieverFault `cache-unusable` */
  constructor(options: VectorCacheOptions) {
    this.#options = options;
    this.#generation = 1;
    try {
      mkdirSync(options.folder, { recursive: true });
    } catch (cause) {
      throw fault(options.folder, cause);
    }
    this.#database = this.#openSound();
  }

  /** What was found damaged and replaced. */
  get notice(): string | undefined {
    return this.#notice;
  }

  /** The vectors that are there and sound, in the order of `contents`; undefined where there is none. */
  get(contents: readonly string[]): (Float32Array | undefined)[] {
    return this.#guarded((database) => {
      const read = database.prepare<[Buffer], Row>("SELECT vector, checksum FROM vectors WHERE key = ?");
      return contents.map((content) => {
        const key = this.#keyOf(content);
        const row = read.get(key);
        return row === undefined ? undefined : soundVector(key, row);
      });
    });
  }

  put(vectors: ReadonlyMap<string, Float32Array>): void {
    if (vectors.size === 0) return;
    const { maxVectors = defaultMaxVectors } = this.#options;
    this.#guarded((database) => {
      const write = database.prepare(
        "INSERT INTO vectors (key, vector, checksum) VALUES (?, ?, ?) " +
          "ON CONFLICT (key) DO UPDATE SET vector = excluded.vector, checksum = excluded.checksum",
      );
      const prune = database.prepare("DELETE FROM vectors WHERE id <= (SELECT max(id) FROM vectors) - ?");
      database
        .transaction(() => {
          for (const [content, values] of vectors) {
            const key = this.#keyOf(content);
            const vector = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
            write.run(key, vector, checksumOf(key, vector));
          }
          prune.run(maxVectors);
        })
        .immediate();
    });
  }

  close(): void {
    this.#database.close();
  }

  #keyOf(content: string): Buffer {
    return createHash("sha256").update(`${this.#options.fingerprint}\0${content}`).digest();
  }

  /** Work on the database; damage met on the way moves on to the next file, which starts empty. */
  #guarded<Value>(work: (database: Database.Database) => Value): Value {
    for (;;) {
      try {
        return work(this.#database);
      } catch (error) {
        if (!isDamage(error)) throw fault(this.#path, error);
        this.#database.close();
        this.#giveUp(error);
        this.#database = this.#openSound();
      }
    }
  }

  #openSound(): Database.Database {
    for (;;) {
      const name = this.#generation === 1 ? "vectors.sqlite" : `vectors-${this.#generation}.sqlite`;
      this.#path = join(this.#options.folder, name);
      try {
        return openFile(this.#path);
      } catch (error) {
        if (!isDamage(error)) throw fault(this.#path, error);
        this.#giveUp(error);
      }
    }
  }

  #giveUp(error: unknown): void {
    if (this.#generation === generations) throw fault(this.#path, error);
    const found = error instanceof Error ? error.message : String(error);
    this.#notice = `${this.#path} is damaged (${found}) and no longer used; its vectors are computed anew`;
    this.#generation += 1;
  }
}

function soundVector(key: Buffer, { vector, checksum }: Row): Float32Array | undefined {
  if (!Buffer.isBuffer(vector) || !Buffer.isBuffer(checksum) || vector.length % 4 !== 0) return undefined;
  if (!checksumOf(key, vector).equals(checksum)) return undefined;
  // Copied: a row's bytes need not begin where a float may.
  return new Float32Array(Uint8Array.from(vector).buffer);
}
