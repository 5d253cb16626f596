// `arena retrieve eval` on two small repositories: both shapes of rows, what cannot be measured, tables and JSON.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arena } from "../support/command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-retrieve-eval-"));
const repos = join(folder, "repos");
const before = process.env.ARENA_CACHE;

function git(repository: string, ...args: readonly string[]): string {
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  return execFileSync("git", ["-C", repository, ...who, ...args], { encoding: "utf8" }).trim();
}

/** A repository of one commit, whose id is the answer. */
function repositoryOf(name: string, files: Readonly<Record<string, string>>): string {
  const repository = join(repos, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), text);
  }
  git(repository, "init", "-q");
  git(repository, "add", ".");
  git(repository, "commit", "-qm", "first");
  return git(repository, "rev-parse", "HEAD");
}

const duration =
  "def parse_duration(text):\n    unit = text[-1]\n    return int(text[:-1]) * SECONDS[unit]\n";
const render = "def render_table(rows):\n    return list(rows)\n";
const patch = [
  "diff --git a/src/duration.py b/src/duration.py",
  "--- a/src/duration.py",
  "+++ b/src/duration.py",
  "@@ -2,2 +2,2 @@",
  "-    unit = text[-1]",
  "+    unit = text[-1].lower()",
  "     return int(text[:-1]) * SECONDS[unit]",
  "",
].join("\n");

let own: Record<string, unknown>;
let dataset: Record<string, unknown>;

