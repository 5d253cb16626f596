// Many simulated runs through the real runner: how often they name the wrong winner, after how many battles, and what they prove.
import type { AdaptivePairing } from "../../src/domain/adaptive.ts";
import { seededRandom } from "../../src/domain/random.ts";
import type { RunStore } from "../../src/domain/run.ts";
import {
  leaderOf,
  type PairHistory,
  pairOf,
  payoffOf,
  rate,
  ratedRound,
  withPayoff,
} from "../../src/rating/index.ts";
import { boardSource, type KnownEvidence } from "../../src/report/index.ts";
import { evidenceOf } from "../../src/report/tournament-evidence.ts";
import { openStore } from "../../src/storage/index.ts";
import { planSimulation, playSimulation, type Simulation } from "./simulated-run.ts";
import { centred, type World } from "./tournaments.ts";

/** Overall strengths `gap` apart, the last the best, each contestant with luck of its own on every issue. */
export function ladder(count: number, gap: number, world: World): World {
  const contestants = Array.from({ length: count }, (_, i) => ({
    id: `model-${i}`,
    submitter: (i * gap) / 2,
    reviewer: (i * gap) / 2,
  }));
  return { ...world, contestants, ownDeviation: 0.5 };
}

/** Any pair of all, each draw: what adaptive pairing is held against, by the same runner. */
export const uniform = (pairing: AdaptivePairing): AdaptivePairing => ({ ...pairing, floor: 1 });

/** Whatever is done with the store of a run that was played to its end. */
export async function withRun<T>(
  simulation: Simulation,
  use: (store: RunStore) => T,
  path = ":memory:",
): Promise<T> {
  const store = openStore(path);
  try {
    planSimulation(store, simulation);
    // Battles take different times, as they do.
    const turnsOf = ({ battleId }: { readonly battleId: string }) => seededRandom(battleId).integer(4);
    await playSimulation(store, simulation, { workers: 4, turnsOf });
    return use(store);
  } finally {
    store.close();
  }
}

export function evidenceIn(store: RunStore): KnownEvidence {
  const source = boardSource({ name: "simulation", sandbox: "none", sampling: [] }, store);
  const evidence = evidenceOf([source], "strict");
  if (evidence.known) return evidence;
  throw new Error(evidence.because);
}

/** Whom the payoffs put first after so many battles, in the order drawn. */
export function leadersAt(store: RunStore, checkpoints: readonly number[]): readonly (string | undefined)[] {
  const contestants = store.settings?.contestants ?? [];
  let history: readonly PairHistory[] = [];
  const leaders: (string | undefined)[] = [];
  for (const [place, { battleId, first, second }] of store.battles().entries()) {
    const rounds = store.rounds(battleId).map((row) => ratedRound(row, "strict"));
    const pair = pairOf(first, second);
    const { value } = payoffOf(rounds, pair);
    if (value !== undefined) history = withPayoff(history, pair, value);
    if (checkpoints.includes(place + 1)) leaders.push(leaderOf(contestants, history));
  }
  return leaders;
}

/** Share of runs that put another than `best` first, after each number of battles. */
export async function wrongLeaders(
  simulation: Simulation,
  of: { readonly runs: number; readonly checkpoints: readonly number[]; readonly best: string },
): Promise<readonly number[]> {
  const wrong = of.checkpoints.map(() => 0);
  for (let run = 0; run < of.runs; run += 1) {
    const seed = `${simulation.seed} ${run}`;
    const leaders = await withRun({ ...simulation, seed }, (store) => leadersAt(store, of.checkpoints));
    for (const [place, leader] of leaders.entries())
      if (leader !== of.best) wrong[place] = (wrong[place] ?? 0) + 1;
  }
  return wrong.map((count) => count / of.runs);
}

export interface Recovered {
  readonly id: string;
  readonly truth: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Overall strengths, rated from the stored rounds, beside those that the rounds were drawn from. */
export function recovered(store: RunStore, world: World): readonly Recovered[] {
  const rounds = store.rounds().map((row) => ratedRound(row, "strict"));
  const ratings = rate(rounds, { random: seededRandom("recovered"), resamples: 0 });
  return ratings.contestants.map(({ id, overall }) => {
    if (overall === undefined) throw new Error(`${id} has no strength`);
    const { value, low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY } = overall;
    return { id, value, low, high, truth: centred(world, id, (one) => one.submitter + one.reviewer) };
  });
}
