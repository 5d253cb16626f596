// Randomness by name instead of by turn: a decision draws the same number however many others were made before it.
import { createHash } from "node:crypto";

/** Uniform in [0, 1), 48 bits of the SHA-256 of the parts; the same parts give the same number everywhere. */
export function uniformOf(...parts: readonly (string | number)[]): number {
  return createHash("sha256").update(JSON.stringify(parts)).digest().readUIntBE(0, 6) / 2 ** 48;
}
