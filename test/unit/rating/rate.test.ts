// Ratings from rounds: what they recover, what they refuse to claim, and what they say about it.
import { describe, expect, it } from "vitest";
import { seededRandom, shuffled } from "../../../src/domain/random.ts";
import {
  type Margin,
  type RatedContestant,
  type RatedRound,
  type Ratings,
  rate,
  rateByLanguage,
} from "../../../src/rating/index.ts";
import { allMargins, marginOf } from "../../../src/rating/outcome.ts";
import { centred, playAll, scoreAt, spread, usualWorld } from "../../support/tournaments.ts";

const random = seededRandom("rate");
const rated = (rounds: readonly RatedRound[], more: object = {}): Ratings =>
  rate(rounds, { random, resamples: 100, ...more });
const codes = ({ notices }: Ratings): string[] => notices.map(({ code }) => code);
const named = ({ contestants }: Ratings, id: string): RatedContestant => {
  const found = contestants.find((contestant) => contestant.id === id);
  if (found === undefined) throw new Error(`no contestant ${id}`);
  return found;
};

function round(issue: number, submitter: string, reviewer: string, margin?: Margin): RatedRound {
  const played = {
    instanceId: `issue-${String(issue).padStart(3, "0")}`,
    language: "python" as const,
    submitter,
    reviewer,
  };
  return margin === undefined ? played : { ...played, score: scoreAt(margin) };
}

/** Everybody meets everybody on every issue; the margin is given. */
function league(
  names: readonly string[],
  issues: number,
  margin: (a: string, b: string, issue: number) => Margin | undefined,
) {
  const rounds: RatedRound[] = [];
  for (let issue = 0; issue < issues; issue += 1) {
    for (const a of names)
      for (const b of names) if (a !== b) rounds.push(round(issue, a, b, margin(a, b, issue)));
  }
  return rounds;
}

const mixed = (a: string, b: string, issue: number): Margin =>
  (a.charCodeAt(0) * 7 + b.charCodeAt(0) * 5 + issue * 3) % 5 < 2 ? -1 : issue % 4 === 0 ? 0 : 1;

