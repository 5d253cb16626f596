// `arena index` and `arena retrieve` as a person and a machine type them, and what they say when something is not there.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { retrieve } from "../../src/index.ts";
import { arena, type Ran } from "../support/command-line.ts";
import { smokeIssue, smokeSet } from "../support/http-contestants.ts";
import { writeTinyModel } from "../support/tiny-model.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-retrieve-"));
const repository = join(folder, "repository");
const before = process.env.ARENA_CACHE;

function git(...args: readonly string[]): string {
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  return execFileSync("git", ["-C", repository, ...who, ...args], { encoding: "utf8" }).trim();
}

const source = [
  "def parse_duration(text):",
  '    """Seconds of a text such as 3m."""',
  '    return int(text[:-1]) * {"s": 1, "m": 60}[text[-1]]',
  "",
].join("\n");

beforeAll(() => {
  process.env.ARENA_CACHE = join(folder, "cache");
  mkdirSync(join(repository, "src"), { recursive: true });
  git("init", "-q");
  writeFileSync(join(repository, "src", "duration.py"), source);
  writeFileSync(join(repository, "src", "render.py"), "def render_table(rows):\n    return rows\n");
  writeFileSync(join(repository, "blob.bin"), Buffer.from([0, 1, 2, 0]));
  git("add", ".");
  git("commit", "-qm", "first");
  writeFileSync(join(repository, "src", "render.py"), "def render_table(rows):\n    return list(rows)\n");
  git("commit", "-qam", "second");
});
afterAll(() => {
  if (before === undefined) delete process.env.ARENA_CACHE;
  else process.env.ARENA_CACHE = before;
  rmSync(folder, { recursive: true, force: true });
});

/** Wrong usage: said on stderr in these words, nothing on stdout, exit code 2. */
function expectUsage({ code, stdout, stderr }: Ran, words: string | RegExp): void {
  if (typeof words === "string") expect(stderr).toContain(words);
  else expect(stderr).toMatch(words);
  expect([code, stdout]).toEqual([2, ""]);
}

const query = ["--query", "parse_duration fails on hours\nparse_duration('2h') is a KeyError"];

describe("arena index", () => {
  it("says what was read, and reads only what is new the next time", async () => {
    const first = JSON.parse((await arena("index", repository, "--commit", "HEAD~1", "--json")).stdout);
    expect(first).toMatchObject({
      schemaVersion: 1,
      files: 3,
      indexed: 2,
      languages: { python: 2 },
      reused: 0,
    });
    const second = JSON.parse((await arena("index", repository, "--json")).stdout);
    expect(second.read).toBe(1);
    expect(second.reused).toBeGreaterThan(0);
    expect(second.commit).toBe(git("rev-parse", "HEAD"));
    const { stdout, code } = await arena("index", repository);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^commit {5}[0-9a-f]{40}\nfiles {6}3, 2 of them searched\nlanguages {2}python 2\n/,
    );
    expect(stdout).toContain(join(folder, "cache", "index"));
  });

  it.each([
    ["/nowhere/at/all", [], "/nowhere/at/all"],
    [tmpdir(), [], "expected a git repository"],
    [repository, ["--commit", "no-such-branch"], "no-such-branch"],
  ])("refuses %s %j", async (where, options, words) => {
    expectUsage(await arena("index", where, ...options), words);
  });
});

