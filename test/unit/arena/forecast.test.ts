// What a plan says it takes: counts by contestant, worst cases, and figures that are unknown rather than zero.
import { describe, expect, it } from "vitest";
import {
  type EarlierRun,
  forecastOf,
  type PlanFacts,
  type PowerQuestion,
} from "../../../src/arena/forecast.ts";
import { planJson, planText } from "../../../src/cli/plan-text.ts";
import type { Language } from "../../../src/domain/instance.ts";
import type { Contestant } from "../../../src/inference/index.ts";
import { battle, round, usage } from "../report/rows.ts";

const model = {
  id: "ann",
  provider: "openai",
  model: "m",
  baseUrl: "http://localhost:9",
  contextTokens: 1000,
  maxOutputTokens: 100,
  prices: { inputPerMillion: 10, outputPerMillion: 10 },
  answer: "edits",
  attempts: 2,
} as const satisfies Contestant;

const languageOf = (id: string): Language => (id === "one__issue-1" ? "go" : "python");

const facts: PlanFacts = {
  battles: [
    battle(1, { first: "ann", second: "gold" }),
    battle(2, { first: "gold", second: "ann" }),
    battle(3, { first: "ann", second: "ann" }),
  ],
  contestantIds: ["ann", "gold"],
  models: [model],
  languageOf,
  ...{ workers: 2, limits: {}, hours: {} },
};

const seconds = (language: Language, judgingSeconds: number) =>
  round({
    language,
    judgingSeconds,
    submitterUsage: { ...usage, seconds: 2 },
    reviewerUsage: { ...usage, seconds: 3 },
  });

const earlier: EarlierRun = {
  ...{ name: "before", bytes: 9000, workers: 2 },
  rows: [seconds("go", 55), seconds("go", 35), seconds("rust", 10)],
};

