// The figures of one scale: each contestant's strength with its intervals and its rank among those it was compared with.
import type { Separation } from "./comparability.ts";
import { nodesOn, overParameters, type Scale, type Standpoint, standpoints } from "./contrast.ts";
import { estimateOf, type Fit } from "./fit.ts";
import { at, dot, whole } from "./linear.ts";
import { normalQuantile } from "./normal.ts";
import { type Placed, type Rank, ranksOf } from "./ranks.ts";
import { quantileOf, type Resamples } from "./resampling.ts";
import { type Bounds, boundsOf, type Sandwich, type Spread } from "./sandwich.ts";
import { studentQuantile } from "./student.ts";
import { endOf } from "./unbounded.ts";

export interface Strength {
  /** In log-odds, less the mean of those peers that have a finite strength from ten issues or more. */
  readonly value: number;
  /** Clustered by issue. Absent: the rounds leave this end open. */
  readonly low?: number;
  readonly high?: number;
  /** Absent for a strength without a finite figure or from a single issue, and so are the intervals below. */
  readonly standardError?: number;
  readonly freedom?: number;
  /** Percentiles of the bootstrap over issues. */
  readonly bootstrap?: Bounds;
  /** Were rounds of one issue independent: for comparison, too narrow. */
  readonly unclustered?: Bounds;
  readonly rank: Rank;
  /** Contestants it is ranked among, itself too. */
  readonly among: number;
  readonly separation?: Separation;
}

export interface StrengthOptions {
  readonly fit: Fit;
  readonly sandwich: Sandwich;
  readonly resamples: Resamples;
  readonly level: number;
  /** On how many issues each node was played. */
  readonly issues: Int32Array;
}

function separationOn(fit: Fit, nodes: readonly number[]): Separation | undefined {
  const found = new Set(nodes.map((node) => fit.design.comparability.separation[node]));
  found.delete(undefined);
  const [only] = found;
  return found.size > 1 ? "open" : only;
}

interface Figured extends Standpoint {
  readonly vector: Float64Array;
  readonly value: number;
  readonly spread: Spread;
  readonly separation: Separation | undefined;
  /** Some role of it was played on a single issue, which says nothing about any other. */
  readonly isLone: boolean;
  readonly ends: { readonly low?: number; readonly high?: number };
}

/** Of a strength without a finite figure: its bounded end, moved out by what the others' uncertainty adds. */
function endsOf(fit: Fit, of: { nodes: readonly number[]; value: number; spread: Spread }, level: number) {
  const { separation } = fit.design.comparability;
  const side = separationOn(fit, of.nodes);
  if (side !== "above" && side !== "below") return {};
  const shift = of.nodes.reduce((sum, node) => {
    if (separation[node] === undefined) return sum;
    const place = whole(fit.design.nodePlace, node);
    return sum + endOf(fit, node, { side, level }) - (place < 0 ? 0 : at(fit.theta, place));
  }, 0);
  const { low, high } = boundsOf(of.value + shift, of.spread, level);
  return side === "above" ? { low } : { high };
}

function figured(
  scale: Scale,
  standpoint: Standpoint,
  { fit, sandwich, level, issues }: StrengthOptions,
): Figured {
  const vector = overParameters(fit.design, standpoint.weights);
  const value = estimateOf(fit, vector);
  const spread = sandwich.spread(vector);
  const nodes = nodesOn(fit.design, scale, standpoint.contestant);
  const separation = separationOn(fit, nodes);
  const isLone = nodes.some((node) => whole(issues, node) < 2);
  const ends = isLone
    ? {}
    : separation === undefined
      ? boundsOf(value, spread, level)
      : endsOf(fit, { nodes, value, spread }, level);
  return { ...standpoint, vector, value, spread, separation, isLone, ends };
}

/** Percentiles, widened by √(G / (G - 1)) and from the normal's quantile to Student's, as few issues ask for. */
function bootstrapBounds({ vector, value }: Figured, { resamples, level, fit }: StrengthOptions): Bounds {
  const issues = fit.design.issues.length;
  const tail = (1 - level) / 2;
  const changes = Float64Array.from(resamples.changes, (change) => dot(vector, change)).sort();
  const freedom = Math.max(1, issues - 1);
  const widening =
    (Math.sqrt(issues / freedom) * studentQuantile(1 - tail, freedom)) / normalQuantile(1 - tail);
  return {
    low: value + widening * quantileOf(changes, tail),
    high: value + widening * quantileOf(changes, 1 - tail),
  };
}

function strengthOf(own: Figured, rank: Rank, options: StrengthOptions): Strength {
  const { value, separation, spread, ends, vector } = own;
  const common = { value, ...ends, rank, among: own.peers.length };
  if (separation !== undefined) return { ...common, separation };
  if (own.isLone) return common;
  const naive = { standardError: options.sandwich.unclustered(vector), freedom: Number.POSITIVE_INFINITY };
  return {
    ...common,
    standardError: spread.standardError,
    freedom: spread.freedom,
    ...(options.resamples.changes.length === 0 ? {} : { bootstrap: bootstrapBounds(own, options) }),
    unclustered: boundsOf(value, naive, options.level),
  };
}

/** For ranks, ends of strengths without a finite figure hold for all comparisons at once (Bonferroni). */
function placed(scale: Scale, own: Figured, options: StrengthOptions): Placed {
  const { value, vector, separation, isLone, spread } = own;
  const influences = options.sandwich.influences(vector);
  if (separation === undefined && !isLone) return { value, vector, influences };
  const pairs = (own.peers.length * (own.peers.length - 1)) / 2;
  const nodes = nodesOn(options.fit.design, scale, own.contestant);
  const level = 1 - (1 - options.level) / pairs;
  return {
    value,
    vector,
    influences,
    unbounded: isLone ? {} : endsOf(options.fit, { nodes, value, spread }, level),
  };
}

/** By contestant's number. Contestants that can be compared with nobody on this scale are absent. */
export function strengthsOn(scale: Scale, options: StrengthOptions): ReadonlyMap<number, Strength> {
  const { fit, level, resamples } = options;
  const all = standpoints(fit.design, scale).map((standpoint) => figured(scale, standpoint, options));
  const found = new Map<number, Strength>();
  for (const group of new Set(all.map(({ peers }) => peers.join()))) {
    const members = all.filter(({ peers }) => peers.join() === group);
    const ranks = ranksOf(
      members.map((member) => placed(scale, member, options)),
      {
        level,
        resamples,
        freedom: Math.min(...members.map(({ spread, isLone }) => (isLone ? 1 : spread.freedom))),
      },
    );
    members.forEach((member, index) => {
      const rank = ranks[index] ?? { best: 1, worst: members.length };
      found.set(member.contestant, strengthOf(member, rank, options));
    });
  }
  return found;
}
