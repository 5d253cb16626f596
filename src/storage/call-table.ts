// Paid calls: written before they are made and again when the answer is here, so that no answer is bought twice.
import type { Database } from "better-sqlite3";
import { z } from "zod";
import type { CallFinish, CallKey, CallStart, ChargedSoFar, LostAnswers, StoredCall } from "../domain/run.ts";
import { alreadyThere, type Place, readAs, writable } from "./checked.ts";
import { storeFault } from "./fault.ts";
import { callFinishShape, callStartShape, json, lostAnswersShape } from "./rows.ts";
import { statement } from "./statement.ts";

const storedCall = z.strictObject({
  ...callStartShape.shape,
  id: z.int(),
  worstCaseUsd: z.number().nullable(),
  lostUsd: lostAnswersShape.shape.usd,
  lostTokens: lostAnswersShape.shape.tokens,
  chargedUsd: lostAnswersShape.shape.usd,
  chargedTokens: lostAnswersShape.shape.tokens,
  finish: json(callFinishShape).nullable(),
});

const select = `SELECT id, battle_id AS battleId, round, role, attempt, contestant, prompt_hash AS promptHash,
  worst_case_usd AS worstCaseUsd, worst_case_tokens AS worstCaseTokens, lost_usd AS lostUsd,
  lost_tokens AS lostTokens, charged_usd AS chargedUsd, charged_tokens AS chargedTokens, finish FROM calls`;

const named = (key: CallKey): string =>
  `the call of the ${key.role} in round ${key.round} of battle ${key.battleId}, attempt ${key.attempt}`;

export class CallTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  #place(what: string): Place {
    return { what, path: this.#database.name };
  }

  begin(call: CallStart): number {
    const place = this.#place(named(call));
    const wanted = writable(callStartShape, call, place);
    const earlier = this.at(call)?.finish;
    if (earlier !== undefined && earlier.status !== "fault") {
      throw storeFault(
        `${place.what} was already answered (${earlier.status}) and is not paid for again. ` +
          `What to do: report this with ${place.path}; the stored answer should have been used`,
      );
    }
    const { lastInsertRowid } = statement(
      this.#database,
      `INSERT INTO calls (battle_id, round, role, attempt, contestant, prompt_hash, worst_case_usd, worst_case_tokens)
         VALUES (@battleId, @round, @role, @attempt, @contestant, @promptHash, @worstCaseUsd, @worstCaseTokens)`,
    ).run({ ...wanted, worstCaseUsd: wanted.worstCaseUsd ?? null });
    return Number(lastInsertRowid);
  }

  lose(id: number, charged: LostAnswers): void {
    this.#add("lost", id, charged);
  }

  charge(id: number, charged: ChargedSoFar): void {
    this.#add("charged", id, charged);
  }

  #add(to: "lost" | "charged", id: number, charged: LostAnswers | ChargedSoFar): void {
    const place = this.#place(`what a request of call ${id} cost`);
    const wanted = writable(lostAnswersShape, charged, place);
    const { changes } = statement(
      this.#database,
      `UPDATE calls SET ${to}_usd = ${to}_usd + @usd, ${to}_tokens = ${to}_tokens + @tokens
         WHERE id = @id AND status IS NULL`,
    ).run({ ...wanted, id });
    if (changes === 0)
      throw storeFault(`call ${id} is not under way in ${place.path}, so no request of it costs anything`);
  }

  finish(id: number, finish: CallFinish): void {
    const place = this.#place(`the end of call ${id}`);
    const wanted = writable(callFinishShape, finish, place);
    const row = statement(this.#database, `${select} WHERE id = ?`).get(id);
    if (row === undefined) throw storeFault(`call ${id} was never begun in ${place.path}`);
    if (alreadyThere(this.#read(row).finish, wanted, place)) return;
    statement(this.#database, "UPDATE calls SET status = ?, finish = ? WHERE id = ?").run(
      wanted.status,
      JSON.stringify(wanted),
      id,
    );
  }

  #read(row: unknown): StoredCall {
    const { worstCaseUsd, lostUsd, lostTokens, chargedUsd, chargedTokens, finish, ...call } = readAs(
      storedCall,
      row,
      this.#place("a paid call"),
    );
    return {
      ...call,
      ...(worstCaseUsd === null ? {} : { worstCaseUsd }),
      ...(lostUsd === 0 && lostTokens === 0 ? {} : { lost: { usd: lostUsd, tokens: lostTokens } }),
      ...(chargedUsd === 0 && chargedTokens === 0
        ? {}
        : { charged: { usd: chargedUsd, tokens: chargedTokens } }),
      ...(finish === null ? {} : { finish }),
    };
  }

  all(): readonly StoredCall[] {
    return statement(this.#database, `${select} ORDER BY id`)
      .all()
      .map((row) => this.#read(row));
  }

  /** The received answer where there is one, else the latest try: several may have died or met a fault. */
  at(key: CallKey): StoredCall | undefined {
    const query = `${select} WHERE battle_id = ? AND round = ? AND role = ? AND attempt = ?
      ORDER BY (status IS NOT NULL AND status <> 'fault') DESC, id DESC LIMIT 1`;
    const row = statement(this.#database, query).get(key.battleId, key.round, key.role, key.attempt);
    return row === undefined ? undefined : this.#read(row);
  }
}
