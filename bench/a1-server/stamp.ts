// The tokens of the benchmark: a space and when they were written, four characters, as many as a token of English has.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const unitUs = 250;
/** After so many units stamps begin anew, about a minute. */
const wrap = 64 ** 3;

const digits = new Map([...alphabet].map((character, value) => [character.charCodeAt(0), value]));

export const tokenLength = 4;

/** Any number: a time, or where the token stands. */
export function tokenOf(units: number): string {
  const at = (shift: number): string => alphabet[(units >> shift) & 63] ?? "";
  return ` ${at(12)}${at(6)}${at(0)}`;
}

export function stamped(nowUs: number): string {
  return tokenOf(Math.floor(nowUs / unitUs) % wrap);
}

/** Microseconds from the writing of the token whose space stands at `at`, to a quarter of a millisecond. */
export function ageUs(text: string, at: number, nowUs: number): number {
  const digit = (offset: number): number => digits.get(text.charCodeAt(at + offset)) ?? 0;
  const written = digit(1) * 4096 + digit(2) * 64 + digit(3);
  return ((Math.floor(nowUs / unitUs) - written + wrap) % wrap) * unitUs;
}
