// `kill -9` of `arena curate all` in the middle of every stage, then the same command again: the same frozen bytes, nothing asked twice.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { engineForTests } from "../support/engine.ts";
import { History, hour } from "../support/history.ts";
import { killWhatIsLeft, startArena } from "../support/run-process.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-curate-kill-"));
const histories = [new History(), new History()];
afterAll(() => {
  killWhatIsLeft();
  for (const history of histories) history[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

const goTest = (name: string, n: number, half: number): string =>
  `package half\n\nimport "testing"\n\nfunc Test${name}(t *testing.T) {\n\tif Half(${n}) != ${half} {\n\t\tt.Fail()\n\t}\n}\n`;
const goSource = (body: string): string => `package half\n\nfunc Half(n int) int {\n\treturn ${body}\n}\n`;

/** Two fixes that close issues, and words that close none. */
function makeHistory(history: History, name: string): void {
  const named = (message: string) => history.git("commit", "--quiet", "--amend", `--message=${message}`);
  history.commit({
    "go.mod": `module example.org/${name}\n\ngo 1.19\n`,
    "half.go": goSource("n - n/2 + 1"),
    "half_test.go": goTest("None", 0, 1),
  });
  history.commit({ "half.go": goSource("n - n/2"), "half_test.go": goTest("None", 0, 0) });
  named("nothing has no half\n\nFixes #1");
  history.commit({ "README.md": "Halves.\n" });
  history.commit({ "half.go": goSource("n / 2"), "odd_test.go": goTest("Odd", 3, 1) });
  named("odd numbers are rounded down\n\nFixes #2");
}

const issues = join(folder, "issues.json");

async function curate(work: string, set: string) {
  const [one, two] = histories;
  const argv = [
    ...["curate", "all", work, "--from-clone", `o/one=${one?.folder}`, `o/two=${two?.folder}`],
    ...["--issues-json", issues, "--out", set, "--repeats", "2", "--sandbox", "docker", "--workers", "2"],
  ];
  return startArena(argv, { cwd: folder, env: { ARENA_CACHE: join(folder, "cache") } });
}

function answersIn(work: string, stage: string): number {
  const journal = join(work, stage, "journal.jsonl");
  return existsSync(journal) ? readFileSync(journal, "utf8").split("\n").length - 1 : 0;
}

const bytes = (set: string): string[] =>
  ["instances.jsonl", "set.json", "funnel.json"].map((name) => readFileSync(join(set, name), "utf8"));

describe("arena curate all, killed [engine]", () => {
  it("gives the same bytes as one that nobody disturbed", async ({ skip }) => {
    if ((await engineForTests(["go"])) === undefined) skip("no container engine can be had here");
    for (const [index, history] of histories.entries()) makeHistory(history, ["one", "two"][index] ?? "");
    const entries = ["one", "two"].flatMap((name) =>
      [1, 2].map((number) => ({
        ...{
          number,
          title: `Halves are wrong: ${number}`,
          body: "They should be rounded down.",
          created_at: hour(0),
        },
        html_url: `https://github.com/o/${name}/issues/${number}`,
      })),
    );
    writeFileSync(issues, JSON.stringify(entries));

    const calm = join(folder, "calm-set");
    const undisturbed = await curate(join(folder, "calm"), calm);
    expect(await undisturbed.ended, undisturbed.said()).toBe(0);
    expect(bytes(calm)[0]?.trim().split("\n")).toHaveLength(4);

    const [work, set] = [join(folder, "killed"), join(folder, "killed-set")];
    // So many answers of a stage on the disk.
    const moments = [
      ["mine", 1],
      ["split", 1],
      ["environment", 1],
      ["environment", 3],
      ["validate", 1],
      ["validate", 3],
    ] as const;
    const killed: string[] = [];
    for (const [stage, answers] of moments) {
      const run = await curate(work, set);
      let isOver = false;
      void run.ended.then(() => {
        isOver = true;
      });
      while (!isOver && answersIn(work, stage) < answers) await sleep(5);
      run.child.kill("SIGKILL");
      killed.push(String(await run.ended));
      expect(existsSync(join(set, "set.json"))).toBe(false);
    }
    expect(killed).toEqual(moments.map(() => "SIGKILL"));
    const last = await curate(work, set);
    expect(await last.ended, last.said()).toBe(0);
    expect(bytes(set)).toEqual(bytes(calm));
    // The journal holds one answer a row: what was known was not asked again.
    const answers = ["mine", "split", "environment", "validate"].map((stage) => answersIn(work, stage));
    expect(answers).toEqual([2, 4, 4, 4]);
  }, 1_800_000);
});
