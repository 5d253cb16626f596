// The secret a run's canaries and twins are drawn from: kept for all its sessions, and nowhere but in its database.
import type { Database } from "better-sqlite3";
import { z } from "zod";
import { readAs } from "./checked.ts";
import { statement } from "./statement.ts";

const seedRow = z.strictObject({ seed: z.string().min(1) });

export class SeedTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The first one given stays. */
  keep(drawn: string): string {
    statement(this.#database, "INSERT INTO judging_seed (id, seed) VALUES (1, ?) ON CONFLICT DO NOTHING").run(
      drawn,
    );
    const row = statement(this.#database, "SELECT seed FROM judging_seed").get();
    return readAs(seedRow, row, { what: "the judging seed", path: this.#database.name }).seed;
  }
}
