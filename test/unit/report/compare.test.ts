// Two runs side by side: the same contestant on the same issues, before and after something was changed.
import { describe, expect, it } from "vitest";
import {
  type BoardSource,
  compareRuns,
  renderComparisonCsv,
  renderComparisonMarkdown,
  renderComparisonTable,
} from "../../../src/report/index.ts";
import { tournament } from "./fixture.ts";
import { record, round, settings } from "./rows.ts";

const few = { resamples: 50 };
const empty = tournament(1);

/** alpha against beta on eight issues; resolved on the first `right` of them. */
function run(name: string, right: number, over: Partial<BoardSource> = {}): BoardSource {
  const rounds = Array.from({ length: 8 }, (_, issue) =>
    round({
      battleId: `${name} ${issue}`,
      instanceId: `one__issue-${issue}`,
      record: record({ label: issue < right ? "resolved" : "unresolved" }),
    }),
  );
  return { ...empty, name, settings, rounds, calls: [], battles: [], ...over };
}

describe("comparing two runs", () => {
  const first = run("before", 1);
  const second = run("after", 7, { settings: { ...settings, hintMode: "diff" } });
  const comparison = compareRuns(first, second, few);
  const alpha = comparison.contestants.find(({ id }) => id === "alpha");

  it("takes the first from the second, issue by issue, with an exact test", () => {
    const resolved = alpha?.metrics.find(({ metric }) => metric === "resolvedRate");
    expect(resolved).toMatchObject({ first: 1 / 8, second: 7 / 8, difference: 6 / 8, n: 8, isExact: true });
    expect(resolved?.p).toBeCloseTo(2 / 2 ** 6, 12);
    expect(resolved?.adjustedP).toBeGreaterThanOrEqual(resolved?.p ?? 1);
  });

  it("names the issues that moved, and the settings that differ", () => {
    expect(alpha?.gained).toHaveLength(6);
    expect(alpha?.lost).toEqual([]);
    expect(compareRuns(second, first, few).contestants[0]?.lost).toHaveLength(6);
    expect(comparison.changed).toEqual([{ setting: "hintMode", first: "none", second: "diff" }]);
  });

  it("leaves out issues and contestants that one run has alone, and says which", () => {
    const short = { ...second, rounds: second.rounds.slice(4) };
    const others = short.rounds.map((row) => ({ ...row, reviewer: "gamma" }));
    const found = compareRuns(first, { ...short, rounds: others }, few);
    expect(found.contestants.map(({ id }) => id)).toEqual(["alpha"]);
    expect(found.contestants[0]?.metrics[0]?.n).toBe(4);
    expect([found.onlyInFirst, found.onlyInSecond]).toEqual([["beta"], ["gamma"]]);
    expect(renderComparisonTable(found)).toContain("Only in the first run: beta; only in the second: gamma.");
  });

  it("says when there is nothing to compare", () => {
    const apart = run("apart", 3).rounds.map((row) => ({ ...row, submitter: "a", reviewer: "b" }));
    const found = compareRuns(first, { ...second, rounds: apart }, few);
    expect(renderComparisonTable(found)).toContain("No contestant played in both runs");
  });

  it("refuses a metric that nobody defined", () => {
    expect(() => compareRuns(first, second, { metrics: ["best"] })).toThrow('found "best"');
  });

  it("stands in a terminal, in Markdown and as CSV", () => {
    const table = renderComparisonTable(comparison);
    expect(table).toContain("after less before, on the issues that both have");
    expect(table).toMatch(/alpha +resolvedRate +0\.13 +0\.88 +\+0\.75 \[.*\] +0\.031 +\* +8/);
    expect(Math.max(...table.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(renderComparisonMarkdown(comparison)).toContain("| alpha | resolvedRate | 0.13 | 0.88 |");
    const lines = renderComparisonCsv(comparison).split("\r\n").slice(0, -1);
    expect(lines.every((line) => line.split(",").length === 12)).toBe(true);
  });
});
