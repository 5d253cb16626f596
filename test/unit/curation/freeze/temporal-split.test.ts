// The temporal split: the span's first moment is in, its last is out, and every row says on which side it is.
import { describe, expect, it } from "vitest";
import {
  sideOf,
  type TemporalOptions,
  temporalSplit,
} from "../../../../src/curation/freeze/temporal-split.ts";
import { freezableRowOf } from "./frozen-row.ts";

const row = freezableRowOf({
  ...{ id: "o__r-1", createdAt: "2024-06-01T00:00:00+02:00", mergedAt: "2024-09-01T12:00:00Z" },
});
const side = (options: TemporalOptions) => sideOf(row, temporalSplit(options));

describe("the temporal split", () => {
  it("tells nothing where nothing was asked", () => {
    expect(side({})).toEqual({});
  });

  it("labels rows by a cut-off, and takes the one end of a span for it", () => {
    expect(side({ cutOff: "2024-06-01" })).toMatchObject({
      dated: { by: "issue", label: "before-cut-off", cutOff: "2024-06-01T00:00:00.000Z" },
    });
    expect(side({ cutOff: "2024-05-31T22:00:00Z" })).toMatchObject({ dated: { label: "after-cut-off" } });
    expect(side({ after: "2024-05-31" })).toMatchObject({ dated: { label: "after-cut-off" } });
    expect(side({ before: "2024-06-01" })).toMatchObject({ dated: { label: "before-cut-off" } });
    const within = side({ after: "2024-05-01", before: "2024-07-01" });
    expect(within).toMatchObject({ dated: { label: "within" } });
    expect(within).not.toHaveProperty("dated.cutOff");
  });

  it("rejects what is outside, by the date that was asked for", () => {
    expect(side({ after: "2024-06-01" })).toMatchObject({ rejected: { reason: "too-early" } });
    expect(side({ before: "2024-05-31T22:00:00Z" })).toMatchObject({ rejected: { reason: "too-late" } });
    expect(side({ after: "2024-06-01", dateOf: "merge" })).toMatchObject({
      dated: { by: "merge", at: "2024-09-01T12:00:00Z", label: "after-cut-off" },
    });
    const { mined: _, ...unmerged } = row;
    const merged = temporalSplit({ after: "2024-06-01", dateOf: "merge" });
    expect(sideOf(unmerged, merged)).toMatchObject({ rejected: { reason: "no-merge-date" } });
  });

  it.each([
    [{ after: "yesterday" }, "--after: expected a date"],
    [{ before: "2024-02-31" }, "--before: expected a date"],
    [{ cutOff: "1717200000" }, "--cut-off: expected a date"],
    [{ after: "2024-06-02", before: "2024-06-02" }, "--before: expected a date later than"],
    [{ after: "2024-06-02", dateOf: "review" }, "--date-of: expected issue or merge"],
    [{ dateOf: "merge" }, "--date-of: expected --after"],
  ])("refuses %j", (options, said) => {
    expect(() => temporalSplit(options)).toThrow(said);
  });
});
