// `arena board` as it is typed: formats, the paper's tables, two runs, thresholds and their exit code.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { arena } from "../../support/command-line.ts";
import { storeRun } from "../../support/stored-run.ts";
import { tournament } from "../report/fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-board-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const source = tournament(5);
const run = storeRun(join(folder, "one"), source);
const again = storeRun(join(folder, "two"), source);

describe("arena board", () => {
  it("says that its set is gone, and what follows for a cut-off day", async () => {
    const { code, stdout } = await arena("board", run, "--after", "2026-01-01");
    expect(code).toBe(0);
    expect(stdout).toContain("0 issues; 5 left out, 5 of them because their day is not known");
    expect(stdout.replaceAll(/\n {2}/g, " ")).toContain("Nothing is known of the issues of");
    expect(await arena("board", run, "--after", "yesterday")).toMatchObject({ code: 2 });
  });

  it("prints the paper's tables in every format, and adds them to the JSON", async () => {
    expect((await arena("board", run, "--paper")).stdout).toContain("With and without a reviewer");
    expect((await arena("board", run, "--paper", "--format", "md")).stdout).toContain("### Pairs");
    expect((await arena("board", run, "--paper", "--format", "csv")).stdout).toMatch(/^section,/);
    const json = JSON.parse((await arena("--json", "board", run, "--paper", "--paired")).stdout);
    expect(json).toMatchObject({ schemaVersion: 1, paper: { k: 3 }, ranking: { by: "strength" } });
    expect(json.paired[0]).toMatchObject({ metric: "winRate", n: 5 });
  });

  it("compares two runs, no more and no fewer", async () => {
    const { code, stdout } = await arena("--json", "board", run, again, "--compare");
    expect(code).toBe(0);
    const { contestants } = JSON.parse(stdout);
    expect(contestants[0].metrics[0]).toMatchObject({ difference: 0, p: 1 });
    expect(await arena("board", run, "--compare")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("expected two runs, found 1"),
    });
    const paired = await arena("board", run, again, "--compare", "--paired", "best");
    expect(paired).toMatchObject({ code: 2, stderr: expect.stringContaining('found "best"') });
  });

  it("exits with 4 where a threshold is not met, after the board", async () => {
    const missed = await arena(
      "board",
      run,
      "--fail-under",
      "gold:winRate=0.1",
      "--fail-under",
      "empty:winRate=0.1",
    );
    expect(missed.code).toBe(4);
    expect(missed.stdout).toContain("Ranked by overall strength");
    expect(missed.stderr).toBe("threshold not met: empty: winRate is 0, under 0.1\n");
    expect((await arena("board", run, "--fail-over", "gold:voidShare=1")).code).toBe(0);
    expect((await arena("board", run, "--fail-under", "gold")).code).toBe(2);
  });

  it("writes JUnit and SARIF, and names the formats it has", async () => {
    expect((await arena("board", run, "--format", "junit")).stdout).toMatch(/^<\?xml/);
    const sarif = await arena("board", run, "--format", "sarif");
    expect(JSON.parse(sarif.stdout)).toMatchObject({ version: "2.1.0" });
    const wrong = await arena("board", run, "--format", "html5");
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("table, md, csv, junit, sarif") });
  });
});
