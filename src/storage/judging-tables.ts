// Verdicts on existing predictions, and finished sandbox runs that an identical run may reuse.
import type { Database } from "better-sqlite3";
import { z } from "zod";
import type { CachedRun, JudgementRow } from "../domain/run.ts";
import { alreadyThere, readAs, writable } from "./checked.ts";
import { cachedRunShape, json, judgementShape, recordShape } from "./rows.ts";

const storedJudgement = z.strictObject({ ...judgementShape.shape, record: json(recordShape) });

const select = `SELECT instance_id AS instanceId, ordinal, contestant, patch_hash AS patchHash, seconds,
  evidence_hash AS evidenceHash, record FROM judgements`;

export class JudgingTables {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add(row: JudgementRow): void {
    const what = `the judgement of ${row.contestant} on ${row.instanceId} (number ${row.ordinal})`;
    const place = { what, path: this.#database.name };
    const wanted = writable(judgementShape, row, place);
    const key = [row.instanceId, row.ordinal, row.contestant] as const;
    const query = `${select} WHERE instance_id = ? AND ordinal = ? AND contestant = ?`;
    const stored = this.#database.prepare(query).get(...key);
    if (alreadyThere(stored === undefined ? undefined : this.#read(stored), wanted, place)) return;
    this.#database
      .prepare(
        `INSERT INTO judgements (instance_id, ordinal, contestant, patch_hash, seconds, evidence_hash, record)
         VALUES (@instanceId, @ordinal, @contestant, @patchHash, @seconds, @evidenceHash, @record)`,
      )
      .run({ ...wanted, record: JSON.stringify(wanted.record) });
  }

  #read(row: unknown): JudgementRow {
    return readAs(storedJudgement, row, { what: "a judgement", path: this.#database.name });
  }

  all(): readonly JudgementRow[] {
    const rows = this.#database.prepare(`${select} ORDER BY ordinal, instance_id, contestant`).all();
    return rows.map((row) => this.#read(row));
  }

  cachedRun(key: string): CachedRun | undefined {
    const row = this.#database
      .prepare("SELECT key, report, evidence FROM cached_runs WHERE key = ?")
      .get(key);
    const place = { what: `the cached run ${key}`, path: this.#database.name };
    return row === undefined ? undefined : readAs(cachedRunShape, row, place);
  }

  cache(run: CachedRun): void {
    const place = { what: `the cached run ${run.key}`, path: this.#database.name };
    const wanted = writable(cachedRunShape, run, place);
    if (alreadyThere(this.cachedRun(run.key), wanted, place)) return;
    this.#database
      .prepare("INSERT INTO cached_runs (key, report, evidence) VALUES (@key, @report, @evidence)")
      .run(wanted);
  }
}
