// Rounds: columns for what is asked for, JSON for what is read whole.
import type { Database } from "better-sqlite3";
import { z } from "zod";
import type { RoundRecord } from "../domain/record.ts";
import type { RoundRow } from "../domain/run.ts";
import { alreadyThere, type Place, readAs, writable } from "./checked.ts";
import { storeFault } from "./fault.ts";
import { json, measuresShape, recordShape, roundColumns, roundShape } from "./rows.ts";

const storedRound = z.strictObject({
  ...roundColumns.shape,
  record: json(recordShape),
  measures: json(measuresShape),
});

/** Each takes its own part of a whole row. */
const ownColumns = z.object(roundColumns.shape);
const ownMeasures = z.object(measuresShape.shape);

const select = `SELECT rounds.battle_id AS battleId, round, rounds.instance_id AS instanceId, language, submitter,
  reviewer, trust, evidence_hash AS evidenceHash, judging_seconds AS judgingSeconds, record, measures
  FROM rounds JOIN battles USING (battle_id)`;

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
    const flat = ownColumns.parse(wanted);
    const measures = ownMeasures.parse(wanted);
    this.#database
      .prepare(
        `INSERT INTO rounds (battle_id, round, instance_id, language, submitter, reviewer, trust, evidence_hash,
           judging_seconds, record, measures)
         VALUES (@battleId, @round, @instanceId, @language, @submitter, @reviewer, @trust, @evidenceHash,
           @judgingSeconds, @record, @measures)`,
      )
      .run({ ...flat, record: JSON.stringify(wanted.record), measures: JSON.stringify(measures) });
  }

  #read(row: unknown): RoundRow {
    const place = { what: "a round", path: this.#database.name };
    const { measures, ...rest } = readAs(storedRound, row, place);
    return { ...rest, ...measures };
  }

  #find(battleId: string, round: number): RoundRow | undefined {
    const query = `${select} WHERE rounds.battle_id = ? AND round = ?`;
    const row = this.#database.prepare(query).get(battleId, round);
    return row === undefined ? undefined : this.#read(row);
  }

  replaceRecord(battleId: string, round: number, record: RoundRecord): void {
    const place = this.#place(battleId, round);
    const wanted = writable(recordShape, record, place);
    const { changes } = this.#database
      .prepare("UPDATE rounds SET record = ? WHERE battle_id = ? AND round = ?")
      .run(JSON.stringify(wanted), battleId, round);
    if (changes === 0)
      throw storeFault(`${place.what} is not recorded in ${place.path}: there is nothing to replace`);
  }

  /** The battles whose void rounds are gone, one entry a round. */
  removeVoid(): readonly string[] {
    const removed = this.#database
      .prepare("DELETE FROM rounds WHERE record ->> '$.void' IS NOT NULL RETURNING battle_id AS battleId")
      .all();
    const place = { what: "a void round", path: this.#database.name };
    return removed.map((row) => readAs(z.strictObject({ battleId: z.string() }), row, place).battleId);
  }

  /** In the order of the plan. */
  all(battleId?: string): readonly RoundRow[] {
    const rows =
      battleId === undefined
        ? this.#database.prepare(`${select} ORDER BY ordinal, round`).all()
        : this.#database.prepare(`${select} WHERE rounds.battle_id = ? ORDER BY round`).all(battleId);
    return rows.map((row) => this.#read(row));
  }
}
