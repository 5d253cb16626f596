// How long a run was played, added up over its sessions: a budget of hours counts what earlier ones took.
import type { Database } from "better-sqlite3";
import { z } from "zod";
import { readAs } from "./checked.ts";
import { statement } from "./statement.ts";

const timeRow = z.strictObject({ seconds: z.number().nonnegative() });

export class PlayTimeTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add(seconds: number): void {
    statement(
      this.#database,
      `INSERT INTO play_time (id, seconds) VALUES (1, ?)
         ON CONFLICT (id) DO UPDATE SET seconds = seconds + excluded.seconds`,
    ).run(seconds);
  }

  seconds(): number | undefined {
    const row = statement(this.#database, "SELECT seconds FROM play_time").get();
    if (row === undefined) return undefined;
    return readAs(timeRow, row, { what: "the time played", path: this.#database.name }).seconds;
  }
}
