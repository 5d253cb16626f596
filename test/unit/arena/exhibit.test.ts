// Evidence read back for show: as it was stored, and with a word for everything that is gone, damaged or out of bounds.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Exhibits } from "../../../src/arena/exhibit.ts";
import type { RoundRow } from "../../../src/domain/run.ts";
import { openStoreReadOnly } from "../../../src/storage/index.ts";
import { makeSiteRun } from "../../support/site-run.ts";
import { plainWords, siteIssues, sitePlayers } from "../../support/site-words.ts";

let folder: string;
let run: string;
let rows: readonly RoundRow[];

const rowAt = (place: number): RoundRow => {
  const row = rows[place];
  if (row === undefined) throw new Error(`no round ${place}`);
  return row;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "arena-exhibit-test-"));
  run = await makeSiteRun({
    ...{ folder, set: "toy", players: sitePlayers.slice(0, 2), issues: siteIssues(3), words: plainWords },
    withLogs: true,
  });
  const store = openStoreReadOnly(join(run, "arena.db"));
  rows = store.rounds();
  store.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a round's evidence", () => {
  it("is read back with base and gold first, and each run's log", () => {
    const exhibit = new Exhibits(run).round(rowAt(0), { withPrompts: true });
    expect(exhibit.missing).toEqual([]);
    expect(exhibit.runs.map(({ label }) => label).slice(0, 5)).toEqual(["B", "G", "P", "P+H", "G+T 1"]);
    expect(exhibit.patch).toContain("src/parser.py");
    expect(exhibit.tests).toContain("tests/test_review.py");
    expect(exhibit.prompts.submitter).toContain("## Issue");
    const log = new Exhibits(run).log(exhibit.runs[2]?.log ?? "");
    expect(log?.jobs[0]?.steps[0]).toMatchObject({ outcome: "exited 1", seconds: 1.84 });
    expect(log?.jobs[0]?.steps[0]?.stdout).toContain("test session starts");
  });

  it("leaves prompts unread where nobody shows them", () => {
    expect(new Exhibits(run).round(rowAt(0), { withPrompts: false }).prompts).toEqual({});
  });

  it("says what is missing or damaged, and shows the rest", async () => {
    const row = rowAt(2);
    const at = join(run, "battles", row.battleId, `round-${row.round}`);
    await rm(join(at, "submission.patch"));
    await writeFile(join(at, "evidence.json.gz"), "no gzip");
    const exhibit = new Exhibits(run).round(row, { withPrompts: false });
    expect(exhibit.patch).toBeUndefined();
    expect(exhibit.tests).toContain("tests/test_review.py");
    expect(exhibit.missing).toEqual([
      `battles/${row.battleId}/round-${row.round}/submission.patch cannot be read: it is missing`,
      expect.stringMatching(/evidence\.json\.gz cannot be read: it is damaged/),
    ]);
  });

  it("never leaves the run folder, whatever its database and its verdicts name", async () => {
    const row = rowAt(4);
    const at = join(run, "battles", row.battleId, `round-${row.round}`);
    await writeFile(join(folder, "secret.json.gz"), "secret");
    await writeFile(join(at, "verdict.json"), JSON.stringify({ runs: { B: "../secret.json.gz" } }));
    const exhibits = new Exhibits(run);
    expect(exhibits.round(row, { withPrompts: false }).missing).toEqual([
      expect.stringContaining("(the run B) cannot be read: it is damaged (a path with empty, . or .. parts)"),
    ]);
    expect(exhibits.log("../secret.json.gz")).toBeUndefined();
    const elsewhere = exhibits.round({ ...row, battleId: "../../.." }, { withPrompts: false });
    expect(elsewhere.patch).toBeUndefined();
  });
});