describe("a rating", () => {
  const rounds = playAll(usualWorld, { issues: 150, repeats: 1 }, seededRandom("recover"));
  const ratings = rated(rounds);

  it("recovers strengths, spread of issues and languages within four standard errors", () => {
    for (const { id } of usualWorld.contestants) {
      const { submitter, reviewer } = named(ratings, id);
      const near = (value = 0, error = 0, truth = 0) =>
        expect(Math.abs(value - truth)).toBeLessThan(4 * error);
      near(
        submitter?.value,
        submitter?.standardError,
        centred(usualWorld, id, (one) => one.submitter),
      );
      near(
        reviewer?.value,
        reviewer?.standardError,
        centred(usualWorld, id, (one) => one.reviewer),
      );
    }
    expect(ratings.issueDeviation).toBeGreaterThan(0.75);
    expect(ratings.issueDeviation).toBeLessThan(1.25);
    const [python, rust] = ratings.languages;
    expect(python?.language).toBe("python");
    expect(python?.low).toBeLessThan(0.2);
    expect(python?.high).toBeGreaterThan(0.2);
    expect(rust?.value).toBeCloseTo(-(python?.value ?? 0), 10);
    expect(ratings.notices).toEqual([]);
    expect(ratings.penalty).toBe(0);
  });

  it("is the same to the last digit in whatever order the rounds were played", () => {
    expect(rated(shuffled(rounds, seededRandom("order")))).toEqual(ratings);
    expect(JSON.stringify(rated(rounds))).toBe(JSON.stringify(ratings));
  });

  it("adds the roles up, and ranks by the sum", () => {
    for (const { submitter, reviewer, overall } of ratings.contestants) {
      expect(overall?.value).toBeCloseTo((submitter?.value ?? 0) + (reviewer?.value ?? 0), 9);
    }
    const values = ratings.contestants.map(({ overall }) => overall?.value ?? 0);
    expect(values).toEqual([...values].sort((a, b) => b - a));
    expect(ratings.contestants[0]?.overall?.rank.best).toBe(1);
  });

  it("learns nothing from hearing every round twice", () => {
    const twice = rated([...rounds, ...rounds], { issueEffects: false });
    const once = rated(rounds, { issueEffects: false });
    const [own, other] = [named(once, "model-00").overall, named(twice, "model-00").overall];
    expect(other?.value).toBeCloseTo(own?.value ?? 0, 6);
    expect(other?.standardError).toBeCloseTo(own?.standardError ?? 0, 6);
    const width = (bounds?: { low: number; high: number }) => (bounds?.high ?? 0) - (bounds?.low ?? 0);
    expect(width(other?.unclustered)).toBeCloseTo(width(own?.unclustered) / Math.SQRT2, 6);
  });

  it("counts an issue of weight two as two issues, and only ratios of weights within one", () => {
    const isHeavy = ({ instanceId }: RatedRound) => Number(instanceId.slice(-2)) % 3 === 0;
    const again = rounds.filter(isHeavy).map((one) => ({ ...one, instanceId: `${one.instanceId} again` }));
    const doubled = rated([...rounds, ...again], { resamples: 0 });
    const weighted = rated(
      rounds.map((one) => (isHeavy(one) ? { ...one, weight: 2 } : one)),
      { resamples: 0 },
    );
    for (const { id } of usualWorld.contestants) {
      expect(named(weighted, id).overall?.value).toBeCloseTo(named(doubled, id).overall?.value ?? 0, 6);
    }
    expect(weighted.issueDeviation).toBeCloseTo(doubled.issueDeviation ?? 0, 6);
    const scaled = rated(
      rounds.map((one) => ({ ...one, weight: 7 })),
      { resamples: 0 },
    );
    expect(named(scaled, "model-00").overall?.low).toBeCloseTo(
      named(ratings, "model-00").overall?.low ?? 0,
      6,
    );
  });

  it("agrees with its bootstrap where issues are many", () => {
    const {
      bootstrap,
      low = 0,
      high = 0,
    } = named(rated(rounds, { resamples: 1_000 }), "model-02").overall ?? {};
    expect((bootstrap?.high ?? 0) - (bootstrap?.low ?? 0)).toBeCloseTo(high - low, 1);
  });

  it("leaves no trace of void rounds but their number", () => {
    const { contestants, rounds: counts } = rated([...rounds, round(999, "model-00", "model-01")]);
    expect(counts).toEqual({ played: rounds.length, void: 1 });
    expect(contestants.find(({ id }) => id === "model-00")?.overall).toEqual(
      named(ratings, "model-00").overall,
    );
  });
});

/** Davidson 1970, (2.2): log likelihood at strengths ln π, at the best tie parameter ν of a fine grid. */
function davidson(rounds: readonly RatedRound[], strengths: ReadonlyMap<string, number>): number {
  const at = (nu: number) =>
    rounds.reduce((sum, { submitter, reviewer, score }) => {
      const [left, right] = [Math.exp(strengths.get(submitter) ?? 0), Math.exp(strengths.get(reviewer) ?? 0)];
      const tie = nu * Math.sqrt(left * right);
      const margin = score === undefined ? 0 : marginOf(score);
      return sum + Math.log((margin > 0 ? left : margin < 0 ? right : tie) / (left + right + tie));
    }, 0);
  return Math.max(...Array.from({ length: 400 }, (_, k) => at(0.2 + k / 800)));
}

describe("the spread of issues", () => {
  const world = (issueDeviation: number) => ({ ...usualWorld, issueDeviation, contestants: spread(5, 4) });

  it("is 0 where issues are alike, and found from far away where they are not; strengths far apart mislead neither", () => {
    for (const [truth, issues] of [
      [0, 14],
      [0.6, 60],
      [2.5, 60],
    ] as const) {
      for (let trial = 0; trial < 5; trial += 1) {
        const ratings = rated(
          playAll(world(truth), { issues, repeats: 1 }, seededRandom(`spread ${truth} ${trial}`)),
          { resamples: 0 },
        );
        expect(codes(ratings)).not.toContain("not-converged");
        expect(ratings.issueDeviation).toBeGreaterThanOrEqual(0.3 * truth);
        expect(ratings.issueDeviation).toBeLessThan(1.5 * truth + 0.4);
      }
    }
  });
});

