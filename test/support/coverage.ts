// How often intervals hold the known truth over many simulated tournaments.
import { type Random, seededRandom } from "../../src/domain/random.ts";
import {
  type Bounds,
  type RatedRound,
  type Ratings,
  rate,
  type Scale,
  type Strength,
} from "../../src/rating/index.ts";
import { centred, type Plan, playAll, type World } from "./tournaments.ts";

export type Truth = (id: string, scale: Scale) => number;

const scales: readonly Scale[] = ["submitter", "reviewer", "overall"];

/** What the rounds were drawn from: the truth where the model leaves nothing out. */
export const drawnFrom =
  (world: World): Truth =>
  (id, scale) =>
    centred(world, id, ({ submitter, reviewer }) =>
      scale === "overall" ? submitter + reviewer : scale === "submitter" ? submitter : reviewer,
    );

/** Where the world holds more than the model, its truth is what endless issues of it would be rated. */
export function limitOf(world: World, plan: Plan, random: Random): Truth {
  const { contestants } = rate(playAll(world, plan, random), { random, resamples: 0 });
  return (id, scale) => {
    const value = contestants.find((contestant) => contestant.id === id)?.[scale]?.value;
    if (value === undefined) throw new Error(`no ${scale} strength of ${id}`);
    return value;
  };
}

export const methods = ["clustered", "bootstrap", "unclustered"] as const;
export type Method = (typeof methods)[number];

function boundsBy(method: Method, strength: Strength): Bounds | undefined {
  if (method !== "clustered") return strength[method];
  const { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY } = strength;
  return { low, high };
}

export interface Coverage {
  readonly tournaments: number;
  readonly intervals: number;
  /** Share of intervals that hold the truth. */
  readonly share: Readonly<Record<Method, number>>;
  /** Mean width of the clustered overall intervals. */
  readonly width: number;
  /** Share of tournaments in which every contestant's true place is within its rank. */
  readonly ranks: number;
}

class Counter {
  intervals = 0;
  held: Record<Method, number> = { clustered: 0, bootstrap: 0, unclustered: 0 };
  widths = 0;
  ranked = 0;

  add(ratings: Ratings, truth: Truth): void {
    for (const contestant of ratings.contestants) {
      for (const scale of scales) {
        const strength = contestant[scale];
        if (strength !== undefined && strength.separation === undefined) {
          this.#count(strength, truth(contestant.id, scale));
        }
      }
      const { low = 0, high = 0 } = contestant.overall ?? {};
      this.widths += high - low;
    }
    this.ranked += Counter.#areRanksRight(ratings, truth) ? 1 : 0;
  }

  #count(strength: Strength, value: number): void {
    this.intervals += 1;
    for (const method of methods) {
      const bounds = boundsBy(method, strength);
      if (bounds !== undefined && bounds.low <= value && value <= bounds.high) this.held[method] += 1;
    }
  }

  static #areRanksRight({ contestants }: Ratings, truth: Truth): boolean {
    const values = contestants.map(({ id }) => truth(id, "overall"));
    return contestants.every(({ overall }, index) => {
      const own = values[index] ?? 0;
      const place = 1 + values.filter((value) => value > own + 1e-9).length;
      const last = values.filter((value) => value >= own - 1e-9).length;
      return overall === undefined || (overall.rank.best <= last && place <= overall.rank.worst);
    });
  }
}

export function coverageOf(
  world: World,
  plan: Plan & { readonly tournaments: number; readonly resamples: number },
  of: { readonly truth: Truth; readonly seed: string; readonly play?: (random: Random) => RatedRound[] },
): Coverage {
  const counter = new Counter();
  for (let tournament = 0; tournament < plan.tournaments; tournament += 1) {
    const random = seededRandom(`${of.seed} ${tournament}`);
    const rounds = of.play === undefined ? playAll(world, plan, random) : of.play(random);
    const ratings = rate(rounds, { random, resamples: plan.resamples });
    counter.add(ratings, of.truth);
  }
  const { intervals, held } = counter;
  return {
    tournaments: plan.tournaments,
    intervals,
    share: {
      clustered: held.clustered / intervals,
      bootstrap: held.bootstrap / intervals,
      unclustered: held.unclustered / intervals,
    },
    width: counter.widths / (plan.tournaments * world.contestants.length),
    ranks: counter.ranked / plan.tournaments,
  };
}
