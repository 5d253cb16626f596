// Sums over measured rows: rates are means of rows, intervals and gains go by repository, missing lines are not zero.
import { describe, expect, it } from "vitest";
import type { RowResult, VariantResult } from "../../../src/arena/retrieval-evaluation.ts";
import { summariseRetrieval } from "../../../src/arena/retrieval-report.ts";
import { seededRandom } from "../../../src/domain/random.ts";
import { Bootstrap } from "../../../src/rating/index.ts";

const bootstrap = (): Bootstrap => new Bootstrap({ random: seededRandom("test") });

function result(place: number, lines?: VariantResult["lines"]): VariantResult {
  const within = [1, 5, 10, 20].map((k) => Number(place <= k));
  return {
    ...{ any: within, all: within, reciprocalRank: 1 / place, places: [place], seconds: 1 },
    ...(lines === undefined ? {} : { lines }),
  };
}

function row(id: string, language: string, full: VariantResult, bm25: VariantResult): RowResult {
  return {
    ...{ id, repo: id.split("-")[0] ?? "", language, candidates: 9, gold: ["a"], missing: 0 },
    ...{ indexSeconds: 1, variants: { full, bm25 } },
  };
}

const rows = [
  row("x-1", "go", result(1, { shown: 1, gold: 2 }), result(2)),
  row("x-2", "go", result(2), result(2)),
  row("y-1", "rust", result(4, { shown: 3, gold: 3 }), result(1)),
];

describe("a summary of retrieval", () => {
  it("means each figure over rows and counts repositories apart", () => {
    const { overall } = summariseRetrieval(rows, bootstrap());
    expect(overall).toMatchObject({ rows: 3, repositories: 2 });
    const full = overall.variants.full?.metrics;
    expect(full?.mrr?.value).toBeCloseTo((1 + 1 / 2 + 1 / 4) / 3);
    expect(full?.["any@1"]?.value).toBeCloseTo(1 / 3);
    expect(full?.["all@5"]?.value).toBe(1);
    expect(full?.mrr?.n).toBe(2);
    expect(overall.variants.full?.secondsTotal).toBe(3);
  });

  it("lines are the mean of the rows that have any, and absent where none has", () => {
    const { overall } = summariseRetrieval(rows, bootstrap());
    expect(overall.rowsWithLines).toBe(2);
    expect(overall.variants.full?.metrics.lines?.value).toBeCloseTo(0.75);
    expect(overall.variants.bm25?.metrics.lines).toBeUndefined();
    expect(overall.variants.bm25?.fullGains?.lines).toBeUndefined();
  });

  it("gains are full minus the other, on the same rows, and full has none over itself", () => {
    const { overall, languages } = summariseRetrieval(rows, bootstrap());
    expect(overall.variants.full?.fullGains).toBeUndefined();
    expect(overall.variants.bm25?.fullGains?.mrr?.value).toBeCloseTo((0.5 + 0 - 0.75) / 3);
    expect(languages.go?.variants.bm25?.fullGains?.mrr?.value).toBeCloseTo(0.25);
    expect(languages.rust?.rows).toBe(1);
  });

  it("draws repositories, not rows: twenty rows of one repository are one observation", () => {
    const many = Array.from({ length: 20 }, (_, at) => row(`x-${at}`, "go", result(1), result(1 + (at % 3))));
    const estimate = summariseRetrieval(many, bootstrap()).overall.variants.bm25?.metrics.mrr;
    expect(estimate?.n).toBe(1);
    expect((estimate?.high ?? 0) - (estimate?.low ?? 0)).toBeGreaterThan(0.9);
  });

  it("of nothing is empty, not zero", () => {
    const { overall, languages } = summariseRetrieval([], bootstrap());
    expect(overall).toEqual({ rows: 0, rowsWithLines: 0, repositories: 0, variants: {} });
    expect(languages).toEqual({});
  });
});
