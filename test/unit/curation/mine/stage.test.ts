// Mining real histories: every kind of change, what it closes, and every change that is put aside by name.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type IssueExport, readIssueExport } from "../../../../src/curation/mine/issue-export.ts";
import { type MineLimits, mineCloneStage } from "../../../../src/curation/mine/stage.ts";
import { minedRow } from "../../../../src/curation/pipeline/rows.ts";
import { splitStage } from "../../../../src/curation/split/stage.ts";
import { UsageError } from "../../../../src/domain/fault.ts";
import { History, hour } from "../../../support/history.ts";

let history: History;
beforeEach(() => {
  history = new History();
  change("start");
});
afterEach(() => history[Symbol.dispose]());

let count = 0;
/** A commit with this message, and a change of its own. */
function change(message: string): string {
  count += 1;
  history.commit({ "src/sum.py": `def sum(a, b):\n    return a + b + ${count}\n` });
  history.git("commit", "--quiet", "--amend", `--message=${message}`);
  return history.git("rev-parse", "HEAD");
}

function mergedAs(message: string, ...branches: readonly string[]): string {
  history.git("checkout", "--quiet", "main");
  history.git("merge", "--quiet", "--no-ff", `--message=${message}`, ...branches);
  return history.git("rev-parse", "HEAD");
}

const branch = (name: string) => history.git("checkout", "--quiet", "-b", name);

const entry = (number: number, parts: object = {}) => ({
  ...{ number, title: `Sum ${number}`, body: "It takes away.", created_at: hour(0), labels: [] },
  ...parts,
});

async function issues(entries: readonly object[], written = JSON.stringify(entries, null, 1)) {
  const file = join(history.folder, ".git/issues.json");
  writeFileSync(file, written);
  return readIssueExport(file, "o/r");
}

interface Given {
  readonly issues?: IssueExport;
  readonly limits?: Partial<MineLimits>;
}

async function mine({ issues: given, limits }: Given = {}, source: object = {}) {
  const known = given ?? (await issues([entry(7), entry(8), entry(30, { pull_request: {} })]));
  const deps = { repositoryOf: () => history.open(), issuesOf: async () => known };
  const stage = mineCloneStage(limits === undefined ? deps : { ...deps, limits });
  const clone = { kind: "clone", id: "o/r", repo: "o/r", path: history.folder, messages: "never" };
  const whole = { ...clone, head: history.git("rev-parse", "HEAD"), ...source };
  const row = stage.input.parse("kind" in source ? source : whole);
  const { kept, rejected } = await stage.run(row, new AbortController().signal);
  return { rows: kept.map((each) => minedRow.parse(each)), rejected };
}

/** Why the newest change is put aside. */
const reason = async (deps: Given = {}) => (await mine(deps)).rejected.at(-1)?.reason;

