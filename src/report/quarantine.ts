// What of the plan is left out and why: instances whose controls fail on this host, contestants who left, with both denominators.
import {
  type Canary,
  type CanaryControl,
  quarantinedBy,
  type StoredCanary,
  vouchedRounds,
} from "../domain/canary.ts";
import type { Dropout, PlannedBattle, RoundRow, RunStore } from "../domain/run.ts";
import { counted, plain } from "./text.ts";

/** Of one run: what stands behind its rounds, and what is not among them. */
export interface LeftOut {
  /** Every canary, in the order they were run. */
  readonly canaries: readonly StoredCanary[];
  /** Recorded after the last good canary before a failed one: in no rating and in no metric. */
  readonly rounds: readonly RoundRow[];
  readonly dropouts: readonly Dropout[];
}

export interface QuarantinedInstance {
  readonly run: string;
  readonly instanceId: string;
  /** Why, when (ISO 8601, UTC), which controls, and the file that shows it with its SHA-256. */
  readonly reason: string;
  readonly at: string;
  readonly controls: readonly CanaryControl[];
  readonly evidence: string;
  readonly evidenceHash: string;
  /** Battles of it that are not played to their end. */
  readonly battlesUnplayed: number;
}

/** How many with what is in quarantine, and how many without: all figures of a board are those without. */
export interface BothCounts {
  readonly with: number;
  readonly without: number;
}

export interface QuarantineAccount {
  /** Canaries that were run, and those of them that failed. */
  readonly canaries: number;
  readonly failed: number;
  readonly instances: readonly QuarantinedInstance[];
  readonly denominators: {
    /** Instances of the plan. */
    readonly instances: BothCounts;
    /** Rounds recorded. */
    readonly rounds: BothCounts;
    /** Rounds recorded of each contestant that has any left out, in either role. */
    readonly contestants: readonly ({ readonly id: string } & BothCounts)[];
  };
}

export interface DroppedOut {
  readonly run: string;
  readonly contestant: string;
  readonly at: string;
  readonly code: string;
  readonly reason: string;
  /** Battles of it that are not played to their end. */
  readonly battlesUnplayed: number;
}

interface Source {
  readonly name: string;
  readonly battles: readonly PlannedBattle[];
  /** Those that count. */
  readonly rounds: readonly RoundRow[];
  readonly leftOut?: LeftOut;
}

/** The rounds of a run that count, and what is left out of them. */
export function vouchedIn(store: Pick<RunStore, "rounds" | "canaries" | "roundMarks" | "dropouts">): {
  readonly rounds: readonly RoundRow[];
  readonly leftOut: LeftOut;
} {
  const canaries = store.canaries();
  const { counted: rounds, leftOut } = vouchedRounds(store.rounds(), canaries, store.roundMarks());
  return { rounds, leftOut: { canaries, rounds: leftOut, dropouts: store.dropouts() } };
}

/** The same of some of its instances. */
export function leftOutOn(leftOut: LeftOut, keeps: (instanceId: string) => boolean): LeftOut {
  const on = <T extends { readonly instanceId: string }>(items: readonly T[]): T[] =>
    items.filter(({ instanceId }) => keeps(instanceId));
  return { ...leftOut, canaries: on(leftOut.canaries), rounds: on(leftOut.rounds) };
}

const iso = (atMs: number): string => new Date(atMs).toISOString();

/** A battle is played when all its rounds are recorded, whether they count or not. */
function unplayedIn({ battles, rounds, leftOut }: Source): PlannedBattle[] {
  const recorded = new Map<string, number>();
  for (const { battleId } of [...rounds, ...(leftOut?.rounds ?? [])])
    recorded.set(battleId, (recorded.get(battleId) ?? 0) + 1);
  return battles.filter((battle) => (recorded.get(battle.battleId) ?? 0) < battle.rounds);
}

const failedControls = ({ controls }: Canary): CanaryControl[] =>
  controls.filter(({ passed }) => !passed).map(({ control }) => control);

