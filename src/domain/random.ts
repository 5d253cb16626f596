// Seeded randomness: every draw of a run is replayable to the byte from the seed in its manifest.
import { createHash } from "node:crypto";

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, below); 0 when there is nothing to choose from. */
  integer(below: number): number;
  /** A random stream of its own for a named purpose: adding a draw in one place moves no other. */
  fork(purpose: string): Random;
}

/** sfc32 (Doty-Humphrey's small fast counter), seeded through SHA-256 so that near seeds share nothing. */
export function seededRandom(seed: string): Random {
  const digest = createHash("sha256").update(seed).digest();
  let a = digest.readUInt32LE(0);
  let b = digest.readUInt32LE(4);
  let c = digest.readUInt32LE(8);
  let counter = digest.readUInt32LE(12);
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return (t >>> 0) / 4_294_967_296;
  };
  return {
    next,
    integer: (below) => Math.floor(next() * below),
    fork: (purpose) => seededRandom(`${seed}\u0000${purpose}`),
  };
}

/** A copy in drawn order (every item gets a drawn rank); the caller's array is never touched. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const ranked = items.map((item) => ({ item, rank: random.next() }));
  return ranked.sort((one, other) => one.rank - other.rank).map(({ item }) => item);
}
