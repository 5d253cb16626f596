// `arena curate freeze` as a person types it: what the last stage kept, chosen and written with its papers, whatever kills it.
import { type ChildProcess, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { arena } from "../../support/command-line.ts";
import { History, hour } from "../../support/history.ts";
import { expectDocument } from "../../support/schemas.ts";
import { root } from "../../support/source.ts";
import { freezableRowOf, type RowParts } from "../curation/freeze/frozen-row.ts";

const mit = readFileSync(join(root, "LICENSE"), "utf8");

let folder: string;
let history: History;
let base: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "arena-freeze-cli-"));
  history = new History();
  base = history.commit({ "src/secret_place.py": "", LICENSE: mit });
  mkdirSync(work("clones"), { recursive: true });
  symlinkSync(history.folder, work("clones", "o+r"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  history[Symbol.dispose]();
});

const work = (...path: readonly string[]): string => join(folder, "work", ...path);
const set = (...path: readonly string[]): string => join(folder, "set", ...path);
const rowOf = (parts: RowParts) => freezableRowOf({ baseCommit: base, commits: [base], ...parts });
const rowsOf = (...ids: readonly string[]) => ids.map((id) => rowOf({ id }));

function keeps(stage: string, rows: readonly object[]): void {
  mkdirSync(work(stage), { recursive: true });
  writeFileSync(work(stage, "kept.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const counts = { rows: rows.length, kept: rows.length, rejected: 0, faults: 0, reasons: {} };
  writeFileSync(work(stage, "report.json"), JSON.stringify({ schemaVersion: 1, stage, ...counts }));
}

/** As if the last of the rows' stages were the judge. */
function judged(...rows: readonly ReturnType<typeof rowOf>[]): void {
  const audited = rows.map(({ judgement: _, ...row }) => row);
  keeps(
    "validate",
    audited.map(({ audit: _, ...row }) => row),
  );
  keeps("audit", audited);
  keeps("judge", rows);
}

const freeze = (...more: readonly string[]) =>
  arena("--json", "curate", "freeze", work(), "--out", set(), ...more);

describe("arena curate freeze", () => {
  const validated = (...ids: readonly string[]) => rowsOf(...ids).map(({ audit: _, ...row }) => row);

  it("takes what the last stage kept, and loses no row that a stage before it has kept since", async () => {
    keeps("validate", validated("o__r-1"));
    keeps("audit", rowsOf("o__r-1"));
    expect((await arena("curate", "judge", work())).code).toBe(0);
    expect(JSON.parse((await freeze()).stdout)).toMatchObject({ set: { instances: 1 } });
    // One row more was added and audited, and nobody judged it.
    keeps("validate", validated("o__r-1", "o__r-2"));
    keeps("audit", rowsOf("o__r-1", "o__r-2"));
    const early = await freeze();
    expect([early.code, early.stderr]).toEqual([
      2,
      expect.stringContaining("o__r-2: expected judge to have seen it"),
    ]);
    await arena("curate", "judge", work());
    expect(JSON.parse((await freeze()).stdout)).toMatchObject({ set: { instances: 2 } });
  });

  it("takes what people said, and waits for them where a row came after", async () => {
    keeps("audit", rowsOf("o__r-1"));
    keeps("validate", validated("o__r-1"));
    await arena("curate", "annotate", "deal", work(), "--to", "ann,ben");
    const answers = { clarity: 2, difficulty: 0.4 };
    for (const name of ["ann", "ben"])
      writeFileSync(
        work("annotate", "answers", `${name}.jsonl`),
        `${JSON.stringify({ id: "o__r-1", ...answers })}\n`,
      );
    await arena("curate", "annotate", "merge", work());
    expect(JSON.parse((await freeze()).stdout)).toMatchObject({ set: { instances: 1 } });
    const [line = ""] = readFileSync(join(folder, "set", "instances.jsonl"), "utf8").split("\n");
    expect(JSON.parse(line).provenance.annotation).toMatchObject({ ...answers, annotators: ["ann", "ben"] });
    keeps("validate", validated("o__r-1", "o__r-2"));
    keeps("audit", rowsOf("o__r-1", "o__r-2"));
    const early = await freeze();
    expect([early.code, early.stderr]).toEqual([2, expect.stringContaining("arena curate annotate merge")]);
  });

  it("does not take a row as an earlier run of a stage had it", async () => {
    keeps("validate", validated("o__r-1"));
    keeps("audit", [{ ...rowsOf("o__r-1")[0], repo: "o/other" }]);
    const stale = await freeze();
    expect([stale.code, stale.stderr]).toEqual([2, expect.stringContaining("arena curate audit")]);
  });
});

function bytesIn(path: string): Record<string, string> {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  const named = files.map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(named.sort().map((name) => [name, readFileSync(name, "base64")]));
}

describe("what is frozen", () => {
  it("is chosen by date, licence and quota, and what is left out stands in the funnel", async () => {
    const copyleft = history.commit({ LICENSE: "You may not.\n" });
    judged(
      rowOf({ id: "o__r-1", createdAt: hour(1), difficulty: 0.5 }),
      rowOf({ id: "o__r-2", createdAt: hour(30), difficulty: 0.9 }),
      rowOf({ id: "o__r-3", createdAt: hour(30), difficulty: 0.9 }),
      rowOf({ id: "o__r-4", createdAt: hour(30), baseCommit: copyleft }),
      rowOf({ id: "o__r-5", createdAt: hour(48), difficulty: 0.1 }),
    );
    const quotas = join(folder, "quotas.yaml");
    writeFileSync(quotas, "python: 5\n");
    const options = ["--quotas", quotas, "--quota", "python:very-hard=1", "--after", "2023-11-15"];
    const { code, stdout, stderr } = await freeze(...options, "--licences", "permissive");
    expect(code, stderr).toBe(0);
    expectDocument("curate-freeze", stdout);
    const reasons = { "too-early": 1, "licence-unknown": 1, "over-quota": 1 };
    const { stages, ...found } = JSON.parse(stdout);
    expect(stages.at(-1)).toMatchObject({ stage: "freeze", rows: 5, kept: 2, rejected: 3, reasons });
    expect(found).toMatchObject({
      set: { instances: 2 },
      licences: { MIT: 2 },
      quotas: [
        { of: "python", most: 5, came: 3, taken: 2 },
        { of: "python:very-hard", most: 1, came: 2, taken: 1 },
      ],
    });
    expect(JSON.parse(readFileSync(set("funnel.json"), "utf8"))).toMatchObject({ stages, frozen: 2 });
    const rejected = readFileSync(work("freeze", "rejected.jsonl"), "utf8");
    expect(rejected).toContain('"reason":"over-quota"');
    const listed = await arena("--json", "issues", "list", set());
    const { instances } = JSON.parse(listed.stdout);
    expect(instances, listed.stderr).toHaveLength(2);
    const [line = ""] = readFileSync(set("instances.jsonl"), "utf8").split("\n");
    expect(JSON.parse(line).provenance).toMatchObject({
      temporalSplit: { by: "issue", label: "after-cut-off" },
      licence: { names: ["MIT"] },
      authors: ["t"],
    });
    const [text = ""] = readdirSync(set("licences"));
    expect(readFileSync(set("licences", text), "utf8")).toBe(mit);
    expect(readFileSync(set("DATASHEET.md"), "utf8")).toContain("2 instances of 1 repositories");
  });

  it("is said in words, with quotas that had not enough", async () => {
    judged(rowOf({ id: "o__r-1" }));
    const { stdout } = await arena("curate", "freeze", work(), "--out", set(), "--quota", "python=2");
    expect(stdout).toMatch(/python +1 of at most 2 \(1 came\)/);
    expect(stdout).toMatch(/MIT +1/);
  });

  it("is nothing while a repository is not at hand, or where nothing is left", async () => {
    judged(rowOf({ id: "o__r-1" }), rowOf({ id: "p__q-1", repo: "p/q" }));
    const missing = await freeze();
    expect([missing.code, missing.stderr]).toEqual([3, expect.stringContaining("name the clones with")]);
    expect(existsSync(set())).toBe(false);
    symlinkSync(history.folder, work("clones", "p+q"));
    const none = await freeze("--before", "2020-01-01");
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("found none (too-late 2)")]);
    expect((await freeze()).code).toBe(0);
  });

  it.each([
    [["--quota", "java=1"], 'found "java"'],
    [["--quotas", "/nowhere"], "--quotas: expected a file"],
    [["--after", "soon"], "--after: expected a date"],
    [["--licences", "good"], "--licences: expected any, known"],
  ])("is nothing where somebody asks for %j", async (options, said) => {
    judged(rowOf({ id: "o__r-1" }));
    const { code, stderr } = await freeze(...options);
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
    expect(existsSync(set())).toBe(false);
  });
});

