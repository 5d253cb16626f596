// Splitting changes of real histories: what is kept, and every planted change that must be refused by name.
import { chmodSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type SplitRow, splitRow } from "../../../../src/curation/pipeline/rows.ts";
import { type SplitDeps, splitStage } from "../../../../src/curation/split/stage.ts";
import { History, hour, issueOf, type Mined, minedRowOf } from "../../../support/history.ts";

let history: History;
beforeEach(() => {
  history = new History();
  history.commit({ "src/sum.py": "def sum(a, b):\n    return a - b\n", "tests/test_sum.py": "" });
});
afterEach(() => history[Symbol.dispose]());

const fix = { "src/sum.py": "def sum(a, b):\n    return a + b\n" };
const test = { "tests/test_sum.py": "def test_sum():\n    assert sum(1, 2) == 3\n" };

async function outcome(head: string, mined: Partial<Mined> = {}, deps: Partial<SplitDeps> = {}) {
  const stage = splitStage({ repositoryOf: () => history.open(), ...deps });
  return stage.run(minedRowOf(head, mined), new AbortController().signal);
}

async function kept(head: string, mined: Partial<Mined> = {}): Promise<SplitRow["split"]> {
  const { kept: rows, rejected } = await outcome(head, mined);
  expect(rejected).toEqual([]);
  return splitRow.parse(rows[0]).split;
}

async function reason(...args: Parameters<typeof outcome>): Promise<string | undefined> {
  return (await outcome(...args)).rejected[0]?.reason;
}

const rev = (name: string): string => history.git("rev-parse", name);

describe("the base", () => {
  it("is the merge-base of target and head, not the target's tip", async () => {
    const base = rev("main");
    history.git("checkout", "--quiet", "-b", "topic");
    const head = history.commit({ ...fix, ...test });
    history.git("checkout", "--quiet", "main");
    const targetTip = history.commit({ "src/other.py": "x = 1\n" });
    const split = await kept(head, { targetTip });
    expect(split).toMatchObject({ baseCommit: base, language: "python", createdAt: hour(0) });
    expect(split.goldPatch).toContain("+    return a + b");
    expect(split.goldPatch).not.toContain("other.py");
    expect(split.goldPatch).not.toContain("test_sum.py");
    expect(split.testPatch).toContain("+def test_sum():");
  });

  it("is the first parent of a single commit", async () => {
    const base = rev("main");
    expect((await kept(history.commit({ ...fix, ...test }))).baseCommit).toBe(base);
  });

  it("allows a merge of the target into the change", async () => {
    history.git("checkout", "--quiet", "-b", "topic");
    const first = history.commit(fix);
    history.git("checkout", "--quiet", "main");
    const targetTip = history.commit({ "src/other.py": "x = 1\n" });
    history.git("checkout", "--quiet", "topic");
    const head = history.merge("main");
    const split = await kept(head, { targetTip, commits: [first, head] });
    expect(split.baseCommit).toBe(targetTip);
    expect(split.goldPatch).not.toContain("other.py");
  });

  it("refuses a merge commit that brings unrelated changes, though the host lists them", async () => {
    history.git("checkout", "--quiet", "-b", "elsewhere");
    const other = history.commit({ "src/other.py": "x = 1\n" });
    history.git("checkout", "--quiet", "-b", "topic", "main");
    const first = history.commit(fix);
    const merge = history.merge("elsewhere");
    const head = history.commit(test);
    const targetTip = rev("main");
    expect(await reason(head, { targetTip, commits: [other, first, merge, head] })).toBe("unrelated-merge");
    expect(await reason(head, { targetTip, commits: [first, merge, head] })).toBe("unrelated-commits");
  });

  it("refuses a merge as a single fix when its branch holds more than was named", async () => {
    history.git("checkout", "--quiet", "-b", "topic");
    const first = history.commit(fix);
    history.git("checkout", "--quiet", "main");
    history.commit({ "src/other.py": "x = 1\n" });
    const merge = history.merge("topic");
    expect(await reason(merge)).toBe("unrelated-commits");
    expect((await kept(merge, { commits: [first] })).goldPatch).toContain("return a + b");
  });

  it("refuses a head that the target holds, and histories without a common commit", async () => {
    const head = history.commit(fix);
    expect(await reason(head, { targetTip: head })).toBe("already-in-target");
    history.git("checkout", "--quiet", "--orphan", "apart");
    const apart = history.commit({ "src/sum.py": "1\n" });
    expect(await reason(apart, { targetTip: head })).toBe("no-base");
    expect(await reason(apart)).toBe("no-base");
  });

  it("refuses commits from the future: a base after the fix, a head after the merge", async () => {
    history.commit({ "src/other.py": "x = 1\n" }, 50);
    const head = history.commit(fix, 10);
    expect(await reason(head)).toBe("base-after-fix");
    const next = history.commit(test, 60);
    expect(await reason(next, { mergedAt: hour(55) })).toBe("head-after-merge");
  });

  it("asks again for a commit that the clone lacks", async () => {
    await expect(outcome("0".repeat(39).concat("1"))).rejects.toMatchObject({ code: "commit-missing" });
  });
});

