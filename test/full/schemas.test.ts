// Documents of commands that need sandboxes, held against their schemas: one issue, checked, played, judged, graded and played again.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readSet } from "../../src/curation/index.ts";
import { arena } from "../support/command-line.ts";
import { engineForTests } from "../support/engine.ts";
import { smokeIssue, smokeSet } from "../support/http-contestants.ts";
import { expectDocument } from "../support/schemas.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-documents-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function documentOf(...argv: readonly string[]): Promise<string> {
  const { stdout, stderr } = await arena("--json", ...argv);
  expect(stdout, stderr).not.toBe("");
  return stdout;
}

describe("documents of judged runs [engine]", () => {
  it("are as their schemas say: check, play, show, judge, grade, rejudge, replay", async ({ skip }) => {
    if ((await engineForTests(["python"])) === undefined) skip("no container engine can be had here");
    const only = ["--only", smokeIssue];
    expectDocument("issues-check", await documentOf("issues", "check", smokeSet, ...only, "--repeats", "1"));
    const run = join(folder, "run");
    const played = ["--contestants", "gold,empty", "--repeats", "1", "--seed", "schemas", "--run", run];
    expectDocument("play", await documentOf("play", smokeSet, ...only, ...played));
    const shown = await documentOf("show", run);
    const battle: string = JSON.parse(shown).battles[0].battleId;
    expectDocument("show-battle", await documentOf("show", run, battle));
    expectDocument("board", await documentOf("board", run, "--paper"));
    expectDocument("rejudge", await documentOf("rejudge", run));
    expectDocument("replay", await documentOf("replay", run, "--out", join(folder, "again")));
    const { instances } = await readSet(smokeSet);
    const gold = instances.find(({ instanceId }) => instanceId === smokeIssue)?.goldPatch;
    const file = join(folder, "predictions.jsonl");
    writeFileSync(file, `${JSON.stringify({ instance_id: smokeIssue, patch: gold })}\n`);
    const judged = ["judge", smokeSet, "--predictions", file, "--run", join(folder, "judged")];
    expectDocument("judge", await documentOf(...judged));
    const graded = ["--contestants", "gold", "--repeats", "1", "--run", join(folder, "graded")];
    expectDocument("grade", await documentOf("grade", smokeSet, ...only, ...graded));
  });
});
