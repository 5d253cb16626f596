// How small a difference a plan can tell from none, before a dollar is spent on it.
import { defaultLevel } from "./bootstrap.ts";
import type { Margin } from "./outcome.ts";
import { studentQuantile } from "./student.ts";

export interface Plan {
  /** Everybody meets everybody on every issue. */
  readonly contestants: number;
  readonly issues: number;
  /** Rounds of one battle, both directions together. */
  readonly rounds: number;
}

export interface Assumptions {
  /** Variance of a round's margin given who plays on what; from -2 to +2 it is 4 at most. */
  readonly marginVariance: number;
  /** Standard deviation, in log-odds, of how a role fares on an issue beside its strength: what repeats do not average out. */
  readonly ownDeviation: number;
}

export interface PowerOptions {
  readonly assumptions?: Assumptions;
  readonly level?: number;
  /** Chance to find a difference of just that size. */
  readonly power?: number;
  /** Comparisons among which the level is shared (Bonferroni). */
  readonly comparisons?: number;
}

/** Of a pilot's margins; issues of unequal hardness make it too large, and the plan too cautious. */
export function marginVariance(
  shares: readonly { readonly margin: Margin; readonly share: number }[],
): number {
  const mean = shares.reduce((sum, { margin, share }) => sum + margin * share, 0);
  return shares.reduce((sum, { margin, share }) => sum + (margin - mean) ** 2 * share, 0);
}

/** For plans without a pilot: guesses on the cautious side, to be replaced by a pilot's own figures. */
export const defaultAssumptions: Assumptions = { marginVariance: 1.5, ownDeviation: 0.7 };

function refuse(
  { contestants, issues, rounds }: Plan,
  { marginVariance: variance, ownDeviation }: Assumptions,
): void {
  const whole = [contestants, issues, rounds].every(Number.isInteger);
  if (
    whole &&
    contestants >= 2 &&
    issues >= 2 &&
    rounds >= 2 &&
    variance > 0 &&
    variance <= 4 &&
    ownDeviation >= 0
  )
    return;
  throw new RangeError(
    `expected whole numbers of at least 2 contestants, issues and rounds, a margin variance in (0, 4], no negative deviation; ` +
      `found ${contestants}, ${issues}, ${rounds}, ${variance}, ${ownDeviation}`,
  );
}

/**
 * Standard error of the difference of two overall strengths under a plan, in log-odds: √((16 / (n m v) + 4 τ²) / G) with G
 * issues, m contestants, n rounds in each direction, v the margins' variance and τ the own deviation. First order around equal
 * strengths: the contrast of net margins M_a - M_b has variance 4 n m v on one issue and slope n m v / 2 in the difference;
 * hardness of the issue and luck of third contestants cancel in it.
 * @throws RangeError for a plan or assumptions that cannot be
 */
export function plannedError(plan: Plan, assumptions: Assumptions = defaultAssumptions): number {
  refuse(plan, assumptions);
  const { marginVariance: variance, ownDeviation } = assumptions;
  const chance = 16 / ((plan.rounds / 2) * plan.contestants * variance);
  return Math.sqrt((chance + 4 * ownDeviation ** 2) / plan.issues);
}

/**
 * The smallest difference of overall strengths, in log-odds, that the plan finds with the wanted power: (t at 1 - α / (2 c) + t
 * at the power) times the standard error, Student's t with G - 1 degrees of freedom (Bloom 1995, "Minimum Detectable Effects").
 */
export function smallestDifference(plan: Plan, options: PowerOptions = {}): number {
  const { level = defaultLevel, power = 0.8, comparisons = 1, assumptions } = options;
  const error = plannedError(plan, assumptions);
  const freedom = plan.issues - 1;
  return (
    error * (studentQuantile(1 - (1 - level) / (2 * comparisons), freedom) + studentQuantile(power, freedom))
  );
}

/** Issues beyond which no plan is looked for. */
const mostIssues = 1_000_000;

/** The fewest issues that resolve a difference; undefined where a million do not. */
export function issuesFor(
  difference: number,
  plan: Omit<Plan, "issues">,
  options: PowerOptions = {},
): number | undefined {
  const resolves = (issues: number) => smallestDifference({ ...plan, issues }, options) <= difference;
  if (!resolves(mostIssues)) return undefined;
  let [tooFew, enough] = [1, mostIssues];
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (resolves(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}
