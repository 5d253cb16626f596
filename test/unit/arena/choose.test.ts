// Which instances a run takes: filters by language and day, and a sample that the seed alone decides.
import { describe, expect, it } from "vitest";
import { filteredInstances, type InstanceFilters } from "../../../src/arena/choose.ts";
import { type Instance, type Language, parseInstance } from "../../../src/domain/instance.ts";
import { seededRandom } from "../../../src/domain/random.ts";

function instance(id: string, language: Language, created_at: string): Instance {
  const line = { instance_id: id, repo: "a/b", patch: "p", problem_statement: "s", language, created_at };
  const parsed = parseInstance(line);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

const all = [
  instance("old", "python", "2025-12-31T23:59:59Z"),
  instance("first", "go", "2026-01-01 00:00:00"),
  instance("west", "python", "2026-01-31T23:30:00-05:00"),
  instance("day", "rust", "2026-01-15"),
  instance("undated", "python", ""),
];

const filtered = (filters: InstanceFilters, seed = "s") => {
  const { taken, notes } = filteredInstances(all, { set: "the set", filters }, seededRandom(seed));
  return { ids: taken.map(({ instanceId }) => instanceId), notes };
};

describe("filters", () => {
  it("take all where there are none", () => {
    expect(filtered({})).toEqual({ ids: all.map(({ instanceId }) => instanceId), notes: [] });
  });

  it("take languages", () => {
    expect(filtered({ languages: ["go", "rust"] }).ids).toEqual(["first", "day"]);
  });

  it("take days in UTC, the first included and the last not; what has no day is left out, said", () => {
    expect(filtered({ createdAfter: "2026-01-01", createdBefore: "2026-02-01" })).toEqual({
      // In UTC the one from the west is of the first of February.
      ids: ["first", "day"],
      notes: ["left out for want of a date: 1 of 5 instances of the set"],
    });
    expect(filtered({ createdBefore: "2026-01-01" }).ids).toEqual(["old"]);
    expect(filtered({ languages: ["go"], createdAfter: "2026-01-01" }).notes).toEqual([]);
  });

  it("draw a sample that is the seed's, in the set's order", () => {
    const samples = ["a", "b", "c", "d", "e", "f"].map((seed) => filtered({ limit: 2 }, seed).ids);
    for (const ids of samples) expect(ids).toHaveLength(2);
    expect(new Set(samples.map(String)).size).toBeGreaterThan(1);
    expect(filtered({ limit: 2 }, "a").ids).toEqual(samples[0]);
    const order = all.map(({ instanceId }) => instanceId);
    for (const [one = "", two = ""] of samples) expect(order.indexOf(one)).toBeLessThan(order.indexOf(two));
  });

  it("say when there is less than the sample, and refuse when there is nothing", () => {
    expect(filtered({ languages: ["go"], limit: 3 })).toEqual({
      ids: ["first"],
      notes: ["filters.limit: expected 3 instances to draw, found 1 left of the set"],
    });
    expect(() => filtered({ languages: ["cpp"], createdAfter: "2026-01-01" })).toThrow(
      "the set: expected an instance that passes the filters (languages cpp; createdAfter 2026-01-01), found none among 5",
    );
  });
});
