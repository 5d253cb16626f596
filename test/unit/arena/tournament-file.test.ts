// Tournament files: every problem with its place, paths of the file's own folder, flags over them, the run's copy.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Evidence } from "../../../src/arena/evidence.ts";
import { changed } from "../../../src/arena/tournament-file/change.ts";
import {
  keepTournament,
  keptTournament,
  mustBeSameTournament,
} from "../../../src/arena/tournament-file/keep.ts";
import { readTournament } from "../../../src/arena/tournament-file/read.ts";
import { UsageError } from "../../../src/domain/fault.ts";
import { root } from "../../support/source.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-tournament-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

async function problemsOf(file: string): Promise<string[]> {
  const error = await readTournament(file).catch((thrown: unknown) => thrown);
  if (!(error instanceof UsageError)) throw new Error(`expected a UsageError, found ${String(error)}`);
  const [head, ...problems] = error.message.split("\n");
  expect(head).toBe("expected a sound tournament file");
  return problems.map((line) => line.replace(file, "FILE"));
}

const small = `id: small
    provider: openai
    model: small
    baseUrl: http://localhost:9/v1
    contextTokens: 1000
    maxOutputTokens: 100
    prices: { inputPerMillion: 1, outputPerMillion: 2 }`;

describe("a wrong file", () => {
  it("that holds itself is told, in YAML and from a program", async () => {
    const circular = written(
      "circular.yaml",
      "set: a\ncontestants: [&c { id: m, provider: openai, x: *c }]\n",
    );
    expect(await problemsOf(circular)).toEqual([expect.stringMatching(/aliases can be resolved.*circular/)]);
    const program = written(
      "circular.mjs",
      "const c = { set: 'a' };\nc.contestants = [c];\nexport default c;\n",
    );
    expect(await problemsOf(program)).toEqual([expect.stringMatching(/plain values.*circular/)]);
  });

  it("is told with every problem at once, in the order of the file, each with line and column", async () => {
    const file = written(
      "wrong.yaml",
      `contestants:
  - gold,empty
  - ${small.replace("1000", "10")}
    colour: red
  - id: small
filters:
  languages: [python, cobol]
  createdAfter: yesterday
rounds: two
retrieval: full
budgets:
  total: { usd: -5, days: 1 }
canary: { everyBattles: 0, everyHours: 0 }
patienceMinutes: long
`,
    );
    const problems = await problemsOf(file);
    expect(problems.map((line) => line.split(": expected")[0])).toEqual([
      "FILE:1:1: set",
      "FILE:2:5: contestants.1",
      "FILE:10:5: contestants.2.colour",
      "FILE:11:5: contestants.3.id",
      ...["provider", "model", "contextTokens", "maxOutputTokens", "prices"].map(
        (field) => `FILE:11:5: contestants.3.${field}`,
      ),
      "FILE:13:23: filters.languages.2",
      "FILE:14:3: filters.createdAfter",
      "FILE:15:1: rounds",
      "FILE:16:1: retrieval",
      "FILE:18:12: budgets.total.usd",
      "FILE:18:21: budgets.total.days",
      "FILE:19:11: canary.everyBattles",
      "FILE:19:28: canary.everyHours",
      "FILE:20:1: patienceMinutes",
    ]);
    expect(problems[0]).toMatch(/expected the path of an issue set: .*set\.json.*, found nothing$/);
    expect(problems.at(-6)).toContain(
      'expected some of mode, snippetTokens, queryHints, rerank, rerankDevice, found "full"',
    );
    expect(problems.join("\n")).not.toMatch(/Invalid|undefined|Too /);
  });

  it.each([
    ["samples: 2\nrounds: 4", "3:1: samples: expected samples or rounds, not both"],
    ["feedback: true\nsamples: 2", "4:1: samples: expected samples or feedback, not both"],
    [
      "filters:\n  createdAfter: 2026-02-01\n  createdBefore: 2026-02-01",
      "5:3: filters.createdBefore: expected a day after createdAfter",
    ],
  ])("is told what fields contradict each other: %j", async (fields, problem) => {
    const file = written("rules.yaml", `set: s\ncontestants: [gold]\n${fields}\n`);
    expect(await problemsOf(file)).toEqual([expect.stringContaining(`FILE:${problem}`)]);
  });

  it.each([
    ["- gold\n", "FILE:1:1: (the whole file): expected a tournament: set, contestants"],
    ["set: [\n", "FILE:2:1: (the whole file): expected YAML or JSON"],
    ["", "FILE:1:1: (the whole file): expected a tournament"],
    [
      "set: s\nset: t\ncontestants: [gold]\n",
      "FILE:2:1: (the whole file): expected YAML or JSON, found Map keys must be unique",
    ],
  ])("that is no tournament at all: %j", async (text, problem) => {
    expect((await problemsOf(written("none.yaml", text)))[0]).toContain(problem);
  });

  it("is told of what may be a key, and the key is not shown", async () => {
    const secret = small.replace("localhost", "me:hush@localhost");
    const file = written("keys.yaml", `set: s\ncontestants:\n  - ${secret}\n    extra: { token: hush }\n`);
    const problems = await problemsOf(file);
    expect(problems).toEqual([
      expect.stringMatching(
        /^FILE:6:5: contestants\.1\.baseUrl: expected an address without .*, found one with them$/,
      ),
      expect.stringMatching(
        /^FILE:10:5: contestants\.1\.extra: expected nothing here: .*, found further fields$/,
      ),
    ]);
    expect(problems.join()).not.toContain("hush");
  });

  it("that is not there is told what was expected", async () => {
    await expect(readTournament(join(folder, "nowhere.yaml"))).rejects.toThrow(
      /expected a tournament file \(\.yaml, .*\) at .*nowhere\.yaml, found nothing/,
    );
  });
});

