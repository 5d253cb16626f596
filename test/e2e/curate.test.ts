// Rows of others through `arena curate` in real sandboxes, to a frozen set that checks: plans found by trying, tests proved, nothing asked twice.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { startOf, thisProcess } from "../../src/storage/process.ts";
import { arena } from "../support/command-line.ts";
import { engineForTests } from "../support/engine.ts";
import { History } from "../support/history.ts";
import { expectDocument } from "../support/schemas.ts";
import { storeRun } from "../support/stored-run.ts";
import { tournament } from "../unit/report/fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-curate-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const test =
  'package half\n\nimport "testing"\n\nfunc TestOne(t *testing.T) {\n\tif Half(2) != 1 {\n\t\tt.Fail()\n\t}\n}\n';
const source = (body: string): string => `package half\n\nfunc Half(n int) int {\n\treturn ${body}\n}\n`;

const hidden = test.replace("TestOne", "TestOdd").replace("Half(2)", "Half(3)");

/** A row about a module whose base is as given: what it does to odd numbers is mended. */
function rowOf(name: string, base: string): object {
  const history = new History();
  afterAll(() => history[Symbol.dispose]());
  const files = {
    "go.mod": "module example.org/half\n\ngo 1.19\n",
    "half.go": source(base),
    "half_test.go": test,
  };
  const commit = history.commit(files);
  const fix = history.commit({ "half.go": source("n / 2") });
  history.commit({ "odd_test.go": hidden });
  mkdirSync(join(folder, "clones"), { recursive: true });
  symlinkSync(history.folder, join(folder, "clones", `o+${name}`));
  return {
    ...{
      instance_id: `o__${name}-1`,
      repo: `o/${name}`,
      base_commit: commit,
      language: "go",
      test_patch: "",
    },
    ...{ patch: `${history.git("diff", commit, fix)}\n`, problem_statement: "halves are odd" },
    test_patch: `${history.git("diff", fix, "HEAD")}\n`,
    created_at: "2024-05-06 07:08:09",
  };
}

/** A finished run in which somebody handed this body in on the row that is kept. */
function runWith(body: string): string {
  const source = tournament(1);
  const [battle] = source.battles;
  if (battle === undefined) throw new Error("bug: a tournament without a battle");
  const rounds = source.rounds
    .filter(({ battleId }) => battleId === battle.battleId)
    .map((round) => ({ ...round, instanceId: "o__half-1" }));
  const run = storeRun(join(folder, "run"), {
    ...source,
    battles: [{ ...battle, instanceId: "o__half-1" }],
    rounds,
  });
  const hunk = `@@ -2,4 +2,4 @@\n \n func Half(n int) int {\n-\treturn n/2 + n%2\n+\treturn ${body}\n }\n`;
  const patch = `--- a/half.go\n+++ b/half.go\n${hunk}`;
  for (const { battleId, round } of rounds) {
    const at = join(run, "battles", battleId, `round-${round}`);
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, "submission.patch"), patch);
  }
  return run;
}

describe("arena curate [engine]", () => {
  it("finds plans that work, says why there is none, and asks nothing twice", async ({ skip }) => {
    if ((await engineForTests(["go"])) === undefined) skip("no container engine can be had here");
    const rows = join(folder, "rows.jsonl");
    const made = [rowOf("half", "n/2 + n%2"), rowOf("broken", "nobody")];
    writeFileSync(rows, made.map((row) => `${JSON.stringify(row)}\n`).join(""));
    const work = join(folder, "work");
    const split = await arena("--json", "curate", "split", work, "--rows", rows, "--from", "swingarena");
    expectDocument("curate-stage", split.stdout);
    expect(JSON.parse(split.stdout), split.stderr).toMatchObject({ stage: "split", kept: 2 });

    const again = ["--json", "curate", "environment", work, "--repos", join(folder, "clones")];
    const { code, stdout, stderr } = await arena(...again);
    expect(code, stderr).toBe(0);
    const wanted = { kept: 1, rejected: 1, faults: 0, reasons: { "no-environment": 1 } };
    expect(JSON.parse(stdout)).toMatchObject(wanted);
    const kept = readFileSync(join(work, "environment", "kept.jsonl"), "utf8");
    expect(JSON.parse(kept)).toMatchObject({
      id: "o__half-1",
      environment: { ci: { image: "go" }, passing: 1 },
    });
    const attempts = readFileSync(join(work, "environment", "attempts", "o__broken-1.json"), "utf8");
    expect(attempts).toContain("nobody");

    const alive = spawn(process.execPath, ["-e", "setTimeout(() => {}, 600_000)"]);
    afterAll(() => alive.kill());
    const owner = { ...thisProcess(), pid: alive.pid ?? 0, startedAt: startOf(alive.pid ?? 0) ?? "" };
    writeFileSync(join(work, "owner.json"), JSON.stringify(owner));
    const beside = await arena(...again);
    expect(beside.code).toBe(2);
    expect(beside.stderr).toContain(`found process ${owner.pid} on`);
    // What a killed process leaves behind keeps nobody away.
    writeFileSync(join(work, "owner.json"), JSON.stringify({ ...owner, startedAt: "before" }));

    rmSync(join(work, "environment", "attempts"), { recursive: true });
    expect(JSON.parse((await arena(...again)).stdout)).toMatchObject(wanted);
    expect(readFileSync(join(work, "environment", "kept.jsonl"), "utf8")).toBe(kept);
    expect(() => readFileSync(join(work, "environment", "attempts", "o__half-1.json"))).toThrow("ENOENT");

    const places = ["--repos", join(folder, "clones")];
    const panel = ["--panel", "1", "--answers", runWith("n >> 1")];
    const proof = ["curate", "validate", work, "--repeats", "2", ...panel];
    const validated = await arena("--json", ...proof, ...places);
    expect(JSON.parse(validated.stdout), validated.stderr).toMatchObject({ kept: 1, rejected: 0, faults: 0 });
    const set = join(folder, "set");
    const frozen = await arena("--json", "curate", "freeze", work, "--out", set, ...places);
    const split1 = { stage: "split", rows: 2, kept: 2 };
    expectDocument("curate-freeze", frozen.stdout);
    expect(JSON.parse(frozen.stdout), frozen.stderr).toMatchObject({
      set: { instances: 1 },
      stages: [split1, wanted, {}, { stage: "freeze", kept: 1 }],
      licences: { unknown: 1 },
    });
    const members: { id: string; label: string }[] = JSON.parse(
      readFileSync(join(set, "instances.jsonl"), "utf8"),
    ).panel;
    expect(members.map(({ id, label }) => [id.replace(/[0-9a-f]{12}$/, ""), label])).toEqual([
      ["mutant-", "unresolved"],
      [expect.stringMatching(/^answer-.+-$/), "resolved"],
    ]);
    const took = readFileSync(join(work, "validate", "resources.jsonl"), "utf8")
      .trim()
      .split("\n");
    expect(took).toHaveLength(8);
    expect(JSON.parse(took[0] ?? "")).toMatchObject({ id: "o__half-1", state: "G+H", repeat: 1 });
    const checked = await arena("--json", "issues", "check", set, "--repeats", "1", ...places);
    expect(JSON.parse(checked.stdout), checked.stderr).toMatchObject({
      instances: [
        {
          instance_id: "o__half-1",
          gold: "pass",
          empty: "pass",
          flaky: [],
          fail_to_pass: ["test::example.org/half::TestOdd"],
        },
      ],
    });
  });
});
