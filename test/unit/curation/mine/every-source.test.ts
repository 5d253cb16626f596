// A folder that lists clones and repositories at GitHub: one run over all, each change once, and a time that stays.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { mineStage } from "../../../../src/curation/mine/every-source.ts";
import { gitHubFolder, runMark } from "../../../../src/curation/mine/github/mark.ts";
import { gitHubSourceOf } from "../../../../src/curation/mine/github/search.ts";
import { addSources, type MineSource, readSources } from "../../../../src/curation/mine/sources.ts";
import { runStage } from "../../../../src/curation/pipeline/run-stage.ts";
import { UsageError } from "../../../../src/domain/fault.ts";
import { issue, pull, repository } from "../../../support/github/model.ts";
import { History } from "../../../support/history.ts";
import { asOf, clientOf, folder, server } from "./github/mining.ts";

const histories: History[] = [];
afterEach(() => {
  for (const each of histories.splice(0)) each[Symbol.dispose]();
});

it("mines clones and repositories in one run, and keeps a change once that came under two names", async () => {
  const history = new History();
  histories.push(history);
  history.commit({ "a.py": "x = 1\n" });
  history.commit({ "a.py": "x = 2\n" });
  history.git("commit", "--quiet", "--amend", "--message=two is right\n\nFixes #4");
  const own = repository("o/r", { formerNames: ["o/old"], issues: [issue(1)] });
  own.pulls = [pull(10, { body: "fixes #1" })];
  const at = await server({ repositories: [own] });
  const about = { api: at.api, asOf };
  const clone = { kind: "clone", id: "c/c", repo: "c/c", path: history.folder, messages: "linked" } as const;
  const listed: MineSource[] = [
    { ...clone, head: history.git("rev-parse", "HEAD") },
    gitHubSourceOf("o/r", about),
    gitHubSourceOf("o/old", about),
  ];
  const work = folder();
  await addSources(work, listed);
  const sources = await readSources(work);
  expect(sources).toEqual(listed);
  const client = clientOf(at, { answers: folder() });
  const stage = mineStage({
    local: { repositoryOf: () => history.open(), issuesOf: async () => undefined },
    gitHub: { clientOf: () => client },
  });
  const run = { folder: work, workers: 1, signal: new AbortController().signal };
  const { kept, rejected } = await runStage(stage, sources, run);
  expect(kept.map(({ id }) => id)).toEqual([expect.stringMatching(/^c__c-/), "o__r-10"]);
  expect(rejected.map(({ id, reason }) => `${id} ${reason}`)).toContain("o__r-10 listed-twice");
});

it("is of the time at which its folder first asked, until it is to be another", async () => {
  const work = folder();
  const first = await runMark(work, { nowMs: 0, isNew: false });
  expect(first).toBe("1970-01-01T00:00:00.000Z");
  expect(await runMark(work, { nowMs: 1000, isNew: false })).toBe(first);
  expect(await runMark(work, { nowMs: 2000, isNew: true })).toBe("1970-01-01T00:00:02.000Z");
  const other = folder();
  mkdirSync(gitHubFolder(other));
  writeFileSync(join(gitHubFolder(other), "as-of.json"), "{");
  await expect(runMark(other, { nowMs: 0, isNew: false })).rejects.toBeInstanceOf(UsageError);
});
