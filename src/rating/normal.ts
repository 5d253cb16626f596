// The normal distribution's two directions, as accurate as intervals from thousands of resamples need.

/** Φ(x), Abramowitz and Stegun 7.1.26 for erf: absolute error below 1e-7. */
export function normalBelow(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.327_591_1 * z);
  const series = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
  const tail = series.reduce((sum, coefficient) => (sum + coefficient) * t, 0) * Math.exp(-z * z);
  return x >= 0 ? 1 - tail / 2 : tail / 2;
}

/** Φ⁻¹(p) for 0 < p < 1, by bisection on Φ: called a few times an interval, so plain beats fast. */
export function normalQuantile(p: number): number {
  let low = -8;
  let high = 8;
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2;
    if (normalBelow(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
