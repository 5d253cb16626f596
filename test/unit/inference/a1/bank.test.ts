// Banks fill in the order in which drafts were asked for: fast drafts must not be over-represented, slow ones not lost.
import { describe, expect, it } from "vitest";
import {
  type BankSettings,
  CalibrationBanks,
  defaultBankSettings,
} from "../../../../src/inference/a1/bank.ts";

const settings = (over: Partial<BankSettings> = {}): BankSettings => ({
  ...defaultBankSettings,
  epochSize: 4,
  epochsKept: 3,
  ...over,
});

const chunk = (nonconformity: number, question = `q${nonconformity}`) => ({
  keys: ["fine", "coarse"],
  kind: "fine",
  question,
  nonconformity,
});

const held = (banks: CalibrationBanks, key = "fine"): number[] => [
  ...(banks.find([key], 1)?.bank.values() ?? []),
];

describe("an epoch", () => {
  it("counts once all that were asked for in it are settled, whatever order they end in", () => {
    const banks = new CalibrationBanks(settings());
    const tickets = Array.from({ length: 8 }, () => banks.issue());
    const settle = (at: number) => {
      const ticket = tickets[at];
      if (ticket !== undefined) banks.scored(ticket, chunk(at));
    };
    for (const at of [7, 6, 5, 1, 2, 3]) settle(at);
    expect(held(banks)).toEqual([]);
    settle(4);
    expect(held(banks)).toEqual([4, 5, 6, 7]);
    settle(0);
    expect(held(banks)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(banks.size).toBe(8);
  });

  it("takes what timed out as infinitely bad, and leaves out what was called off", () => {
    const banks = new CalibrationBanks(settings());
    const [one, two, three, four] = [banks.issue(), banks.issue(), banks.issue(), banks.issue()];
    banks.scored(one, chunk(Infinity));
    banks.withdrawn(two);
    banks.scored(three, chunk(1));
    banks.withdrawn(four);
    expect(held(banks)).toEqual([1, Infinity]);
  });

  it("is small at first and twice as large each time, so that banks are of use soon", () => {
    const banks = new CalibrationBanks(settings({ epochSize: 10, firstEpochSize: 2, epochsKept: 4 }));
    const sizes: number[] = [];
    for (let at = 0; at < 36; at += 1) {
      banks.scored(banks.issue(), chunk(at));
      sizes.push(banks.size);
    }
    expect([...new Set(sizes)]).toEqual([0, 2, 6, 14, 24, 34]);
  });

  it("that ended early takes no whole one's place among those that are kept", () => {
    const banks = new CalibrationBanks(settings({ epochSize: 4, epochsKept: 2 }));
    for (let at = 0; at < 12; at += 1) {
      banks.scored(banks.issue(), chunk(at));
      banks.endEpoch();
    }
    expect(held(banks)).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it("can be ended early, and an empty one is none", () => {
    const banks = new CalibrationBanks(settings());
    banks.endEpoch();
    const ticket = banks.issue();
    banks.endEpoch();
    expect(held(banks)).toEqual([]);
    banks.scored(ticket, chunk(3));
    expect(held(banks)).toEqual([3]);
    const settled = banks.issue();
    banks.scored(settled, chunk(4));
    expect(held(banks)).toEqual([3]);
    banks.endEpoch();
    expect(held(banks)).toEqual([3, 4]);
  });

  it("is forgotten when enough newer ones are closed; of one kind all but the newest at once", () => {
    const banks = new CalibrationBanks(settings({ epochSize: 1 }));
    for (const value of [1, 2, 3, 4]) banks.scored(banks.issue(), chunk(value));
    expect(held(banks)).toEqual([2, 3, 4]);
    banks.scored(banks.issue(), { ...chunk(9), keys: ["other", "coarse"], kind: "other" });
    banks.forgetOlder("fine");
    expect([held(banks), held(banks, "other"), held(banks, "coarse")]).toEqual([[], [9], [9]]);
    expect(banks.size).toBe(1);
  });

  it("gives one score a question where siblings must not count as many, the same whatever order they end in", () => {
    const filled = (order: readonly number[] = [0, 1, 2, 3]) => {
      const banks = new CalibrationBanks(settings({ ofQuestion: "one" }));
      const tickets = Array.from({ length: 4 }, () => banks.issue());
      for (const at of order) {
        const ticket = tickets[at];
        if (ticket !== undefined) banks.scored(ticket, chunk(at, at < 3 ? "a" : "b"));
      }
      return held(banks);
    };
    const [first] = filled();
    for (const order of [
      [0, 1, 2, 3],
      [1, 0, 2, 3],
      [2, 3, 1, 0],
      [1, 2, 0, 3],
    ])
      expect(filled(order)).toEqual([first, 3]);
    expect([0, 1, 2]).toContain(first);
  });

  it("tells drift one p-value a question, before its own scores are in the bank", () => {
    const told: number[] = [];
    const banks = new CalibrationBanks(settings({ epochSize: 2 }), (kind, p) => {
      expect(kind).toBe("fine");
      told.push(p);
    });
    for (const value of [1, 2, 3, 4])
      banks.scored(banks.issue(), chunk(value, value < 3 ? `q${value}` : "same"));
    expect(told).toHaveLength(1);
    expect(told[0]).toBeLessThan(1 / 3);
  });
});

describe("banks", () => {
  it("answer with the finest kind that has enough, and with none where no kind has", () => {
    const banks = new CalibrationBanks(settings({ epochSize: 1 }));
    banks.scored(banks.issue(), chunk(1));
    banks.scored(banks.issue(), { ...chunk(2), keys: ["coarse"], kind: "coarse" });
    expect(banks.find(["fine", "coarse"], 1)?.key).toBe("fine");
    expect(banks.find(["fine", "coarse"], 2)?.key).toBe("coarse");
    expect(banks.find(["fine", "coarse"], 3)).toBeUndefined();
  });

  it("go on from a snapshot as they would have, but for what was under way", () => {
    const banks = new CalibrationBanks(settings({ epochSize: 2 }));
    for (const value of [1, 2, 3, 4]) banks.scored(banks.issue(), chunk(value));
    const lost = banks.issue();
    const again = new CalibrationBanks(settings({ epochSize: 2 }));
    again.restore(JSON.parse(JSON.stringify(banks.snapshot())));
    expect(held(again)).toEqual([1, 2, 3, 4]);
    expect(() => again.scored(lost, chunk(5))).toThrow("was never begun");
    for (const value of [5, 6, 7, 8]) again.scored(again.issue(), chunk(value));
    expect(held(again)).toEqual([3, 4, 5, 6, 7, 8]);
  });
});
