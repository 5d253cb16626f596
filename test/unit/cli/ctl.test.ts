// `arena ctl` as it is typed: what a run answers, what it refuses, and what is said where nobody answers.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type RunStatus, serveControl } from "../../../src/arena/index.ts";
import { openStore } from "../../../src/storage/index.ts";
import { arena } from "../../support/command-line.ts";

const status: RunStatus = {
  ...{ state: "playing", workers: 1, battles: { planned: 3, played: 1 }, unsound: [] },
  ...{ rounds: { played: 2, void: 0 }, seconds: 0, inPlay: [], contestants: [] },
  ...{ timeLeft: { kind: "unknown", because: "x" }, spent: { usd: 0, tokens: 0 }, limit: {} },
};

let run: string;
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), "arena-ctl-"));
  openStore(join(run, "arena.db")).close();
});
afterEach(() => rmSync(run, { recursive: true, force: true }));

describe("arena ctl", () => {
  it("prints what the run answers, harmlessly", async () => {
    await using _ = await serveControl(run, () => ({ ok: true, said: "goes on\u001b[2J", status }));
    expect(await arena("ctl", run, "resume")).toMatchObject({ code: 0, stdout: "goes on\\u{1b}[2J\n" });
    const shown = await arena("ctl", run, "status");
    expect(shown.stdout).toContain("playing, 1 worker\n1 of 3 battles, 2 rounds, none void\n");
  });

  it("ends with 3 and the run's own reason where that refuses", async () => {
    await using _ = await serveControl(run, () => ({ ok: false, because: "it is being stopped" }));
    expect(await arena("ctl", run, "pause")).toEqual({
      ...{ code: 3, stdout: "", stderr: "arena: refused: it is being stopped\n" },
    });
  });

  it("says that nobody plays a run, as a status and as the reason why nothing else is heard", async () => {
    expect(await arena("ctl", run, "status")).toMatchObject({
      ...{ code: 0, stdout: expect.stringContaining("no process plays this run") },
    });
    expect(await arena("ctl", run, "cancel")).toMatchObject({
      ...{ code: 3, stderr: expect.stringContaining("cancel is not heard: no process plays this run") },
    });
  });

  it.each([
    [["explode"], "expected status, pause, resume, cancel, workers"],
    [["workers"], "expected how many"],
    [["workers", "0"], "expected a whole number above 0"],
    [["pause", "3"], "expected nothing after it"],
    [["pause", "--now"], "expected beside cancel"],
  ])("refuses %j before anybody is asked", async (words, said) => {
    expect(await arena("ctl", run, ...words)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(said),
    });
  });
});