function quarantinedIn(source: Source): QuarantinedInstance[] {
  const unplayed = unplayedIn(source);
  return [...quarantinedBy(source.leftOut?.canaries ?? []).values()].map((canary) => {
    const { instanceId, reason = "", atMs, evidence, evidenceHash } = canary;
    const battlesUnplayed = unplayed.filter((battle) => battle.instanceId === instanceId).length;
    const shown = { evidence, evidenceHash, battlesUnplayed };
    return {
      run: source.name,
      instanceId,
      reason,
      at: iso(atMs),
      controls: failedControls(canary),
      ...shown,
    };
  });
}

const both = (without: number, more: number): BothCounts => ({ with: without + more, without });

function byContestant(counting: readonly RoundRow[], leftOut: readonly RoundRow[]) {
  const of = (id: string) => (row: RoundRow) => row.submitter === id || row.reviewer === id;
  const ids = [...new Set(leftOut.flatMap(({ submitter, reviewer }) => [submitter, reviewer]))].sort();
  return ids.map((id) => ({
    id,
    ...both(counting.filter(of(id)).length, leftOut.filter(of(id)).length),
  }));
}

/** Undefined where no run of these had a canary. */
export function quarantineOf(sources: readonly Source[]): QuarantineAccount | undefined {
  const canaries = sources.flatMap(({ leftOut }) => leftOut?.canaries ?? []);
  if (canaries.length === 0) return undefined;
  const instances = sources.flatMap(quarantinedIn);
  const planned = new Set(sources.flatMap(({ battles }) => battles.map(({ instanceId }) => instanceId)));
  const counting = sources.flatMap(({ rounds }) => rounds);
  const leftOut = sources.flatMap((source) => source.leftOut?.rounds ?? []);
  const out = new Set(instances.map(({ instanceId }) => instanceId));
  return {
    canaries: canaries.length,
    failed: canaries.filter(({ reason }) => reason !== undefined).length,
    instances,
    denominators: {
      instances: both(
        [...planned].filter((id) => !out.has(id)).length,
        [...planned].filter((id) => out.has(id)).length,
      ),
      rounds: both(counting.length, leftOut.length),
      contestants: byContestant(counting, leftOut),
    },
  };
}

/** Those who are out of a run now, in the order they left. */
export function droppedOutOf(sources: readonly Source[]): readonly DroppedOut[] {
  return sources.flatMap((source) => {
    const unplayed = unplayedIn(source);
    return (source.leftOut?.dropouts ?? []).map(({ contestant, atMs, code, reason }) => ({
      ...{ run: source.name, contestant, at: iso(atMs), code, reason },
      battlesUnplayed: unplayed.filter(({ first, second }) => first === contestant || second === contestant)
        .length,
    }));
  });
}

/** What must be said of what is left out; nothing where nothing is. */
export function leftOutNotes(
  account: QuarantineAccount | undefined,
  dropouts: readonly DroppedOut[],
): string[] {
  return [...quarantineNotes(account), ...dropouts.map(dropoutNote)];
}

function quarantineNotes(account: QuarantineAccount | undefined): string[] {
  if (account === undefined || account.failed === 0) return [];
  const { instances, denominators } = account;
  const { instances: of, rounds, contestants } = denominators;
  const each = contestants.map(({ id, without, with: all }) => `${plain(id)} ${without} of ${all}`);
  return [
    `QUARANTINE: ${of.with - of.without} of ${counted(of.with, "instance")}; ${rounds.without} of ${rounds.with} recorded rounds count${each.length === 0 ? "" : ` (${each.join(", ")})`}. All figures are without the others.`,
    ...instances.map(
      ({ instanceId, reason, at, evidenceHash, battlesUnplayed }) =>
        `Quarantined ${plain(instanceId)} since ${at}, ${counted(battlesUnplayed, "battle")} unplayed: ${plain(reason)} (evidence ${evidenceHash.slice(0, 12)}).`,
    ),
  ];
}

function dropoutNote({ contestant, at, battlesUnplayed, reason }: DroppedOut): string {
  return `Dropped out ${plain(contestant)} at ${at}, ${counted(battlesUnplayed, "battle")} unplayed: ${plain(reason)}.`;
}
