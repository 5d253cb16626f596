// A tournament that may be looked at after every issue, and stopped when it is decided: the evidence for every pair so far.

import { anytimeInterval, Bet, eBenjaminiHochberg } from "./betting.ts";
import { defaultLevel } from "./bootstrap.ts";
import type { RatedRound } from "./outcome.ts";
import { keyOf, type PairName, pairOf, payoffOf } from "./payoff.ts";
import type { Bounds } from "./sandwich.ts";
import { studentQuantile } from "./student.ts";

/** All that was played on one issue. Who plays on it was fixed before any of its results was seen. */
export interface OpenedIssue {
  readonly instanceId: string;
  readonly rounds: readonly RatedRound[];
}

export interface PairEvidence extends PairName {
  /** Issues that were bet on. */
  readonly issues: number;
  /** Issues with a void round, or without a direction of the battle that could be judged. */
  readonly voidIssues: number;
  /** Mean payoff in favour of `one`, in [-1, 1]; absent before the first issue. */
  readonly mean?: number;
  /** e-values of "`one` is better" and "`other` is better". */
  readonly eOne: number;
  readonly eOther: number;
  /** The same, had every void round gone against the better one. */
  readonly eOneVoidsLost: number;
  readonly eOtherVoidsLost: number;
  /** Holds at every peek. */
  readonly anytime: Bounds;
  /** Holds at a number of issues fixed beforehand, and only there; absent below two, and where all payoffs are alike. */
  readonly fixed?: Bounds;
}

export interface Discovery {
  readonly better: string;
  readonly worse: string;
  readonly eValue: number;
  /** It would be one, too, had every void round gone against the better one. */
  readonly survivesVoids: boolean;
}

export interface TournamentState {
  readonly issues: number;
  readonly level: number;
  readonly pairs: readonly PairEvidence[];
  /** Orders that are claimed; the expected share of false ones is at most 1 - level. */
  readonly discoveries: readonly Discovery[];
  /** Better than everybody else; named wrongly with chance 1 - level at most, at whatever peek. */
  readonly winner?: string;
  /** Every pair is in `discoveries`. */
  readonly isDecided: boolean;
}

interface Hypothesis {
  readonly better: string;
  readonly worse: string;
  readonly eValue: number;
  readonly eVoidsLost: number;
}

class Running {
  readonly pair: PairName;
  readonly payoffs: number[] = [];
  voidIssues = 0;
  readonly #bets = { one: new Bet(), other: new Bet(), oneVoidsLost: new Bet(), otherVoidsLost: new Bet() };

  constructor(pair: PairName) {
    this.pair = pair;
  }

  add(rounds: readonly RatedRound[]): void {
    const { value, least, greatest, voids } = payoffOf(rounds, this.pair);
    if (value !== undefined) {
      this.payoffs.push(value);
      this.#bets.one.add(value);
      this.#bets.other.add(-value);
    }
    // Without a planned round of one direction there is nothing that could have been lost.
    if (least !== undefined) this.#bets.oneVoidsLost.add(least);
    if (greatest !== undefined) this.#bets.otherVoidsLost.add(-greatest);
    if (voids > 0 || value === undefined) this.voidIssues += 1;
  }

  /** One for each direction. */
  hypotheses(): readonly [Hypothesis, Hypothesis] {
    const { one, other } = this.pair;
    const bets = this.#bets;
    return [
      { better: one, worse: other, eValue: bets.one.wealth, eVoidsLost: bets.oneVoidsLost.wealth },
      { better: other, worse: one, eValue: bets.other.wealth, eVoidsLost: bets.otherVoidsLost.wealth },
    ];
  }

  evidence(level: number): PairEvidence {
    const { payoffs, voidIssues } = this;
    const [one, other] = this.hypotheses();
    const issues = payoffs.length;
    const fixed = fixedInterval(payoffs, level);
    return {
      ...this.pair,
      issues,
      voidIssues,
      ...(issues === 0 ? {} : { mean: payoffs.reduce((sum, value) => sum + value, 0) / issues }),
      eOne: one.eValue,
      eOther: other.eValue,
      eOneVoidsLost: one.eVoidsLost,
      eOtherVoidsLost: other.eVoidsLost,
      anytime: anytimeInterval(payoffs, level),
      ...(fixed === undefined ? {} : { fixed }),
    };
  }
}

/** Student's interval of the mean payoff, of what payoffs can be: with few issues it would reach beyond. */
function fixedInterval(payoffs: readonly number[], level: number): Bounds | undefined {
  const n = payoffs.length;
  if (n < 2) return undefined;
  const mean = payoffs.reduce((sum, value) => sum + value, 0) / n;
  const squares = payoffs.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  // That a few payoffs are all the same does not make the mean certain.
  if (squares < 1e-12) return undefined;
  const reach = studentQuantile(1 - (1 - level) / 2, n - 1) * Math.sqrt(squares / (n - 1) / n);
  return { low: Math.max(-1, mean - reach), high: Math.min(1, mean + reach) };
}

