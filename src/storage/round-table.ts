// Rounds: columns for what is asked for, JSON for what is read whole.
import type { Database } from "better-sqlite3";
import { z } from "zod";
import type { RoundRecord } from "../domain/record.ts";
import type { RoundRow } from "../domain/run.ts";
import { alreadyThere, type Place, readAs, writable } from "./checked.ts";
import { storeFault } from "./fault.ts";
import { json, measuresShape, recordShape, roundColumns, roundShape } from "./rows.ts";
import { statement } from "./statement.ts";

const storedRound = z.strictObject({
  ...roundColumns.shape,
  record: json(recordShape),
  measures: json(measuresShape),
});

const columnNames = new Set(Object.keys(roundColumns.shape));
const measureNames = new Set(Object.keys(measuresShape.shape));

/** A checked row's fields of these names, in the order of its shape: the same row is the same text, too. */
function part(row: object, names: ReadonlySet<string>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(row).filter(([name]) => names.has(name)));
}

const select = `SELECT rounds.battle_id AS battleId, round, rounds.instance_id AS instanceId, language, submitter,
  reviewer, trust, evidence_hash AS evidenceHash, judging_seconds AS judgingSeconds, record, measures FROM rounds`;
const inPlan = `${select} JOIN battles USING (battle_id)`;

export class RoundTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  #place(battleId: string, round: number): Place {
    return { what: `round ${round} of battle ${battleId}`, path: this.#database.name };
  }

  add(row: RoundRow): void {
    const place = this.#place(row.battleId, row.round);
    const wanted = writable(roundShape, row, place);
    if (alreadyThere(this.#find(row.battleId, row.round), wanted, place)) return;
    const flat = part(wanted, columnNames);
    const measures = part(wanted, measureNames);
    statement(
      this.#database,
      `INSERT INTO rounds (battle_id, round, instance_id, language, submitter, reviewer, trust, evidence_hash,
           judging_seconds, record, measures)
         VALUES (@battleId, @round, @instanceId, @language, @submitter, @reviewer, @trust, @evidenceHash,
           @judgingSeconds, @record, @measures)`,
    ).run({ ...flat, record: JSON.stringify(wanted.record), measures: JSON.stringify(measures) });
  }

  #read(row: unknown): RoundRow {
    const place = { what: "a round", path: this.#database.name };
    const { measures, ...rest } = readAs(storedRound, row, place);
    return { ...rest, ...measures };
  }

  #find(battleId: string, round: number): RoundRow | undefined {
    const query = `${select} WHERE rounds.battle_id = ? AND round = ?`;
    const row = statement(this.#database, query).get(battleId, round);
    return row === undefined ? undefined : this.#read(row);
  }

  replaceRecord(battleId: string, round: number, record: RoundRecord): void {
    const place = this.#place(battleId, round);
    const wanted = writable(recordShape, record, place);
    const { changes } = statement(
      this.#database,
      "UPDATE rounds SET record = ? WHERE battle_id = ? AND round = ?",
    ).run(JSON.stringify(wanted), battleId, round);
    if (changes === 0)
      throw storeFault(`${place.what} is not recorded in ${place.path}: there is nothing to replace`);
  }

  /** The battles whose void rounds are gone, one entry a round. */
  removeVoid(): readonly string[] {
    const removed = statement(
      this.#database,
      "DELETE FROM rounds WHERE record ->> '$.void' IS NOT NULL RETURNING battle_id AS battleId",
    ).all();
    const place = { what: "a void round", path: this.#database.name };
    return removed.map((row) => readAs(z.strictObject({ battleId: z.string() }), row, place).battleId);
  }

  /** In the order of the plan. */
  all(battleId?: string): readonly RoundRow[] {
    const rows =
      battleId === undefined
        ? statement(this.#database, `${inPlan} ORDER BY ordinal, round`).all()
        : statement(this.#database, `${select} WHERE rounds.battle_id = ? ORDER BY round`).all(battleId);
    return rows.map((row) => this.#read(row));
  }
}
