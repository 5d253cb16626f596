// The plan of a run: its settings, its battles in order, and which of them are done.
import type { Database } from "better-sqlite3";
import { z } from "zod";
import type { PlannedBattle, RunSettings } from "../domain/run.ts";
import { alreadyThere, readAs, writable } from "./checked.ts";
import { storeFault } from "./fault.ts";
import { battleShape, json, settingsShape } from "./rows.ts";
import { statement } from "./statement.ts";

const columns = `battle_id AS battleId, ordinal, instance_id AS instanceId, first, second, rounds`;
const settingsRow = z.strictObject({ settings: json(settingsShape) });

export class PlanTables {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  settings(): RunSettings | undefined {
    const row = statement(this.#database, "SELECT settings FROM run").get();
    if (row === undefined) return undefined;
    return readAs(settingsRow, row, { what: "the run's settings", path: this.#database.name }).settings;
  }

  saveSettings(settings: RunSettings): void {
    const place = { what: "a run's settings", path: this.#database.name };
    const wanted = writable(settingsShape, settings, place);
    if (alreadyThere(this.settings(), wanted, place)) return;
    statement(this.#database, "INSERT INTO run (id, settings) VALUES (1, ?)").run(JSON.stringify(wanted));
  }

  add(battle: PlannedBattle): void {
    const place = { what: `battle ${battle.battleId}`, path: this.#database.name };
    const wanted = writable(battleShape, battle, place);
    if (alreadyThere(this.#find(battle.battleId), wanted, place)) return;
    statement(
      this.#database,
      `INSERT INTO battles (battle_id, ordinal, instance_id, first, second, rounds)
         VALUES (@battleId, @ordinal, @instanceId, @first, @second, @rounds)`,
    ).run(wanted);
  }

  #find(battleId: string): PlannedBattle | undefined {
    const row = statement(this.#database, `SELECT ${columns} FROM battles WHERE battle_id = ?`).get(battleId);
    return row === undefined ? undefined : this.#read(row);
  }

  #read(row: unknown): PlannedBattle {
    return readAs(battleShape, row, { what: "a planned battle", path: this.#database.name });
  }

  all(): readonly PlannedBattle[] {
    const rows = statement(this.#database, `SELECT ${columns} FROM battles ORDER BY ordinal`).all();
    return rows.map((row) => this.#read(row));
  }

  unplayed(): readonly PlannedBattle[] {
    const query = `SELECT ${columns} FROM battles WHERE finished = 0 ORDER BY ordinal`;
    return statement(this.#database, query)
      .all()
      .map((row) => this.#read(row));
  }

  reopen(battleId: string): void {
    statement(this.#database, "UPDATE battles SET finished = 0 WHERE battle_id = ?").run(battleId);
  }

  finish(battleId: string): void {
    const { changes } = statement(this.#database, "UPDATE battles SET finished = 1 WHERE battle_id = ?").run(
      battleId,
    );
    if (changes === 0) {
      throw storeFault(
        `battle ${battleId} is not planned in ${this.#database.name}, so it cannot be finished`,
      );
    }
  }
}