describe("a program", () => {
  it("gives its default export", async () => {
    const file = join(root, "test", "fixtures", "tournament", "tournament.ts");
    expect(await readTournament(file)).toEqual({
      set: join(root, "issues", "smoke", "1"),
      contestants: ["gold", "empty"],
      filters: { languages: ["python", "go"], limit: 3 },
      seed: "7",
    });
  });

  it("that gives a wrong one is told the fields", async () => {
    const file = written("wrong.mjs", 'export default { set: "s", contestants: ["gold", 7], rounds: 0 };\n');
    const problems = await problemsOf(file);
    expect(problems).toContainEqual(expect.stringMatching(/^FILE: rounds: expected .*above 0, found 0$/));
    expect(problems).toContainEqual(expect.stringMatching(/^FILE: contestants\.2: expected .*, found 7$/));
  });

  it.each([
    [
      "none.mjs",
      "export const set = 1;\n",
      /none\.mjs: \(the whole file\): expected a tournament.*, found nothing/,
    ],
    [
      "throws.mts",
      'throw new Error("no disk");\n',
      /throws\.mts: expected a program .*, found Error: no disk/,
    ],
  ])("that gives none is told what was expected: %s", async (name, text, message) => {
    await expect(readTournament(written(name, text))).rejects.toThrow(message);
    await expect(readTournament(join(folder, name))).rejects.toBeInstanceOf(UsageError);
  });
});

const whole = `set: sets/one
repos: clones
contestants:
  - gold
  - models.yaml#a@bm25
  - replay:x.jsonl
  - ${small}
    prompts: { reviewer: r.md }
    tokenizer: folder
  - ${small.replace("id: small", "id: known")}
    tokenizer: o200k_base
  - small@none
retrieval: { rerank: ranker }
pairing: { anchors: [gold, replay:x.jsonl] }
budgets: { total: { hours: 1 } }
rounds: 4
`;

describe("paths", () => {
  it("are those of the file's folder", async () => {
    const tournament = await readTournament(written("whole.yaml", whole));
    const [gold, twin, replay, inline, known, own] = tournament.contestants;
    expect([gold, twin, replay, own]).toEqual([
      "gold",
      `${join(folder, "models.yaml")}#a@bm25`,
      `replay:${join(folder, "x.jsonl")}`,
      "small@none",
    ]);
    expect(inline).toMatchObject({
      prompts: { reviewer: join(folder, "r.md") },
      tokenizer: join(folder, "folder"),
    });
    expect(known).toMatchObject({ tokenizer: "o200k_base" });
    expect(tournament).toMatchObject({
      set: join(folder, "sets", "one"),
      repos: join(folder, "clones"),
      retrieval: { rerank: join(folder, "ranker") },
      pairing: { anchors: ["gold", `replay:${join(folder, "x.jsonl")}`] },
    });
  });
});

describe("what a command line changes", () => {
  const read = () => readTournament(written("base.yaml", whole));

  it("takes the place of the file's field, and of what it makes meaningless", async () => {
    const base = { ...(await read()), rounds: 4 };
    const sampled = changed(await read(), {
      changes: [{ flag: "--samples", path: ["samples"], value: 3, instead: ["rounds"] }],
      contestants: ["gold"],
    });
    expect(sampled).toEqual({ ...base, rounds: undefined, samples: 3, contestants: ["gold"] });
    const entry = base.contestants.find((each) => typeof each !== "string");
    if (entry === undefined || typeof entry === "string") throw new Error("expected an entry in the file");
    const named = changed(await read(), { changes: [], contestants: ["empty", entry.id] });
    expect(named.contestants).toEqual(["empty", entry]);
    const { budgets } = changed(await read(), {
      changes: [{ flag: "--budget", path: ["budgets", "total", "usd"], value: 2 }],
    });
    expect(budgets).toEqual({ total: { hours: 1, usd: 2 } });
  });

  it("is refused by its own name where the file would be", async () => {
    const tournament = await read();
    const change = (flag: string, path: readonly string[], value: unknown) => () =>
      changed(tournament, { changes: [{ flag, path, value }] });
    expect(change("--hints", ["hints"], "all")).toThrow(
      /^--hints: expected one of none, changed-regions, diff$/,
    );
    expect(change("--samples", ["samples"], 2)).toThrow(/^samples: expected samples or rounds, not both/);
  });
});

describe("a run's copy", () => {
  it("is a tournament file that says the same, wherever it lies", async () => {
    const tournament = await readTournament(written("kept.yaml", whole));
    const run = mkdtempSync(join(folder, "run-"));
    expect(await keptTournament(run)).toBeUndefined();
    await keepTournament(new Evidence(run), tournament);
    expect(await keptTournament(run)).toEqual({ ...tournament, schemaVersion: 1 });
  });

  it("lets budgets and workers change, and nothing that touches a verdict", async () => {
    const begun = await readTournament(written("begun.yaml", whole));
    const same = { ...begun, budgets: { total: { hours: 9 } }, workers: 7, sandbox: { atOnce: 2 } };
    const watched = { ...same, canary: { everyBattles: 3 }, patienceMinutes: 5 };
    expect(() => mustBeSameTournament("run", begun, watched)).not.toThrow();
    expect(() => mustBeSameTournament("run", { ...begun, schemaVersion: 1 }, same)).not.toThrow();
    const other = { ...begun, rounds: 6, sandbox: { memoryMb: 100 } };
    expect(() => mustBeSameTournament("run", begun, other)).toThrow(
      /rounds was 4, is 6; sandbox was {}, is {"memoryMb":100}/,
    );
    expect(() => mustBeSameTournament("run", undefined, begun)).toThrow(/begun without a tournament file/);
  });
});
