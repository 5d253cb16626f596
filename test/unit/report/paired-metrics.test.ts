// Paired tests of plain metrics: issue by issue, against counts made by hand.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/domain/random.ts";
import type { RoundRow } from "../../../src/domain/run.ts";
import { Bootstrap } from "../../../src/rating/index.ts";
import { pairedMetrics } from "../../../src/report/index.ts";
import { type Played, record, round } from "./rows.ts";

const options = (...metrics: string[]) => ({
  metrics,
  bootstrap: new Bootstrap({ random: seededRandom("paired"), resamples: 200 }),
  random: seededRandom("paired"),
});

function row(submitter: string, issue: number, played: Played = {}, isVoid = false): RoundRow {
  const lost = isVoid ? { void: { cause: "disk-full", side: "submitter" as const, detail: "" } } : {};
  return round({
    battleId: `${submitter} ${issue}`,
    instanceId: `one__issue-${issue}`,
    submitter,
    reviewer: "tester",
    record: record(played, lost),
  });
}

/** alpha stands on eight issues, beta on the last two of them. */
const rows = Array.from({ length: 8 }, (_, issue) => [
  row("alpha", issue),
  row("beta", issue, issue < 6 ? { submission: "invalid" } : {}),
]).flat();

describe("paired metrics", () => {
  it("compare contestants on shared issues: six of six that differ for alpha", () => {
    const [found, ...rest] = pairedMetrics(rows, options("validRate"));
    expect(rest).toEqual([]);
    expect(found).toMatchObject({ metric: "validRate", one: "alpha", other: "beta", difference: 0.75, n: 8 });
    expect(found?.p).toBeCloseTo(2 / 2 ** 6, 12);
    expect(found?.adjustedP).toBe(found?.p);
  });

  it("adjust for the number of pairs, metric by metric", () => {
    const third = Array.from({ length: 8 }, (_, issue) => row("gamma", issue));
    const found = pairedMetrics([...rows, ...third], options("validRate", "winRate"));
    expect(found.map(({ metric, one, other }) => `${metric} ${one} ${other}`)).toEqual([
      "validRate alpha beta",
      "validRate alpha gamma",
      "validRate beta gamma",
      "winRate alpha beta",
      "winRate alpha gamma",
      "winRate beta gamma",
    ]);
    expect(found[0]?.adjustedP).toBeCloseTo((3 * 2) / 2 ** 6, 12);
    expect(found[1]?.adjustedP).toBe(1);
  });

  it("leave out void rounds, and pairs that share nothing", () => {
    const found = pairedMetrics(
      [...rows.slice(2), row("alpha", 0, {}, true), row("beta", 0)],
      options("validRate"),
    );
    expect(found[0]?.n).toBe(7);
    expect(pairedMetrics([row("alpha", 1), row("beta", 2)], options("validRate"))).toEqual([]);
  });

  it("of a reviewer's metric are of reviewers", () => {
    const found = pairedMetrics(rows, options("reviewValidRate"));
    expect(found).toEqual([]);
    expect(() => pairedMetrics(rows, options("bestest"))).toThrow('found "bestest"');
  });
});
