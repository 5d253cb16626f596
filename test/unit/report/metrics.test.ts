// Metrics from rounds whose right answer can be counted by hand.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/domain/random.ts";
import type { RoundRecord } from "../../../src/domain/record.ts";
import type { RoundRow } from "../../../src/domain/run.ts";
import { Bootstrap } from "../../../src/rating/index.ts";
import {
  ContestantMetrics,
  metricGlossary,
  metricsOf,
  spendOf,
  voidCounts,
  voidsOf,
} from "../../../src/report/index.ts";
import { answer, call, type Played, record, round, shown, usage } from "./rows.ts";

const options = { bootstrap: new Bootstrap({ random: seededRandom("m"), resamples: 200 }), k: 2 };

/** Rounds of alpha as submitter against beta, one instance each unless told. */
function played(
  ...rounds: (Played & { over?: Partial<RoundRow>; record?: Partial<RoundRecord> })[]
): RoundRow[] {
  return rounds.map(({ over, record: extra, ...how }, index) =>
    round({
      battleId: `b${index}`,
      instanceId: `one__issue-${index}`,
      record: record(how, extra),
      ...over,
    }),
  );
}

const all: ReadonlySet<string> = new Set(["alpha", "beta"]);
const seen = (rows: readonly RoundRow[], independent = all) => rows.map((row) => ({ row, independent }));
const alpha = (...rounds: Parameters<typeof played>) => metricsOf("alpha", seen(played(...rounds)), options);
const beta = (...rounds: Parameters<typeof played>) => metricsOf("beta", seen(played(...rounds)), options);
const overFitted = { settlement: { rejected: 3, of: 4, kind: "over-fitted" } } as const;
const trueKill = { settlement: { rejected: 1, of: 4, kind: "true-kill" } } as const;

const wrong = { label: "unresolved" } as const;
const killed = { effect: "killed" } as const;
const bad = { submission: "invalid" } as const;
const lost = { void: { cause: "engine-lost", side: "reviewer", detail: "" } } as const;

describe("a submitter's metrics", () => {
  it("win by both readings", () => {
    const metrics = alpha(
      {},
      wrong,
      { ...wrong, ...killed },
      { ...killed },
      { ...killed, record: overFitted },
      { ...killed, record: trueKill },
      bad,
      { review: "none" },
    );
    expect(metrics.winRate).toMatchObject({ value: 3 / 8, n: 8 });
    expect(metrics.winRateStrict).toMatchObject({ value: 2 / 8, n: 8 });
    expect(metrics.winRateOnValidReview?.value).toBe(2 / 7);
    expect(metrics.winRateStrictOnValidReview?.value).toBe(2 / 7);
    expect(metrics.submitterScorePaper?.value).toBe((3 - 5) / 8);
    expect(metrics.submitterScoreStrict?.value).toBe((1 - 1 - 1 + 0 + 1 - 1 - 1 + 1) / 8);
    expect(metrics.submitterScoreStrictOnValidReview?.value).toBe((1 - 1 - 1 + 0 + 1 - 1 - 1) / 7);
  });

  it("count what applies, what is valid, what resolves", () => {
    const regression = {
      ...bad,
      record: { submission: { status: "invalid", reasons: [{ code: "regression", detail: "" }] } },
    } as const;
    const metrics = alpha({}, wrong, bad, regression, { label: "unlabelled" });
    expect(metrics.applyRate?.value).toBe(4 / 5);
    expect(metrics.validRate?.value).toBe(3 / 5);
    expect(metrics.resolvedRate).toMatchObject({ value: 1 / 4, n: 4 });
    expect(metrics.winRateStrict).toMatchObject({ value: 1 / 4, n: 4 });
  });

  it("take CI jobs and hidden tests as shares a round", () => {
    const metrics = alpha(
      { over: { submitterJobs: { passed: 1, total: 2 }, failToPass: { passed: 1, total: 4 } } },
      { over: { submitterJobs: { passed: 3, total: 3 }, failToPass: { passed: 2, total: 2 } } },
      bad,
    );
    expect(metrics.spr).toMatchObject({ value: 1.5 / 3, n: 3 });
    expect(metrics.failToPassShare).toMatchObject({ value: 1.25 / 3, n: 3 });
    expect(alpha({}).spr).toBeUndefined();
    expect(alpha({ over: { submitterJobs: { passed: 0, total: 0 } } }).spr).toBeUndefined();
  });
});

