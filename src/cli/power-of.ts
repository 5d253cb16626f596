// How small a difference of ratings a plan can tell from none: the rating house's answer to the planner's question.
import type { PowerOf } from "../arena/index.ts";
import { defaultAssumptions, smallestDifference } from "../rating/index.ts";

const [level, found] = [0.95, 0.8];

export const powerOf: PowerOf = ({ contestants, instances, pairs, roundsPerBattle }) => {
  if (contestants < 2 || instances < 2 || roundsPerBattle < 2)
    return { unknown: "expected two contestants, instances and rounds of a battle at least" };
  if (pairs !== (contestants * (contestants - 1)) / 2)
    return { unknown: "not every contestant meets every other, which the reckoning takes for granted" };
  const plan = { contestants, issues: instances, rounds: roundsPerBattle };
  const { marginVariance, ownDeviation } = defaultAssumptions;
  return {
    smallestDifference: smallestDifference(plan, { level, power: found }),
    ...{ unit: "log-odds of overall strength", falseAlarms: 1 - level, found },
    basis: `without a pilot: margin variance ${marginVariance}, own deviation ${ownDeviation}`,
  };
};
