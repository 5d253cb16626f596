// Conformal p-values of "this chunk is no worse than drafts usually are", and the rules that turn one into a decision.
import type { OrderStatistics } from "./order-statistics.ts";

/** What a p-value is counted among. A larger nonconformity is a worse chunk. */
export type Calibration = Pick<OrderStatistics, "size" | "countGreater" | "countEqual">;

/**
 * Randomised conformal p-value (Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, section 2.6):
 * `(#{a_i > a} + u (1 + #{a_i = a})) / (n + 1)`. Exactly uniform where `nonconformity` is exchangeable with the bank,
 * whatever its size and ties; small for a bad chunk.
 * @param u uniform in [0, 1), drawn for this decision alone
 */
export function pValueOf(bank: Calibration, nonconformity: number, u: number): number {
  const equal = bank.countEqual(nonconformity);
  return (bank.countGreater(nonconformity) + u * (1 + equal)) / (bank.size + 1);
}

/**
 * The order statistic above which a chunk goes to the target at intervention rate `rate`, without randomisation:
 * the k-th smallest with k = ceil((1 - rate)(n + 1)). Infinite where the bank is too small for the rate.
 */
export function thresholdOf(bank: OrderStatistics, rate: number): { rank: number; threshold: number } {
  // Products such as (1 - 0.4) * 5 are a hair above the whole number that is meant.
  const rank = Math.ceil((1 - rate) * (bank.size + 1) - 1e-9);
  return { rank, threshold: bank.at(rank) ?? Infinity };
}

/**
 * Top-B of m without waiting for siblings: selection sampling (Knuth, The Art of Computer Programming 2, algorithm 3.4.2 S)
 * steered by p-values. Never more than B of m are taken, always B where all m are asked, the worst first as far as
 * they can be told apart one by one.
 */
export function withinBudget(
  p: number,
  left: { readonly budget: number; readonly candidates: number },
): boolean {
  if (left.budget <= 0 || left.candidates <= 0) return false;
  return p * left.candidates < left.budget;
}