describe("arena retrieve", () => {
  it("lists files with the reasons for their rank, then the snippets", async () => {
    const { stdout, code, stderr } = await arena("retrieve", repository, ...query);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^1 +\d+\.\d\d +src\/duration\.py +.*parse_duration/m);
    expect(stdout).toContain("src/duration.py, lines 1 to 3:\ndef parse_duration(text):");
    expect(stdout).toContain("approximate: 3 bytes a token");
  });

  it("gives the same as JSON and as a function, and keeps the budget it was given", async () => {
    const budget = ["--budget", "40", "--tokenizer", "o200k_base", "--json"];
    const { stdout } = await arena("retrieve", repository, ...query, ...budget);
    const json = JSON.parse(stdout);
    expect(json.tokens).toBeLessThanOrEqual(40);
    expect(json.tokenizer).toEqual({ name: "o200k_base", isApproximate: false });
    expect(json.files[0]).toMatchObject({ path: "src/duration.py" });
    const sum = json.files[0].why.reduce((total: number, each: { points: number }) => total + each.points, 0);
    expect(sum).toBeCloseTo(json.files[0].score, 6);
    const found = await retrieve({ repository, issue: query[1] ?? "", maxTokens: 40, model: "gpt-4o" });
    expect(found.snippets).toEqual(json.snippets);
    expect(found.commit).toBe(json.commit);
  });

  it("ranks again with a local model, says what it added, and computes nothing twice", async () => {
    const model = await writeTinyModel(join(folder, "model"), "token-vectors");
    const asked = ["retrieve", repository, ...query, "--rerank", model];
    const { stdout, stderr, code } = await arena(...asked, "--json");
    expect(code, stderr).toBe(0);
    const found = JSON.parse(stdout);
    const about = { kind: "embedding", device: "cpu", fingerprint: expect.any(String), maxTokens: 512 };
    expect(found.reranked).toEqual({
      about,
      passages: expect.any(Number),
      truncated: 0,
      computed: expect.any(Number),
    });
    expect(found.reranked.computed).toBe(found.reranked.passages);
    const signals = found.files.map(({ why }: { why: { signal: string }[] }) =>
      why.map(({ signal }) => signal),
    );
    expect(signals.every((each: string[]) => each.includes("dense"))).toBe(true);
    const again = await arena(...asked);
    expect(again.stdout).toMatch(
      /ranked again by a model \(embedding, cpu, [0-9a-f]{12}\): \d+ passages, 0 computed now/,
    );
    expect(again.stdout).toMatch(/dense 0\.\d\d \(/);
    const [, issue = ""] = query;
    const asFunction = await retrieve({ repository, issue, rerank: model });
    expect(asFunction.files).toEqual(found.files.map(({ traits: _, ...file }: { traits: unknown }) => file));
    expect(asFunction.reranked).toEqual({ ...found.reranked, computed: 0 });
    expect(await retrieve({ repository, issue })).not.toHaveProperty("reranked");
  });

  it("tells of a cache that is damaged and of one that cannot be used: as text, as JSON, to the library", async () => {
    const [, issue = ""] = query;
    const told = async (spoil: (index: string) => void): Promise<readonly string[][]> => {
      const cache = join(folder, "spoilt");
      process.env.ARENA_CACHE = cache;
      const spoilt = () => {
        rmSync(cache, { recursive: true, force: true });
        mkdirSync(cache);
        spoil(join(cache, "index"));
      };
      try {
        spoilt();
        const { stderr } = await arena("retrieve", repository, ...query);
        spoilt();
        const json = JSON.parse((await arena("retrieve", repository, ...query, "--json")).stdout);
        spoilt();
        const notes: string[] = [];
        await retrieve({ repository, issue, onNote: (note) => notes.push(note) });
        return [stderr.trim().split("\n"), json.notes, notes];
      } finally {
        process.env.ARENA_CACHE = join(folder, "cache");
      }
    };
    const noFolder = expect.stringMatching(/^nothing is kept in the index cache: .*spoilt/);
    for (const notes of await told((index) => writeFileSync(index, ""))) expect(notes).toEqual([noFolder]);
    const noDatabase = (index: string) => {
      mkdirSync(index);
      writeFileSync(join(index, "digests-000001.db"), "This is no database.\n".repeat(500));
    };
    const damaged = expect.stringMatching(/^the index cache was damaged and is built anew: .*digests/);
    for (const notes of await told(noDatabase)) expect(notes).toEqual([damaged]);
  });

  it("tells of files that a clone has no content of", async () => {
    const partial = join(folder, "partial");
    git("config", "uploadpack.allowFilter", "true");
    git("clone", "-q", "--bare", "--filter=blob:none", `file://${repository}`, partial);
    const { stderr, code } = await arena("retrieve", partial, ...query);
    expect([code, stderr]).toEqual([0, `${partial}: 3 files have no content here, and cannot be searched\n`]);
  });

  it("searches for an instance of a set at its own base commit", async () => {
    const { stdout, code, stderr } = await arena("retrieve", smokeSet, smokeIssue, "--json");
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout).files[0].path).toMatch(/^dayrule\//);
  });

  it("says when nothing is found, and prints nothing a repository wrote as it is", async () => {
    const { stdout } = await arena("retrieve", repository, "--query", "quaternion", "--mode", "bm25");
    expect(stdout).toContain("No file shares a word with the query.");
    writeFileSync(
      join(repository, "evil.py"),
      "def escape_title():\n    return '\u001b]0;pwned\u0007\u202e'\n",
    );
    git("add", ".");
    git("commit", "-qm", "evil");
    const shown = (await arena("retrieve", repository, "--query", "escape_title is wrong")).stdout;
    expect(shown).toContain("\\u{1b}]0;pwned\\u{7}\\u{202e}");
    expect(shown).not.toContain("\u001b");
  });

  it.each([
    [["/nowhere", "--query", "x"], "/nowhere"],
    [[repository], "--issue <file> or --query <text>"],
    [[repository, "--query", "a", "--issue", "b"], "--issue <file> or --query <text>"],
    [[repository, "--query", "  "], "the query is empty"],
    [[repository, "--issue", "/nowhere.md"], "cannot read /nowhere.md"],
    [[repository, "--query", "x", "--commit", "nope"], "nope"],
    [[repository, "--query", "x", "--mode", "oracle"], "--mode: expected full or bm25"],
    [[repository, "--query", "x", "--tokenizer", "o300k"], "--tokenizer"],
    [[repository, "--query", "x", "--budget", "0"], /whole number above 0/],
    [[repository, "--query", "x", "--query-hints"], "only an instance has hints"],
    [[repository, "--query", "x", "--rerank", "/nowhere"], "--rerank: /nowhere"],
    [[repository, "--query", "x", "--rerank-device", "cuda"], "expected --rerank <folder> beside it"],
    [[repository, "--query", "x", "--rerank-device", "tpu"], 'expected cpu or cuda, found "tpu"'],
    [[smokeSet, "no-such-instance"], "no instance no-such-instance"],
    [[smokeSet, smokeIssue, "--query", "x"], "brings its own"],
  ] as const)("refuses %j", async (given, words) => {
    expectUsage(await arena("retrieve", ...given), words);
  });
});

