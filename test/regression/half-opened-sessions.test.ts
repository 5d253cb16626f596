// Guards: a session whose opening failed after its database was open left the run to a process that had given it up.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, expect, it } from "vitest";
import { openSetSession } from "../../src/wire.ts";
import { hasBubblewrap } from "../support/bubblewrap.ts";
import { smokeIssue, smokeSet } from "../support/http-contestants.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-half-opened-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = join(folder, "run");
const options = { set: smokeSet, only: smokeIssue, contestants: "gold,empty", sandbox: "bubblewrap", run };
const context = { out: { note: () => {}, progress: () => {} }, signal: new AbortController().signal };

/** Work on the run's file as any other program might do it. */
function inDatabase<T>(work: (database: Database.Database) => T): T {
  const database = new Database(join(run, "arena.db"));
  try {
    return work(database);
  } finally {
    database.close();
  }
}

const owners = (): unknown[] => inDatabase((database) => database.prepare("SELECT pid FROM owner").all());

it("gives the run back where the rest of the opening fails", async ({ skip }) => {
  if (!(await hasBubblewrap())) skip("bubblewrap cannot be had here");
  const session = await openSetSession(options, context);
  expect(owners()).toEqual([{ pid: process.pid }]);
  await session[Symbol.asyncDispose]();
  // An answer without its content: what was spent cannot be told, so nothing may be asked.
  inDatabase((database) =>
    database.exec(`
      INSERT INTO battles (battle_id, ordinal, instance_id, first, second, rounds)
        VALUES ('b', 0, '${smokeIssue}', 'gold', 'empty', 2);
      INSERT INTO calls (battle_id, round, role, attempt, contestant, prompt_hash, worst_case_tokens, status, finish)
        VALUES ('b', 0, 'submitter', 0, 'gold', 'h', 1, 'answer', '{}');`),
  );
  await expect(openSetSession(options, context)).rejects.toThrow(join(run, "arena.db"));
  expect(owners()).toEqual([]);
});
