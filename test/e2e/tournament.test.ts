// A tournament file from its plan to its end: what docs/tournaments.md shows is planned, and a small one is really played.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { hasBubblewrap } from "../support/bubblewrap.ts";
import { arena } from "../support/command-line.ts";
import { smokeIssue, smokeSet } from "../support/http-contestants.ts";
import { paper } from "../support/papers.ts";
import { scriptedEndpoint } from "../support/scripted-endpoint.ts";
import { root } from "../support/source.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-tournament-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const example = join(root, "examples", "tournament.yaml");

describe("the example", () => {
  it("is what docs/tournaments.md shows", () => {
    const shown = /<!-- example -->\n```yaml\n([\s\S]*?)```/.exec(paper("docs/tournaments.md").text)?.[1];
    expect(shown).toBe(readFileSync(example, "utf8"));
  });

  it("is planned: three of the issues, two pairs, four rounds each, what the model costs at worst", async () => {
    const { code, stdout, stderr } = await arena("play", example, "--dry-run", "--json");
    expect(code, stderr).toBe(0);
    // In every pair once: 3 issues, 4 rounds, 2 attempts.
    const each = {
      ...{ battles: 3, rounds: 12, modelCalls: 24, worstCaseTokens: 24 * 32_768 },
      worstCaseUsd: expect.closeTo((24 * (32_768 * 0.2 + 8192 * 0.4)) / 1_000_000, 9),
    };
    const plan: unknown = JSON.parse(stdout);
    expect(plan).toMatchObject({
      ...{ schemaVersion: 1, battles: 6, played: 0, rounds: 24, modelCalls: 48, tightBudgets: [] },
      contestants: [
        { id: "gold", battles: 6, rounds: 24 },
        { id: "local-32b", ...each },
        { id: "local-32b@bm25", ...each },
      ],
      hours: { unknown: expect.any(String) },
      diskBytes: { unknown: expect.any(String) },
    });
    // The sample is the seed's: the same plan again, another with another seed.
    const again = await arena("play", example, "--dry-run", "--json");
    expect(JSON.parse(again.stdout)).toEqual(plan);
  });

  it("says whose several tries are not independent", async () => {
    const text = readFileSync(example, "utf8").replace("../issues/smoke/1", smokeSet);
    const cold = written("cold.yaml", text.replace("temperature: 0.7", "temperature: 0"));
    const { stderr } = await arena("play", cold, "--dry-run");
    expect(stderr).toContain(
      "samples: expected a temperature above 0 of every contestant, found none of local-32b, local-32b@bm25",
    );
    expect((await arena("play", example, "--dry-run")).stderr).toBe("");
  });

  it("gives way to what is typed, and that is said", async () => {
    const typed = [
      "--rounds",
      "6",
      "--contestants",
      "gold,empty",
      "--only",
      smokeIssue,
      "--budget-each",
      "1",
    ];
    const { code, stdout, stderr } = await arena("play", example, "--dry-run", "--json", ...typed);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ battles: 1, rounds: 6, languages: { python: 1 } });
    expect(stderr.split("\n").map((line) => line.replace(example, "FILE"))).toEqual([
      "--rounds overrides samples of FILE: 6 instead of 2",
      "--budget-each overrides budgets.perContestant.usd of FILE: 1 instead of 2",
      expect.stringMatching(/^--only overrides filters of FILE: .*dayrule.* instead of .*createdAfter/),
      "--contestants overrides contestants of FILE",
      "",
    ]);
  });
});

