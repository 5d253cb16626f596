// Batches hold every text once, waste little and stay within their bound.
import { describe, expect, it } from "vitest";
import { batchesOf } from "../../../../retriever/dense/batches.ts";

describe("batches", () => {
  it("hold every position once, longest first, equals in their order", () => {
    expect(batchesOf([3, 9, 3, 5], 10)).toEqual([[1], [3, 0], [2]]);
  });

  it("hold at most the bound with padding, or one text", () => {
    const lengths = Array.from({ length: 500 }, (_, index) => 1 + ((index * 7919) % 300));
    const batches = batchesOf(lengths, 256);
    expect(batches.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, index) => index));
    const padded = batches.map(
      (batch) => batch.length * Math.max(...batch.map((index) => lengths[index] ?? 0)),
    );
    expect(batches.filter((batch, at) => batch.length > 1 && (padded[at] ?? 0) > 256)).toEqual([]);
  });

  it("are none for no text", () => {
    expect(batchesOf([], 256)).toEqual([]);
  });
});
