// Tournaments that are played issue by issue: how soon they name a winner, and how often they claim what is not so.
import { type Random, seededRandom } from "../../src/domain/random.ts";
import {
  Bet,
  type DrawnPair,
  drawPairs,
  leaderOf,
  type OpenedIssue,
  type PairHistory,
  type PairName,
  pairOf,
  payoffOf,
  TournamentEvidence,
  withPayoff,
} from "../../src/rating/index.ts";
import { openIssue, type World } from "./tournaments.ts";

/** `proof`: adaptive, towards a winner that is proven. */
export type Pairing = "adaptive" | "proof" | "uniform";

/** Pairs of a round robin in drawn order, again and again. */
function uniformPairs(contestants: readonly string[], random: Random): () => PairName {
  const all = contestants.flatMap((one, i) => contestants.slice(i + 1).map((other) => ({ one, other })));
  let left: PairName[] = [];
  return () => {
    if (left.length === 0) left = [...all];
    const place = random.integer(left.length);
    const [pair] = left.splice(place, 1);
    if (pair === undefined) throw new Error("a tournament of one");
    return pair;
  };
}

/** Plays fresh issues, `battles` each; the caller says when it has seen enough. */
export class Duels {
  readonly #world: World;
  readonly #random: Random;
  readonly #pairing: Pairing;
  readonly #next: () => PairName;
  readonly contestants: readonly string[];
  history: readonly PairHistory[] = [];
  readonly evidence: TournamentEvidence;
  issues = 0;
  battles = 0;

  constructor(world: World, pairing: Pairing, random: Random) {
    this.#world = world;
    this.#pairing = pairing;
    this.#random = random;
    this.contestants = world.contestants.map(({ id }) => id);
    this.evidence = new TournamentEvidence({ contestants: this.contestants });
    this.#next = uniformPairs(this.contestants, random);
  }

