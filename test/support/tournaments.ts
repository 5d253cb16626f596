// Tournaments with known truth: rounds drawn from the rating model, and from what the model leaves out.
import type { Language } from "../../src/domain/instance.ts";
import type { Random } from "../../src/domain/random.ts";
import type { RoundScore } from "../../src/domain/record.ts";
import { allMargins, type Margin, type RatedRound } from "../../src/rating/outcome.ts";

export interface Contestant {
  readonly id: string;
  readonly submitter: number;
  readonly reviewer: number;
}

export interface World {
  readonly contestants: readonly Contestant[];
  /** Standard deviation of issue effects. */
  readonly issueDeviation: number;
  /** Standard deviation of how a contestant's role fares on one issue beside its strength: repeats share it. */
  readonly ownDeviation: number;
  /** Parameter of each margin from -2 to 2; -Infinity for one that never comes. */
  readonly levels: readonly number[];
  readonly languages: readonly { readonly name: Language; readonly effect: number }[];
}

export interface Plan {
  readonly issues: number;
  /** Rounds of every ordered pair on every issue. */
  readonly repeats: number;
}

const scores: Readonly<Record<Margin, RoundScore>> = {
  [-2]: { submitter: -1, reviewer: 1 },
  [-1]: { submitter: -1, reviewer: 0 },
  0: { submitter: -1, reviewer: -1 },
  1: { submitter: 1, reviewer: 0 },
  2: { submitter: 1, reviewer: -1 },
};

export const scoreAt = (margin: Margin): RoundScore => scores[margin];

/** Box and Muller. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

export function drawMargin(eta: number, levels: readonly number[], random: Random): Margin {
  const chances = allMargins.map((margin, k) => Math.exp((levels[k] ?? 0) + (margin * eta) / 2));
  let left = random.next() * chances.reduce((sum, chance) => sum + chance, 0);
  for (const [k, margin] of allMargins.entries()) {
    left -= chances[k] ?? 0;
    if (left < 0) return margin;
  }
  return 2;
}

/** All margins, ties the rarest, an edge for the submitter. */
export const usualLevels = [-0.4, 0, -0.8, 0.5, -0.6] as const;

/** `count` contestants whose strengths lie evenly spread over `span` in both roles, in different orders. */
export function spread(count: number, span: number): Contestant[] {
  const place = (rank: number) => span * (rank / (count - 1) - 0.5);
  return Array.from({ length: count }, (_, i) => ({
    id: `model-${String(i).padStart(2, "0")}`,
    submitter: place(i),
    reviewer: place((i * 2 + 1) % count),
  }));
}

export const usualWorld: World = {
  contestants: spread(5, 1.2),
  issueDeviation: 1,
  ownDeviation: 0,
  levels: usualLevels,
  languages: [
    { name: "python", effect: 0 },
    { name: "rust", effect: -0.4 },
  ],
};

/** How one issue treats everybody: its own effect, and each contestant's luck with it. */
export function openIssue(world: World, number: number, random: Random) {
  const language = world.languages[number % world.languages.length];
  if (language === undefined) throw new Error("a world without languages");
  const shared = language.effect + world.issueDeviation * normal(random);
  const luck = new Map(
    world.contestants.map(({ id }) => [
      id,
      { submitter: world.ownDeviation * normal(random), reviewer: world.ownDeviation * normal(random) },
    ]),
  );
  const instanceId = `issue-${String(number).padStart(6, "0")}`;
  const play = (submitter: Contestant, reviewer: Contestant, from: Random = random): RatedRound => {
    const eta =
      shared +
      (submitter.submitter + (luck.get(submitter.id)?.submitter ?? 0)) -
      (reviewer.reviewer + (luck.get(reviewer.id)?.reviewer ?? 0));
    const score = scoreAt(drawMargin(eta, world.levels, from));
    return { instanceId, language: language.name, submitter: submitter.id, reviewer: reviewer.id, score };
  };
  return { instanceId, play };
}

/** Everybody against everybody, both ways, on every issue. */
export function playAll(world: World, plan: Plan, random: Random): RatedRound[] {
  const rounds: RatedRound[] = [];
  for (let number = 0; number < plan.issues; number += 1) {
    const { play } = openIssue(world, number, random);
    for (const submitter of world.contestants) {
      for (const reviewer of world.contestants) {
        if (submitter === reviewer) continue;
        for (let repeat = 0; repeat < plan.repeats; repeat += 1) rounds.push(play(submitter, reviewer));
      }
    }
  }
  return rounds;
}

/** A strength less the mean of all. */
export function centred(world: World, id: string, of: (contestant: Contestant) => number): number {
  const all = world.contestants.map(of);
  const own = world.contestants.find((contestant) => contestant.id === id);
  if (own === undefined) throw new Error(`no contestant ${id}`);
  return of(own) - all.reduce((sum, value) => sum + value, 0) / all.length;
}
