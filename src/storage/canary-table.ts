// Canaries of a run, the rounds that were recorded under each, and what trying a quarantined instance again takes back.
import type { Database } from "better-sqlite3";
import { z } from "zod";
import {
  type Canary,
  canaryControls,
  quarantinedBy,
  type RoundMark,
  type StoredCanary,
  vouchedRounds,
} from "../domain/canary.ts";
import type { RoundRow } from "../domain/run.ts";
import { readAs, writable } from "./checked.ts";
import { json } from "./rows.ts";

const canaryShape = z.strictObject({
  instanceId: z.string().min(1),
  atMs: z.int(),
  controls: z.array(
    z.strictObject({
      control: z.enum(canaryControls),
      name: z.string(),
      passed: z.boolean(),
      found: z.string(),
    }),
  ),
  reason: z.string().min(1).exactOptional(),
  evidence: z.string(),
  evidenceHash: z.string(),
});

const storedShape = z.strictObject({
  ...canaryShape.shape,
  id: z.int(),
  controls: json(canaryShape.shape.controls),
  reason: z.string().nullable(),
  isRetried: z.literal([0, 1]).transform((flag) => flag === 1),
});

const markShape = z.strictObject({ battleId: z.string(), round: z.int(), canary: z.int() });

export class CanaryTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add(canary: Canary): void {
    const place = { what: `the canary of ${canary.instanceId}`, path: this.#database.name };
    const { controls, reason = null, ...rest } = writable(canaryShape, canary, place);
    this.#database
      .prepare(
        `INSERT INTO canaries (instance_id, at_ms, controls, reason, evidence, evidence_hash)
         VALUES (@instanceId, @atMs, @controls, @reason, @evidence, @evidenceHash)`,
      )
      .run({ ...rest, reason, controls: JSON.stringify(controls) });
  }

  /** In the order they were run. */
  all(): readonly StoredCanary[] {
    const rows = this.#database
      .prepare(
        `SELECT id, instance_id AS instanceId, at_ms AS atMs, controls, reason, evidence,
           evidence_hash AS evidenceHash, retried AS isRetried FROM canaries ORDER BY id`,
      )
      .all();
    return rows.map((row) => {
      const { reason, ...rest } = readAs(storedShape, row, { what: "a canary", path: this.#database.name });
      return reason === null ? rest : { ...rest, reason };
    });
  }

  marks(): readonly RoundMark[] {
    const rows = this.#database
      .prepare("SELECT battle_id AS battleId, round, canary_id AS canary FROM round_canaries")
      .all();
    return rows.map((row) => readAs(markShape, row, { what: "a round's canary", path: this.#database.name }));
  }

  /** The canary that a round was recorded under; a round that is there already keeps its own. */
  mark({ battleId, round, instanceId }: RoundRow): void {
    this.#database
      .prepare(
        `INSERT INTO round_canaries (battle_id, round, canary_id)
         SELECT ?, ?, max(id) FROM canaries WHERE instance_id = ? AND reason IS NULL HAVING max(id) IS NOT NULL
         ON CONFLICT DO NOTHING`,
      )
      .run(battleId, round, instanceId);
  }

  /**
   * Quarantined instances may be tried again: rounds that nobody vouches for are gone, and so is what runs on these
   * instances came to, since an identical run would take it.
   */
  retry(rows: readonly RoundRow[]): { instanceIds: readonly string[]; removed: readonly RoundRow[] } {
    const canaries = this.all();
    const quarantined = quarantinedBy(canaries);
    const removed = vouchedRounds(rows, canaries, this.marks()).leftOut.filter(({ instanceId }) =>
      quarantined.has(instanceId),
    );
    const remove = this.#database.prepare("DELETE FROM rounds WHERE battle_id = ? AND round = ?");
    for (const { battleId, round } of removed) remove.run(battleId, round);
    const forget = this.#database.prepare(
      "DELETE FROM cached_runs WHERE substr(evidence, 1, length(@prefix)) = @prefix",
    );
    const lift = this.#database.prepare("UPDATE canaries SET retried = 1 WHERE id = ?");
    for (const [instanceId, { id }] of quarantined) {
      forget.run({ prefix: `evidence/${instanceId}/` });
      lift.run(id);
    }
    return { instanceIds: [...quarantined.keys()], removed };
  }
}
