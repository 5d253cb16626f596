// How often questions are answered rightly: by one sample, by the majority, by the best of k; with intervals over questions.

/** What became of one question's samples, by sample index. */
export interface GradedQuestion {
  /** Undefined for a sample that says nothing: an engine failed it, or it was called off. */
  readonly isCorrect: readonly (boolean | undefined)[];
  /** Whether what most samples said is right; see `majorityOf`. */
  readonly isMajorityCorrect: boolean;
}

export interface Proportion {
  readonly value: number;
  /** Ends of the 95 % interval. */
  readonly low: number;
  readonly high: number;
  /** Questions, never samples. */
  readonly n: number;
}

/** Quantile of the normal distribution for 95 %, two sides. */
const z95 = 1.959_963_984_540_054;

/**
 * The score interval of a proportion (Wilson 1927, "Probable Inference, the Law of Succession, and Statistical
 * Inference"). Of numbers between 0 and 1 instead of successes it is too wide rather than too narrow: nothing in that
 * range with this mean varies more than successes and failures do.
 * @param successes their sum
 * @throws RangeError for no trials, or more successes than trials
 */
export function wilson(successes: number, n: number): Proportion {
  if (!(n >= 1 && successes >= 0 && successes <= n + 1e-9))
    throw new RangeError(`expected 0 <= successes <= n and n >= 1, found ${successes} of ${n}`);
  const value = Math.min(1, successes / n);
  const scale = 1 + z95 ** 2 / n;
  const middle = (value + z95 ** 2 / (2 * n)) / scale;
  const reach = (z95 / scale) * Math.sqrt((value * (1 - value)) / n + z95 ** 2 / (4 * n ** 2));
  // Rounding must not leave a value outside of its own interval.
  return {
    value,
    low: Math.max(0, Math.min(value, middle - reach)),
    high: Math.min(1, Math.max(value, middle + reach)),
    n,
  };
}

/**
 * The chance that one of k samples is right, from c right ones of n: 1 - C(n-c, k) / C(n, k) (Chen et al. 2021,
 * "Evaluating Large Language Models Trained on Code", equation 1), without bias for k <= n.
 * @throws RangeError for k > n: fewer samples than asked for say nothing unbiased about k
 */
export function passAtK(n: number, c: number, k: number): number {
  const areWhole = [n, c, k].every((number) => Number.isInteger(number));
  if (!areWhole || c < 0 || c > n || k < 1 || k > n)
    throw new RangeError(
      `expected whole numbers with 0 <= c <= n and 1 <= k <= n, found n=${n}, c=${c}, k=${k}`,
    );
  if (n - c < k) return 1;
  let missed = 1;
  for (let at = 0; at < k; at += 1) missed *= (n - c - at) / (n - at);
  return 1 - missed;
}

/** Samples of which it is known whether they are right. */
export const knownOf = ({ isCorrect }: GradedQuestion): boolean[] =>
  isCorrect.filter((right) => right !== undefined);

/** Mean of pass@k over questions of which k samples are known; undefined without such questions. */
export function passAt(k: number, questions: readonly GradedQuestion[]): Proportion | undefined {
  const known = questions.map(knownOf).filter(({ length }) => length >= k);
  return mean(known.map((samples) => passAtK(samples.length, samples.filter((right) => right).length, k)));
}

/** maj@m; undefined without questions. */
export function majorityAccuracy(questions: readonly GradedQuestion[]): Proportion | undefined {
  return mean(questions.map(({ isMajorityCorrect }) => (isMajorityCorrect ? 1 : 0)));
}

function mean(values: readonly number[]): Proportion | undefined {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.length === 0 ? undefined : wilson(sum, values.length);
}
