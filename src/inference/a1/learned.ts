// A score learned from verdicts: logistic regression from what the target said of a chunk to the odds that its answer is wrong.

/** What is told of a chunk, by name; a name that a chunk lacks counts as its mean. */
export type Features = Readonly<Record<string, number>>;

export interface LabelledChunk {
  readonly features: Features;
  readonly isWrong: boolean;
}

/** Weights of standardised features. */
export interface LearnedMap {
  readonly bias: number;
  readonly weights: readonly {
    readonly name: string;
    readonly mean: number;
    readonly deviation: number;
    readonly weight: number;
  }[];
}

/** Pulls weights towards zero, in units of one observation: with few verdicts little is believed. */
const ridge = 1;
const mostSteps = 50;
const closeEnough = 1e-9;

const logistic = (odds: number): number => 1 / (1 + Math.exp(-odds));

/** Log-odds that the answer is wrong: larger is worse, as every score. */
export function learnedScore({ bias, weights }: LearnedMap, features: Features): number {
  return weights.reduce(
    (sum, { name, mean, deviation, weight }) =>
      sum + (weight * ((features[name] ?? mean) - mean)) / deviation,
    bias,
  );
}

/**
 * Ridge logistic regression by Newton's method (Hastie, Tibshirani and Friedman, The Elements of Statistical Learning,
 * section 4.4.1). Names are those that every chunk has and that vary.
 * @throws RangeError where all answers are alike: nothing can be learned from them
 */
export function learn(chunks: readonly LabelledChunk[]): LearnedMap {
  const wrong = chunks.filter(({ isWrong }) => isWrong).length;
  if (wrong === 0 || wrong === chunks.length)
    throw new RangeError(
      `expected wrong and right answers among ${chunks.length}, found ${wrong} wrong. What to do: ask more questions`,
    );
  const scales = scalesOf(chunks);
  const rows = chunks.map(({ features }) => [
    1,
    ...scales.map(({ name, mean, deviation }) => ((features[name] ?? mean) - mean) / deviation),
  ]);
  const labels = chunks.map(({ isWrong }) => (isWrong ? 1 : 0));
  let weights: number[] = rows[0]?.map(() => 0) ?? [];
  for (let step = 0; step < mostSteps; step += 1) {
    const change = newtonStep(rows, labels, weights);
    weights = weights.map((weight, at) => weight + (change[at] ?? 0));
    if (change.every((each) => Math.abs(each) < closeEnough)) break;
  }
  const [bias = 0, ...rest] = weights;
  return { bias, weights: scales.map((scale, at) => ({ ...scale, weight: rest[at] ?? 0 })) };
}

function scalesOf(chunks: readonly LabelledChunk[]): { name: string; mean: number; deviation: number }[] {
  const names = Object.keys(chunks[0]?.features ?? {}).filter((name) =>
    chunks.every(({ features }) => Number.isFinite(features[name])),
  );
  return names.toSorted().flatMap((name) => {
    const values = chunks.map(({ features }) => features[name] ?? 0);
    const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
    const variance = values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length;
    return variance > 0 ? [{ name, mean, deviation: Math.sqrt(variance) }] : [];
  });
}

/** Solves (X'WX + ridge) change = X'(y - p) - ridge w; the bias, which stands first, is free. */
function newtonStep(
  rows: readonly (readonly number[])[],
  labels: readonly number[],
  weights: readonly number[],
): number[] {
  const size = weights.length;
  const matrix: number[][] = weights.map((_, at) =>
    weights.map((__, other) => (at === other && at > 0 ? ridge : 0)),
  );
  const right = weights.map((weight, at) => (at > 0 ? -ridge * weight : 0));
  rows.forEach((row, index) => {
    const p = logistic(row.reduce((sum, value, at) => sum + value * (weights[at] ?? 0), 0));
    const certainty = Math.max(p * (1 - p), 1e-9);
    for (let at = 0; at < size; at += 1) {
      const value = row[at] ?? 0;
      right[at] = (right[at] ?? 0) + value * ((labels[index] ?? 0) - p);
      const line = matrix[at] ?? [];
      for (let other = 0; other < size; other += 1)
        line[other] = (line[other] ?? 0) + certainty * value * (row[other] ?? 0);
    }
  });
  return solved(matrix, right);
}

/** Gaussian elimination with pivots; the matrix is positive definite. */
function solved(matrix: readonly number[][], right: readonly number[]): number[] {
  const rows = matrix.map((row, at) => [...row, right[at] ?? 0]);
  const size = rows.length;
  for (let column = 0; column < size; column += 1) {
    const below = rows.slice(column);
    const pivot = below.reduce(
      (best, row, at) => (Math.abs(row[column] ?? 0) > Math.abs(below[best]?.[column] ?? 0) ? at : best),
      0,
    );
    const chosen = rows[column + pivot] ?? [];
    rows[column + pivot] = rows[column] ?? [];
    rows[column] = chosen;
    for (const [at, row] of rows.entries()) {
      if (at === column) continue;
      const factor = (row[column] ?? 0) / (chosen[column] ?? 1);
      for (let each = column; each <= size; each += 1)
        row[each] = (row[each] ?? 0) - factor * (chosen[each] ?? 0);
    }
  }
  return rows.map((row, at) => (row[size] ?? 0) / (row[at] ?? 1));
}
