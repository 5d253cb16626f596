// The rate is held by kind, decisions depend on nothing but their facts and the state, and drift is noticed.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import {
  Calibrator,
  type CalibratorSettings,
  type ChunkFacts,
  defaultCalibratorSettings,
  turnBucket,
} from "../../../../src/inference/a1/calibrator.ts";
import { tracesOf } from "../../../support/a1-data.ts";

const quiet = { auditShare: 0 };
const calibrator = (over: Partial<CalibratorSettings> = {}) =>
  new Calibrator({ ...defaultCalibratorSettings, ...quiet, ...over });

const facts = (at: number, over: Partial<ChunkFacts> = {}): ChunkFacts => ({
  ...{
    pair: "d>t",
    task: "math",
    question: `q${at >> 4}`,
    sample: at & 15,
    turn: 0,
    attempt: 0,
    nonconformity: 0,
  },
  ...over,
});

/** Share of the chunks that went to the target, and by turn bucket. */
function rates(of: Calibrator, chunks: readonly ChunkFacts[]): Record<string, number> {
  const counts = new Map<string, { all: number; gone: number }>();
  for (const chunk of chunks) {
    const { intervene } = of.decide(of.issue(), chunk);
    for (const key of ["overall", turnBucket(chunk.turn)]) {
      const count = counts.get(key) ?? { all: 0, gone: 0 };
      counts.set(key, { all: count.all + 1, gone: count.gone + (intervene ? 1 : 0) });
    }
  }
  return Object.fromEntries([...counts].map(([key, { all, gone }]) => [key, gone / all]));
}

