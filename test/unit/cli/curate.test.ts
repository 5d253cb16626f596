// `arena curate mine` and `split` over real clones, as a person types them: no sandbox is needed so far.
import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { arena } from "../../support/command-line.ts";
import { History, hour } from "../../support/history.ts";
import { writeContestants } from "../../support/http-contestants.ts";
import { startArena } from "../../support/run-process.ts";
import { expectDocument } from "../../support/schemas.ts";
import { scriptedEndpoint } from "../../support/scripted-endpoint.ts";
import { root } from "../../support/source.ts";
import { auditedRowOf } from "../curation/audited-row.ts";

let folder: string;
let history: History;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "arena-curate-cli-"));
  history = new History();
  history.commit({ "src/sum.py": "def sum(a, b):\n    return a - b\n" });
  history.commit({
    "src/sum.py": "def sum(a, b):\n    return a + b\n",
    "tests/test_sum.py": "from src.sum import sum\n\n\ndef test_sum():\n    assert sum(1, 2) == 3\n",
  });
  history.git("commit", "--quiet", "--amend", "--message=sum adds\n\nFixes #7");
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  history[Symbol.dispose]();
});

const work = (...path: readonly string[]): string => join(folder, "work", ...path);

function issuesFile(): string {
  const file = join(folder, "issues.json");
  const issue = { number: 7, title: "Sum takes away", body: "It should add.", created_at: hour(0) };
  writeFileSync(file, JSON.stringify([issue]));
  return file;
}

const mine = (place: string, ...more: readonly string[]) =>
  arena("--json", "curate", "mine", work(), "--from-clone", place, ...more);

describe("arena curate mine", () => {
  it("mines a clone with exported issues, lists it, and splits what it found", async () => {
    const { code, stdout, stderr } = await mine(`o/r=${history.folder}`, "--issues-json", issuesFile());
    expect(code, stderr).toBe(0);
    expectDocument("curate-stage", stdout);
    expect(JSON.parse(stdout)).toMatchObject({
      stage: "mine",
      rows: 1,
      kept: 1,
      reasons: { "first-commit": 1 },
    });
    expect(readlinkSync(work("clones", "o+r"))).toBe(history.folder);
    const split = await arena("--json", "curate", "split", work());
    expect(JSON.parse(split.stdout), split.stderr).toMatchObject({ stage: "split", kept: 1 });
    expect(JSON.parse(readFileSync(work("split", "kept.jsonl"), "utf8"))).toMatchObject({
      repo: "o/r",
      split: { language: "python", problemStatement: "Sum takes away\n\nIt should add." },
    });
    const other = await arena("--json", "curate", "split", work(), "--languages", "go");
    expect(JSON.parse(other.stdout)).toMatchObject({ kept: 0, reasons: { "other-language": 1 } });
  });

  it("takes the repository's name from where the clone came from", async () => {
    history.git("remote", "add", "origin", "git@example.org:them/theirs.git");
    await mine(history.folder, "--messages", "any");
    expect(readFileSync(work("sources.jsonl"), "utf8")).toContain('"repo":"them/theirs"');
  });

  it("says what is missing", async () => {
    const unnamed = await mine(history.folder);
    expect([unnamed.code, unnamed.stderr]).toEqual([2, expect.stringContaining("write owner/name=")]);
    const none = await mine(join(folder, "nothing"));
    expect(none.stderr).toContain("expected a git repository");
    const word = await mine(`o/r=${history.folder}`, "--messages", "sometimes");
    expect([word.code, word.stderr]).toEqual([2, expect.stringContaining("never, linked, any")]);
    const nothing = await arena("curate", "mine", work());
    expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining("--from-clone")]);
  });

  it("refuses issues that have changed since the clone was listed", async () => {
    await mine(`o/r=${history.folder}`, "--issues-json", issuesFile());
    rmSync(work("mine"), { recursive: true });
    writeFileSync(join(folder, "issues.json"), "[]");
    const again = await arena("curate", "mine", work());
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("found others")]);
  });
});

