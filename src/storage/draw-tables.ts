// The draws of an adaptive run: written with the battles they made, before any of these is played.
import type { Database } from "better-sqlite3";
import { z } from "zod";
import type { Draw, DrawnIssue, OpenedIssue } from "../domain/adaptive.ts";
import { alreadyThere, readAs, writable } from "./checked.ts";
import { storeFault } from "./fault.ts";
import { drawnIssueShape, drawShape } from "./rows.ts";

const issueRow = z.strictObject({
  ...{ ordinal: drawnIssueShape.shape.ordinal, instanceId: z.string(), seen: drawnIssueShape.shape.seen },
  leftOut: z.string().nullable(),
  unfinished: z.int().nonnegative(),
});

const select = `SELECT ordinal, instance_id AS instanceId, seen, left_out AS leftOut,
  (SELECT COUNT(*) FROM draws JOIN battles USING (battle_id) WHERE issue = opened_issues.ordinal AND finished = 0) AS unfinished
  FROM opened_issues`;

export class DrawTables {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Its battles are planned already. */
  add(issue: DrawnIssue): void {
    const place = { what: `the draws for ${issue.instanceId}`, path: this.#database.name };
    const wanted = writable(drawnIssueShape, issue, place);
    const stored = this.#find(wanted.ordinal);
    if (stored !== undefined) {
      const { isClosed, leftOut, ...drawn } = stored;
      if (alreadyThere(drawn, wanted, place)) return;
    }
    const { ordinal, instanceId, seen, draws } = wanted;
    this.#database
      .prepare("INSERT INTO opened_issues (ordinal, instance_id, seen) VALUES (?, ?, ?)")
      .run(ordinal, instanceId, seen);
    const insert = this.#database.prepare(
      `INSERT INTO draws (issue, place, battle_id, propensity, information_per_usd, expected_usd)
       VALUES (@ordinal, @place, @battleId, @propensity, @informationPerUsd, @expectedUsd)`,
    );
    for (const [index, draw] of draws.entries()) insert.run({ ...draw, ordinal, place: index });
  }

  leaveOut(instanceId: string, why: string): void {
    const { changes } = this.#database
      .prepare("UPDATE opened_issues SET left_out = ? WHERE instance_id = ?")
      .run(why, instanceId);
    if (changes === 0)
      throw storeFault(
        `no issue ${instanceId} was opened in ${this.#database.name}, so it cannot be left out`,
      );
  }

  #draws(issue: number): readonly Draw[] {
    return this.#database
      .prepare(
        `SELECT battle_id AS battleId, propensity, information_per_usd AS informationPerUsd,
           expected_usd AS expectedUsd FROM draws WHERE issue = ? ORDER BY place`,
      )
      .all(issue)
      .map((row) => readAs(drawShape, row, { what: "a draw", path: this.#database.name }));
  }

  #read(row: unknown): OpenedIssue {
    const place = { what: "an opened issue", path: this.#database.name };
    const { leftOut, unfinished, ...issue } = readAs(issueRow, row, place);
    const isLeftOut = unfinished > 0 && leftOut !== null;
    return {
      ...{ ...issue, draws: this.#draws(issue.ordinal), isClosed: unfinished === 0 || isLeftOut },
      // What could not be judged once and was played later is left out no more.
      ...(isLeftOut ? { leftOut } : {}),
    };
  }

  #find(ordinal: number): OpenedIssue | undefined {
    const row = this.#database.prepare(`${select} WHERE ordinal = ?`).get(ordinal);
    return row === undefined ? undefined : this.#read(row);
  }

  /** In the order of opening. */
  all(): readonly OpenedIssue[] {
    const rows = this.#database.prepare(`${select} ORDER BY ordinal`).all();
    return rows.map((row) => this.#read(row));
  }
}