describe("ties", () => {
  it("weigh a half: all ties and no ties can be the same strengths", () => {
    const even = (a: string, b: string, issue: number): Margin =>
      (issue + (a < b ? 1 : 0)) % 2 === 0 ? 1 : -1;
    const decided = rated(league(["a", "b", "c"], 40, even));
    const tied = rated(league(["a", "b", "c"], 40, (a, b, issue) => (issue % 4 < 2 ? 0 : even(a, b, issue))));
    for (const id of ["a", "b", "c"]) {
      expect(named(decided, id).overall?.value).toBeCloseTo(0, 6);
      expect(named(tied, id).overall?.value).toBeCloseTo(0, 6);
    }
    expect(tied.margins).toEqual([
      { margin: -1, share: 0.25 },
      { margin: 0, share: 0.5 },
      { margin: 1, share: 0.25 },
    ]);
  });

  it("are Davidson's: no other strengths make his likelihood greater", () => {
    const rounds = league(["a", "b", "c", "d"], 30, mixed);
    const { contestants } = rated(rounds, { issueEffects: false, roles: "one", resamples: 0 });
    const found = new Map(contestants.map(({ id, submitter }) => [id, submitter?.value ?? Number.NaN]));
    const best = davidson(rounds, found);
    for (const [id, value] of found) {
      for (const change of [-0.01, 0.01]) {
        expect(davidson(rounds, new Map([...found, [id, value + change]]))).toBeLessThan(best);
      }
    }
  });
});

describe("a strength without a finite figure", () => {
  const unbeaten = league(["a", "b", "c", "star"], 40, (a, b, issue) =>
    a === "star" ? 1 : b === "star" ? -1 : mixed(a, b, issue),
  );
  const ratings = rated(unbeaten);

  it("is said to have none, keeps its known end, and moves nobody else", () => {
    expect(codes(ratings)).toContain("separated");
    expect(ratings.penalty).toBeCloseTo(1 / 9, 12);
    const { submitter, overall } = named(ratings, "star");
    expect(submitter).toMatchObject({ separation: "above", rank: { best: 1, worst: 1 } });
    expect(submitter?.high).toBeUndefined();
    expect(submitter?.standardError).toBeUndefined();
    expect(submitter?.low).toBeGreaterThan(0.3);
    expect(submitter?.low).toBeLessThan(submitter?.value ?? 0);
    expect(overall?.separation).toBe("above");
    const without = rated(
      unbeaten.filter(({ submitter: a, reviewer: b }) => a !== "star" && b !== "star"),
      { issueEffects: false },
    );
    const within = rated(unbeaten, { issueEffects: false });
    // Half a percent of the gap: star's own rounds still say a little where its strength is held finite.
    expect(named(within, "a").submitter?.value).toBeCloseTo(named(without, "a").submitter?.value ?? 0, 1);
  });

  it("is the tighter the more issues failed to beat it", () => {
    const few = rated(unbeaten.filter(({ instanceId }) => instanceId < "issue-012"));
    expect(named(few, "star").submitter?.low).toBeLessThan(named(ratings, "star").submitter?.low ?? 0);
  });

  it("is nobody's where everybody always beats the next: ends order them where issues suffice", () => {
    const ladder = (issues: number) => rated(league(["a", "b", "c"], issues, (a, b) => (a < b ? 1 : -1)));
    expect(ladder(60).contestants.map(({ id, overall }) => [id, overall?.separation !== undefined])).toEqual([
      ["a", true],
      ["b", true],
      ["c", true],
    ]);
    for (const { overall } of ladder(3).contestants) expect(overall?.rank).toEqual({ best: 1, worst: 3 });
  });

  it("has its end below where every round was lost", () => {
    const beaten = rated(
      league(["a", "b", "c", "dud"], 40, (a, b, issue) =>
        a === "dud" ? -1 : b === "dud" ? 1 : mixed(a, b, issue),
      ),
    );
    const { submitter } = named(beaten, "dud");
    expect(submitter).toMatchObject({ separation: "below", rank: { best: 4, worst: 4 } });
    expect(submitter?.low).toBeUndefined();
    expect(submitter?.high).toBeLessThan(0);
  });
});