describe("the change", () => {
  it("refuses what only touches tests, or no code", async () => {
    expect(await reason(history.commit(test))).toBe("only-tests");
    expect(await reason(history.commit({ "README.md": "words\n" }))).toBe("no-code");
    history.git("commit", "--quiet", "--allow-empty", "--message=e");
    expect(await reason(rev("HEAD"))).toBe("no-change");
  });

  it("tells tests by whole words of the path", async () => {
    const { goldPatch, testPatch } = await kept(history.commit({ "src/latest.py": "a = 1\n", ...test }));
    expect(goldPatch).toContain("src/latest.py");
    expect(testPatch).not.toContain("latest.py");
  });

  it("takes the language of the fix, though its tests are in another", async () => {
    const head = history.commit({ "src/a.cc": "int a;\n", ...test, "tests/test_more.py": "1\n" });
    expect((await kept(head)).language).toBe("cpp");
    expect(await reason(head, {}, { languages: ["go"] })).toBe("other-language");
  });

  it("refuses a fix that is half of one language and half of another", async () => {
    expect(await reason(history.commit({ "a.cc": "int a;\n", "b.go": "package b\n" }))).toBe(
      "mixed-languages",
    );
  });

  it("carries a rename and a mode as they are, and says so", async () => {
    renameSync(join(history.folder, "src/sum.py"), join(history.folder, "src/add.py"));
    history.write(test);
    chmodSync(join(history.folder, "tests/test_sum.py"), 0o755);
    const { notes, goldPatch } = await kept(history.commit());
    expect(goldPatch).toContain("deleted file mode");
    expect(notes).toEqual([
      "src/sum.py renamed to src/add.py: carried as a removal and an addition",
      "tests/test_sum.py: mode 100644 becomes 100755",
    ]);
  });

  it("refuses binaries in the fix and keeps those of tests", async () => {
    const binary = Buffer.from([0, 1, 2, 255, 0]);
    const withTest = await kept(history.commit({ ...fix, "tests/data.bin": binary }));
    expect(withTest.testPatch).toContain("GIT binary patch");
    expect(await reason(history.commit({ "src/b.py": "b = 1\n", "src/data.bin": binary }))).toBe(
      "binary-in-gold",
    );
  });

  it("refuses submodules, links and bytes that are no UTF-8", async () => {
    history.git("update-index", "--add", "--cacheinfo", `160000,${rev("HEAD")},vendor/lib`);
    history.write(fix);
    history.git("add", "src");
    history.git("commit", "--quiet", "--message=s");
    expect(await reason(rev("HEAD"))).toBe("submodule");
    history.commit();
    symlinkSync("/etc/passwd", join(history.folder, "src/link.py"));
    expect(await reason(history.commit())).toBe("symbolic-link");
    expect(await reason(history.commit({ "src/sum.py": Buffer.from([35, 0xe9, 10]) }))).toBe("not-utf8");
  });

  it("refuses what is too large, by files, lines, bytes and commits", async () => {
    const head = history.commit({ ...fix, "src/b.py": "b = 1\n" });
    expect(await reason(head, {}, { limits: { mostFiles: 1 } })).toBe("too-large");
    expect(await reason(head, {}, { limits: { mostGoldLines: 2 } })).toBe("too-large");
    expect(await reason(head, {}, { limits: { mostBytes: 10 } })).toBe("too-large");
    expect(await reason(head, {}, { limits: { mostCommits: 0 } })).toBe("too-large");
    expect(await reason(head, {}, { limits: { mostGoldLines: 3 } })).toBeUndefined();
  });
});

describe("the texts", () => {
  it("joins titles and bodies of issues, and hints from before the first commit alone", async () => {
    const said = (body: string, at: number) => ({ author: "a", createdAt: hour(at), body });
    const one = issueOf({ comments: [said("second", 3), said("the fix is a + b", 6)] });
    const other = issueOf({ number: 8, title: "Also", body: "wrong", comments: [said("first", 2)] });
    const split = await kept(history.commit(fix), { issues: [one, other] });
    expect(split.problemStatement).toBe(`Sum is wrong\n\n${one.body}\n\nAlso\n\nwrong`);
    expect(split.hintsText).toBe("first\n\nsecond");
    expect(split.notes).toEqual(["1 comments left out: not from before the change's first commit"]);
  });

  it("refuses an empty statement and an issue opened after the merge", async () => {
    const head = history.commit(fix);
    expect(await reason(head, { issues: [issueOf({ title: "bug", body: " --- " })] })).toBe(
      "empty-statement",
    );
    expect(await reason(head, { issues: [issueOf({ createdAt: hour(2000) })] })).toBe("issue-after-fix");
  });

  it("cuts what is too long and says so", async () => {
    const split = await kept(history.commit(fix), { issues: [issueOf({ body: "word ".repeat(20_000) })] });
    expect(split.problemStatement.length).toBe(40_000);
    expect(split.notes[0]).toContain("the first 40000 of");
  });
});
