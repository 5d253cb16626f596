// The chances of one round's margins at a given advantage: the smallest part of the likelihood, and the most called.
import * as linear from "./linear.ts";
import type { Margin } from "./outcome.ts";

// Bound once: this is an inner loop, and a call through an import costs ten times as much where modules are wrapped.
const { at } = linear;

/** P(k | η) = exp(α_k + k η / 2) / Σ_l exp(α_l + l η / 2), for margins k from -2 to 2. */
export class MarginModel {
  /** Half of each margin: what an advantage is multiplied by. */
  readonly halves: Float64Array;
  /** α. */
  readonly levels: Float64Array;
  readonly #factors: Float64Array;

  constructor(margins: readonly Margin[], levels: Float64Array) {
    this.halves = Float64Array.from(margins, (margin) => margin / 2);
    this.levels = levels;
    this.#factors = levels.map(Math.exp);
  }

  /** Writes the chances from `place` on, then mean and variance of half the margin; gives log Σ. */
  fill(chances: Float64Array, eta: number, place: number): number {
    const [halves, factors, width] = [this.halves, this.#factors, this.halves.length];
    const root = Math.exp(eta / 2);
    const inverse = 1 / root;
    let sum = 0;
    for (let k = 0; k < width; k += 1) {
      const half = at(halves, k);
      const once = half > 0 ? root : inverse;
      const power = half === 0 ? 1 : half > 0.5 || half < -0.5 ? once * once : once;
      const term = at(factors, k) * power;
      chances[place + k] = term;
      sum += term;
    }
    const share = 1 / sum;
    let [mean, second] = [0, 0];
    for (let k = 0; k < width; k += 1) {
      const chance = at(chances, place + k) * share;
      chances[place + k] = chance;
      const first = chance * at(halves, k);
      mean += first;
      second += first * at(halves, k);
    }
    chances[place + width] = mean;
    chances[place + width + 1] = second - mean * mean;
    return Math.log(sum);
  }
}
