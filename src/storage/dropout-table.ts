// Contestants who have left a run, and why: their battles are unplayed, which is nobody's loss.
import type { Database } from "better-sqlite3";
import { z } from "zod";
import type { Dropout } from "../domain/run.ts";
import { readAs, writable } from "./checked.ts";

const dropoutShape = z.strictObject({
  contestant: z.string(),
  atMs: z.int(),
  code: z.string(),
  reason: z.string(),
});

export class DropoutTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add(dropout: Dropout): void {
    const place = { what: `the dropout of ${dropout.contestant}`, path: this.#database.name };
    this.#database
      .prepare(
        "INSERT INTO dropouts (contestant, at_ms, code, reason) VALUES (@contestant, @atMs, @code, @reason)",
      )
      .run(writable(dropoutShape, dropout, place));
  }

  /** Those who are out now, in the order they left. */
  all(): readonly Dropout[] {
    const rows = this.#database
      .prepare("SELECT contestant, at_ms AS atMs, code, reason FROM dropouts WHERE returned = 0 ORDER BY id")
      .all();
    return rows.map((row) => readAs(dropoutShape, row, { what: "a dropout", path: this.#database.name }));
  }

  returnAll(): void {
    this.#database.prepare("UPDATE dropouts SET returned = 1").run();
  }
}