describe("a forecast", () => {
  it("counts what is planned, by contestant and language, at the worst", () => {
    const forecast = forecastOf(facts);
    // Two turns of two attempts against gold, twice; against itself both roles of both rounds.
    const worst = { calls: 16, tokens: 16_000, usd: 0.16 };
    expect(forecast).toMatchObject({
      ...{ battles: 3, rounds: 6, languages: { go: 1, python: 2 }, tight: [] },
      contestants: [
        { id: "ann", battles: 3, rounds: 6, worst },
        { id: "gold", battles: 2, rounds: 4 },
      ],
      worst,
    });
    expect(forecast.contestants[1]).not.toHaveProperty("worst");
  });

  it("knows no time and no disk without an earlier run, nor by one without a round", () => {
    const unknown = { unknown: expect.stringContaining("--like <run folder>") };
    expect(forecastOf(facts)).toMatchObject({ hours: unknown, diskBytes: unknown });
    const empty = { unknown: "before holds no round to reckon by" };
    const forecast = forecastOf({ ...facts, earlier: { ...earlier, rows: [] } });
    expect(forecast).toMatchObject({ hours: empty, diskBytes: empty });
    expect(planText({ set: "s", forecast, played: 0 })).toMatch(/^time +unknown: before holds no round/m);
  });

  it("reckons by an earlier run: each language by its own rounds, others by all, and says so", () => {
    const { hours, diskBytes } = forecastOf({ ...facts, earlier });
    // Two rounds of go at 50 s, four of python at the mean of all three rounds (115 / 3), two battles at once.
    expect(hours).toEqual({
      value: expect.closeTo((2 * 50 + 4 * (115 / 3)) / 2 / 3600, 9),
      basis: expect.stringMatching(
        /3 rounds of before, 38\.3 s each; .*not on record.*; 2 at once; it has no python/,
      ),
    });
    expect(diskBytes).toEqual({
      value: 18_000,
      basis: expect.stringContaining("images and caches come on top"),
    });
  });

  it("takes along what the earlier run took beside its rounds", () => {
    const plain = forecastOf({ ...facts, earlier }).hours;
    const whole = forecastOf({ ...facts, earlier: { ...earlier, playedSeconds: 115 } }).hours;
    if ("unknown" in plain || "unknown" in whole) throw new Error("expected hours");
    // 115 s of wall time with two workers for 115 s of rounds.
    expect(whole.value).toBeCloseTo(2 * plain.value, 9);
    expect(whole.basis).toContain("times 2.00 for all else it took");
  });

  it("names budgets that the worst case passes, in all, of each, and of hours", () => {
    const limits = { total: { usd: 0.1, tokens: 16_000 }, perContestant: { tokens: 15_999 } };
    const { tight } = forecastOf({ ...facts, earlier, limits, hours: { total: 0.01 } });
    expect(tight).toEqual([
      "0.10 USD in all: at worst 0.16 USD",
      "15999 tokens of ann: at worst 16000",
      expect.stringMatching(/^0\.01 hours in all: about 0\.04$/),
    ]);
  });

  it("adds what a run that goes on has spent, and asks for the power of all of it", () => {
    const limits = { total: { usd: 0.2 }, perContestant: { tokens: 16_500 } };
    const played = { ...facts.battles[0], battleId: "played", instanceId: "played", rounds: 2 };
    const begun = {
      battles: [...facts.battles, { ordinal: 9, first: "ann", second: "gold", ...played }],
      ...{ spent: new Map([["ann", { usd: 0.05, tokens: 501 }]]), hours: 0.02 },
    };
    const asked: PowerQuestion[] = [];
    const powerOf = (question: PowerQuestion) => {
      asked.push(question);
      return { unknown: "not asked here" };
    };
    const given = { ...facts, earlier, limits, hours: { total: 0.05 }, begun, powerOf };
    expect(forecastOf(given).tight).toEqual([
      "0.20 USD in all: at worst 0.21 USD",
      "16500 tokens of ann: at worst 16501",
      "0.05 hours in all: about 0.06",
    ]);
    expect(asked).toEqual([{ contestants: 2, instances: 4, pairs: 2, roundsPerBattle: 2 }]);
  });

  it("takes no time that is on record in part for the whole", () => {
    const { hours } = forecastOf({ ...facts, earlier: { ...earlier, playedSeconds: 10 } });
    expect(hours).toMatchObject({ basis: expect.stringContaining("not on record") });
  });

  it("asks for power where somebody can tell it, and says nothing of it otherwise", () => {
    const asked: PowerQuestion[] = [];
    const power = {
      ...{ smallestDifference: 0.31, unit: "log-odds", falseAlarms: 0.05, found: 0.8 },
      basis: "a pilot's spread",
    };
    const forecast = forecastOf({
      ...facts,
      powerOf: (question) => {
        asked.push(question);
        return power;
      },
    });
    expect(asked).toEqual([{ contestants: 2, instances: 3, pairs: 2, roundsPerBattle: 2 }]);
    expect(planText({ set: "s", forecast, played: 0 })).toContain(
      "differences of 0.31 log-odds and more (found by 80% of such runs, false alarms 5%; a pilot's spread)",
    );
    expect(planJson({ set: "s", forecast, played: 0 })).toMatchObject({ power });
    const none = forecastOf({ ...facts, powerOf: () => ({ unknown: "one issue" }) });
    expect(planText({ set: "s", forecast: none, played: 0 })).toMatch(/^resolves +unknown: one issue$/m);
    const silent = { set: "s", forecast: forecastOf(facts), played: 0 };
    expect(planText(silent)).not.toContain("resolves");
    expect(planJson(silent)).not.toHaveProperty("power");
  });
});

describe("a plan as text", () => {
  it("is this", () => {
    const forecast = forecastOf({ ...facts, earlier, limits: { total: { usd: 0.1 } } });
    expect(planText({ set: "smoke", forecast, played: 4 }).split("\n")).toEqual([
      "set          smoke",
      "instances    3 (go 1, python 2)",
      "battles      3, besides 4 played",
      "rounds       6",
      "model calls  at most 16",
      "tokens       at most 16,000",
      "cost         at most 0.16 USD",
      "time         about 2.1 minutes (3 rounds of before, 38.3 s each; what comes on top is not on record there; 2 at once; it has no python: taken at the mean)",
      "disk         about 18.0 kB (the folder before with its 3 rounds; images and caches come on top)",
      "budget       0.10 USD in all: at worst 0.16 USD: the run may stop before its end, and can be resumed",
      "",
      "contestant  battles  rounds  calls     tokens  USD",
      "ann         3        6       16        16,000  0.16",
      "gold        2        4       no model",
    ]);
  });
});
