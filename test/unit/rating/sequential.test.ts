// Evidence at any peek: what bets win, what they may claim, and that claims are seldom false.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/domain/random.ts";
import {
  anytimeInterval,
  Bet,
  eBenjaminiHochberg,
  type OpenedIssue,
  payoffOf,
  type RatedRound,
  TournamentEvidence,
  tournamentState,
} from "../../../src/rating/index.ts";
import { falseClaims } from "../../support/duels.ts";
import { playAll, scoreAt, usualWorld } from "../../support/tournaments.ts";

const pair = { one: "a", other: "b" };
function round(submitter: string, reviewer: string, margin?: -2 | -1 | 0 | 1 | 2): RatedRound {
  const played = { instanceId: "issue", language: "go" as const, submitter, reviewer };
  return margin === undefined ? played : { ...played, score: scoreAt(margin) };
}

describe("a payoff", () => {
  it("is the mean margin one way less the mean the other way, over four", () => {
    const rounds = [round("a", "b", 2), round("a", "b", 1), round("b", "a", -1), round("c", "a", 2)];
    expect(payoffOf(rounds, pair)).toEqual({ value: 2.5 / 4, least: 2.5 / 4, greatest: 2.5 / 4, voids: 0 });
    expect(payoffOf(rounds, { one: "b", other: "a" }).value).toBe(-2.5 / 4);
  });

  it("of any number of rounds is one bet: repeats change nothing but the mean", () => {
    const once = [round("a", "b", 1), round("b", "a", -2)];
    expect(payoffOf([...once, ...once, ...once], pair).value).toBe(payoffOf(once, pair).value);
  });

  it("does not exist with one direction alone", () => {
    expect(payoffOf([round("a", "b", 2)], pair)).toEqual({ voids: 0 });
  });

  it("goes to both worst cases where a round is void", () => {
    expect(payoffOf([round("a", "b"), round("b", "a", -1)], pair)).toEqual({
      least: -0.25,
      greatest: 0.75,
      voids: 1,
    });
    expect(payoffOf([round("a", "b", 1), round("a", "b"), round("b", "a", -1)], pair)).toMatchObject({
      value: 0.5,
      least: 0.125,
    });
  });
});

describe("a bet", () => {
  it("is worth the mean over stakes of what each would own", () => {
    const bet = new Bet();
    for (const payoff of [0.5, -0.25, 1]) bet.add(payoff);
    const stakes = Array.from({ length: 20 }, (_, k) => (k + 0.5) / 20);
    const owned = stakes.map((stake) => (1 + 0.5 * stake) * (1 - 0.25 * stake) * (1 + stake));
    expect(bet.wealth).toBeCloseTo(owned.reduce((sum, value) => sum + value, 0) / 20, 12);
  });

  it("has expectation 1 whatever fair game is played: all 2^10 paths", () => {
    let mean = 0;
    for (let path = 0; path < 1024; path += 1) {
      const bet = new Bet();
      // The size of the next payoff depends on the past, as an adaptive tournament's would.
      for (let t = 0; t < 10; t += 1)
        bet.add((((path >> t) & 1) === 1 ? 1 : -1) * (bet.wealth > 1 ? 1 : 0.3));
      mean += bet.wealth / 1024;
    }
    expect(mean).toBeCloseTo(1, 10);
  });

  it("stays a finite number, however rich", () => {
    const bet = new Bet();
    for (let t = 0; t < 3_000; t += 1) bet.add(1);
    expect(JSON.parse(JSON.stringify(bet.wealth))).toBe(Number.MAX_VALUE);
    expect(bet.logWealth).toBeGreaterThan(1_900);
  });

  it("refuses a payoff that could ruin it", () => {
    expect(() => new Bet().add(1.5)).toThrow("expected a payoff between -1 and 1; found 1.5");
    expect(() => new Bet().add(Number.NaN)).toThrow("found NaN");
  });
});

describe("an anytime interval", () => {
  it("holds the true mean at every peek at once, as often as it says", () => {
    const random = seededRandom("sequence");
    let missed = 0;
    for (let trial = 0; trial < 80; trial += 1) {
      const payoffs: number[] = [];
      let isMissed = false;
      for (let t = 1; t <= 120; t += 1) {
        payoffs.push(random.next() < 0.6 ? 0.5 : -0.5);
        if (t % 6 !== 0) continue;
        const { low, high } = anytimeInterval(payoffs, 0.9);
        isMissed ||= low > 0.1 || high < 0.1;
      }
      if (isMissed) missed += 1;
    }
    expect(missed / 80).toBeLessThanOrEqual(0.1);
  });

  it("knows nothing at first, and mirrors with its payoffs", () => {
    expect(anytimeInterval([], 0.95)).toEqual({ low: -1, high: 1 });
    const payoffs = Array.from({ length: 80 }, (_, t) => (t % 3 === 0 ? -0.5 : 0.75));
    const { low, high } = anytimeInterval(payoffs, 0.95);
    const mirrored = anytimeInterval(
      payoffs.map((payoff) => -payoff),
      0.95,
    );
    expect(low).toBeGreaterThan(0);
    expect(high).toBeLessThan(0.75);
    expect(mirrored.low).toBeCloseTo(-high, 9);
    expect(mirrored.high).toBeCloseTo(-low, 9);
  });
});

