// Wrong input of every kind, as a person would give it: a clear sentence, the exit code of DESIGN 7, nothing lost.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { arena, type Ran } from "../support/command-line.ts";
import { engineForTests } from "../support/engine.ts";
import { smokeIssue, smokePatch, smokeSet, writeContestants } from "../support/http-contestants.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-bad-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const frozen = readFileSync(join(smokeSet, "instances.jsonl"), "utf8").trimEnd().split("\n");
const line = z
  .record(z.string(), z.unknown())
  .parse(JSON.parse(frozen.find((each) => each.includes(`"${smokeIssue}"`)) ?? ""));

function written(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

const rows = (...values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join("");

/** Wrong usage: said on stderr in these words, nothing on stdout, exit code 2. */
function expectUsage({ code, stdout, stderr }: Ran, ...words: readonly (string | RegExp)[]): void {
  for (const word of words) {
    if (typeof word === "string") expect(stderr).toContain(word);
    else expect(stderr).toMatch(word);
  }
  expect([code, stdout]).toEqual([2, ""]);
}

describe("a set with bad lines", () => {
  const broken = written(
    "broken.jsonl",
    [
      JSON.stringify(line),
      '{"instance_id": "half',
      JSON.stringify({ ...line, instance_id: "a-1", colour: "red" }),
      JSON.stringify({ ...line, instance_id: "a-2", base_commit: "main" }),
      JSON.stringify({ ...line, instance_id: "a-3", patch: 7 }),
      JSON.stringify(line),
      "",
    ].join("\n"),
  );

  it("gives what can be read, and file, line and field of what cannot; exit code 4", async () => {
    const { code, stdout, stderr } = await arena("issues", "list", broken, "--json");
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({ instances: [{ instance_id: smokeIssue }] });
    expect(stderr).toContain(`${broken}:2: (the whole line): expected one JSON object`);
    expect(stderr).toMatch(/broken\.jsonl:3: .*colour/);
    expect(stderr).toContain(`${broken}:4: base_commit: expected`);
    expect(stderr).toContain(`${broken}:5: patch: expected`);
    expect(stderr).toContain(`${broken}:6: instance_id: expected an id no other line has (line 1 has it)`);
    expect(stderr).not.toContain("undefined");
  });

  it("whose set.json disagrees says so without a line", async () => {
    const set = join(folder, "set");
    mkdirSync(set);
    cpSync(join(smokeSet, "set.json"), join(set, "set.json"));
    writeFileSync(join(set, "instances.jsonl"), rows(line));
    const { code, stderr } = await arena("issues", "list", set);
    expect(code).toBe(4);
    expect(stderr).toContain("instances.jsonl: (hash mismatch): expected");
    expect(stderr).not.toContain("undefined");
  });

  it("or a line of more than 50 MiB is read to its end", async () => {
    const long = written("long.jsonl", `{"x": "${"a".repeat(51 * 1024 * 1024)}"}\n${JSON.stringify(line)}\n`);
    const { code, stdout, stderr } = await arena("issues", "list", long);
    expect([code, stderr.length < 1000]).toEqual([4, true]);
    expect(stderr).toContain(`${long}:1: (the whole line): expected a line of at most 50 MiB`);
    expect(stdout).toContain(smokeIssue);
  });
});

describe("places that are not there", () => {
  it.for([
    ["issues", "list", "NOWHERE"],
    ["issues", "list", "FILE/below"],
    ["issues", "check", "NOWHERE"],
    ["board", "NOWHERE"],
    ["board", "FILE"],
    ["show", "NOWHERE"],
    ["replay", "NOWHERE"],
    ["rejudge", "NOWHERE"],
    ["play", smokeSet, "--resume", "NOWHERE"],
    ["play", "--resume", "NOWHERE"],
    ["play", "NOWHERE"],
    ["play", "NOWHERE.yaml"],
    ["play", "NOWHERE.ts"],
    ["play", "FILE"],
    ["play", smokeSet, "--contestants", "gold", "--dry-run", "--like", "NOWHERE"],
    ["judge", smokeSet, "--predictions", "NOWHERE"],
    ["play", smokeSet, "--contestants", "gold,replay:NOWHERE"],
    ["play", smokeSet, "--contestants", "gold,NOWHERE.yaml"],
  ])("%j", async (argv) => {
    const file = written("file", "x");
    const places = argv.map((word) => word.replace("NOWHERE", join(folder, "nowhere")).replace("FILE", file));
    expectUsage(
      await arena(...places),
      join(folder, argv.some((word) => word.includes("FILE")) ? "file" : "nowhere"),
    );
    expect(existsSync(join(folder, "nowhere"))).toBe(false);
  });
});

describe("tournament files", () => {
  const play = (name: string, text: string) => arena("play", written(name, text), "--dry-run", "--json");

  it("that are none are told what was expected, with line and column", async () => {
    expectUsage(
      await play("list.yaml", "- gold\n"),
      "list.yaml:1:1: (the whole file): expected a tournament: set,",
    );
    expectUsage(
      await play("setless.yml", "contestants: [gold]\n"),
      /setless\.yml:1:1: set: .*set\.json.*nothing/,
    );
    expectUsage(
      await play("half.json", '{ "set": '),
      "half.json:1:10: (the whole file): expected YAML or JSON",
    );
  });

  it("are told all that is wrong with them at once", async () => {
    const text = `set: ${smokeSet}\ncontestants: [gold, no one]\nrounds: two\nbudgets: { total: { usd: much } }\n`;
    expectUsage(
      await play("wrong.yaml", text),
      /wrong\.yaml:2:21: contestants\.2: expected .*, found "no one"/,
      /wrong\.yaml:3:1: rounds: expected .*above 0, found "two"/,
      /wrong\.yaml:4:21: budgets\.total\.usd: expected US dollars, found "much"/,
    );
  });

  it("meet wrong flags, filters that leave nothing, and sets that are none", async () => {
    const sound = written(
      "sound.yaml",
      `set: ${smokeSet}\ncontestants: [gold]\nfilters: { languages: [go] }\n`,
    );
    expectUsage(await arena("play", sound, "--hints", "all"), "--hints: expected one of none");
    expectUsage(
      await arena("play", sound, "--dry-run", "--only", "no-such-1"),
      "--only: no instance no-such-1",
    );
    expectUsage(await arena("play", sound, "--like", folder), "expected --dry-run beside it");
    expectUsage(
      await play(
        "late.yaml",
        `set: ${smokeSet}\ncontestants: [gold]\nfilters: { createdAfter: 2999-01-01 }\n`,
      ),
      "passes the filters (createdAfter 2999-01-01)",
    );
    expectUsage(
      await play("place.yaml", "set: nowhere\ncontestants: [gold]\n"),
      `at ${join(folder, "nowhere")}`,
    );
  });
});

describe("contestants", () => {
  const run = join(folder, "never");
  const play = (list: string, ...more: readonly string[]) =>
    arena("play", smokeSet, "--run", run, "--json", "--contestants", list, ...more);

  it.for([
    { list: "gold,nobody here", words: ["contestant 2: expected one of gold, empty", "nobody here"] },
    { list: "gold,nobody", words: ['no contestant "nobody"', "mutant, trivial", "contestants.yaml"] },
    { list: "gold,no/such.yaml", words: ["cannot read the contestant file no/such.yaml (ENOENT)"] },
    { list: "gold,gold", words: ["contestant gold is named twice"] },
  ])("$list", async ({ list, words }) => {
    expectUsage(await play(list), ...words);
  });

  it("of a file are named by what it holds, its mistakes by line, a missing key by its variable", async () => {
    const models = join(folder, "models.yaml");
    writeContestants(models, { ids: ["ada"], baseUrl: "http://127.0.0.1:9/v1" });
    expectUsage(await play(`gold,${models}#eve`), "no contestant eve", "it holds ada");
    const text = readFileSync(models, "utf8");
    const keyed = written("keyed.yaml", `${text}  keyEnv: ARENA_TEST_NO_SUCH_KEY\n`);
    expectUsage(await play(`gold,${keyed}`), "contestant ada: expected its key in ARENA_TEST_NO_SUCH_KEY");
    const wrong = written("wrong.yaml", text.replace("attempts: 2", "attempts: many\n  colour: red"));
    expectUsage(
      await play(`gold,${wrong}`),
      /wrong\.yaml:9: 1\.attempts/,
      /wrong\.yaml:10: 1\.colour.*no such field/,
    );
  });

  it("replayed from a broken file are refused by line before anything starts", async () => {
    const good = { instance_id: smokeIssue, role: "submitter", patch: "" };
    const half = written("half.jsonl", `${rows(good)}{"instance_id": \n`);
    expectUsage(await play(`gold,replay:${half}`), `${half}:2: expected one JSON object a line`);
    const role = written("role.jsonl", rows(good, { ...good, role: "judge" }));
    expectUsage(await play(`gold,replay:${role}`), `${role}:2: field role`);
  });

  afterAll(() => expect(existsSync(run)).toBe(false));
});

describe("options", () => {
  it.for([
    {
      argv: ["play", smokeSet, "--contestants", "gold", "--only", "no-such-1"],
      word: "--only: no instance no-such-1",
    },
    {
      argv: ["play", smokeSet, "--contestants", "gold", "--rounds", "two"],
      word: 'a whole number above 0, found "two"',
    },
    { argv: ["play", smokeSet, "--contestants", "gold", "--budget", "-1"], word: 'an amount, found "-1"' },
    { argv: ["play", smokeSet, "--contestants", "gold", "--hints", "all"], word: "--hints: expected none" },
    {
      argv: ["play", smokeSet, "--contestants", "gold", "--sandbox", "jail"],
      word: "--sandbox: expected docker",
    },
    { argv: ["play", smokeSet], word: "--contestants is missing" },
    { argv: ["play"], word: "expected a set or a tournament file to play" },
    { argv: ["play", smokeSet, "--colour"], word: "unknown option '--colour'" },
    { argv: ["plya"], word: "unknown command 'plya'" },
    { argv: ["judge", smokeSet], word: "--predictions <jsonl>" },
    { argv: ["issues", "show", smokeSet, "no-such-1"], word: "no instance no-such-1" },
    {
      argv: ["issues", "import", smokeSet, "--from", "excel", "--out", folder],
      word: "--from: expected swingarena",
    },
    { argv: ["board", folder, "--format", "pdf"], word: "--format: expected table" },
  ])("$argv", async ({ argv, word }) => {
    expectUsage(await arena(...argv), word);
  });
});

describe("predictions", () => {
  it.for([
    { name: "broken JSON", text: '{"instance_id": "a"\n{"instance_id": \n', word: ":1: expected JSON" },
    { name: "no patch", text: rows({ instance_id: smokeIssue }), word: ":1: model_patch: expected a diff" },
    { name: "no id", text: rows({ patch: "" }), word: ":1: instance_id" },
    { name: "nothing", text: "\n", word: "holds no prediction" },
    {
      name: "unknown issues only",
      text: rows({ instance_id: "no-such-1", patch: "" }),
      word: "holds no instance",
    },
  ])("$name", async ({ text, word }) => {
    const file = written("predictions.jsonl", text);
    expectUsage(await arena("judge", smokeSet, "--predictions", file, "--json"), word);
  });
});

describe("--json", () => {
  it.for([
    ["issues", "list", smokeSet],
    ["issues", "show", smokeSet, smokeIssue],
    ["issues", "show", smokeSet, smokeIssue, "--reveal"],
  ])("%j prints one document", async (argv) => {
    const { code, stdout } = await arena(...argv, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1 });
  });
});

const judged = z.object({
  results: z.array(
    z.object({
      submission: z.string(),
      label: z.string(),
      verdict: z.string(),
      reasons: z.array(z.string()),
    }),
  ),
  unknown: z.array(z.string()),
  problems: z.array(z.object({ line: z.number(), field: z.string() })),
});

describe("[engine] what only a run can find", () => {
  let hasEngine = false;
  beforeAll(async () => {
    hasEngine = (await engineForTests(["python"])) !== undefined;
  });
  const docker = ["--sandbox", "docker"];

  it("patches that escape, of 50 MB or broken are invalid, bad lines are named, the rest is judged", async ({
    skip,
  }) => {
    if (!hasEngine) skip("no container engine can be had here");
    const target = "/../../../etc/cron.d/arena-escape";
    const escaping = `--- /dev/null\n+++ b${target}\n@@ -0,0 +1 @@\n+* * * * * root id\n`;
    const link = `diff --git a/dayrule/out b/dayrule/out\nnew file mode 120000\n--- /dev/null\n+++ b/dayrule/out\n@@ -0,0 +1 @@\n+/etc/passwd\n\\ No newline at end of file\n`;
    const huge = `${smokePatch("gold.patch")}diff --git a/big b/big\nnew file mode 100644\n--- /dev/null\n+++ b/big\n@@ -0,0 +1 @@\n+${"a".repeat(50 * 1024 * 1024)}\n`;
    const patches = [
      escaping,
      link,
      huge,
      smokePatch("gold.patch").slice(0, 420),
      null,
      smokePatch("gold.patch"),
    ];
    const file = written(
      "patches.jsonl",
      rows(
        ...patches.map((model_patch) => ({ instance_id: smokeIssue, model_patch })),
        { instance_id: smokeIssue },
        { instance_id: "no-such-1", model_patch: "" },
      ),
    );
    const run = join(folder, "judged");
    const ran = await arena("judge", smokeSet, "--predictions", file, "--run", run, ...docker, "--json");
    expect(ran.code, ran.stderr).toBe(0);
    const { results, unknown, problems } = judged.parse(JSON.parse(ran.stdout));
    expect(
      results.map(({ submission, reasons }) => [
        submission,
        ...reasons.map((reason) => reason.split(":")[0]),
      ]),
    ).toEqual([
      ["invalid", expect.stringMatching(/^(does-not-apply|unsafe-path)$/)],
      ["invalid", "protected-path"],
      ["invalid", "answer-too-large"],
      ["invalid", "does-not-apply"],
      ["invalid", "no-change"],
      ["valid"],
    ]);
    expect(results.at(-1)).toMatchObject({ label: "resolved", verdict: "patch-stands" });
    expect(unknown).toEqual(["no-such-1"]);
    expect(problems).toMatchObject([{ line: 7, field: "model_patch" }]);
    expect(existsSync("/etc/cron.d/arena-escape")).toBe(false);
    // Nothing is judged again, and nothing that was said is lost.
    const again = await arena("judge", smokeSet, "--predictions", file, "--run", run, ...docker, "--json");
    expect(judged.parse(JSON.parse(again.stdout))).toEqual({ results, unknown, problems });
  });

  it("an image nobody has stops the run with its name and the command that gets it; exit code 3", async ({
    skip,
  }) => {
    if (!hasEngine) skip("no container engine can be had here");
    const ci = { ...z.record(z.string(), z.unknown()).parse(line.ci), image: "localhost/arena-no-such:1" };
    const set = written("imageless.jsonl", rows({ ...line, ci }));
    const ran = await arena(
      "play",
      set,
      "--contestants",
      "gold,empty",
      "--run",
      join(folder, "imageless"),
      ...docker,
    );
    expect([ran.code, ran.stdout]).toEqual([3, ""]);
    expect(ran.stderr).toContain("image-missing: image localhost/arena-no-such:1");
    expect(ran.stderr).toContain("docker pull localhost/arena-no-such:1");
  });

  it("a base commit that is not that of the files, or no repository, is wrong configuration", async ({
    skip,
  }) => {
    if (!hasEngine) skip("no container engine can be had here");
    const set = join(folder, "moved");
    mkdirSync(set);
    cpSync(join(smokeSet, "repos"), join(set, "repos"), { recursive: true });
    const other = { ...line, instance_id: "moved-2", repo: "smoke/gone" };
    writeFileSync(join(set, "instances.jsonl"), rows({ ...line, base_commit: "0".repeat(40) }, other));
    const gold = ["--contestants", "gold,empty", ...docker];
    const wrong = await arena(
      "play",
      set,
      ...gold,
      "--only",
      smokeIssue,
      "--run",
      join(folder, "wrong-base"),
    );
    expectUsage(wrong, `${smokeIssue}: wrong base commit: expected`, `found ${"0".repeat(40)}`);
    const gone = await arena(
      "play",
      set,
      ...gold,
      "--only",
      "moved-2",
      "--run",
      join(folder, "no-repository"),
    );
    expectUsage(gone, "moved-2: expected the repository smoke/gone", "--repos");
    const bothWrong = await arena("issues", "check", set, "--json", ...docker);
    expectUsage(bothWrong, `${smokeIssue}: wrong base commit`, "no other of the 2 instances");
    const file = written("of-moved.jsonl", rows({ instance_id: "moved-2", patch: "" }));
    const unjudged = await arena("judge", set, "--predictions", file, "--json", ...docker);
    expectUsage(unjudged, "moved-2: expected the repository smoke/gone", "--repos");
    const folders = ["wrong-base", "no-repository"].map((name) => readdirSync(join(folder, name)).sort());
    for (const names of folders) expect(names).toEqual(expect.arrayContaining(["arena.db", "manifest.json"]));
  });

  it("one repository that is missing among several leaves out its instance alone", async ({ skip }) => {
    if (!hasEngine) skip("no container engine can be had here");
    const set = join(folder, "one-gone");
    mkdirSync(set);
    cpSync(join(smokeSet, "repos"), join(set, "repos"), { recursive: true });
    const gone = { ...line, instance_id: "gone-1", repo: "smoke/gone" };
    writeFileSync(join(set, "instances.jsonl"), rows(gone, line));
    const patch = smokePatch("gold.patch");
    const file = written(
      "both.jsonl",
      rows(...["gone-1", smokeIssue].map((id) => ({ instance_id: id, patch }))),
    );
    const judge = ["judge", set, "--predictions", file, "--run", join(folder, "one-gone-judged"), ...docker];
    const first = await arena(...judge, "--json");
    expect(first.code, first.stderr).toBe(1);
    const { results } = judged.parse(JSON.parse(first.stdout));
    expect(results).toMatchObject([
      { verdict: "void", label: "unlabelled" },
      { verdict: "patch-stands", label: "resolved" },
    ]);
    expect(results[0]?.reasons[0]).toContain(
      "repository-missing: gone-1: expected the repository smoke/gone",
    );
    const run = join(folder, "one-gone-played");
    const quick = ["--no-panel", "--repeats", "1", "--run", run, ...docker, "--json"];
    const played = await arena("play", set, "--contestants", "gold,empty", ...quick);
    expect(played.code, played.stderr).toBe(1);
    expect(JSON.parse(played.stdout)).toMatchObject({ unsound: ["gone-1"], interrupted: false });
    const checked = await arena("issues", "check", set, "--repeats", "1", "--run", run, ...docker, "--json");
    expect(checked.code, checked.stderr).toBe(3);
    expect(JSON.parse(checked.stdout)).toMatchObject({
      instances: [
        { instance_id: "gone-1", gold: "fault" },
        { instance_id: smokeIssue, gold: "pass" },
      ],
    });
    // What was void is judged again once its repository is there; the rest is not.
    cpSync(join(set, "repos", "dayrule"), join(set, "repos", "gone"), { recursive: true });
    const second = await arena(...judge, "--json");
    expect(second.code, second.stderr).toBe(0);
    const again = judged.parse(JSON.parse(second.stdout)).results;
    expect(again).toEqual([expect.objectContaining({ verdict: "patch-stands" }), results[1]]);
  });

  it("a run folder that is a file, and an anchor nobody is, are wrong usage", async ({ skip }) => {
    if (!hasEngine) skip("no container engine can be had here");
    const file = written("taken", "x");
    const gold = ["play", smokeSet, "--contestants", "gold,empty", "--only", smokeIssue, ...docker];
    expectUsage(
      await arena(...gold, "--run", join(file, "run")),
      "--run: expected a folder that can be written",
    );
    const run = join(folder, "anchored");
    expectUsage(await arena(...gold, "--run", run, "--anchors", "mutant"), "--anchors", 'found "mutant"');
  });
});
