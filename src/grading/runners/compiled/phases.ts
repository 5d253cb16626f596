// Two phases, twins, and what follows when a test and its twin are laid side by side: shared by Rust and C++.
import type { Random } from "../../../domain/random.ts";
import type { CheckStatus } from "../../../domain/report.ts";

/** Every test runs once as it is and once as its twin, in an order of its own: a phase holds some of each. */
export const phases = ["first", "second"] as const;
export type Phase = (typeof phases)[number];

export const drawPhase = (random: Random): Phase => phases[random.integer(2)] ?? "first";
export const otherPhase = (phase: Phase): Phase => (phase === "first" ? "second" : "first");

/** How one process that ran one test ended. */
export type TestEnd =
  | { readonly kind: "passed" }
  | { readonly kind: "failed" }
  | { readonly kind: "skipped" }
  /** It did not say, in one voice, how the test ended. `contradicts`: what it said cannot be honest. */
  | { readonly kind: "broken"; readonly why: string; readonly contradicts: boolean };

export interface Pair {
  /** Absent when time ran out before it could run. */
  readonly real?: TestEnd;
  readonly twin?: TestEnd;
  readonly hasTwin: boolean;
}

export type PairVerdict =
  | { readonly kind: "status"; readonly status: CheckStatus; readonly why?: string }
  | { readonly kind: "forged"; readonly why: string }
  /** It passes, and its twin, which should not, does not fail. */
  | { readonly kind: "deaf" }
  /** Nothing that counts: it did not run, or nothing vouches for it. */
  | { readonly kind: "missing" };

function statusOf(end: TestEnd): PairVerdict {
  if (end.kind !== "broken") return { kind: "status", status: end.kind };
  if (end.contradicts) return { kind: "forged", why: end.why };
  return { kind: "status", status: "error", why: end.why };
}

/**
 * A test that passes must have a twin that fails. A twin beside a test that does not pass proves nothing, and any end
 * of it is fine: it may well fail for the same reason, or pass because it asserts the contrary.
 */
export function judgePair({ real, twin, hasTwin }: Pair): PairVerdict {
  if (real === undefined) return { kind: "missing" };
  if (real.kind !== "passed" || !hasTwin) return statusOf(real);
  if (twin === undefined) return { kind: "missing" };
  if (twin.kind === "passed" || twin.kind === "skipped") return { kind: "deaf" };
  return twin.kind === "broken" && twin.contradicts ? { kind: "forged", why: twin.why } : statusOf(real);
}