function running(contestants: readonly string[]): Map<string, Running> {
  const pairs = contestants.flatMap((one, index) =>
    contestants.slice(index + 1).map((other) => pairOf(one, other)),
  );
  return new Map(pairs.map((pair) => [keyOf(pair), new Running(pair)]));
}

function discoveriesOf(all: readonly Hypothesis[], level: number): Discovery[] {
  const surviving = new Set(
    eBenjaminiHochberg(
      all.map(({ eVoidsLost }) => eVoidsLost),
      1 - level,
    ),
  );
  const found = eBenjaminiHochberg(
    all.map(({ eValue }) => eValue),
    1 - level,
  );
  return found.flatMap((place) => {
    const hypothesis = all[place];
    if (hypothesis === undefined) return [];
    const { better, worse, eValue } = hypothesis;
    return [{ better, worse, eValue, survivesVoids: surviving.has(place) }];
  });
}

const winningWealth = (contestants: readonly string[], level: number): number =>
  (contestants.length - 1) / (1 - level);

/**
 * Whoever is shown better than each of m - 1 others at (m - 1) / α. A wrong winner needs the wealth against the true best to
 * get there, and the mean of those m - 1 e-processes is one itself: the chance is α at most.
 */
function winnerOf(
  contestants: readonly string[],
  all: readonly Hypothesis[],
  level: number,
): string | undefined {
  const needed = winningWealth(contestants, level);
  return contestants.find((id) => {
    const own = all.filter(({ better }) => better === id);
    return own.length > 0 && own.every(({ eValue }) => eValue >= needed);
  });
}

function byPair(rounds: readonly RatedRound[]): Map<string, RatedRound[]> {
  const groups = new Map<string, RatedRound[]>();
  for (const round of rounds) {
    if (round.submitter === round.reviewer) continue;
    const key = keyOf(pairOf(round.submitter, round.reviewer));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [round]);
    else group.push(round);
  }
  return groups;
}

/**
 * Evidence for every pair, issue after issue, in the order in which they were opened. Bets are on issues: all rounds of a pair
 * on an issue are one payoff. Validity asks two things of whoever runs the tournament, and nothing else: issues are opened in
 * random order, and who plays on an issue is fixed before any of its results is seen (it may depend on everything seen on
 * earlier issues). An issue that comes back would break the second, and is refused.
 */
export class TournamentEvidence {
  readonly #contestants: readonly string[];
  readonly #level: number;
  readonly #pairs: ReadonlyMap<string, Running>;
  readonly #opened = new Set<string>();

  /** @throws RangeError for a level outside of (0, 1) */
  constructor(options: { readonly contestants: readonly string[]; readonly level?: number }) {
    const { contestants, level = defaultLevel } = options;
    if (!(level > 0 && level < 1)) throw new RangeError(`expected a level between 0 and 1; found ${level}`);
    this.#contestants = contestants;
    this.#level = level;
    this.#pairs = running(contestants);
  }

  /** @throws RangeError for an issue opened twice or a contestant that is not listed */
  add({ instanceId, rounds }: OpenedIssue): void {
    if (this.#opened.has(instanceId)) {
      throw new RangeError(
        `expected every issue once; found ${instanceId} again: results on it were seen, so no fresh bet can be made`,
      );
    }
    this.#opened.add(instanceId);
    for (const [key, own] of byPair(rounds)) {
      const pair = this.#pairs.get(key);
      if (pair === undefined) {
        throw new RangeError(
          `expected rounds of the tournament's contestants on ${instanceId}; found ${key}: list everybody who may play`,
        );
      }
      pair.add(own);
    }
  }

  #hypotheses(): Hypothesis[] {
    return [...this.#pairs.values()].flatMap((pair) => pair.hypotheses());
  }

  /** Orders that may be claimed now. */
  discoveries(): readonly Discovery[] {
    return discoveriesOf(this.#hypotheses(), this.#level);
  }

  /** Whether `better` has what naming it the winner asks against `worse`. */
  isProven(better: string, worse: string): boolean {
    const pair = this.#pairs.get(keyOf(pairOf(better, worse)));
    const needed = winningWealth(this.#contestants, this.#level);
    return pair?.hypotheses().some((each) => each.better === better && each.eValue >= needed) ?? false;
  }

  winner(): string | undefined {
    return winnerOf(this.#contestants, this.#hypotheses(), this.#level);
  }

  state(): TournamentState {
    const pairs = [...this.#pairs.values()].map((pair) => pair.evidence(this.#level));
    const discoveries = this.discoveries();
    const winner = this.winner();
    return {
      issues: this.#opened.size,
      level: this.#level,
      pairs,
      discoveries,
      ...(winner === undefined ? {} : { winner }),
      isDecided: pairs.length > 0 && discoveries.length === pairs.length,
    };
  }
}

/** `TournamentEvidence` of all issues opened so far. */
export function tournamentState(
  opened: readonly OpenedIssue[],
  options: { readonly contestants: readonly string[]; readonly level?: number },
): TournamentState {
  const evidence = new TournamentEvidence(options);
  for (const issue of opened) evidence.add(issue);
  return evidence.state();
}