describe("a change of the main line", () => {
  it("is a plain commit", async () => {
    const head = change("sum adds\n\nFixes #7, closes: O/R#8");
    const { rows, rejected } = await mine();
    expect(rows).toMatchObject([
      {
        ...{ id: `o__r-${head.slice(0, 12)}`, origin: { kind: "commits", fix: head } },
        mined: { title: "sum adds", head, commits: [head], firstCommitAt: hour(2) },
      },
    ]);
    expect(rows[0]?.mined).not.toHaveProperty("targetTip");
    expect(rows[0]?.mined).not.toHaveProperty("merge");
    expect(rows[0]?.mined.issues.map(({ number, title }) => [number, title])).toEqual([
      [7, "Sum 7"],
      [8, "Sum 8"],
    ]);
    expect(rejected.map((each) => each.reason)).toEqual(["first-commit"]);
  });

  it("is a squashed pull request, with its own words where they were exported", async () => {
    const head = change("sum adds (#30)\n\nfixes #8");
    const [row] = (await mine()).rows;
    expect(row).toMatchObject({ id: "o__r-30", mined: { head, merge: head, title: "Sum 30" } });
    const told = entry(30, { title: "Add", body: "closes #7", pull_request: { url: "" } });
    const known = await issues([entry(7), entry(8), told]);
    const [other] = (await mine({ issues: known })).rows;
    expect(other?.mined.issues.map((each) => each.number)).toEqual([7, 8]);
    expect(other?.mined).toMatchObject({ title: "Add", body: "closes #7" });
  });

  it("is no pull request when the number is an issue's", async () => {
    const head = change("sum adds (#8)\n\nfixes #7");
    const [row] = (await mine()).rows;
    expect(row).toMatchObject({ id: `o__r-${head.slice(0, 12)}`, mined: { title: "sum adds (#8)" } });
    expect(row?.mined).not.toHaveProperty("merge");
  });

  it("is a merged pull request with every commit of its own, and what split expects", async () => {
    branch("topic");
    const first = change("fixes #7");
    history.git("checkout", "--quiet", "main");
    history.commit({ "src/other.py": "x = 1\n" });
    const early = history.git("rev-parse", "HEAD");
    history.git("checkout", "--quiet", "topic");
    history.merge("main");
    const last = change("more");
    history.git("checkout", "--quiet", "main");
    history.commit({ "src/third.py": "x = 1\n" });
    const targetTip = history.git("rev-parse", "HEAD");
    const merge = mergedAs("Merge pull request #30 from a/topic\n\nAdd at last\n\nResolves #8", "topic");
    const known = await issues([entry(7), entry(8)]);
    const { rows } = await mine({ issues: known });
    expect(rows).toMatchObject([
      {
        ...{ id: "o__r-30", origin: { kind: "commits", fix: merge } },
        mined: { title: "Add at last", body: "Resolves #8", head: last, merge, targetTip },
      },
    ]);
    const [row] = rows;
    expect(row?.mined.commits).toEqual([first, last]);
    expect(row?.mined.issues.map((each) => each.number)).toEqual([8, 7]);
    if (row === undefined) throw new Error("no row");
    const split = await splitStage({ repositoryOf: () => history.open() }).run(
      row,
      new AbortController().signal,
    );
    expect(split.rejected).toEqual([]);
    expect(split.kept[0]?.split.baseCommit).toBe(early);
  });

  it("keeps ids apart when two commits end with one number", async () => {
    change("sum adds (#30)\n\nfixes #7");
    const again = change("sum adds again (#30)\n\nfixes #8");
    expect((await mine()).rows.map((row) => row.id)).toEqual(["o__r-30", `o__r-${again}`]);
  });

  it("is read up to the head that was named", async () => {
    const head = change("a\n\nfixes #7");
    change("b\n\nfixes #8");
    expect((await mine({}, { head })).rows.map((row) => row.mined.head)).toEqual([head]);
  });
});

describe("a change without an issue's text", () => {
  it("is put aside with the reason", async () => {
    change("sum adds, see #7");
    expect(await reason()).toBe("no-issue");
    change("fixes #99");
    expect(await reason()).toBe("issue-unknown");
    change("fixes #30");
    expect(await reason()).toBe("only-pull-requests");
    change("fixes #7, fixes #8");
    expect(await reason({ limits: { mostIssues: 1 } })).toBe("many-issues");
  });

  it("speaks for itself where that was asked for, without those who signed it", async () => {
    change("sum adds\n\nIt took away. Fixes #99\n\nSigned-off-by: A <a@b.c>");
    change("words");
    const { rows, rejected } = await mine({}, { messages: "linked" });
    expect(rows[0]?.mined.issues).toMatchObject([
      { number: 0, title: "sum adds", body: "It took away. Fixes #99", linkedBy: "text" },
    ]);
    expect(rejected.at(-1)?.reason).toBe("no-issue");
    expect((await mine({}, { messages: "any" })).rows).toHaveLength(2);
  });
});

describe("what is no change", () => {
  it("is a revert, and what was reverted", async () => {
    const fix = change("sum adds\n\nfixes #7");
    change(`Revert "sum adds, fixes #7"\n\nThis reverts commit ${fix}.`);
    const { rows, rejected } = await mine();
    expect(rows).toEqual([]);
    expect(rejected.map((each) => each.reason)).toEqual(["first-commit", "reverted", "revert"]);
  });

  it("is a merge of anything but a pull request", async () => {
    branch("topic");
    change("fixes #7");
    mergedAs("Merge branch 'topic'", "topic");
    expect(await reason()).toBe("other-merge");
    for (const name of ["one", "two"]) {
      history.git("checkout", "--quiet", "-b", name, "main");
      history.commit({ [`src/${name}.py`]: "x = 1\n" });
    }
    mergedAs("Merge pull request #30 from a/b\n\nfixes #7", "one", "two");
    expect(await reason()).toBe("other-merge");
  });

  it("is a merge of too many commits", async () => {
    branch("topic");
    change("a");
    change("b");
    mergedAs("Merge pull request #30 from a/b\n\nfixes #7", "topic");
    expect(await reason({ limits: { mostCommits: 1 } })).toBe("too-large");
    expect(await reason({ limits: { mostCommits: 2 } })).toBe("first-commit");
  });

  it("is a commit of an impossible time", async () => {
    history.commit({ "src/late.py": "" }, 10_000_000);
    history.git("commit", "--quiet", "--amend", "--message=fixes #7");
    expect(await reason()).toBe("unsound-time");
  });

  it("is history beyond the limit, which is said", async () => {
    change("fixes #7");
    const { rows, rejected } = await mine({ limits: { mostChanges: 1 } });
    expect(rows).toHaveLength(1);
    expect(rejected).toMatchObject([{ id: "o/r", reason: "older-history" }]);
  });
});

