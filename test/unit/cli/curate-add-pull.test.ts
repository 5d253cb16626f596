// `arena curate add --pull`: how a pull request is named, and where one ends that makes no instance.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { arenaProcess } from "../../support/command-line.ts";
import { issue, pull, repository } from "../../support/github/model.ts";
import { GitHubServer } from "../../support/github/server.ts";
import { expectDocument } from "../../support/schemas.ts";

let folder: string;
let env: Readonly<Record<string, string>>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "arena-add-pull-"));
  env = { ARENA_CACHE: join(folder, "cache"), GITHUB_ENTERPRISE_TOKEN: "secret-token" };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function add(...more: readonly string[]) {
  return arenaProcess(["--json", "curate", "add", join(folder, "work"), ...more], { cwd: folder, env });
}

it("says where a pull request ends that makes no instance, and why", async () => {
  const pulls = [pull(10, { closes: [] }), pull(11, { closes: [], mergedAt: null })];
  await using server = await GitHubServer.open({
    ...{ repositories: [repository("o/r", { pulls, formerNames: ["o/old"] })] },
    ...{ flavour: "ghes-3.19", token: "secret-token" },
  });
  const one = (name: string) => add("--pull", name, "--github-api", server.api);
  const unlinked = await one("o/r#10");
  expect(unlinked.code, unlinked.stderr).toBe(4);
  expectDocument("curate-add", unlinked.stdout);
  expect(JSON.parse(unlinked.stdout)).toMatchObject({ id: "o__r-10", stage: "mine", reason: "no-issue" });
  const open = await one("o/r#11");
  expect(JSON.parse(open.stdout), open.stderr).toMatchObject({ id: "o/r#11", reason: "not-merged" });
  const gone = await one("o/gone#1");
  expect(JSON.parse(gone.stdout), gone.stderr).toMatchObject({ reason: "repository-gone" });
  expect(server.problems).toEqual([]);
});

it("asks anew about one that was put aside, and takes one that its whole repository has brought before", async () => {
  const pulls = [pull(11, { closes: ["o/r#1"], mergedAt: null })];
  await using server = await GitHubServer.open({
    ...{ repositories: [repository("o/r", { issues: [issue(1)], pulls })] },
    ...{ flavour: "ghes-3.19", token: "secret-token" },
  });
  const place = ["--github-api", server.api, "--clone-base", join(folder, "nowhere")];
  const before = await add("--pull", "o/r#11", ...place);
  expect(JSON.parse(before.stdout), before.stderr).toMatchObject({ reason: "not-merged" });
  pulls[0] = pull(11, { closes: ["o/r#1"] });
  // Past the mine stage, to a clone that is not to be had.
  const isTaken = async () => {
    const { stdout, stderr } = await add("--pull", "o/r#11", ...place);
    expect(JSON.parse(stdout), stderr).toMatchObject({ kind: "fault", stage: "split", id: "o__r-11" });
  };
  await isTaken();
  const whole = ["--json", "curate", "mine", join(folder, "work"), "--github", "o/r"];
  const mined = await arenaProcess([...whole, "--github-api", server.api], { cwd: folder, env });
  expect(JSON.parse(mined.stdout), mined.stderr).toMatchObject({ reasons: { "listed-twice": 1 } });
  await isTaken();
});

it("is told how to name what it is to add", async () => {
  const nothing = await add();
  expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining("or --pull owner/name#number")]);
  const both = await add("--pull", "o/r#1", "--fix", "HEAD");
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("--fix beside it")]);
  const unnamed = await add("--pull", "https://example.com/o/r/pull/1");
  expect([unnamed.code, unnamed.stderr]).toEqual([2, expect.stringContaining("expected owner/name#number")]);
});
