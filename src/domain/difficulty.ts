// The bands of difficulty: boards group by them and quotas are named by them, so both must mean the same.

/** The bands in which the paper's judge was asked to place its numbers. */
export const difficultyBands = ["very easy", "easy", "medium", "hard", "very hard"] as const;
export type DifficultyBand = (typeof difficultyBands)[number];

/** Of a number from 0 to 1: a fifth each. */
export function difficultyBand(difficulty: number): DifficultyBand {
  const index = Math.floor(difficulty * difficultyBands.length);
  return difficultyBands[Math.min(difficultyBands.length - 1, index)] ?? difficultyBands[0];
}