describe("play --rerank", () => {
  it.each([
    [["--contestants", "gold,empty", "--rerank", "/nowhere"], "found none behind a model"],
    [
      ["--contestants", "FILE#m", "--rerank", "MODEL", "--retrieval", "bm25"],
      "found bm25; leave --rerank out",
    ],
    [["--contestants", "FILE#m", "--rerank", "/nowhere"], "--rerank: /nowhere"],
    [["--contestants", "FILE#m", "--rerank", "MODEL", "--rerank-device", "tpu"], 'found "tpu"'],
  ])("is refused before an engine or a run folder is there: %j", async (given, words) => {
    const model = await writeTinyModel(join(folder, "model"), "token-vectors");
    const file = join(folder, "models.yaml");
    const entry = { id: "m", provider: "openai", model: "m", baseUrl: "http://127.0.0.1:9/v1" };
    const more = {
      contextTokens: 8000,
      maxOutputTokens: 500,
      prices: { inputPerMillion: 0, outputPerMillion: 0 },
    };
    writeFileSync(file, JSON.stringify([{ ...entry, ...more }]));
    const run = join(folder, "refused");
    const named = given.map((word) => word.replace("FILE", file).replace("MODEL", model));
    expectUsage(await arena("play", smokeSet, ...named, "--run", run), words);
    expect(existsSync(run)).toBe(false);
  });

  it("is refused for the plain search by the library too", async () => {
    const model = await writeTinyModel(join(folder, "model"), "token-vectors");
    const asked = retrieve({ repository, issue: "parse_duration", mode: "bm25", rerank: model });
    await expect(asked).rejects.toThrow("bm25 is the plain search");
  });
});

describe("--retrieval", () => {
  it("refuses a mode there is none of before anything is started", async () => {
    const ran = await arena("play", smokeSet, "--contestants", "gold,empty", "--retrieval", "best");
    expectUsage(ran, 'expected full, bm25, none, oracle, found "best"');
  });

  it("refuses a twin of a control, and a tokenizer that is none", async () => {
    expectUsage(await arena("play", smokeSet, "--contestants", "gold@none"), "gold@none");
    const file = join(folder, "models.yaml");
    const entry = "{id: a, provider: openai, baseUrl: 'http://127.0.0.1:9/v1', model: m, contextTokens: 9000";
    const rest =
      "maxOutputTokens: 100, prices: {inputPerMillion: 0, outputPerMillion: 0}, tokenizer: /nowhere}";
    writeFileSync(file, `- ${entry}, ${rest}\n`);
    expectUsage(await arena("play", smokeSet, "--contestants", file), /contestant a: tokenizer: .*\/nowhere/);
  });
});