describe("arena curate all", () => {
  it("takes rows of one kind, and says what to do where there is nothing", async () => {
    const all = (...more: readonly string[]) =>
      arena("curate", "all", work(), "--out", join(folder, "set"), ...more);
    const nothing = await all();
    expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining("arena curate split")]);
    const both = await all("--rows", "x", "--from", "swingarena", "--from-clone", history.folder);
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("found both")]);
  });
});

describe("arena curate add", () => {
  const add = (...more: readonly string[]) =>
    arena("--json", "curate", "add", work(), "--clone", `o/r=${history.folder}`, ...more);

  it("says where a change ends that makes no instance, and why", async () => {
    const fix = history.commit({ "tests/test_more.py": "def test_more():\n    pass\n" });
    const { code, stdout, stderr } = await add("--fix", "HEAD", "--sandbox", "bubblewrap");
    expect(code, stderr).toBe(4);
    expectDocument("curate-add", stdout);
    const id = `o__r-${fix.slice(0, 12)}`;
    expect(JSON.parse(stdout)).toMatchObject({
      kind: "rejected",
      id,
      stage: "split",
      reason: "empty-statement",
    });
    const issue = join(folder, "issue.md");
    writeFileSync(issue, "# Tests are missing\n\nThere should be more of them.\n");
    const told = await add("--fix", fix, "--issue", issue);
    expect(JSON.parse(told.stdout)).toMatchObject({ reason: "only-tests" });
  });

  it("needs commits that are there, and an issue that says something", async () => {
    const gone = await add("--fix", "nothing");
    expect(gone.code).not.toBe(0);
    expect(gone.stderr).toContain("nothing");
    const issue = join(folder, "issue.md");
    writeFileSync(issue, "\n");
    const empty = await add("--fix", "HEAD", "--issue", issue);
    expect([empty.code, empty.stderr]).toEqual([2, expect.stringContaining("title in the first line")]);
  });
});

describe("arena curate judge", () => {
  const good = JSON.stringify({ clarity: 2, clarity_why: "a", difficulty: 0.3, difficulty_why: "b" });

  function audited(): void {
    mkdirSync(work("audit"), { recursive: true });
    const rows = [auditedRowOf(), { ...auditedRowOf("Broken"), id: "o__r-2" }];
    writeFileSync(work("audit", "kept.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  }

  it("asks a model about what says something, keeps its answers, and asks for none twice", async () => {
    audited();
    await using endpoint = await scriptedEndpoint(() => ({ kind: "answer", text: good }));
    const models = join(folder, "models.yaml");
    writeContestants(models, { ids: ["rater"], baseUrl: endpoint.baseUrl });
    const judge = (...more: readonly string[]) =>
      arena("--json", "curate", "judge", work(), "--model", `${models}#rater`, "--budget", "9", ...more);
    const { code, stdout, stderr } = await judge();
    expect(code, stderr).toBe(0);
    expectDocument("curate-stage", stdout);
    expect(JSON.parse(stdout)).toMatchObject({ stage: "judge", rows: 2, kept: 2 });
    const kept = readFileSync(work("judge", "kept.jsonl"), "utf8").trim().split("\n");
    expect(kept.map((line) => JSON.parse(line).judgement)).toMatchObject([
      { clarity: 2, difficulty: 0.3, by: expect.stringContaining("rater") },
      { clarity: 0, by: "heuristics" },
    ]);
    expect(readFileSync(work("judge", "answers", "o__r-1.json"), "utf8")).toContain("clarity_why");
    const again = await judge("--least-clarity", "1");
    expect(JSON.parse(again.stdout), again.stderr).toMatchObject({ kept: 1, reasons: { unclear: 1 } });
    expect(endpoint.requests).toHaveLength(1);
  });

  it("says what is wrong with who is to be asked", async () => {
    audited();
    const budget = await arena("curate", "judge", work(), "--budget", "1");
    expect([budget.code, budget.stderr]).toEqual([2, expect.stringContaining("--model beside --budget")]);
    const nobody = await arena("curate", "judge", work(), "--model", "gold");
    expect([nobody.code, nobody.stderr]).toEqual([
      2,
      expect.stringContaining("one contestant behind a model"),
    ]);
  });
});

describe("clones of a curation", () => {
  const mineAt = (path: string) => arena("--json", "curate", "mine", work(), "--from-clone", `o/r=${path}`);

  it("are never taken away: one that lies in the link's place stays, and nobody's folder makes room", async () => {
    const place = work("clones", "o+r");
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "notes.txt"), "mine\n");
    const refused = await mineAt(history.folder);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("move it away")]);
    expect(readFileSync(join(place, "notes.txt"), "utf8")).toBe("mine\n");
    rmSync(place, { recursive: true });
    history.git("clone", "--quiet", history.folder, place);
    const itself = await mineAt(place);
    expect(itself.code, itself.stderr).toBe(0);
    expect(existsSync(join(place, ".git"))).toBe(true);
  });
});

