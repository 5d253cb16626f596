// `arena board --verify` over a run as it is stored: what holds, what was changed, what was published, what never had a ledger.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Evidence } from "../../src/arena/evidence.ts";
import { measuredIn } from "../../src/arena/measured.ts";
import { writeVerdict } from "../../src/arena/verdict-files.ts";
import { readSet } from "../../src/curation/index.ts";
import { judge } from "../../src/grading/index.ts";
import { openSigner, openStore } from "../../src/storage/index.ts";
import { arena } from "../support/command-line.ts";
import { evidence as sound } from "../support/evidence.ts";
import { smokeIssue, smokeSet } from "../support/http-contestants.ts";
import { battle, round, settings } from "../unit/report/rows.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-board-verify-"));
const run = join(folder, "run");
const published = join(folder, "board.json");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const signer = openSigner(join(folder, "key.pem"));

beforeAll(async () => {
  const { set, instances } = await readSet(smokeSet);
  const instance = instances.find(({ instanceId }) => instanceId === smokeIssue);
  if (instance === undefined) throw new Error("the smoke set lacks its issue");
  const evidence = new Evidence(run);
  const from = sound();
  const record = judge(instance, from);
  const planned = battle(1, { instanceId: smokeIssue });
  const place = `battles/${planned.battleId}/round-1`;
  await writeVerdict(evidence, place, { patch: "a patch", candidate: undefined, from, record, runs: {} });
  const store = openStore(join(run, "arena.db"), { signer });
  const own = { ...settings, set: set.name, setHash: set.sha256 };
  await new Evidence(run, store).writeJson("manifest.json", {
    ...{ schemaVersion: 1, settings: own, options: { set: smokeSet }, sandbox: "docker" },
  });
  store.saveSettings(own);
  store.planBattles([planned]);
  const hash = { evidenceHash: await evidence.hashOf(place) };
  store.recordRound(round({ instanceId: smokeIssue, record, ...measuredIn(from), ...hash }));
  store.close();
  writeFileSync(published, (await arena("board", run, "--json")).stdout);
});

function copied(name: string): string {
  const copy = join(folder, name);
  cpSync(run, copy, { recursive: true });
  return copy;
}

const verify = async (...argv: string[]) => {
  const { code, stdout, stderr } = await arena("board", ...argv, "--verify", "--json");
  expect(stderr).toBe("");
  return { code, found: JSON.parse(stdout) };
};

describe("arena board --verify", () => {
  it("derives the board from the ledger and the evidence, and says what it did", async () => {
    const { code, found } = await verify(run, "--against", published, "--key", signer.key);
    expect(found.runs[0].differences).toEqual([]);
    expect(found).toMatchObject({
      ...{ schemaVersion: 1, verified: true, board: { differences: [], unchecked: [] } },
      runs: [
        {
          run,
          hasLedger: true,
          keys: [signer.key],
          rejudged: 1,
          unchecked: [expect.stringContaining("what 2 sides")],
        },
      ],
    });
    expect(found.board.numbers).toBeGreaterThan(50);
    expect(code).toBe(0);
    const { stdout } = await arena("board", run, "--verify");
    expect(stdout).toContain("verified: nothing differs");
    expect(stdout).toContain("a published board: none was named");
  });

  it("finds the number of a published board that follows from nothing", async () => {
    const board = JSON.parse(readFileSync(published, "utf8"));
    board.rounds.recorded = 99;
    board.contestants.push(board.contestants[0]);
    const other = join(folder, "other.json");
    writeFileSync(other, JSON.stringify(board));
    const { code, found } = await verify(run, "--against", other);
    expect(code).toBe(4);
    expect(found.board.differences).toHaveLength(2);
    expect(found.board.differences).toContainEqual({
      ...{ where: `${other}: rounds.recorded`, expected: "1", found: "99" },
    });
  });

  it("finds a row that was changed, by its place, and the numbers that it moves", async () => {
    const copy = copied("changed");
    const raw = new Database(join(copy, "arena.db"));
    raw.exec(`UPDATE rounds SET submitter = 'beta', reviewer = 'alpha'`);
    raw.close();
    const { code, stdout } = await arena("board", copy, "--verify");
    expect(code).toBe(4);
    expect(stdout).toContain(
      'arena.db, rounds ["battle-1",1]: expected the row that the ledger has; found other reviewer, submitter',
    );
    expect(stdout).toMatch(/the board as it is printed now: ratings\.strict/);
    expect(stdout.trimEnd()).toMatch(/NOT verified$/);
  });

  it("finds evidence and a manifest that were changed", async () => {
    const copy = copied("evidence");
    writeFileSync(join(copy, "battles/battle-1/round-1/submission.patch"), "another patch");
    const manifest = join(copy, "manifest.json");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace("docker", "doctor"));
    const { code, found } = await verify(copy);
    expect(code).toBe(4);
    expect(found.runs[0].differences.map(({ where }: { where: string }) => where)).toEqual([
      "manifest.json",
      "battles/battle-1/round-1",
    ]);
  });

  it("finds a database that cannot be read any more, and is no fault of ours", async () => {
    const copy = copied("damaged");
    const whole = readFileSync(join(copy, "arena.db"));
    writeFileSync(join(copy, "arena.db"), whole.subarray(0, whole.length / 2));
    const { code, found } = await verify(copy);
    expect(code).toBe(4);
    expect(found.verified).toBe(false);
  });

  it("finds a head that is of another run, and another's signature", async () => {
    const head = join(folder, "head.json");
    writeFileSync(head, readFileSync(join(run, "arena.db.head.json"), "utf8"));
    expect((await verify(run, "--head", head)).code).toBe(0);
    const other = copied("other");
    const store = openStore(join(other, "arena.db"), { signer });
    store.addPlayedSeconds(1);
    store.close();
    const later = join(other, "arena.db.head.json");
    expect((await verify(run, "--head", later)).code).toBe(4);
    expect((await verify(other, "--head", head)).code).toBe(0);
    expect((await verify(run, "--key", "another")).code).toBe(4);
  });

  it("takes no run without a ledger for verified", async () => {
    const copy = copied("old");
    const raw = new Database(join(copy, "arena.db"));
    raw.exec("DROP TABLE ledger; CREATE TABLE ledger (seq INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT");
    raw.close();
    rmSync(join(copy, "arena.db.head.json"));
    const { code, stdout } = await arena("board", copy, "--verify");
    expect(code).toBe(4);
    expect(stdout).toContain("no ledger: an earlier release played it, or somebody took it away");
  });

  it("refuses what is no published board and no run", async () => {
    expect(await arena("board", run, "--verify", "--against", join(run, "manifest.json"))).toMatchObject({
      ...{ code: 2, stderr: expect.stringContaining("--against: expected the JSON of a board") },
    });
    expect(await arena("board", join(folder, "nowhere"), "--verify")).toMatchObject({ code: 2 });
    expect(await arena("board", run, run, "--verify", "--head", published)).toMatchObject({ code: 2 });
  });

  it("has its key shown by arena keys", async () => {
    const { code, stdout } = await arena("keys", "--json");
    expect(code).toBe(0);
    const { key, file, algorithm } = JSON.parse(stdout);
    expect(openSigner(file).key).toBe(key);
    expect(algorithm).toBe("Ed25519");
  });
});
