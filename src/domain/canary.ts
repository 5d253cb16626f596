// What controls that are run on the host say of a run: which instances are in quarantine, which rounds nobody vouches for.
import type { RoundRow } from "./run.ts";

/** Gold must resolve, the base tree must not, and a patch known to be wrong must not. */
export const canaryControls = ["gold", "empty", "wrong"] as const;
export type CanaryControl = (typeof canaryControls)[number];

export interface ControlResult {
  readonly control: CanaryControl;
  /** `gold`, `empty`, `mutant`, or the id of a member of the instance's panel. */
  readonly name: string;
  readonly passed: boolean;
  /** What it came to, in a few words. */
  readonly found: string;
}

/** The controls of one instance, run anew on the host that judges. */
export interface Canary {
  readonly instanceId: string;
  /** Milliseconds since 1970, UTC. */
  readonly atMs: number;
  readonly controls: readonly ControlResult[];
  /** Why the instance is in quarantine; absent when every control came out as it must. */
  readonly reason?: string;
  /** A file of the run folder that names the runs, and its SHA-256. */
  readonly evidence: string;
  readonly evidenceHash: string;
}

export interface StoredCanary extends Canary {
  readonly id: number;
  /** It had failed, and somebody asked for another try. */
  readonly isRetried: boolean;
}

/** The last canary that had passed when a round was recorded. A round without a mark had none before it. */
export interface RoundMark {
  readonly battleId: string;
  readonly round: number;
  readonly canary: number;
}

export const hasPassed = ({ reason }: Pick<Canary, "reason">): boolean => reason === undefined;

/** By instance: the canary that put it in quarantine, where it still is. `canaries` in the order they were run. */
export function quarantinedBy(canaries: readonly StoredCanary[]): ReadonlyMap<string, StoredCanary> {
  const last = new Map(canaries.map((canary) => [canary.instanceId, canary]));
  return new Map([...last].filter(([, canary]) => !hasPassed(canary) && !canary.isRetried));
}

export interface VouchedRounds {
  readonly counted: readonly RoundRow[];
  /** Recorded after the last good canary before a failed one: the host may have been broken by then. */
  readonly leftOut: readonly RoundRow[];
}

/** A round counts unless the next canary of its instance after it was recorded has failed. */
export function vouchedRounds(
  rows: readonly RoundRow[],
  canaries: readonly StoredCanary[],
  marks: readonly RoundMark[],
): VouchedRounds {
  const markOf = new Map(marks.map(({ battleId, round, canary }) => [`${round} ${battleId}`, canary]));
  const byInstance = new Map<string, StoredCanary[]>();
  for (const canary of canaries)
    byInstance.set(canary.instanceId, [...(byInstance.get(canary.instanceId) ?? []), canary]);
  const isLeftOut = ({ battleId, round, instanceId }: RoundRow): boolean => {
    const mark = markOf.get(`${round} ${battleId}`) ?? 0;
    const next = byInstance.get(instanceId)?.find(({ id }) => id > mark);
    return next !== undefined && !hasPassed(next);
  };
  return { counted: rows.filter((row) => !isLeftOut(row)), leftOut: rows.filter(isLeftOut) };
}