describe("rounds of controls, in which nothing contradicts anything", () => {
  const usual = { star: "gold", idle: "empty", wrong: "mutant" };
  /** Everybody against gold alone, as controls are anchored, or everybody against everybody. */
  function controls(issues: number, isAnchored: boolean, names: typeof usual = usual): RatedRound[] {
    const { star, idle, wrong } = names;
    const margin = (a: string, b: string): Margin | undefined => {
      if (isAnchored && a !== star && b !== star) return undefined;
      const lost = a === star ? 1 : a === wrong && b === star ? -2 : -1;
      return allMargins.find((each) => each === (b === "overfit" && lost > -2 ? lost + 1 : lost));
    };
    return league([star, idle, wrong, "overfit"], issues, margin).filter(({ score }) => score !== undefined);
  }

  it.each([
    [2, true],
    [2, false],
    [8, true],
    [40, false],
  ])("leave nobody a finite strength, margins none either: %i issues, anchored: %s", (issues, isAnchored) => {
    const ratings = rated(controls(issues, isAnchored));
    expect(codes(ratings)).toContain("separated");
    expect(codes(ratings)).not.toContain("not-converged");
    expect(ratings.penalty).toBeCloseTo(1 / 9, 12);
    expect(ratings.contestants[0]?.id).toBe("gold");
    for (const { overall } of ratings.contestants) {
      expect(overall).toMatchObject({ separation: "open", rank: { best: 1, worst: 4 } });
      expect(Math.abs(overall?.value ?? Number.NaN)).toBeLessThan(40);
      expect([overall?.low, overall?.high, overall?.standardError]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    }
  });

  it.each([true, false])(
    "have values that do not hang on who comes first by name; anchored: %s",
    (isAnchored) => {
      const [one, other] = [
        controls(4, isAnchored),
        controls(4, isAnchored, { star: "z", idle: "y", wrong: "a" }),
      ];
      const values = (rounds: RatedRound[], ids: string[]) =>
        ids.map((id) => named(rated(rounds, { resamples: 0 }), id).overall?.value ?? Number.NaN);
      const renamed = values(other, ["z", "y", "a", "overfit"]);
      values(one, ["gold", "empty", "mutant", "overfit"]).forEach((value, index) => {
        expect(value).toBeCloseTo(renamed[index] ?? Number.NaN, 6);
      });
    },
  );
});

describe("comparisons that were never made", () => {
  it("are not made up: groups are told, and ranked within", () => {
    const apart = rated([...league(["a", "b", "c"], 40, mixed), ...league(["x", "y", "z"], 40, mixed)]);
    expect(codes(apart)).toContain("groups");
    expect(named(apart, "a").overall?.among).toBe(3);
    const bridged = rated([
      ...league(["a", "b", "c"], 40, mixed),
      ...league(["x", "y", "z"], 40, mixed),
      ...league(["a", "x"], 40, mixed),
    ]);
    expect(codes(bridged)).not.toContain("groups");
    expect(named(bridged, "a").overall?.among).toBe(6);
  });

  it("of two contestants rate the sum of the roles, and say that the roles cannot be told apart", () => {
    const two = rated(league(["a", "b"], 60, mixed));
    expect(codes(two)).toContain("roles-inseparable");
    expect(named(two, "a").submitter).toBeUndefined();
    expect(named(two, "a").overall?.standardError).toBeGreaterThan(0);
  });

  it("leave a role that was not played without a strength", () => {
    const rounds = [
      ...league(["a", "b", "c"], 40, mixed),
      ...["a", "b", "c"].map((b) => round(1, "writer", b, 1)),
      round(2, "writer", "a", -1),
    ];
    const { submitter, reviewer, overall } = named(rated(rounds), "writer");
    expect([submitter !== undefined, reviewer, overall]).toEqual([true, undefined, undefined]);
  });
});

describe("few issues", () => {
  it("are corrected for below 30, and called too few below 10", () => {
    const at = (issues: number) => rated(playAll(usualWorld, { issues, repeats: 1 }, seededRandom("few")));
    expect([at(8), at(8).correction, codes(at(8))]).toMatchObject([
      { tooFewIssues: true },
      "CR2",
      ["too-few-issues"],
    ]);
    expect([at(12).correction, codes(at(12))]).toEqual(["CR2", ["few-issues"]]);
    expect([at(30).correction, codes(at(30))]).toEqual(["CR1", []]);
    expect(named(at(8), "model-00").overall?.freedom).toBeLessThan(7.5);
  });

  it("of one contestant among many are corrected for, and a single issue gives no interval at all", () => {
    const rounds = league(["a", "b", "c"], 40, mixed);
    const guest = (issues: readonly number[]) =>
      issues.flatMap((issue) =>
        ["a", "b"].flatMap((b) => [
          round(issue, "guest", b, mixed("g", b, issue)),
          round(issue, b, "guest", mixed(b, "g", issue)),
        ]),
      );
    const few = rated([...rounds, ...guest([1, 2, 3, 4])]);
    expect([few.correction, few.tooFewIssues, codes(few)]).toEqual(["CR2", false, ["too-few-issues"]]);
    expect(named(few, "guest")).toMatchObject({ issues: 4, tooFewIssues: true });
    expect(named(few, "guest").overall?.standardError).toBeGreaterThan(
      2 * (named(few, "a").overall?.standardError ?? 9),
    );
    const lone = named(rated([...rounds, ...guest([2])]), "guest").overall;
    expect(lone?.standardError).toBeUndefined();
    expect([lone?.low, lone?.high, lone?.rank]).toEqual([undefined, undefined, { best: 1, worst: 4 }]);
    const single = rated(league(["a", "b", "c"], 1, mixed)).contestants;
    expect(
      single.every(
        ({ overall }) => overall === undefined || overall.low === undefined || overall.high === undefined,
      ),
    ).toBe(true);
  });

  it("with one pairing each have no issue effects, and that is said", () => {
    const rounds = league(["a", "b", "c"], 60, mixed).filter((_, i) => i % 6 === Math.floor(i / 6) % 6);
    expect(codes(rated(rounds))).toContain("no-issue-effects");
  });

  it("of nothing, or of nothing but one outcome, rate nobody", () => {
    expect(codes(rated([]))).toEqual(["nothing-played"]);
    expect(codes(rated([round(1, "a", "b")]))).toEqual(["nothing-played"]);
    const same = rated(league(["a", "b", "c"], 3, () => 1));
    expect(codes(same)).toEqual(["no-contrast"]);
    expect(named(same, "a").overall).toBeUndefined();
  });
});

describe("bad input", () => {
  it("is refused with what was expected and found", () => {
    expect(() => rated([{ ...round(1, "a", "b", 1), weight: 0 }])).toThrow(
      "expected a weight above 0 for a round on issue-001; found 0",
    );
    const odd = { ...round(1, "a", "c", -1), language: "rust" as const };
    expect(() => rated([round(1, "a", "b", 1), odd])).toThrow(
      "expected one language for issue issue-001; found python and rust",
    );
  });
});

describe("ratings by language", () => {
  it("borrow nothing from each other", () => {
    const rounds = playAll(usualWorld, { issues: 60, repeats: 1 }, seededRandom("languages"));
    const found = rateByLanguage(rounds, { random, resamples: 0 });
    expect([...found.keys()]).toEqual(["python", "rust"]);
    const rust = rounds.filter(({ language }) => language === "rust");
    expect(found.get("rust")).toEqual(rate(rust, { random, resamples: 0 }));
    expect(found.get("rust")?.issues).toBe(30);
  });
});