function rowsFile(...rows: readonly unknown[]): string {
  const file = join(folder, "rows.jsonl");
  writeFileSync(file, rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n"));
  return file;
}

beforeAll(() => {
  process.env.ARENA_CACHE = join(folder, "cache");
  const first = repositoryOf("one+tool", {
    "src/duration.py": duration,
    "src/render.py": render,
    "tests/test_duration.py": "from duration import parse_duration\n",
  });
  const second = repositoryOf("two__tool", {
    "clock/tick.go": "package clock\n\nfunc Tick() int { return 1 }\n",
  });
  // The second one bare: only its git directory is left.
  renameSync(join(repos, "two__tool", ".git"), join(repos, "bare"));
  rmSync(join(repos, "two__tool"), { recursive: true });
  renameSync(join(repos, "bare"), join(repos, "two__tool.git"));
  dataset = {
    ...{ instance_id: "one__tool-1", repo: "one/tool", base_commit: first, language: "Python", patch },
    problem_statement: "parse_duration fails on capital units\nparse_duration('2H') is a KeyError",
  };
  own = {
    ...{ id: "two-1", repo: "two/tool", base_commit: second, language: "go", query: "Tick returns one" },
    ...{ gold_files: ["clock/tick.go"], gold_spans: [{ path: "clock/tick.go", start: 3, end: 3 }] },
  };
});
afterAll(() => {
  if (before === undefined) delete process.env.ARENA_CACHE;
  else process.env.ARENA_CACHE = before;
  rmSync(folder, { recursive: true, force: true });
});

describe("arena retrieve eval", () => {
  it("measures both shapes of rows in bare and plain clones, in the shape that others rely on", async () => {
    const ran = await arena("retrieve", "eval", rowsFile(dataset, own), "--repos", repos, "--json");
    expect(ran.code).toBe(0);
    const found = JSON.parse(ran.stdout);
    expect(found).toMatchObject({
      schemaVersion: 1,
      overall: { n: 2, "any@1": 1, "all@20": 1, mrr: 1, lineRecall: 1, repositories: 2 },
      languages: { python: { n: 1, "any@5": 1 }, go: { n: 1, mrr: 1 } },
      leftOut: [],
      problems: [],
      settings: { budget: 8000, tokenizer: "o200k_base" },
    });
    expect(found.overall.variants.bm25.fullGains.mrr).toMatchObject({ n: 2 });
    // Tests are no candidates; the other source file is.
    expect(found.rows[0]).toMatchObject({
      goldAbsent: [],
      id: "one__tool-1",
      candidates: 2,
      gold: ["src/duration.py"],
    });
    expect(found.rows[0].variants.full).toMatchObject({ places: [1], lines: { shown: 1, gold: 1 } });
  });

  it("names what cannot be measured, and counts it nowhere", async () => {
    const rows = rowsFile(
      own,
      { ...own, id: "no-repository", repo: "three/tool" },
      { ...own, id: "no-commit", base_commit: "1234567890123456789012345678901234567890" },
      { ...own, id: "no-gold", gold_files: ["clock/added.go"] },
      { ...own, id: "without-query", query: undefined },
      "{",
    );
    const ran = await arena("retrieve", "eval", rows, "--repos", repos, "--json");
    const { overall, leftOut, problems } = JSON.parse(ran.stdout);
    expect(overall).toMatchObject({ n: 1, "any@1": 1 });
    expect(leftOut).toMatchObject([
      { id: "no-repository", reason: "no-repository" },
      { id: "no-commit", reason: "object-missing" },
      { id: "no-gold", reason: "no-gold-candidate" },
    ]);
    expect(problems).toMatchObject([
      { line: 5, field: "query" },
      { line: 6, field: "" },
    ]);
    expect(ran.stderr).toContain("rows.jsonl: line 5, query:");
    expect(ran.code).toBe(0);
    expect((await arena("retrieve", "eval", rows, "--repos", repos, "--strict")).code).toBe(4);
  });

  it("looks for no gold that the base tree has not, clips spans to the file, and says so", async () => {
    const row = {
      ...{ ...own, gold_files: ["clock/tick.go", "clock/added.go"] },
      gold_spans: [["clock/tick.go", 3, 20_000_000]],
    };
    const again = { ...row, id: "two-2", repo: "two__tool" };
    const file = rowsFile(row, again);
    const found = JSON.parse((await arena("retrieve", "eval", file, "--repos", repos, "--json")).stdout);
    expect(found.rows[0]).toMatchObject({ gold: ["clock/tick.go"], goldAbsent: ["clock/added.go"] });
    expect(found.rows[0].variants.full.lines).toEqual({ shown: 1, gold: 1 });
    // One clone under two spellings is one repository.
    expect(found.overall).toMatchObject({ n: 2, repositories: 1 });
    const { stdout } = await arena("retrieve", "eval", file, "--repos", repos);
    expect(stdout).toContain("Gold paths that no base tree has, and that are not looked for: 2.");
  });

  it("measures nothing where rows and folder do not belong together, and is wrong usage then", async () => {
    // An empty folder of the right name inside a clone is no clone.
    mkdirSync(join(repos, "one+tool", "two+tool"));
    const ran = await arena("retrieve", "eval", rowsFile(own), "--repos", join(repos, "one+tool"));
    expect([ran.code, ran.stdout]).toEqual([2, expect.stringContaining("No row could be measured")]);
  });

  it("prints tables that a person can read, with what each signal adds", async () => {
    const ran = await arena("retrieve", "eval", rowsFile(dataset, own), "--repos", repos, "--ablations");
    expect(ran.stdout).toMatch(
      /^2 rows measured, 0 not\. Counts of rows; 95 % intervals over repositories\./u,
    );
    expect(ran.stdout).toMatch(/all: 2 rows of 2 repositories; too few repositories/u);
    expect(ran.stdout).toMatch(/full +2 +2 +2 +2 +2 +2 +2 +2 +1\.000 \(/u);
    expect(ran.stdout).toMatch(/What full adds to bm25, row by row:\n +MRR/u);
    expect(ran.stdout).toMatch(/without quotedPaths +\+\.000/u);
    expect(ran.stdout).toMatch(/without history \(recency, coChange, messages\)/u);
  });

  it("says the same bytes twice, but for the seconds", async () => {
    const once = async (): Promise<string> => {
      const { stdout } = await arena("retrieve", "eval", rowsFile(dataset, own), "--repos", repos, "--json");
      return stdout.replace(/"(\w*[sS]econds\w*)": [\d.e-]+/gu, '"$1": 0');
    };
    expect(await once()).toBe(await once());
  });

  it.each([
    [["missing.jsonl", "--repos", "."], "cannot read missing.jsonl"],
    [[import.meta.filename, "--repos", "."], "no row to measure"],
    [["ROWS"], "expected --repos <folder>"],
    [["ROWS", "--repos", "nowhere"], "expected a folder of clones, found none at nowhere"],
    [["ROWS", "--repos", ".", "--only", "x"], "no row x in"],
    [["ROWS", "--repos", ".", "--tokenizer", "nonsense"], "tokenizer"],
    [["ROWS", "--repos", ".", "--rerank", "nowhere"], "nowhere"],
  ])("wrong usage says what was expected: %j", async (argv, words) => {
    const given = argv.map((word) => (word === "ROWS" ? rowsFile(own) : word));
    const { code, stdout, stderr } = await arena("retrieve", "eval", ...given);
    expect(stderr).toContain(words);
    expect([code, stdout]).toEqual([2, ""]);
  });
});
