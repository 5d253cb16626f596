// Turns digits into exact numbers: decimals, powers of ten and repeating decimals without a rounding.
import Fraction from "fraction.js";
import type { Tree } from "./answer-tree.ts";

export const whole = (value: bigint): Tree => ({ kind: "number", value: new Fraction(value, 1n) });

/** @param text digits, perhaps a point and more digits, perhaps e and an exponent */
export function numberTree(text: string): Tree {
  const [mantissa = "", exponent = "0"] = text.split("e");
  const [before = "", after = ""] = mantissa.split(".");
  const power = Number(exponent) - after.length;
  const digits = BigInt(before + after);
  return { kind: "number", value: ratio(digits * tenTo(power), tenTo(-power)) };
}

/**
 * 0.1 and 6 are 0.1666...: what repeats, over as many nines as it has digits.
 * @param repeated digits
 */
export function repeatingTree(text: string, repeated: string): Tree {
  const [before = "", after = ""] = text.split(".");
  const nines = tenTo(repeated.length) - 1n;
  const all = BigInt(before + after) * nines + BigInt(repeated);
  return { kind: "number", value: ratio(all, nines * tenTo(after.length)) };
}

const tenTo = (power: number): bigint => (power > 0 ? 10n ** BigInt(power) : 1n);
const ratio = (over: bigint, under: bigint): Fraction => new Fraction(over, under);