describe("the calibrator", () => {
  it("holds the rate of every kind where each has a law of its own", () => {
    const random = seededRandom("kinds");
    const chunks = Array.from({ length: 8_000 }, (_, at) => {
      const turn = random.integer(8);
      return facts(at, { turn, nonconformity: turn + random.next() });
    });
    const found = rates(calibrator({ step: 0.01 }), chunks);
    for (const [bucket, rate] of Object.entries(found))
      expect(Math.abs(rate - 0.4), bucket).toBeLessThan(bucket === "overall" ? 0.01 : 0.02);
  });

  it("begins by chance at the same rate, with no p-value, and asks a bank once it is worth it", () => {
    const of = calibrator({ banks: { ...defaultCalibratorSettings.banks, epochSize: 5 } });
    const decisions = Array.from({ length: 40 }, (_, at) =>
      of.decide(of.issue(), facts(at, { nonconformity: at })),
    );
    const cold = decisions.filter(({ p }) => p === undefined);
    expect(cold).toHaveLength(15);
    expect(cold.every(({ bank }) => bank === undefined)).toBe(true);
    expect(decisions[15]?.bank).toEqual({ key: "d>t|math||0", size: 15 });
    // Each is worse than all before it.
    expect(decisions.slice(15).every(({ p = 1, bank }) => p <= 1 / ((bank?.size ?? 0) + 1))).toBe(true);
  });

  it("falls back to coarser banks for a kind it has hardly met", () => {
    const of = calibrator({ banks: { ...defaultCalibratorSettings.banks, epochSize: 1 } });
    for (let at = 0; at < 20; at += 1) of.decide(of.issue(), facts(at));
    const bankOf = (over: Partial<ChunkFacts>) => of.decide(of.issue(), facts(99, over)).bank?.key;
    expect(bankOf({ turn: 0 })).toBe("d>t|math||0");
    expect(bankOf({ task: "code" })).toBe("d>t|0");
    expect(bankOf({ turn: 7 })).toBe("d>t");
    expect(bankOf({ pair: "x>y" })).toBeUndefined();
  });

  it("ranks a question among its own drafts where it was given some, until it is done", () => {
    const of = calibrator();
    of.ownBank("q0", [1, 2, 3, 4, 5, 6, 7]);
    const { p = 1, bank } = of.decide(of.issue(), facts(0, { nonconformity: 6.5 }));
    expect(bank).toEqual({ key: "question q0", size: 7 });
    expect(p).toBeGreaterThanOrEqual(1 / 8);
    expect(p).toBeLessThan(2 / 8);
    expect(of.decide(of.issue(), facts(0, { turn: 1, nonconformity: 6.5 })).bank).toBeUndefined();
    of.questionDone("q0");
    expect(of.decide(of.issue(), facts(1)).bank).toBeUndefined();
  });

  it("never takes more than B of a turn, and spends none by audit that is not left", () => {
    const of = calibrator({ auditShare: 0.5 });
    for (let question = 0; question < 60; question += 1) {
      let budget = 2;
      for (let sample = 0; sample < 8; sample += 1) {
        const topB = { budget, candidates: 8 - sample };
        const chunk = facts(0, { question: `b${question}`, sample, topB, nonconformity: sample });
        if (of.decide(of.issue(), chunk).intervene) budget -= 1;
      }
      expect(budget).toBeGreaterThanOrEqual(0);
    }
  });

  it("turns some decisions round, says which, and counts what really happened", () => {
    const of = calibrator({ auditShare: 0.1, step: 0.02 });
    const decisions = Array.from({ length: 4_000 }, (_, at) =>
      of.decide(of.issue(), facts(at, { nonconformity: (at * 7919) % 1000 })),
    );
    const audits = decisions.filter(({ isAudit }) => isAudit);
    expect(audits.length / decisions.length).toBeCloseTo(0.1, 1);
    for (const { p, u, level, intervene, isAudit } of decisions)
      expect(intervene).toBe((p ?? u) <= level !== isAudit);
    const realised = decisions.filter(({ intervene }) => intervene).length / decisions.length;
    expect(of.rates().get("d>t|math||0")).toEqual({ rate: realised, decisions: 4_000 });
    expect(Math.abs(realised - 0.4)).toBeLessThan(0.015);
  });

  it("turns no decision round that was never open", () => {
    const of = calibrator({ auditShare: 1, interventionRate: 0.5 });
    const all = (over: Partial<ChunkFacts>) =>
      Array.from({ length: 200 }, (_, at) => of.decide(of.issue(), facts(at, over)));
    const audits = (decisions: readonly { readonly isAudit: boolean }[]) =>
      decisions.filter(({ isAudit }) => isAudit).length;
    expect(audits(all({}))).toBeGreaterThan(20);
    for (const over of [{ isUnscored: true }, { isSpent: true }, { isSpent: true, isUnscored: true }]) {
      const forced = all(over);
      expect(audits(forced)).toBe(0);
      expect(forced.every(({ intervene }) => intervene === !("isSpent" in over))).toBe(true);
    }
  });

  it.each([0, 0.01, 0.99, 1])("holds a rate of %d, however many decisions are to be turned round", (rate) => {
    const of = calibrator({ interventionRate: rate, auditShare: 0.5, step: 0.02 });
    for (let at = 0; at < 10_000; at += 1)
      of.decide(of.issue(), facts(at, { nonconformity: (at * 7919) % 1000 }));
    expect(Math.abs((of.rates().get("d>t|math||0")?.rate ?? Number.NaN) - rate)).toBeLessThan(0.003);
  });

  it("learns no level from what no level could have changed: an outage would hand over nothing for hours after", () => {
    const of = calibrator({ interventionRate: 0.4, step: 0.05 });
    const level = () => of.snapshot().kinds[0]?.level.level;
    of.decide(of.issue(), facts(0, {}));
    const before = level();
    for (let at = 1; at <= 200; at += 1)
      of.decide(of.issue(), facts(at, { isUnscored: true, nonconformity: Infinity }));
    for (let at = 201; at <= 300; at += 1) of.decide(of.issue(), facts(at, { isSpent: true }));
    expect(level()).toBe(before);
    expect(of.rates().get("d>t|math||0")?.decisions).toBe(301);
  });

  it("decides the same from a snapshot as without a stop", () => {
    // What timed out or could not be scored is infinitely bad, and must still be so afterwards.
    const scoreAt = (at: number) => (at % 5 === 0 ? Infinity : (at * 7919) % 1000);
    const chunks = Array.from({ length: 2_048 }, (_, at) => facts(at, { nonconformity: scoreAt(at) }));
    const banks = { ...defaultCalibratorSettings.banks, firstEpochSize: 256 };
    const whole = calibrator({ banks });
    const straight = chunks.map((chunk) => whole.decide(whole.issue(), chunk));
    const first = calibrator({ banks });
    const before = chunks.slice(0, 1_024).map((chunk) => first.decide(first.issue(), chunk));
    const second = Calibrator.restored(JSON.parse(JSON.stringify(first.snapshot())), {
      ...defaultCalibratorSettings,
      ...quiet,
      banks,
    });
    const after = chunks.slice(1_024).map((chunk) => second.decide(second.issue(), chunk));
    expect([...before, ...after]).toEqual(straight);
  });

  it("notices that drafts have changed, forgets what they were like, and holds the rate", () => {
    const random = seededRandom("change");
    const of = calibrator();
    const before = Array.from({ length: 4_096 }, (_, at) =>
      facts(at, { question: `a${at}`, nonconformity: random.next() }),
    );
    rates(of, before);
    expect(of.alarms).toBe(0);
    const after = Array.from({ length: 4_096 }, (_, at) =>
      facts(at, { question: `b${at}`, nonconformity: 0.7 + random.next() }),
    );
    const found = rates(of, after);
    expect(of.alarms).toBeGreaterThan(0);
    expect(Math.abs((found.overall ?? 0) - 0.4)).toBeLessThan(0.02);
  });
});

describe.skipIf(tracesOf === undefined)("on real traces", () => {
  it.each(["dt_raw", "dt_chat"])("the rate of %s is held overall and in every bucket of turns", (run) => {
    const rows = tracesOf?.traces(run) ?? [];
    const chunks = rows.map(({ question, sample, turn, nll: nonconformity }) => ({
      ...{ pair: "d>t", task: "math", question, sample, turn, attempt: 0, nonconformity },
    }));
    const { overall = 0, ...buckets } = rates(calibrator(), chunks);
    expect(chunks.length).toBeGreaterThan(6_000);
    expect(Math.abs(overall - 0.4)).toBeLessThan(0.01);
    expect(Object.keys(buckets)).toHaveLength(4);
    for (const rate of Object.values(buckets)) expect(Math.abs(rate - 0.4)).toBeLessThan(0.02);
  });
});