describe("arena curate annotate", () => {
  const typed = (as: string, lines: string) =>
    new Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>(
      (resolve) => {
        const argv = [
          join(root, "bin", "arena.mjs"),
          "curate",
          "annotate",
          "form",
          work(),
          "--as",
          as,
          "--json",
        ];
        const child = execFile(process.execPath, argv, (_, stdout, stderr) =>
          resolve({ code: child.exitCode, stdout, stderr }),
        );
        child.stdin?.end(lines);
      },
    );

  it("deals rows, takes what is typed one by one, and lets it take effect", async () => {
    mkdirSync(work("audit"), { recursive: true });
    const rows = [auditedRowOf(), { ...auditedRowOf(), id: "o__r-2" }];
    writeFileSync(work("audit", "kept.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    const dealt = await arena("--json", "curate", "annotate", "deal", work(), "--to", "ann,ben");
    expectDocument("curate-annotate-deal", dealt.stdout);
    expect(JSON.parse(dealt.stdout), dealt.stderr).toMatchObject({ rows: 2, each: 2 });
    // What cannot be read is asked for again, an empty line is for later, and the end of the input stops.
    const first = await typed("ann", "5 2\n1 0.2 the log is cut\n\n");
    expectDocument("curate-annotate-form", first.stdout);
    expect(JSON.parse(first.stdout), first.stderr).toMatchObject({ answered: 1, left: 1 });
    expect(first.stderr).toContain("Adding takes away.");
    expect(JSON.parse((await typed("ann", "2 .4\nq\n")).stdout)).toMatchObject({ answered: 1, left: 0 });
    await typed("ben", "1 0.3\n3 1\n");
    const merged = await arena("--json", "curate", "annotate", "merge", work(), "--least-clarity", "1");
    expectDocument("curate-annotate-merge", merged.stdout);
    const { kept, agreement } = JSON.parse(merged.stdout);
    expect([kept, agreement.length]).toEqual([2, 2]);
    expect(agreement[0].agreement.units).toBe(2);
    expect(readFileSync(work("annotate", "kept.jsonl"), "utf8")).toContain('"annotators":["ann","ben"]');
  });

  it("ends at once when whoever is asked something presses Ctrl-C", async () => {
    mkdirSync(work("audit"), { recursive: true });
    writeFileSync(work("audit", "kept.jsonl"), `${JSON.stringify(auditedRowOf())}\n`);
    await arena("curate", "annotate", "deal", work(), "--to", "ann,ben");
    const form = startArena(["curate", "annotate", "form", work(), "--as", "ann"], { cwd: folder, env: {} });
    await form.until(/Adding takes away/);
    form.child.kill("SIGINT");
    expect(await form.ended, form.said()).toBeTypeOf("number");
    expect(readdirSync(work("annotate", "answers"))).toEqual([]);
  });

  it("says who may annotate", async () => {
    mkdirSync(work("audit"), { recursive: true });
    writeFileSync(work("audit", "kept.jsonl"), `${JSON.stringify(auditedRowOf())}\n`);
    const alone = await arena("curate", "annotate", "deal", work(), "--to", "ann");
    expect([alone.code, alone.stderr]).toEqual([
      2,
      expect.stringContaining("at least 2 annotators, found 1"),
    ]);
    const early = await typed("ann", "");
    expect([early.code, early.stderr]).toEqual([2, expect.stringContaining("annotate deal")]);
    await arena("curate", "annotate", "deal", work(), "--to", "ann,ben");
    const stranger = await typed("cid", "");
    expect([stranger.code, stranger.stderr]).toEqual([2, expect.stringContaining("one of ann, ben")]);
  });
});
