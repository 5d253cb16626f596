// Wrong figures of the published arena's statistics script, each kept from returning.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/domain/random.ts";
import type { RoundRow } from "../../src/domain/run.ts";
import { Bootstrap } from "../../src/rating/index.ts";
import { makeBoard, metricsOf, renderBoardTable, spendOf } from "../../src/report/index.ts";
import { answer, call, record, round, settings, usage } from "../unit/report/rows.ts";

const options = { bootstrap: new Bootstrap({ random: seededRandom("r"), resamples: 100 }), k: 3 };
const metrics = (id: string, rows: readonly RoundRow[]) =>
  metricsOf(
    id,
    rows.map((row, index) => ({
      row: { ...row, instanceId: `one__issue-${index}` },
      independent: new Set(),
    })),
    options,
  );
const lost = record({}, { void: { cause: "engine-lost", side: "submitter", detail: "" } });

describe("a win rate", () => {
  it("is absent where nothing was decided, not 1.0 by default", () => {
    const rows = [round({ record: lost })];
    expect(metrics("alpha", rows)).not.toHaveProperty("winRate");
    expect(metrics("beta", rows)).toEqual({});
    const none = { sampling: [], calls: [], battles: [] };
    const source = { ...none, name: "r", settings, sandbox: "docker", rounds: rows };
    const line = renderBoardTable(makeBoard([source]))
      .split("\n")
      .find((text) => text.includes("alpha"));
    expect(line).toMatch(/–/);
    expect(line).not.toMatch(/100%|1\.00/);
  });

  it("does not mix the two directions of a pair", () => {
    const broken = record({ label: "unresolved", effect: "killed" });
    const rows = [
      round({ submitter: "alpha", reviewer: "beta" }),
      round({ submitter: "alpha", reviewer: "beta" }),
      round({ submitter: "beta", reviewer: "alpha", record: broken }),
    ];
    expect(metrics("alpha", rows)).toMatchObject({ winRate: { value: 1 }, killRate: { value: 1 } });
    expect(metrics("beta", rows)).toMatchObject({ winRate: { value: 0 }, killRate: { value: 0 } });
  });

  it("counts every round, the first of each log too", () => {
    const rows = [round({ record: record({ submission: "invalid" }) }), round(), round()];
    for (const order of [rows, rows.toReversed()])
      expect(metrics("alpha", order).winRate).toMatchObject({ value: 2 / 3, n: 3 });
  });

  it("keeps sign and size of every score: no greatest absolute value stands for all", () => {
    const rows = [round(), round(), round({ record: record({ submission: "invalid" }) })];
    expect(metrics("alpha", rows).submitterScorePaper?.value).toBeCloseTo(1 / 3, 12);
  });
});

describe("a CI pass rate", () => {
  it("counts the candidate's jobs, not those of base and gold beside it", () => {
    const rows = [
      round({ submitterJobs: { passed: 0, total: 2 }, reviewerJobs: { passed: 2, total: 2 } }),
      round({ submitterJobs: { passed: 1, total: 2 }, reviewerJobs: { passed: 2, total: 2 } }),
    ];
    expect(metrics("alpha", rows).spr?.value).toBe(1 / 4);
    expect(metrics("alpha", rows)).not.toHaveProperty("rpr");
    expect(metrics("beta", rows).rpr?.value).toBe(1);
  });
});

describe("a missing generation", () => {
  const silent = {
    submission: { status: "invalid" as const, reasons: [{ code: "no-answer" as const, detail: "" }] },
  };

  it("of a patch stays in every denominator", () => {
    const rows = [
      round({ submitterJobs: { passed: 1, total: 1 }, failToPass: { passed: 1, total: 1 } }),
      round({ record: record({ submission: "invalid" }, silent) }),
    ];
    const found = metrics("alpha", rows);
    for (const name of [
      "winRate",
      "winRateStrict",
      "applyRate",
      "validRate",
      "resolvedRate",
      "spr",
      "failToPassShare",
    ])
      expect([name, found[name]?.value, found[name]?.n]).toEqual([name, 1 / 2, 2]);
  });

  it("of tests stays in every denominator", () => {
    const rows = [
      round({ reviewerJobs: { passed: 1, total: 1 } }),
      round({ record: record({ review: "none" }) }),
    ];
    const found = metrics("beta", rows);
    for (const name of ["reviewValidRate", "rpr"])
      expect([name, found[name]?.value, found[name]?.n]).toEqual([name, 1 / 2, 2]);
  });
});

describe("a token", () => {
  it("is what the provider counted, never a character", () => {
    const finish = answer({ text: "x".repeat(10_000), inputTokens: 7, outputTokens: 3 });
    expect(spendOf("alpha", [{ id: 1, ...call(), finish }])).toMatchObject({
      inputTokens: 7,
      outputTokens: 3,
    });
    const rows = [round({ submitterUsage: { ...usage, inputTokens: 7, outputTokens: 3 } })];
    expect(metrics("alpha", rows)).toMatchObject({
      submitterInputTokens: { value: 7 },
      submitterOutputTokens: { value: 3 },
    });
  });
});
