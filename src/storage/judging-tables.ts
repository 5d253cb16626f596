// Verdicts on existing predictions, and finished sandbox runs that an identical run may reuse.
import type { Database } from "better-sqlite3";
import { z } from "zod";
import type { RoundRecord } from "../domain/record.ts";
import type { CachedRun, JudgementKey, JudgementRow } from "../domain/run.ts";
import { alreadyThere, type Place, readAs, writable } from "./checked.ts";
import { storeFault } from "./fault.ts";
import { cachedRunShape, json, judgementShape, recordShape } from "./rows.ts";
import { statement } from "./statement.ts";

const storedJudgement = z.strictObject({ ...judgementShape.shape, record: json(recordShape) });

const select = `SELECT instance_id AS instanceId, contestant, patch_hash AS patchHash, seconds,
  evidence_hash AS evidenceHash, record FROM judgements`;
const ofKey = "WHERE instance_id = @instanceId AND contestant = @contestant AND patch_hash = @patchHash";

const named = ({ instanceId, contestant, patchHash }: JudgementKey): JudgementKey => {
  return { instanceId, contestant, patchHash };
};

export class JudgingTables {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  #place({ instanceId, contestant, patchHash }: JudgementKey): Place {
    const what = `the judgement of ${contestant} on ${instanceId} (patch ${patchHash.slice(0, 12)})`;
    return { what, path: this.#database.name };
  }

  add(row: JudgementRow): void {
    const place = this.#place(row);
    const wanted = writable(judgementShape, row, place);
    const stored = this.#find(row);
    const isVoid = stored?.record.void !== undefined;
    if (!isVoid && alreadyThere(stored, wanted, place)) return;
    statement(
      this.#database,
      `INSERT OR REPLACE INTO judgements (instance_id, contestant, patch_hash, seconds, evidence_hash, record)
         VALUES (@instanceId, @contestant, @patchHash, @seconds, @evidenceHash, @record)`,
    ).run({ ...wanted, record: JSON.stringify(wanted.record) });
  }

  replaceRecord(key: JudgementKey, record: RoundRecord): void {
    const place = this.#place(key);
    const wanted = writable(recordShape, record, place);
    const { changes } = statement(this.#database, `UPDATE judgements SET record = @record ${ofKey}`).run({
      ...named(key),
      record: JSON.stringify(wanted),
    });
    if (changes === 0)
      throw storeFault(`${place.what} is not recorded in ${place.path}: there is nothing to replace`);
  }

  #find(key: JudgementKey): JudgementRow | undefined {
    const row = statement(this.#database, `${select} ${ofKey}`).get(named(key));
    return row === undefined ? undefined : this.#read(row);
  }

  #read(row: unknown): JudgementRow {
    return readAs(storedJudgement, row, { what: "a judgement", path: this.#database.name });
  }

  all(): readonly JudgementRow[] {
    const rows = statement(this.#database, `${select} ORDER BY instance_id, contestant, patch_hash`).all();
    return rows.map((row) => this.#read(row));
  }

  cachedRun(key: string): CachedRun | undefined {
    const row = statement(this.#database, "SELECT key, report, evidence FROM cached_runs WHERE key = ?").get(
      key,
    );
    const place = { what: `the cached run ${key}`, path: this.#database.name };
    return row === undefined ? undefined : readAs(cachedRunShape, row, place);
  }

  cache(run: CachedRun): void {
    const place = { what: `the cached run ${run.key}`, path: this.#database.name };
    const wanted = writable(cachedRunShape, run, place);
    if (alreadyThere(this.cachedRun(run.key), wanted, place)) return;
    statement(
      this.#database,
      "INSERT INTO cached_runs (key, report, evidence) VALUES (@key, @report, @evidence)",
    ).run(wanted);
  }
}
