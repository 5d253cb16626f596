// p-values are uniform whatever the ties, thresholds are the order statistics of the paper, and a budget is never exceeded.
import { describe, expect, it } from "vitest";
import { seededRandom, shuffled } from "../../../../src/domain/random.ts";
import { AdaptiveLevel, rateBound } from "../../../../src/inference/a1/adaptive.ts";
import { pValueOf, thresholdOf, withinBudget } from "../../../../src/inference/a1/conformal.ts";
import { DriftMartingale } from "../../../../src/inference/a1/martingale.ts";
import { OrderStatistics } from "../../../../src/inference/a1/order-statistics.ts";
import { distanceFromUniform } from "../../../../src/inference/a1/simulation/statistics.ts";
import { tracesOf } from "../../../support/a1-data.ts";

describe("a randomised conformal p-value", () => {
  it.each([
    ["no ties", 1_000_000, 30],
    ["heavy ties", 4, 30],
    ["a bank of one", 3, 1],
    ["nothing but ties", 1, 12],
  ])("is uniform for exchangeable scores: %s", (_, values, bankSize) => {
    const random = seededRandom(`uniform ${values}`);
    const draw = (): number => random.integer(values);
    const ps = Array.from({ length: 20_000 }, () => {
      const bank = new OrderStatistics(Array.from({ length: bankSize }, draw));
      return pValueOf(bank, draw(), random.next());
    });
    expect(distanceFromUniform(ps)).toBeLessThan(0.02);
  });

  it("is small for what is worse than all, large for what is better, and takes infinities", () => {
    const bank = new OrderStatistics([1, 2, 3, Infinity]);
    expect(pValueOf(bank, 9, 0)).toBe(0.2);
    expect(pValueOf(bank, 0, 0)).toBe(0.8);
    expect(pValueOf(bank, Infinity, 0)).toBe(0);
    expect(pValueOf(bank, Infinity, 1)).toBeCloseTo(0.4, 12);
  });
});

describe("a threshold", () => {
  it("is the order statistic of its rank, or infinite in a bank too small for the rate", () => {
    const bank = new OrderStatistics([5, 1, 4, 2, 3]);
    expect(thresholdOf(bank, 0.5)).toEqual({ rank: 3, threshold: 3 });
    expect(thresholdOf(bank, 0.1)).toEqual({ rank: 6, threshold: Infinity });
    expect(thresholdOf(new OrderStatistics([1, 2, 3, 4]), 0.4).rank).toBe(3);
  });

  // research/a1.md section 9: ln of the perplexities that its authors published.
  const golden = [
    ["ppls_math500_qwq_32B_rllama_8B_s16_t500_temp0.8_ct1", 0.4, 961, 1.638387],
    ["ppls_math500_qwq_32B_rllama_8B_s16_t500_temp0.8_ct1", 0.25, 1201, 1.769395],
    ["ppls_math500_s1.1_32B_s1.1_7B_s16_t500_temp0.8", 0.4, 961, 1.983672],
    ["ppls_olympiad_qwq_32B_r1_1B_s16_t500_temp0.8", 0.4, 481, 2.300895],
    ["ppls_aime25_s1.1_32B_s1.1_7B_s16_t500_temp0.8", 0.4, 145, 2.180134],
  ] as const;
  it.skipIf(tracesOf === undefined).each(golden)("of %s at rate %d", (name, rate, rank, threshold) => {
    const found = thresholdOf(new OrderStatistics(tracesOf?.calibration(name)), rate);
    expect(found.rank).toBe(rank);
    expect(found.threshold).toBeCloseTo(threshold, 6);
  });
});

describe("the published rule, a fixed threshold out of few scores", () => {
  // The k-th of m with k = ceil((1 - rate) m): research/a1.md section 9.
  it.each([
    [4, 0.4],
    [8, 0.4444],
    [16, 0.4118],
    [32, 0.3939],
  ])("hands over of %d scores at a rate of .4 the share %d, and a randomised p-value .4", (m, share) => {
    const k = Math.ceil(0.6 * m - 1e-9);
    expect((m + 1 - k) / (m + 1)).toBeCloseTo(share, 4);
    // Every rank of a new score among m is as likely.
    const bank = new OrderStatistics(Array.from({ length: m }, (_, at) => at));
    let handedOver = 0;
    const draws = 2_000;
    for (let rank = 0; rank <= m; rank += 1)
      for (let at = 0; at < draws; at += 1)
        if (pValueOf(bank, rank - 0.5, (at + 0.5) / draws) <= 0.4) handedOver += 1;
    expect(handedOver / (draws * (m + 1))).toBeCloseTo(0.4, 3);
  });

  it.skipIf(tracesOf === undefined).each([
    ["dt_raw", 2507, 6065],
    ["dt_chat", 2394, 6076],
  ])("handed over in the recorded run %s %d of %d chunks", (run, rejected, all) => {
    const rows = tracesOf?.traces(run) ?? [];
    expect([rows.filter(({ isRejected }) => isRejected).length, rows.length]).toEqual([rejected, all]);
  });
});

