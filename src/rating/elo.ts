// Strengths on the scale people know from chess: for reading only, nothing is estimated on it.
import type { Scale } from "./contrast.ts";

/** The mean of the contestants with a finite strength. */
export const meanElo = 1_500;

/**
 * 1500 + 400 / ln 10 · strength: 400 points are odds of ten to one between margins +1 and -1 of a round. `overall` counts half,
 * because a battle has two rounds: each role decides one of them.
 */
export function eloOf(strength: number, scale: Scale): number {
  const perRound = scale === "overall" ? strength / 2 : strength;
  return meanElo + (400 / Math.LN10) * perRound;
}
