// Tables of recorded runs: every line is used or told of, and what a sample came to is known where a second table says.
import { describe, expect, it } from "vitest";
import { syntheticSamples } from "../../../../../src/inference/a1/simulation/synthetic.ts";
import { readTraces } from "../../../../../src/inference/a1/simulation/traces-file.ts";
import { recordedTables } from "../../../../support/a1-data.ts";

const head = "run,question,sample,turn,attempt,ppl,percentile,rejected,draft_chars,draft_boxed,target_chars";
const table = (...lines: readonly string[]): string => [head, ...lines].join("\n");

describe("a table of traces", () => {
  it("gives samples by run, turns in order, characters as tokens", () => {
    const { runs, problems } = readTraces({
      traces: table(
        "b,1,0,0,0,1,0,0,277,1,0",
        "a,10,1,1,0,1.5,0.7,1,554,0,5000",
        "a,10,1,0,0,2.718281828459045,0,0,277,1,0",
        "a,9,0,0,0,1,0,0,1,0,0",
        "",
      ),
    });
    expect(problems).toEqual([]);
    expect([...runs.keys()]).toEqual(["b", "a"]);
    const own = runs.get("a") ?? [];
    expect(own.map(({ question, sample }) => [question, sample])).toEqual([
      ["9", 0],
      ["10", 1],
    ]);
    expect(own[0]?.turns[0]?.draftTokens).toBe(1);
    expect(own[1]?.turns).toEqual([
      { draftTokens: 100, takeoverTokens: 0, nll: 1, isHandedOver: false, hasAnswer: true },
      { draftTokens: 200, takeoverTokens: 550, nll: Math.log(1.5), isHandedOver: true, hasAnswer: false },
    ]);
  });

  it("takes the empty draft that ends a sample for its end, and the last attempt for the turn", () => {
    const { runs, droppedAttempts, problems } = readTraces({
      traces: table("a,0,0,0,0,2,0,0,277,0,0", "a,0,0,0,1,3,0,0,554,0,0", "a,0,0,1,0,,,,0,0,0"),
    });
    expect(problems).toEqual([]);
    expect(droppedAttempts).toBe(1);
    expect(runs.get("a")?.[0]?.turns.map(({ draftTokens }) => draftTokens)).toEqual([200]);
  });

  it.each([
    ["a,0,0,0,0,2,0,0,277,0", "traces line 2: expected 11 cells, found 10; left out"],
    ["a,0,x,0,0,2,0,0,277,0,0", 'traces line 2: expected a whole number in sample, found "x"; left out'],
    [
      "a,0,0,0,0,-2,0,0,277,0,0",
      'traces line 2: expected a positive perplexity in ppl, found "-2"; left out',
    ],
    ["a,0,0,0,0,,0,0,277,0,0", 'traces line 2: expected a positive perplexity in ppl, found ""; left out'],
    ["a,0,0,0,0,2,0,,277,0,0", 'traces line 2: expected 0 or 1 in rejected, found ""; left out'],
    [
      "a,0,0,1,0,2,0,0,277,0,0",
      "run a, question 0, sample 0: expected turns from 0 on without a gap, found none numbered 0; the sample is left out",
    ],
  ])("tells of %s, and goes on", (line, problem) => {
    const { runs, problems } = readTraces({ traces: table(line, "a,1,0,0,0,2,0,0,277,0,0") });
    expect(problems).toEqual([problem]);
    expect(runs.get("a")).toHaveLength(1);
  });

  it("is refused whole where columns are missing", () => {
    expect(() => readTraces({ traces: "run,question\na,0" })).toThrow(
      "found none named sample, turn, attempt, ppl, rejected, draft_chars, draft_boxed, target_chars",
    );
  });

  it("may be read for one run alone, whatever the others are like", () => {
    const traces = table("a,0,x,0,0,2,0,0,277,0,0", "b,0,0,0,0,2,0,0,277,0,0");
    expect(readTraces({ traces }, { run: "b" }).problems).toEqual([]);
  });

  it("is joined with the answers that samples came to, where they came to one", () => {
    const samples = "run,question,sample,valid,answer_class\na,0,0,1,7\na,0,1,0,-1\nb,0,0,1,2";
    const traces = table("a,0,0,0,0,2,0,0,277,0,0", "a,0,1,0,0,2,0,0,277,0,0");
    const { runs } = readTraces({ traces, samples });
    expect(runs.get("a")?.map(({ answer }) => answer)).toEqual(["7", undefined]);
  });

  it.skipIf(recordedTables === undefined)("of real runs has nothing to tell", () => {
    if (recordedTables === undefined) return;
    const { runs, problems, droppedAttempts } = readTraces(recordedTables, { run: "dt_chat" });
    expect([problems, droppedAttempts]).toEqual([[], 0]);
    const samples = runs.get("dt_chat") ?? [];
    expect(samples).toHaveLength(1_600);
    expect(samples.flatMap(({ turns }) => turns)).toHaveLength(6_076);
    expect(samples.filter(({ answer }) => answer === undefined)).toHaveLength(66);
  });
});

describe("synthetic samples", () => {
  const samples = syntheticSamples();
  const turns = samples.flatMap((each) => each.turns);

  it("are like the recorded ones in number and length", () => {
    expect(samples).toHaveLength(1_600);
    expect(Math.abs(turns.length / 6_076 - 1)).toBeLessThan(0.05);
    const tokens = turns.reduce((sum, { draftTokens }) => sum + draftTokens, 0);
    expect(Math.abs(tokens / 2.71e6 - 1)).toBeLessThan(0.05);
    const handedOver = turns.filter(({ isHandedOver }) => isHandedOver);
    expect(Math.abs(handedOver.length / turns.length - 0.4)).toBeLessThan(0.05);
    const takenOver = handedOver.reduce((sum, { takeoverTokens }) => sum + takeoverTokens, 0);
    expect(Math.abs(takenOver / handedOver.length / 414 - 1)).toBeLessThan(0.05);
  });

  it("score alike within a question", () => {
    const means = new Map<string, number[]>();
    for (const { question, turns: own } of samples)
      means.set(question, [...(means.get(question) ?? []), ...own.map(({ nll }) => nll)]);
    const of = (values: readonly number[]) => {
      const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
      return { mean, variance: values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length };
    };
    const all = of(turns.map(({ nll }) => nll));
    const between = of([...means.values()].map((values) => of(values).mean));
    expect(all.mean).toBeCloseTo(0.4875, 1);
    // Correlation within a question: 0.6 was measured.
    expect(Math.abs(between.variance / all.variance - 0.6)).toBeLessThan(0.12);
  });

  it("are the same of the same seed, and others of another", () => {
    const few = { questions: 2, samples: 3, seed: "one", turnDrift: 0 };
    expect(syntheticSamples(few)).toEqual(syntheticSamples(few));
    expect(syntheticSamples({ ...few, seed: "two" })).not.toEqual(syntheticSamples(few));
  });
});