describe("a question's own drafts as its bank", () => {
  // research/a1.md section 9: rate .397, per question .371 to .419 (5 to 95 %), eight drafts against eight others.
  it.skipIf(tracesOf === undefined)("hold the rate of each recorded question", () => {
    const scores = tracesOf?.calibration("ppls_math500_qwq_32B_rllama_8B_s16_t500_temp0.8_ct1") ?? [];
    const random = seededRandom("halves");
    const rates: number[] = [];
    for (let from = 0; from < scores.length; from += 16) {
      const own = scores.slice(from, from + 16);
      let handedOver = 0;
      for (let split = 0; split < 1_000; split += 1) {
        const drawn = shuffled(own, random);
        const bank = new OrderStatistics(drawn.slice(0, 8));
        for (const score of drawn.slice(8)) if (pValueOf(bank, score, random.next()) <= 0.4) handedOver += 1;
      }
      rates.push(handedOver / 8_000);
    }
    rates.sort((one, other) => one - other);
    expect(rates).toHaveLength(100);
    expect(rates.reduce((sum, rate) => sum + rate, 0) / rates.length).toBeCloseTo(0.4, 2);
    expect(rates[5]).toBeGreaterThan(0.371);
    expect(rates[94]).toBeLessThan(0.419);
  });
});

describe("top-B of m", () => {
  it("takes B of m always, the worse ones rather, and asks nobody to wait", () => {
    const random = seededRandom("budget");
    let [taken, better] = [0, 0];
    for (let round = 0; round < 2_000; round += 1) {
      let budget = 3;
      for (let candidates = 10; candidates > 0; candidates -= 1) {
        const p = random.next();
        if (!withinBudget(p, { budget, candidates })) continue;
        budget -= 1;
        taken += p;
        better += 1;
      }
      expect(budget).toBe(0);
    }
    // By chance their mean would be a half.
    expect(taken / better).toBeLessThan(0.35);
    expect(withinBudget(0, { budget: 0, candidates: 5 })).toBe(false);
  });
});

/** Uniform p-values by number: what scores that know nothing come to, be it all ties or chance. */
const uniformAt = (name: string): ((step: number) => number) => {
  const random = seededRandom(name);
  const values = Array.from({ length: 4_000 }, () => random.next());
  return (step) => values[step] ?? 0;
};

/** p-values of a score among all before it. */
function rankedAt(scoreAt: (step: number) => number): (step: number) => number {
  const bank = new OrderStatistics();
  const tieBreak = uniformAt("ties");
  const values = Array.from({ length: 4_000 }, (_, step) => {
    const score = scoreAt(step);
    const p = pValueOf(bank, score, tieBreak(step));
    bank.insert(score);
    return p;
  });
  return (step) => values[step] ?? 0;
}

describe("an adaptive level", () => {
  const streams: readonly (readonly [string, (step: number, level: number) => number])[] = [
    ["p-values that are always small", () => 0.01],
    ["p-values that are always large", () => 0.99],
    [
      "p-values on the other side of the level each time",
      (step, level) => Math.min(1, Math.max(0, step % 2 === 0 ? level : level + 1e-9)),
    ],
    ["drafts that turn bad half way", (step) => (step < 2_000 ? 0.9 : 0.05)],
    ["a constant score", rankedAt(() => 1)],
    ["a random score", rankedAt(uniformAt("random score"))],
    ["a score that grows for ever", rankedAt((step) => step)],
  ];
  it.each(streams)("keeps the mean within its bound whatever comes: %s", (_, pOf) => {
    for (const [target, step] of [
      [0.4, 0.05],
      [0.1, 0.01],
    ] as const) {
      const adaptive = new AdaptiveLevel(target);
      for (let at = 0; at < 4_000; at += 1)
        adaptive.decided(pOf(at, adaptive.level) <= adaptive.level, { target, step });
      const bound = rateBound(target, { step, decisions: 4_000 });
      expect(Math.abs((adaptive.rate ?? Number.NaN) - target)).toBeLessThanOrEqual(bound);
    }
  });

  it("goes on where its snapshot was taken, and has no rate before the first decision", () => {
    const adaptive = new AdaptiveLevel(0.3);
    expect(adaptive.rate).toBeUndefined();
    adaptive.decided(true, { target: 0.3, step: 0.1 });
    const again = AdaptiveLevel.restored(structuredClone(adaptive.snapshot()));
    expect([again.level, again.rate, again.decisions]).toEqual([adaptive.level, 1, 1]);
  });
});

describe("the drift martingale", () => {
  it("hardly ever grows rich on uniform p-values, and soon on others", () => {
    const random = seededRandom("drift");
    const alarm = Math.log(1000);
    const runs = 3_000;
    const most = Array.from({ length: runs }, () => {
      const martingale = new DriftMartingale();
      return Math.max(
        ...Array.from({ length: 300 }, () => {
          martingale.bet(random.next());
          return martingale.logWealth;
        }),
      );
    });
    // Ville's inequality: ever above c with probability 1/c at most.
    expect(most.filter((each) => each > Math.log(20)).length / runs).toBeLessThan(1 / 20);
    expect(most.filter((each) => each > alarm).length / runs).toBeLessThan(1 / 500);
    for (const power of [2, 0.5]) {
      const martingale = new DriftMartingale();
      let bets = 0;
      while (martingale.logWealth < alarm && bets < 1_000) {
        martingale.bet(random.next() ** power);
        bets += 1;
      }
      expect(bets).toBeLessThan(400);
    }
  });
});
