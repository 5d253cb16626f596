// How few issues decide who is first: an interval speaks of other issues like these, this of these issues themselves.
import { minus, nodesOn, overParameters, type Scale, weightsOf } from "./contrast.ts";
import type { Roles } from "./design.ts";
import type { Fit } from "./fit.ts";
import { at, dot, solve } from "./linear.ts";
import type { RatedRound } from "./outcome.ts";
import { Refits } from "./refit.ts";
import { firstOf, leadOf } from "./voids.ts";

export interface RankFlip {
  readonly first: string;
  readonly issues: number;
  /** Absent where no removal that was tried puts anybody else first. */
  readonly flip?: {
    /** Who is first then. */
    readonly newFirst: string;
    /** As few as were found; there may be fewer. Checked by rating the rest anew. */
    readonly dropped: readonly string[];
    readonly share: number;
  };
}

interface Attack {
  /** Issues by how much they hold the first ahead of the rival, most first. */
  readonly order: readonly string[];
  /** How many the influences say it takes. */
  readonly predicted: number;
}

/** cᵀ A⁻¹ s_g: what the lead loses without issue g, to first order. */
function influences(fit: Fit, first: string, rival: string): Float64Array {
  const { design, theta, evaluation } = fit;
  const scale: Scale = design.roles === "one" ? "submitter" : "overall";
  const of = (id: string) => weightsOf(nodesOn(design, scale, design.contestants.indexOf(id)), design);
  const direction = solve(fit.factor, overParameters(design, minus(of(first), of(rival))));
  return Float64Array.from(design.issues, (_, issue) =>
    dot(direction, evaluation.issueScores.subarray(issue * theta.length, (issue + 1) * theta.length)),
  );
}

function attackOf(fit: Fit, first: string, rival: string): Attack | undefined {
  const lead = leadOf(fit, first, rival);
  if (lead === undefined) return undefined;
  const pull = influences(fit, first, rival);
  const order = fit.design.issues.map((_, issue) => issue).sort((a, b) => at(pull, b) - at(pull, a));
  let left = lead;
  const reached = order.findIndex((issue) => {
    left -= at(pull, issue);
    return left < 0;
  });
  if (reached < 0) return undefined;
  return { order: order.map((issue) => fit.design.issues[issue] ?? ""), predicted: reached + 1 };
}

interface Found {
  readonly newFirst: string;
  readonly count: number;
}

/** Who is first without the `count` issues that matter most; undefined where it is still `first`. */
function without(refits: Refits, { order }: Attack, of: { first: string; count: number }) {
  const fit = refits.without(new Set(order.slice(0, of.count)));
  const newFirst = fit === undefined ? undefined : firstOf(fit);
  return newFirst === undefined || newFirst === of.first ? undefined : newFirst;
}

/** From the predicted number up until the first changes, then halving down to the least that was found. */
function fewest(refits: Refits, attack: Attack, first: string): Found | undefined {
  const most = attack.order.length - 2;
  let [kept, count] = [0, attack.predicted];
  let newFirst = without(refits, attack, { first, count });
  while (newFirst === undefined && count < most) {
    kept = count;
    count = Math.min(most, count + Math.max(1, Math.ceil(count / 4)));
    newFirst = without(refits, attack, { first, count });
  }
  if (newFirst === undefined) return undefined;
  while (count - kept > 1) {
    const middle = Math.floor((kept + count) / 2);
    const other = without(refits, attack, { first, count: middle });
    if (other === undefined) kept = middle;
    else [count, newFirst] = [middle, other];
  }
  return { newFirst, count };
}

/** Rivals whose attack is tried in full: those that the influences say come nearest. */
const rivalsTried = 3;

/** `rankFlip` of rounds that are fitted already. */
export function rankFlipOf(refits: Refits): RankFlip | undefined {
  const fit = refits.base;
  const first = fit === undefined ? undefined : firstOf(fit);
  if (fit === undefined || first === undefined) return undefined;
  const attacks = fit.design.contestants.flatMap((rival) => {
    const attack = rival === first ? undefined : attackOf(fit, first, rival);
    return attack === undefined ? [] : [attack];
  });
  const nearest = attacks.sort((a, b) => a.predicted - b.predicted).slice(0, rivalsTried);
  let best: { readonly found: Found; readonly attack: Attack } | undefined;
  for (const attack of nearest) {
    const found = fewest(refits, attack, first);
    if (found !== undefined && (best === undefined || found.count < best.found.count))
      best = { found, attack };
  }
  const issues = fit.design.issues.length;
  if (best === undefined) return { first, issues };
  const dropped = best.attack.order.slice(0, best.found.count);
  return { first, issues, flip: { newFirst: best.found.newFirst, dropped, share: dropped.length / issues } };
}

/**
 * The fewest issues found whose removal changes the first place: issues are ranked by their influence on the lead over each
 * rival (Broderick, Giordano and Meager 2020, "An Automatic Finite-Sample Robustness Metric", arXiv 2011.14999; for
 * Bradley-Terry boards Huang, Shen, Wei and Broderick 2025, arXiv 2508.11847), and what they predict is checked by rating the
 * remaining rounds. An upper bound: another set might do with fewer. Undefined where nobody is first.
 */
export function rankFlip(
  rounds: readonly RatedRound[],
  given: { readonly roles?: Roles; readonly issueEffects?: boolean } = {},
): RankFlip | undefined {
  return rankFlipOf(new Refits(rounds, { roles: "two", issueEffects: true, ...given }));
}
