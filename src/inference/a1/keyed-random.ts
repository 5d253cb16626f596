// Randomness by name instead of by turn: a decision draws the same number however many others were made before it.
import { hash } from "node:crypto";

/**
 * Uniform in [0, 1), the first 48 bits of the SHA-256 of the parts as JSON; the same parts give the same number
 * everywhere. A counter-based generator would be faster by a microsecond, and could not be checked with `sha256sum`.
 */
export function uniformOf(...parts: readonly (string | number)[]): number {
  return Number.parseInt(hash("sha256", JSON.stringify(parts), "hex").slice(0, 12), 16) / 2 ** 48;
}
