// What is said of an adaptive run before it is played: its field in a tournament file, its options, and the plan's bounds.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { drawBounds, fewestIssuesToProve } from "../../../src/arena/adaptive/bounds.ts";
import { forecastOf } from "../../../src/arena/forecast.ts";
import { changed } from "../../../src/arena/tournament-file/change.ts";
import { readTournament } from "../../../src/arena/tournament-file/read.ts";
import { planText } from "../../../src/cli/plan-text.ts";
import { defaultPairing } from "../../../src/domain/adaptive.ts";
import type { Contestant } from "../../../src/inference/index.ts";
import { arena } from "../../support/command-line.ts";
import { smokeSet } from "../../support/http-contestants.ts";
import { issueIds } from "../../support/simulated-run.ts";
import { battle } from "../report/rows.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-adaptive-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, pairing: string): string {
  const file = join(folder, name);
  writeFileSync(file, `set: ${smokeSet}\ncontestants: [gold, mutant, trivial, empty]\npairing: ${pairing}\n`);
  return file;
}

describe("pairing in a tournament file", () => {
  it("is a mode alone, or a mode with how pairs are drawn", async () => {
    const { pairing } = await readTournament(written("short.yaml", "adaptive"));
    expect(pairing).toEqual({ mode: "adaptive" });
    const whole = { mode: "adaptive", battlesPerIssue: 3, issuesAtOnce: 4, floor: 0.2, battleUsd: 0.5 };
    const text = JSON.stringify({ ...whole, stop: { error: 0.01 } });
    expect((await readTournament(written("whole.yaml", text))).pairing).toEqual({
      ...whole,
      stop: { error: 0.01 },
    });
    expect((await readTournament(written("none.yaml", "everybody"))).pairing).toEqual({ mode: "everybody" });
  });

  it.each([
    ["cosy", ":3:1: pairing: expected everybody, adaptive, or some of mode, anchors, battlesPerIssue"],
    ["7", "battleUsd, stop, found 7"],
    ["{ mode: adaptive, floor: 0 }", "pairing.floor: expected a share of draws, more than 0, found 0"],
    [
      "{ mode: adaptive, stop: { error: 1 } }",
      "pairing.stop.error: expected a chance of a wrong winner, less than 1",
    ],
    [
      "{ mode: adaptive, stop: {} }",
      "pairing.stop.error: expected a chance of a wrong winner, found nothing",
    ],
    [
      "{ mode: adaptive, anchors: [gold] }",
      "pairing.anchors: expected anchors or adaptive pairing, not both",
    ],
    ["{ battlesPerIssue: 3 }", "pairing: expected mode: adaptive beside what says how pairs are drawn"],
  ])("%s is told where it is wrong", async (pairing, expected) => {
    await expect(readTournament(written("wrong.yaml", pairing))).rejects.toThrow(expected);
  });

  it("gives way to what is typed", async () => {
    const file = await readTournament(written("typed.yaml", "adaptive"));
    const change = { flag: "--stop-error", path: ["pairing", "stop", "error"], value: 0.2 };
    expect(changed(file, { changes: [change] }).pairing).toEqual({ mode: "adaptive", stop: { error: 0.2 } });
    const wrong = { ...change, value: 2 };
    expect(() => changed(file, { changes: [wrong] })).toThrow(
      "--stop-error: expected a chance of a wrong winner",
    );
  });
});

const model = (id: string, price: number): Contestant => ({
  ...{
    id,
    provider: "openai",
    model: id,
    contextTokens: 1000,
    maxOutputTokens: 100,
    answer: "edits",
    attempts: 1,
  },
  prices: { inputPerMillion: price, outputPerMillion: price },
});