function written(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const small = (rest: string): string => `set: ${smokeSet}
filters: { only: [${smokeIssue}] }
repeats: 1
panel: false
sandbox: { class: bubblewrap }
workers: 1
${rest}
`;

const planShape = z.object({ battles: z.number(), played: z.number() });

const worstShape = z.object({
  ...{ modelCalls: z.number(), worstCaseTokens: z.number(), worstCaseUsd: z.number() },
});

describe("a plan with two models as one contestant", () => {
  it("opens neither, and reckons with every candidate read and written by both at the least", async () => {
    const engine = "{ kind: onnx, folder: nowhere }";
    const pair = `contestants:
  - gold
  - id: pair
    provider: a1
    model: pair
    contextTokens: 1000
    maxOutputTokens: 100
    attempts: 1
    prices: { inputPerMillion: 1, outputPerMillion: 3 }
    a1: { draft: ${engine}, target: ${engine}, samples: 8 }`;
    const ran = await arena("play", written("pair.yaml", small(pair)), "--dry-run", "--json");
    expect(ran.code, ran.stderr).toBe(0);
    const plan = worstShape.parse(JSON.parse(ran.stdout));
    // The least that the worst can be: each of eight candidates is read by both models and written by both, once.
    const once = {
      tokens: 2 * 8 * (2 * 900 + 2 * 100),
      usd: (2 * 8 * (2 * 900 * 1 + 2 * 100 * 3)) / 1_000_000,
    };
    expect(plan.modelCalls).toBe(2);
    expect(plan.worstCaseTokens).toBeGreaterThanOrEqual(once.tokens);
    expect(plan.worstCaseUsd).toBeGreaterThanOrEqual(once.usd);
  });
});

describe("[sandbox] a tournament that is played", () => {
  let canPlay = false;
  beforeAll(async () => {
    canPlay = await hasBubblewrap();
  });

  it("stops when its hours are used up, and goes on without its file, with more of them", async ({
    skip,
  }) => {
    if (!canPlay) skip("no bubblewrap here");
    const file = written(
      "hours.yaml",
      small("contestants: [gold, empty, trivial]\nbudgets: { total: { hours: 1e-9 } }"),
    );
    const run = join(folder, "hours");
    const first = await arena("play", file, "--run", run);
    expect([first.code, first.stdout]).toEqual([3, ""]);
    expect(first.stderr).toMatch(
      /3 battles, 3 to play.*budget-exhausted: the time of the run may be 1e-9 hours/s,
    );
    rmSync(file);
    const again = await arena("play", "--resume", run);
    expect(again.code).toBe(3);
    const other = written("other.yaml", small("contestants: [gold, empty, trivial]\nrounds: 4"));
    const refused = await arena("play", other, "--resume", run);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining("rounds was not given, is 4"),
    ]);
    const left = await arena("play", "--resume", run, "--dry-run", "--json", "--rounds", "6");
    expect(left.stderr).toContain(`--rounds is ignored: ${run} goes on as it was begun`);
    // The first battle may have begun within the clock's first millisecond; the next two can not.
    const { battles, played } = planShape.parse(JSON.parse(left.stdout));
    expect([battles >= 2, battles + played]).toEqual([true, 3]);
    const done = await arena("play", "--resume", run, "--budget-hours", "5", "--json");
    expect(done.code, done.stderr).toBe(0);
    expect(done.stderr).toContain(`3 battles, ${battles} to play`);
    const like = await arena("play", example, "--dry-run", "--json", "--like", run);
    expect(JSON.parse(like.stdout)).toMatchObject({
      hours: { value: expect.any(Number), basis: expect.stringContaining("6 rounds of") },
      diskBytes: { value: expect.any(Number) },
    });
    // Its anchor keeps two of three contestants apart.
    expect(JSON.parse(like.stdout)).toHaveProperty("power.unknown");
  });

  it("keeps every contestant within its own budget, inline ones too", async ({ skip }) => {
    if (!canPlay) skip("no bubblewrap here");
    await using endpoint = await scriptedEndpoint(() => ({ kind: "answer", text: "no patch" }));
    const inline = `contestants:
  - gold
  - id: thrifty
    provider: openai
    baseUrl: ${endpoint.baseUrl}
    model: thrifty
    contextTokens: 32000
    maxOutputTokens: 4000
    prices: { inputPerMillion: 1, outputPerMillion: 2 }
budgets: { total: { usd: 100 }, perContestant: { tokens: 100 } }`;
    const run = join(folder, "each");
    const ran = await arena("play", written("each.yaml", small(inline)), "--run", run);
    expect(ran.code, ran.stderr).toBe(3);
    expect(ran.stderr).toContain("budget-exhausted: the budget of thrifty allows 100 tokens");
    expect(existsSync(join(run, "tournament.json"))).toBe(true);
    // The contestant is known from the run's own copy, the budget from its manifest.
    const again = await arena("play", "--resume", run);
    expect(again.stderr).toContain("the budget of thrifty allows 100 tokens");
    expect(endpoint.requests).toEqual([]);
  });
});
