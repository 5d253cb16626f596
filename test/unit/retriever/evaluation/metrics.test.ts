// The figures of a ranking: places, cutoffs, reciprocal rank, and gold lines inside packed snippets.
import { describe, expect, it } from "vitest";
import { fileMetrics, lineTally, placesOf } from "../../../../retriever/evaluation/metrics.ts";

describe("places of gold files", () => {
  it("are counted from 1, in the order of the gold, and absent for what is not ranked", () => {
    expect(placesOf(["a", "b", "c"], ["c", "x", "a"])).toEqual([3, undefined, 1]);
  });
});

describe("file metrics", () => {
  it("any@k asks for one gold file, all@k for every one, at 1, 5, 10 and 20", () => {
    const { any, all } = fileMetrics([2, 11]);
    expect(any).toEqual([0, 1, 1, 1]);
    expect(all).toEqual([0, 0, 0, 1]);
  });

  it("a cutoff includes its own place", () => {
    expect(fileMetrics([5, 10])).toMatchObject({ any: [0, 1, 1, 1], all: [0, 0, 1, 1] });
  });

  it("the reciprocal rank is the best-placed file's", () => {
    expect(fileMetrics([4, undefined, 2]).reciprocalRank).toBe(0.5);
  });

  it("a file that is not ranked is never among the first, and alone it is worth 0", () => {
    expect(fileMetrics([1, undefined]).all).toEqual([0, 0, 0, 0]);
    expect(fileMetrics([undefined])).toEqual({ any: [0, 0, 0, 0], all: [0, 0, 0, 0], reciprocalRank: 0 });
  });

  it("a row without gold says nothing", () => {
    expect(() => fileMetrics([])).toThrow(RangeError);
  });
});

describe("gold lines shown", () => {
  const snippet = (
    path: string,
    firstLine: number,
    lastLine: number,
    form: "whole" | "signature" = "whole",
  ) => ({
    ...{ path, firstLine, lastLine, form },
  });

  it("counts lines of spans inside snippets of the same file", () => {
    const spans = [
      { path: "a.py", firstLine: 3, lastLine: 6 },
      { path: "b.py", firstLine: 1, lastLine: 1 },
    ];
    const snippets = [snippet("a.py", 1, 4), snippet("a.py", 6, 9), snippet("c.py", 1, 9)];
    expect(lineTally(spans, snippets)).toEqual({ shown: 3, gold: 5 });
  });

  it("a line of two spans counts once, and a signature shows no line", () => {
    const spans = [
      { path: "a.py", firstLine: 1, lastLine: 2 },
      { path: "a.py", firstLine: 2, lastLine: 3 },
    ];
    expect(lineTally(spans, [snippet("a.py", 1, 3, "signature")])).toEqual({ shown: 0, gold: 3 });
  });
});
