// Files of the run folder by what they must hold: told before one is put in its place, and again when it is there.
import type { Database } from "better-sqlite3";
import { z } from "zod";
import type { RunFile } from "../domain/run.ts";
import { readAs } from "./checked.ts";
import { statement } from "./statement.ts";

const fileRow = z.strictObject({
  path: z.string(),
  sha256: z.string(),
  earlier: z.string().nullable(),
  written: z.union([z.literal(0), z.literal(1)]),
});

const select = "SELECT path, sha256, earlier, written FROM run_files";

export class FileTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  begin(path: string, sha256: string): void {
    const now = this.#find(path);
    if (now?.isWritten === true && now.sha256 === sha256) return;
    const earlier = now?.isWritten === true ? now.sha256 : (now?.earlier ?? null);
    statement(
      this.#database,
      "INSERT OR REPLACE INTO run_files (path, sha256, earlier, written) VALUES (?, ?, ?, 0)",
    ).run(path, sha256, earlier);
  }

  settle(path: string, sha256: string | undefined): void {
    const now = this.#find(path);
    if (sha256 === undefined) {
      statement(this.#database, "DELETE FROM run_files WHERE path = ?").run(path);
      return;
    }
    if (now?.isWritten === true && now.sha256 === sha256) return;
    statement(
      this.#database,
      "INSERT OR REPLACE INTO run_files (path, sha256, earlier, written) VALUES (?, ?, NULL, 1)",
    ).run(path, sha256);
  }

  #find(path: string): RunFile | undefined {
    const row = statement(this.#database, `${select} WHERE path = ?`).get(path);
    return row === undefined ? undefined : this.#read(row);
  }

  #read(row: unknown): RunFile {
    const place = { what: "a file's hash", path: this.#database.name };
    const { path, sha256, earlier, written } = readAs(fileRow, row, place);
    return { path, sha256, isWritten: written === 1, ...(earlier === null ? {} : { earlier }) };
  }

  all(): readonly RunFile[] {
    return statement(this.#database, `${select} ORDER BY path`)
      .all()
      .map((row) => this.#read(row));
  }
}