describe("exported issues", () => {
  const other = entry(9, { html_url: "https://github.com/a/b/issues/9" });

  it("are read as an array, as pages and as JSONL, by repository", async () => {
    const lines = [entry(7), other].map((each) => JSON.stringify(each)).join("\n");
    for (const written of [undefined, JSON.stringify([[entry(7)], [other]]), lines]) {
      const found = await issues([entry(7), other], written);
      expect(found.find({ repo: "O/R", number: 7 })).toMatchObject({ title: "Sum 7", isPullRequest: false });
      expect(found.find({ repo: "a/b", number: 9 })).toBeDefined();
      expect(found.find({ repo: "o/r", number: 9 })).toBeUndefined();
    }
  });

  it("have a name that changes with them, so that other issues mine again", async () => {
    const name = async (title: string) => (await issues([entry(7, { title })])).sha256;
    expect(await name("a")).not.toEqual(await name("b"));
    expect(await name("a")).toEqual(await name("a"));
  });

  it("must name their repository where several are mined", async () => {
    await issues([entry(7)]);
    const file = join(history.folder, ".git/issues.json");
    await expect(readIssueExport(file)).rejects.toThrow("found 7 without one");
  });

  it("are refused when the file is missing or holds something else", async () => {
    await expect(issues([], "words")).rejects.toThrow(UsageError);
    await expect(issues([{ number: 7 }])).rejects.toThrow(/found an entry \(1\) with title/);
    rmSync(join(history.folder, ".git/issues.json"));
    await expect(readIssueExport(join(history.folder, ".git/issues.json"), "o/r")).rejects.toThrow(
      UsageError,
    );
  });
});

describe("a change that was given", () => {
  const given = (base: string, fix: string, more: object = {}) =>
    mine({}, { kind: "change", id: "o__r-x", repo: "o/r", path: "/", base, fix, ...more });

  it("is all commits between the two, told by their messages or in somebody's words", async () => {
    const base = history.git("rev-parse", "HEAD");
    const first = change("Sum adds\n\nIt took away.\n\nSigned-off-by: A <a@b.c>");
    const fix = change("And it adds twice");
    const [row] = (await given(base, fix)).rows;
    expect(row).toMatchObject({ id: "o__r-x", origin: { kind: "commits", fix } });
    expect(row?.mined).toMatchObject({ head: fix, targetTip: base, commits: [first, fix], checks: [] });
    expect(row?.mined.issues).toMatchObject([
      { title: "Sum adds", body: "It took away.\n\nAnd it adds twice", linkedBy: "text", number: 0 },
    ]);
    const issue = { title: "Wrong", body: "It should add." };
    expect((await given(base, fix, { issue })).rows[0]?.mined.issues).toMatchObject([
      { ...issue, linkedBy: "given" },
    ]);
  });

  it("is put aside where the base is no base of it, or nothing lies between", async () => {
    const base = history.git("rev-parse", "HEAD");
    const fix = change("a");
    expect((await given(fix, base)).rejected).toMatchObject([{ id: "o__r-x", reason: "not-a-base" }]);
    expect((await given(fix, fix)).rejected).toMatchObject([{ id: "o__r-x", reason: "no-own-commit" }]);
  });

  it("is a fault where the clone lacks a commit", async () => {
    const base = history.git("rev-parse", "HEAD");
    await expect(given(base, "0".repeat(40))).rejects.toMatchObject({ code: "commit-missing" });
  });
});
