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

interface Shop {
  readonly repo: string;
  readonly name: string;
  /** What the function gives for a number: wrong, less wrong, right. */
  readonly bodies: readonly [string, string, string];
  /** What it must give for 0, and for 7. */
  readonly wanted: readonly [number, number];
  readonly issues: readonly [string, string];
}

/** As unlike as two repositories are: what repeats another row is put aside. */
const shops: readonly [Shop, Shop] = [
  {
    ...{ repo: "o/one", name: "Half", bodies: ["n - n/2 + 1", "n - n/2", "n / 2"], wanted: [0, 3] },
    issues: [
      "Nothing has a half of one\n\nWhoever halves an empty purse gets a coin as a present.",
      "Odd sums favour the first heir\n\nSeven coins should be rounded down, so that three go to each.",
    ],
  },
  {
    ...{ repo: "o/two", name: "Square", bodies: ["n * n - 1", "n * 3", "n * n"], wanted: [0, 49] },
    issues: [
      "A plot without sides has a negative area\n\nThe surveyor's report cannot be printed for such a field.",
      "Large fields are measured too small\n\nFrom four metres on the area that is printed lags behind.",
    ],
  },
];

const goTest = (title: string, call: string, wanted: number): string =>
  `package shop\n\nimport "testing"\n\nfunc Test${title}(t *testing.T) {\n\tif ${call} != ${wanted} {\n\t\tt.Fail()\n\t}\n}\n`;

/** Two fixes that close issues, and words that close none. */
function makeHistory(history: History, { name, bodies, wanted }: Shop): void {
  const named = (message: string) => history.git("commit", "--quiet", "--amend", `--message=${message}`);
  const source = (body: string) => `package shop\n\nfunc ${name}(n int) int {\n\treturn ${body}\n}\n`;
  history.commit({
    "go.mod": `module example.org/${name.toLowerCase()}\n\ngo 1.19\n`,
    "shop.go": source(bodies[0]),
    "one_test.go": goTest("Compiles", "1", 1),
  });
  history.commit({ "shop.go": source(bodies[1]), "none_test.go": goTest("None", `${name}(0)`, wanted[0]) });
  named("nothing is nothing\n\nFixes #1");
  history.commit({ "README.md": `${name}.\n` });
  history.commit({ "shop.go": source(bodies[2]), "seven_test.go": goTest("Seven", `${name}(7)`, wanted[1]) });
  named("seven is right\n\nFixes #2");
}

const issues = join(folder, "issues.json");

async function curate(work: string, set: string) {
  const [one, two] = histories;
  const argv = [
    ...[
      "curate",
      "all",
      work,
      "--name",
      "shops",
      "--from-clone",
      `o/one=${one?.folder}`,
      `o/two=${two?.folder}`,
    ],
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
    for (const [index, history] of histories.entries()) makeHistory(history, shops[index] ?? shops[0]);
    const entries = shops.flatMap(({ repo, issues: texts }) =>
      texts.map((text, index) => ({
        ...{ number: index + 1, created_at: hour(0), title: text.split("\n", 1)[0], body: text },
        html_url: `https://github.com/${repo}/issues/${index + 1}`,
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
      ["audit", 1],
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
    const answers = ["mine", "split", "environment", "validate", "audit"].map((stage) =>
      answersIn(work, stage),
    );
    expect(answers).toEqual([2, 4, 4, 4, 4]);
  }, 1_800_000);
});