  #pairs(battles: number): readonly (PairName | DrawnPair)[] {
    if (this.#pairing === "uniform") return Array.from({ length: battles }, this.#next);
    const { contestants, history } = this;
    const asked = { contestants, history, battles, costUsd: () => 1, random: this.#random };
    if (this.#pairing === "adaptive") return drawPairs(asked);
    return drawPairs({ ...asked, isProven: (better, worse) => this.evidence.isProven(better, worse) });
  }

  openNext(battles: number): OpenedIssue {
    const pairs = this.#pairs(battles);
    const { instanceId, play } = openIssue(this.#world, this.issues, this.#random);
    const named = (id: string) => {
      const found = this.#world.contestants.find((contestant) => contestant.id === id);
      if (found === undefined) throw new Error(`no contestant ${id}`);
      return found;
    };
    const rounds = pairs.flatMap(({ one, other }) => [
      play(named(one), named(other)),
      play(named(other), named(one)),
    ]);
    for (const pair of pairs) {
      const { value } = payoffOf(rounds, pair);
      if (value !== undefined) this.history = withPayoff(this.history, pair, value);
    }
    this.issues += 1;
    this.battles += pairs.length;
    this.evidence.add({ instanceId, rounds });
    return { instanceId, rounds };
  }

  get leader(): string | undefined {
    return leaderOf(this.contestants, this.history);
  }
}

/** Share of tournaments that name another winner than `best`, after each of the numbers of battles. */
export function wrongWinners(
  world: World,
  pairing: Pairing,
  of: { tournaments: number; checkpoints: readonly number[]; best: string; battlesPerIssue: number },
): number[] {
  const wrong = of.checkpoints.map(() => 0);
  for (let tournament = 0; tournament < of.tournaments; tournament += 1) {
    const duels = new Duels(world, pairing, seededRandom(`${pairing} ${tournament}`));
    of.checkpoints.forEach((checkpoint, place) => {
      while (duels.battles < checkpoint) duels.openNext(of.battlesPerIssue);
      if (duels.leader !== of.best) wrong[place] = (wrong[place] ?? 0) + 1;
    });
  }
  return wrong.map((count) => count / of.tournaments);
}

/** Battles at which the share of wrong winners first falls to `target`, between checkpoints in a straight line. */
export function battlesFor(
  target: number,
  checkpoints: readonly number[],
  wrong: readonly number[],
): number | undefined {
  const place = wrong.findIndex((share) => share <= target);
  const [right, at] = [wrong[place], checkpoints[place]];
  if (right === undefined || at === undefined) return undefined;
  const [left, before] = [wrong[place - 1], checkpoints[place - 1]];
  if (left === undefined || before === undefined) return at;
  return before + ((left - target) / (left - right)) * (at - before);
}

export interface Claims {
  /** Share of tournaments with a false discovery at any peek, and with a false winner. */
  readonly falseDiscovery: number;
  readonly falseWinner: number;
}

/** Looks after every issue, and stops at the first claim that is false. */
export function falseClaims(
  world: World,
  pairing: Pairing,
  of: {
    tournaments: number;
    issues: number;
    battlesPerIssue: number;
    isFalse: (better: string, worse: string) => boolean;
  },
): Claims {
  const count = { falseDiscovery: 0, falseWinner: 0 };
  for (let tournament = 0; tournament < of.tournaments; tournament += 1) {
    const duels = new Duels(world, pairing, seededRandom(`claims ${pairing} ${tournament}`));
    const { evidence } = duels;
    const found = { falseDiscovery: false, falseWinner: false };
    for (let issue = 0; issue < of.issues; issue += 1) {
      duels.openNext(of.battlesPerIssue);
      found.falseDiscovery ||= evidence.discoveries().some(({ better, worse }) => of.isFalse(better, worse));
      const winner = evidence.winner();
      found.falseWinner ||=
        winner !== undefined &&
        duels.contestants.some((other) => other !== winner && of.isFalse(winner, other));
    }
    count.falseDiscovery += found.falseDiscovery ? 1 : 0;
    count.falseWinner += found.falseWinner ? 1 : 0;
  }
  return {
    falseDiscovery: count.falseDiscovery / of.tournaments,
    falseWinner: count.falseWinner / of.tournaments,
  };
}

export interface Proofs {
  /** Median of the battles until a winner is named; `most` where it is not by then. */
  readonly medianBattles: number;
  readonly unnamed: number;
  readonly wrong: number;
}

/** Plays until a winner is named, looking after every issue. */
export function proofs(
  world: World,
  pairing: Pairing,
  of: { tournaments: number; most: number; best: string },
): Proofs {
  const battles: number[] = [];
  const count = { unnamed: 0, wrong: 0 };
  for (let tournament = 0; tournament < of.tournaments; tournament += 1) {
    const duels = new Duels(world, pairing, seededRandom(`proof ${pairing} ${tournament}`));
    while (duels.evidence.winner() === undefined && duels.battles < of.most) duels.openNext(2);
    const winner = duels.evidence.winner();
    battles.push(duels.battles);
    if (winner === undefined) count.unnamed += 1;
    else if (winner !== of.best) count.wrong += 1;
  }
  const sorted = battles.sort((a, b) => a - b);
  const medianBattles = sorted[Math.floor(sorted.length / 2)] ?? of.most;
  return { medianBattles, unnamed: count.unnamed / of.tournaments, wrong: count.wrong / of.tournaments };
}

export interface Peeked {
  /** Share of pairs of equals whose e-value, both directions together, ever reaches 1 / 0.05. */
  readonly bet: number;
  /** The same for a fixed-n 95 % interval that is looked at after every issue from the tenth on. */
  readonly fixed: number;
}

/** One pair of equals at a time, looked at after every issue. */
export function peekedErrors(world: World, of: { pairs: number; issues: number }): Peeked {
  const [one, other] = world.contestants;
  if (one === undefined || other === undefined) throw new Error("no pair");
  const count = { bet: 0, fixed: 0 };
  for (let pair = 0; pair < of.pairs; pair += 1) {
    const random = seededRandom(`peeked ${pair}`);
    const bets = [new Bet(), new Bet()] as const;
    const hit = { bet: false, fixed: false };
    let [sum, squares] = [0, 0];
    for (let issue = 1; issue <= of.issues; issue += 1) {
      const { play } = openIssue(world, issue, random);
      const { value = 0 } = payoffOf([play(one, other), play(other, one)], pairOf(one.id, other.id));
      bets[0].add(value);
      bets[1].add(-value);
      sum += value;
      squares += value * value;
      const error = Math.sqrt((squares - (sum * sum) / issue) / (issue - 1) / issue);
      hit.bet ||= (bets[0].wealth + bets[1].wealth) / 2 >= 20;
      hit.fixed ||= issue >= 10 && Math.abs(sum / issue) > 1.976 * error;
    }
    count.bet += hit.bet ? 1 : 0;
    count.fixed += hit.fixed ? 1 : 0;
  }
  return { bet: count.bet / of.pairs, fixed: count.fixed / of.pairs };
}
