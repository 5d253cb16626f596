// `arena rejudge` over the judgements of predictions, as over rounds: what changes, what is stored, what is gone.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { Evidence } from "../../src/arena/evidence.ts";
import { judgementFolder } from "../../src/arena/judge-prediction.ts";
import { writeVerdict } from "../../src/arena/verdict-files.ts";
import { readSet } from "../../src/curation/index.ts";
import type { JudgementRow } from "../../src/domain/run.ts";
import { judge } from "../../src/grading/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { arena } from "../support/command-line.ts";
import { evidence as sound } from "../support/evidence.ts";
import { smokeIssue, smokeSet } from "../support/http-contestants.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-rejudge-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const verdicts = () => {
  const store = openStore(join(folder, "arena.db"));
  const rows = store.judgements();
  store.close();
  return rows.map(({ patchHash, record }) => [patchHash, record.label]);
};

it("judges predictions again, says which verdicts change and keeps those without evidence", async () => {
  const { instances } = await readSet(smokeSet);
  const instance = instances.find(({ instanceId }) => instanceId === smokeIssue);
  if (instance === undefined) throw new Error("the smoke set lacks its issue");
  const evidence = new Evidence(folder);
  const from = sound();
  const record = judge(instance, from);
  const row = (patchHash: string, over: Partial<JudgementRow> = {}): JudgementRow => {
    return {
      ...{ instanceId: smokeIssue, contestant: "ann", patchHash, record, seconds: 1, evidenceHash: "" },
      ...over,
    };
  };
  const rows = [row("a-same"), row("b-other", { record: { ...record, label: "unresolved" } }), row("c-gone")];
  const store = openStore(join(folder, "arena.db"));
  for (const each of rows) store.recordJudgement(each);
  store.close();
  for (const each of rows.slice(0, 2)) {
    const files = { patch: "", candidate: undefined, from, record: each.record, runs: {} };
    await writeVerdict(evidence, judgementFolder(each), files);
  }
  const settings = { set: "smoke", setHash: "" };
  await evidence.writeJson("manifest.json", {
    ...{ schemaVersion: 1, settings, options: { set: smokeSet }, sandbox: "docker" },
  });

  const looked = await arena("rejudge", folder, "--json");
  expect(looked.code, looked.stderr).toBe(1);
  expect(JSON.parse(looked.stdout)).toEqual({
    ...{ schemaVersion: 1, rejudged: 2, missing: 1, written: false },
    changed: [
      {
        ...{ instance_id: smokeIssue, model_name_or_path: "ann", patch_sha256: "b-other", changed: true },
        ...{ before: "patch-stands", after: "patch-stands" },
        ...{ beforeLabel: "unresolved", afterLabel: "resolved" },
      },
    ],
  });
  expect(looked.stderr).toContain(`${smokeIssue} ann c-gone: the evidence`);
  const before = rows.map(({ patchHash, record: { label } }) => [patchHash, label]);
  expect(verdicts()).toEqual(before);

  const written = await arena("rejudge", folder, "--write");
  expect(written.stdout).toContain("2 verdicts judged again, 1 changed, 1 without evidence");
  expect(written.stdout).toMatch(/ann b-other +patch-stands, unresolved +patch-stands, resolved/);
  expect(verdicts()).toEqual([
    ["a-same", "resolved"],
    ["b-other", "resolved"],
    ["c-gone", "resolved"],
  ]);
});