describe("a freeze that is killed", () => {
  const ended = (child: ChildProcess) =>
    new Promise<NodeJS.Signals | null>((resolve) => child.on("exit", (_, signal) => resolve(signal)));

  /** Kills it with -9 as soon as the file is there. */
  async function killedAt(path: string, argv: readonly string[]): Promise<NodeJS.Signals | null> {
    const child = spawn(process.execPath, [join(root, "bin", "arena.mjs"), ...argv], { stdio: "ignore" });
    const timer = setInterval(() => {
      if (existsSync(path)) child.kill("SIGKILL");
    }, 1);
    const signal = await ended(child);
    clearInterval(timer);
    return signal;
  }

  it("leaves what the same command completes to the same bytes", async () => {
    judged(...Array.from({ length: 8 }, (_, n) => rowOf({ id: `o__r-${n}`, difficulty: (n % 8) / 8 })));
    const options = ["--quota", "python=6", "--cut-off", "2023-11-15", "--seed", "x"];
    expect((await freeze(...options)).code).toBe(0);
    const whole = bytesIn(set());
    const argv = ["curate", "freeze", work(), "--out", set(), ...options];
    for (const path of [work("freeze", "journal.jsonl"), set("ATTRIBUTIONS.md"), set("instances.jsonl")]) {
      rmSync(set(), { recursive: true, force: true });
      rmSync(work("freeze"), { recursive: true });
      const signal = await killedAt(path, argv);
      if (path.endsWith("journal.jsonl")) expect(signal).toBe("SIGKILL");
      const again = await freeze(...options);
      expect(again.code, again.stderr).toBe(0);
      expect(bytesIn(set())).toEqual(whole);
    }
  }, 300_000);
});