describe("a reviewer's metrics", () => {
  it("kill among those it could kill, right and wrong apart", () => {
    const metrics = beta(
      {},
      killed,
      { ...wrong, ...killed },
      wrong,
      { ...wrong, review: "invalid" },
      { review: "none" },
      bad,
    );
    expect(metrics.reviewValidRate?.value).toBe(5 / 7);
    expect(metrics.reviewValidRateOnValidSubmission?.value).toBe(4 / 6);
    expect(metrics.killRate).toMatchObject({ value: 2 / 4, n: 4 });
    expect(metrics.killRateOnUnresolved).toMatchObject({ value: 1 / 3, n: 3 });
    expect(metrics.killRateOnResolved).toMatchObject({ value: 1 / 3, n: 3 });
    expect(metrics.reviewerScorePaper?.value).toBe((0 + 1 + 1 + 0 - 1 + 0 + 0) / 7);
    expect(metrics.reviewerScoreStrict?.value).toBe((0 + 0 + 1 + 0 - 1 + 0 + 0) / 7);
    expect(metrics.reviewerScoreStrictOnValidSubmission?.value).toBe(0);
  });

  it("meet the panel, and are told over-fitted by what is settled only", () => {
    const candidate = (label: "resolved" | "unresolved", effect: "killed" | "survived" | "flaky") => ({
      candidate: `${label} ${effect}`,
      label,
      effect,
    });
    const metrics = beta(
      { record: { panel: [candidate("resolved", "survived"), candidate("unresolved", "killed")] } },
      {
        record: {
          panel: [
            candidate("resolved", "killed"),
            candidate("unresolved", "flaky"),
            candidate("unresolved", "killed"),
          ],
        },
      },
      { ...killed, record: overFitted },
      { ...killed, record: trueKill },
      killed,
    );
    expect(metrics.panelKillRate).toMatchObject({ value: 2 / 3, n: 2 });
    expect(metrics.falseRejection).toMatchObject({ value: 1 / 2, n: 2 });
    expect(metrics.overfitted).toMatchObject({ value: 1 / 2, n: 2 });
  });

  it("take CI jobs on gold", () => {
    const metrics = beta(
      { over: { reviewerJobs: { passed: 1, total: 1 } } },
      { review: "invalid", over: { reviewerJobs: { passed: 1, total: 4 } } },
      { review: "none" },
    );
    expect(metrics.rpr).toMatchObject({ value: 1.25 / 3, n: 3 });
  });
});

describe("scores of both roles", () => {
  const asReviewer = { over: { submitter: "beta", reviewer: "alpha" } };

  it("are the mean of the roles' means, however unequal the rounds", () => {
    const metrics = alpha({}, {}, {}, { ...wrong, ...killed, ...asReviewer });
    expect(metrics.scoreStrict?.value).toBe(1);
    const mixed = alpha({}, {}, bad, { ...asReviewer, review: "invalid" });
    expect(mixed.scoreStrict?.value).toBeCloseTo((1 / 3 - 1) / 2, 12);
    expect(mixed.scorePaper?.n).toBe(4);
  });

  it("are absent until both roles were played", () => {
    expect(alpha({}, {}).scoreStrict).toBeUndefined();
    expect(alpha({}, { ...asReviewer, record: lost }).scoreStrict).toBeUndefined();
  });

  it("count both sides of a contestant that meets itself", () => {
    const self = metricsOf(
      "alpha",
      seen(played({ ...wrong, ...killed, over: { reviewer: "alpha" } })),
      options,
    );
    expect(self.scoreStrict?.value).toBe(0);
    expect(self.reviewValidRate?.value).toBe(1);
  });
});

describe("all metrics", () => {
  it("leave void rounds and rounds of others out", () => {
    const metrics = alpha({}, { ...wrong, ...killed, record: lost }, { over: { submitter: "gamma" } });
    expect(metrics.winRate).toMatchObject({ value: 1, n: 1 });
  });

  it("count instances, not rounds", () => {
    const rows = played({}, {}, bad, {}).map((row) => ({ ...row, instanceId: "one__issue-1" }));
    expect(metricsOf("alpha", seen(rows), options).winRate).toMatchObject({ value: 3 / 4, n: 1 });
  });

  it("do not depend on the order of play", () => {
    const rows = seen(played({}, wrong, bad, killed, {}, wrong, killed, {}));
    expect(metricsOf("alpha", rows.toReversed(), options)).toEqual(metricsOf("alpha", rows, options));
  });

  it("are taken by language, too", () => {
    const rows = seen(played({ over: { language: "go" } }, bad, { ...bad, over: { language: "go" } }));
    const byLanguage = new ContestantMetrics("alpha", rows, options).by(({ language }) => language);
    expect(Object.keys(byLanguage)).toEqual(["go", "python"]);
    expect(byLanguage.go?.winRate?.value).toBe(1 / 2);
    expect(byLanguage.python?.winRate?.value).toBe(0);
  });

  it("are all in the glossary, and nothing else is", () => {
    const asReviewer = { submitter: "beta", reviewer: "alpha" };
    const context = shown(9, { passed: 1, total: 1 });
    const jobs = {
      submitterJobs: { passed: 1, total: 1 },
      reviewerJobs: { passed: 1, total: 1 },
      submitterContext: context,
      reviewerContext: context,
    };
    const panel = (["resolved", "unresolved"] as const).map((label) => ({
      candidate: label,
      label,
      effect: "killed" as const,
    }));
    const quality = (changeOf: "submission" | "gold") => ({
      review: {
        ...record().review,
        failsOnBase: true,
        reach: { changeOf, reached: [], known: 1 },
      },
      mutants: {
        met: [{ mutant: "m", noticedBy: "hidden" as const, effect: "killed" as const }],
        leftOut: { notCompiling: 0, endsOthers: 0, notShownToDiffer: 0 },
      },
    });
    const rows = played(
      {},
      {},
      { over: { ...jobs, failToPass: { passed: 1, total: 1 } } },
      { ...killed, record: { ...overFitted, panel }, over: { ...asReviewer, ...jobs } },
      { ...wrong, over: { ...asReviewer, instanceId: "w" }, record: quality("gold") },
      { ...wrong, over: { ...asReviewer, instanceId: "w" }, record: quality("submission") },
    ).map((row, index) => (index < 2 ? { ...row, instanceId: "same" } : row));
    const found = Object.keys(metricsOf("alpha", seen(rows), options));
    expect(found.sort()).toEqual(Object.keys(metricGlossary(2)).sort());
  });
});