describe("e-BH", () => {
  it("takes the k largest for the largest k with e(k) >= m / (level k)", () => {
    expect(eBenjaminiHochberg([100, 1, 26, 45], 0.05)).toEqual([0, 3]);
    expect(eBenjaminiHochberg([79, 1, 1, 1], 0.05)).toEqual([]);
    expect(eBenjaminiHochberg([80, 1, 1, 1], 0.05)).toEqual([0]);
    expect(eBenjaminiHochberg([20, 20, 20, 20], 0.05).length).toBe(4);
    expect(eBenjaminiHochberg([], 0.05)).toEqual([]);
  });
});

function opened(rounds: readonly RatedRound[]): OpenedIssue[] {
  const ids = [...new Set(rounds.map(({ instanceId }) => instanceId))];
  return ids.map((instanceId) => ({
    instanceId,
    rounds: rounds.filter((each) => each.instanceId === instanceId),
  }));
}

describe("a tournament", () => {
  const contestants = usualWorld.contestants.map(({ id }) => id);
  const issues = opened(playAll(usualWorld, { issues: 250, repeats: 1 }, seededRandom("sequential")));
  const state = tournamentState(issues, { contestants });

  it("names its winner, its true orders, and both kinds of interval", () => {
    expect(state.winner).toBe("model-04");
    expect(state.discoveries.length).toBeGreaterThan(3);
    for (const { better, worse } of state.discoveries) {
      const strength = (id: string) => {
        const { submitter = 0, reviewer = 0 } = usualWorld.contestants.find((one) => one.id === id) ?? {};
        return submitter + reviewer;
      };
      expect(strength(better)).toBeGreaterThan(strength(worse));
    }
    for (const { anytime, fixed, issues: n } of state.pairs) {
      expect(n).toBe(250);
      expect(anytime.high - anytime.low).toBeGreaterThan((fixed?.high ?? 0) - (fixed?.low ?? 0));
    }
  });

  it("claims no fixed interval of payoffs that are all alike, and none beyond what payoffs can be", () => {
    const issue = (there: -2 | 1 | 2, back: -2 | -1 | 2): OpenedIssue => ({
      instanceId: `${there} ${back}`,
      rounds: [round("a", "b", there), round("b", "a", back)],
    });
    const of = (...issues: readonly OpenedIssue[]) =>
      tournamentState(issues, { contestants: ["a", "b"] }).pairs[0]?.fixed;
    expect(of(issue(2, -1), issue(1, -2))).toBeUndefined();
    const wide = of(issue(2, -2), issue(-2, 2));
    expect(wide).toEqual({ low: -1, high: 1 });
  });

  it("claims less where void rounds could have gone the other way", () => {
    const voided = issues.map((issue, i) => {
      const { rounds } = issue;
      return i % 3 > 0 ? issue : { ...issue, rounds: rounds.map(({ score: _, ...rest }) => rest) };
    });
    const { discoveries, pairs } = tournamentState(voided, { contestants });
    expect(discoveries.length).toBeGreaterThan(0);
    expect(discoveries.filter(({ survivesVoids }) => survivesVoids).length).toBeLessThan(discoveries.length);
    expect(
      pairs.every(({ voidIssues, eOne, eOneVoidsLost }) => voidIssues === 84 && eOneVoidsLost < eOne),
    ).toBe(true);
    expect(state.discoveries.every(({ survivesVoids }) => survivesVoids)).toBe(true);
  });

  it("refuses an issue that comes back, a stranger, and a level that is none", () => {
    const [first] = issues;
    if (first === undefined) throw new Error("no issue");
    expect(() => tournamentState([first, first], { contestants })).toThrow("found issue-000000 again");
    expect(() => tournamentState([first], { contestants: ["model-00"] })).toThrow(
      "list everybody who may play",
    );
    expect(() => new TournamentEvidence({ contestants, level: 1 })).toThrow(
      "expected a level between 0 and 1; found 1",
    );
  });

  it("of equals is seldom decided, however often one looks", () => {
    const contestants = Array.from({ length: 4 }, (_, i) => ({
      id: `equal-${i}`,
      submitter: 0,
      reviewer: 0,
    }));
    const world = { ...usualWorld, contestants, ownDeviation: 0.5 };
    const of = { tournaments: 100, issues: 60, battlesPerIssue: 2, isFalse: () => true };
    const { falseDiscovery, falseWinner } = falseClaims(world, "adaptive", of);
    expect(falseDiscovery).toBeLessThanOrEqual(0.05);
    expect(falseWinner).toBeLessThanOrEqual(0.05);
  });
});
