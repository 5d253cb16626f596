// Deciles of draft lengths: right for what is known, silent while little is, the same after a restart.
import { describe, expect, it } from "vitest";
import {
  Calibrator,
  type ChunkFacts,
  defaultCalibratorSettings,
} from "../../../../src/inference/a1/calibrator.ts";
import { LengthDeciles } from "../../../../src/inference/a1/length-deciles.ts";

const shuffled = Array.from({ length: 1000 }, (_, at) => (at * 387) % 1000);

describe("deciles of lengths", () => {
  it("are unknown for the first hundred, then say how many drafts were no longer", () => {
    const of = new LengthDeciles();
    expect(shuffled.slice(0, 100).map((tokens) => of.decileOf("k", tokens))).toEqual(
      Array.from({ length: 100 }, () => undefined),
    );
    for (const tokens of shuffled.slice(100)) of.decileOf("k", tokens);
    expect([-1, 0, 50, 150, 550, 999, 5000].map((tokens) => of.decileOf("k", tokens))).toEqual([
      0, 0, 0, 1, 5, 9, 9,
    ]);
    expect(of.decileOf("another", 5)).toBeUndefined();
  });

  it("stay where they are once lengths are known well", () => {
    const of = new LengthDeciles();
    for (let at = 0; at < 2_000; at += 1) of.decileOf("k", at);
    const before = of.decileOf("k", 1_900);
    for (let at = 0; at < 5_000; at += 1) of.decileOf("k", 1_000_000);
    expect(of.decileOf("k", 1_900)).toBe(before);
  });

  it("go on after a restart as they would have", () => {
    const of = new LengthDeciles();
    for (const tokens of shuffled) of.decileOf("k", tokens);
    const again = new LengthDeciles();
    again.restore(JSON.parse(JSON.stringify(of.snapshot())));
    expect(shuffled.map((tokens) => again.decileOf("k", tokens / 2))).toEqual(
      shuffled.map((tokens) => of.decileOf("k", tokens / 2)),
    );
  });
});

describe("a calibrator that is told lengths", () => {
  const facts = (at: number, tokens: number): ChunkFacts => ({
    ...{ pair: "d>t", task: "maths", question: `q${at}`, sample: 0, turn: 0, attempt: 0 },
    ...{ tokens, nonconformity: (at * 7919) % 1013 },
  });

  it("ranks a draft among those of its length, and among all of its kind where these are few", () => {
    const of = new Calibrator({
      ...defaultCalibratorSettings,
      auditShare: 0,
      banks: { ...defaultCalibratorSettings.banks, epochSize: 20 },
    });
    for (let at = 0; at < 600; at += 1) of.decide(of.issue(), facts(at, at % 3 > 0 ? 10 : 400));
    const bankOf = (tokens: number) => of.decide(of.issue(), facts(999, tokens)).bank?.key;
    expect(bankOf(400)).toBe("d>t|maths||0|length 9");
    expect(bankOf(10)).toMatch(/^d>t\|maths\|\|0\|length 6$/);
    expect(bankOf(200)).toMatch(/^d>t\|maths\|\|0\|length 6$/);
    expect(bankOf(1)).toBe("d>t|maths||0");
  });
});