describe("Best@k and pass^k", () => {
  const on = (instanceId: string, how: Played & { attempts?: number }) =>
    played({
      ...how,
      over: { instanceId, submitterUsage: { ...usage, attempts: how.attempts ?? 1 } },
    });
  const rows = [
    ...on("a", {}),
    ...on("a", wrong),
    ...on("a", bad),
    ...on("b", {}),
    ...on("b", {}),
    ...on("c", wrong),
  ];

  it("are taken over instances with at least k tries", () => {
    const metrics = metricsOf("alpha", seen(rows), options);
    // a: n=3, c=1: Best@2 = 1 - C(2,2)/C(3,2) = 2/3, pass^2 = 0; b: both 1; c has one try only.
    expect(metrics["submitterBest@2"]).toMatchObject({ value: expect.closeTo(5 / 6, 12), n: 2 });
    expect(metrics["submitterPass^2"]).toMatchObject({ value: 1 / 2, n: 2 });
  });

  it("are not claimed from rounds whose samples depend on each other", () => {
    const metrics = metricsOf("alpha", seen(rows, new Set(["beta"])), options);
    expect(metrics["submitterBest@2"]).toBeUndefined();
    expect(metrics.winRate).toBeDefined();
  });

  it("do not credit a try with what a retry mended", () => {
    const retried = [...on("a", { attempts: 2 }), ...on("a", { attempts: 2 })];
    expect(metricsOf("alpha", seen(retried), options)["submitterBest@2"]?.value).toBe(0);
  });

  it("of a reviewer are over wrong submissions it could have killed", () => {
    const tries = [...on("a", { ...wrong, ...killed }), ...on("a", wrong), ...on("a", {}), ...on("a", bad)];
    const metrics = metricsOf("beta", seen(tries), options);
    expect(metrics["reviewerBest@2"]).toMatchObject({ value: 1, n: 1 });
    expect(metrics["reviewerPass^2"]).toMatchObject({ value: 0, n: 1 });
  });
});

describe("usage", () => {
  it("is a mean per round, and an unknown cost stays unknown", () => {
    const { costUsd: _, ...unpriced } = usage;
    const rows = played({}, { over: { submitterUsage: { ...unpriced, inputTokens: 3000 } } });
    const metrics = metricsOf("alpha", seen(rows), options);
    expect(metrics.submitterInputTokens?.value).toBe(2000);
    expect(metrics.submitterCostUsd).toBeUndefined();
    expect(metricsOf("beta", seen(rows), options).reviewerCostUsd?.value).toBeCloseTo(0.01, 12);
  });

  it("sums every paid call, those cut off at their worst case", () => {
    const calls = [
      { id: 1, ...call(), finish: answer() },
      { id: 2, ...call({ attempt: 2 }), finish: answer({ status: "fault", text: "", estimated: true }) },
      { id: 3, ...call({ attempt: 3 }) },
      { id: 4, ...call({ contestant: "beta" }), finish: answer() },
    ];
    expect(spendOf("alpha", calls)).toEqual({
      calls: 3,
      faultCalls: 1,
      inFlightCalls: 1,
      inFlightWorstCaseUsd: 0.05,
      inputTokens: 2000,
      outputTokens: 200,
      estimatedCalls: 1,
      costUsd: 0.02,
      seconds: 4,
    });
    const { costUsd: _, ...unpriced } = answer();
    const spend = spendOf("alpha", [...calls, { id: 5, ...call(), finish: unpriced }]);
    expect(spend).not.toHaveProperty("costUsd");
  });
});

describe("voids", () => {
  const rows = played(
    {},
    bad,
    { record: lost },
    { record: lost },
    {
      record: { void: { cause: "control-failed", side: "submitter", detail: "" } },
    },
  );

  it("are counted by cause and side", () => {
    expect(voidCounts(rows)).toEqual([
      { cause: "engine-lost", side: "reviewer", rounds: 2 },
      { cause: "control-failed", side: "submitter", rounds: 1 },
    ]);
  });

  it("bound the win rate from both sides", () => {
    expect(voidsOf("alpha", rows)).toMatchObject({ rounds: 3, winRateBounds: { low: 1 / 5, high: 4 / 5 } });
    expect(voidsOf("beta", rows)).not.toHaveProperty("winRateBounds");
    expect(voidsOf("gamma", rows)).toEqual({ rounds: 0, byCause: [] });
  });
});
