// What k independent tries would give, estimated without bias from n >= k of them.

function refuseImpossible(n: number, c: number, k: number): void {
  const whole = [n, c, k].every((number) => Number.isInteger(number) && number >= 0);
  if (whole && c <= n && k >= 1 && k <= n) return;
  throw new RangeError(
    `expected whole numbers with 0 <= c <= n and 1 <= k <= n; found n=${n}, c=${c}, k=${k}`,
  );
}

/** C(a, k) / C(b, k) for a <= b, as a product that never leaves [0, 1]. */
function choiceRatio(a: number, b: number, k: number): number {
  if (a < k) return 0;
  let ratio = 1;
  for (let i = 0; i < k; i += 1) ratio *= (a - i) / (b - i);
  return ratio;
}

/**
 * pass@k, also Best@k: the chance that at least one of k tries succeeds, from c successes in n tries.
 * 1 - C(n-c, k) / C(n, k) (Chen et al. 2021, "Evaluating Large Language Models Trained on Code", eq. 1).
 * @throws RangeError for k > n: fewer tries than asked for say nothing unbiased about k
 */
export function passAtK(n: number, c: number, k: number): number {
  refuseImpossible(n, c, k);
  return 1 - choiceRatio(n - c, n, k);
}

/**
 * pass^k: the chance that all k tries succeed, from c successes in n tries.
 * C(c, k) / C(n, k) (Yao et al. 2024, "τ-bench", section 4).
 * @throws RangeError for k > n
 */
export function passHatK(n: number, c: number, k: number): number {
  refuseImpossible(n, c, k);
  return choiceRatio(c, n, k);
}