describe("the bounds of an adaptive plan", () => {
  const request = {
    ...{ contestants: ["ann", "bob", "gold"], rounds: 2, instanceIds: issueIds(4) },
    pairing: { ...defaultPairing, battlesPerIssue: 2 },
    costOf: (one: string, other: string) => [one, other].filter((id) => id === "ann").length,
  };

  it("are as many battles as there can be, of the dearest pairs, and as few as must be", () => {
    const { dearest, mostOfOne, least } = drawBounds(request);
    expect(dearest).toHaveLength(8);
    expect(dearest.every(({ first, second }) => [first, second].includes("ann"))).toBe(true);
    expect(new Set(dearest.map(({ battleId }) => battleId)).size).toBe(8);
    // Nobody meets more others on an issue than there are, nor more than are drawn.
    expect([mostOfOne, least]).toEqual([8, 8]);
    const { mostOfOne: ofMany } = drawBounds({
      ...request,
      pairing: { ...defaultPairing, battlesPerIssue: 3 },
    });
    expect(ofMany).toBe(8);
  });

  it("with a stop, are no fewer than a winner needs that wins everything", () => {
    // Σ (1/20) (1 + λ)^n over λ = 0.025, ..., 0.975 first reaches 2 / 0.05 at n = 8 (37.2 at 7, 67.2 at 8).
    const wealth = (n: number) =>
      Array.from({ length: 20 }, (_, k) => (1 + (k + 0.5) / 20) ** n / 20).reduce((a, b) => a + b, 0);
    const needed = fewestIssuesToProve(2, 0.05);
    expect([wealth(needed) >= 40, wealth(needed - 1) >= 40]).toEqual([true, false]);
    const pairing = { ...request.pairing, stop: { error: 0.05 } };
    expect(drawBounds({ ...request, pairing }).least).toBe(8);
    const many = drawBounds({ ...request, pairing, instanceIds: issueIds(400) });
    expect([many.least, many.dearest.length]).toEqual([2 * needed, 800]);
  });

  it("are what a forecast counts and pays for: of all no more than the dearest battles, of each its own most", () => {
    const facts = {
      ...{ contestantIds: ["ann", "bob", "gold"], models: [model("ann", 2), model("bob", 1)] },
      ...{ workers: 1, limits: { total: { usd: 0.02 } }, hours: {} },
      languageOf: () => "python" as const,
    };
    const drawn = drawBounds({
      ...request,
      costOf: (one, other) => ([one, other].join() === "ann,bob" ? 3 : 1),
    });
    const open = [battle(90, { first: "bob", second: "gold" })];
    const forecast = forecastOf({ ...facts, battles: open, drawn });
    expect(forecast).toMatchObject({ battles: 9, leastBattles: 9, rounds: 18, languages: { python: 5 } });
    expect(forecast.contestants).toMatchObject([
      { id: "ann", battles: 8, rounds: 16, worst: { calls: 16, tokens: 16_000 } },
      { id: "bob", battles: 9, rounds: 18, worst: { calls: 18, tokens: 18_000 } },
      { id: "gold", battles: 9, rounds: 18 },
    ]);
    // Ann and bob meet on each of four issues, ann and gold too; bob's open battle comes on top.
    expect(forecast.worst).toMatchObject({ calls: 16 + 8 + 2, tokens: 26_000 });
    expect(forecast.worst.usd).toBeCloseTo((16 * 2 + 10) / 1000, 12);
    expect(forecast.tight).toEqual(["0.02 USD in all: at worst 0.04 USD"]);
    expect(planText({ set: "s", forecast, played: 0 })).toMatch(/^battles +9, sides drawn as results come$/m);
    const least = { ...forecast, leastBattles: 3 };
    expect(planText({ set: "s", forecast: least, played: 2 })).toMatch(
      /^battles +3 to 9, drawn as results come until a winner is proven, besides 2 played$/m,
    );
  });
});

describe("arena play --dry-run", () => {
  it("plans an adaptive run of a file and of options alike", async () => {
    const file = written("stop.yaml", "{ mode: adaptive, stop: { error: 0.05 } }");
    const fromFile = await arena("play", file, "--dry-run", "--json", "--seed", "x");
    expect(fromFile.code, fromFile.stderr).toBe(0);
    const plan: unknown = JSON.parse(fromFile.stdout);
    expect(plan).toMatchObject({
      battles: 16,
      leastBattles: 16,
      rounds: 32,
      contestants: Array(4).fill({ battles: 16 }),
    });
    const options = [
      "--contestants",
      "gold,mutant,trivial,empty",
      "--pairing",
      "adaptive",
      "--stop-error",
      "0.05",
    ];
    const typed = await arena("play", smokeSet, ...options, "--dry-run", "--json", "--seed", "x");
    expect(JSON.parse(typed.stdout)).toEqual(plan);
  });

  it.each([
    [["--pairing", "cosy"], '--pairing: expected everybody or adaptive, found "cosy"'],
    [["--stop-error", "0.05"], "--stop-error: expected --pairing adaptive beside it"],
    [
      ["--pairing", "adaptive", "--stop-error", "1"],
      "--stop-error: expected a chance between 0 and 1, found 1",
    ],
    [["--pairing", "adaptive", "--anchors", "gold"], "adaptive pairing: expected no anchors"],
    [
      ["--pairing", "adaptive", "--rounds", "1"],
      "adaptive pairing: expected two rounds of a battle at least",
    ],
  ])("%j is wrong usage", async (options, expected) => {
    const ran = await arena("play", smokeSet, "--contestants", "gold,empty", ...options, "--dry-run");
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining(expected)]);
  });
});
