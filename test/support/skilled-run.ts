// Runs of scripted contestants whose skill is known: how often a patch is right, or wrong and past the hidden tests; how sharp a reviewer.
import { type Random, seededRandom } from "../../src/domain/random.ts";
import type { RoundRecord } from "../../src/domain/record.ts";
import type { PlannedBattle, RoundRow, RunStore } from "../../src/domain/run.ts";
import { openStore } from "../../src/storage/index.ts";
import { record, round } from "../unit/report/rows.ts";
import { planSimulation, playSimulation, type Simulation } from "./simulated-run.ts";
import { normal, usualWorld } from "./tournaments.ts";

export interface Skill {
  readonly id: string;
  /** Share of its patches that are right, on an issue of mean hardness. */
  readonly right: number;
  /** Share of its wrong patches that pass the hidden tests. */
  readonly fooling: number;
  /** Share of wrong patches that its tests kill; of those that fool the hidden tests, three quarters of that. */
  readonly catches: number;
  /** Share of its tests that kill right patches too. */
  readonly overfits: number;
}

/** Two write what is right, two what passes; the sharpest reviewer is not the best submitter. */
export const skills: readonly Skill[] = [
  { id: "honest-a", right: 0.6, fooling: 0.05, catches: 0.5, overfits: 0.05 },
  { id: "honest-b", right: 0.5, fooling: 0.05, catches: 0.8, overfits: 0.02 },
  { id: "fooling-a", right: 0.4, fooling: 0.55, catches: 0.6, overfits: 0.05 },
  { id: "fooling-b", right: 0.3, fooling: 0.5, catches: 0.3, overfits: 0.1 },
  { id: "weak-a", right: 0.25, fooling: 0.1, catches: 0.7, overfits: 0.05 },
  { id: "weak-b", right: 0.1, fooling: 0.1, catches: 0.2, overfits: 0.15 },
];

/** What nobody sees of a round: whether the patch was right. */
export interface Told {
  readonly row: RoundRow;
  readonly isRight: boolean;
}

const invalidTests = 0.1;
/** Contested kills that meet three right patches or more. */
const settled = 0.8;

const shifted = (share: number, by: number): number => 1 / (1 + ((1 - share) / share) * Math.exp(-by));

interface Patch {
  readonly isRight: boolean;
  readonly passes: boolean;
}

function patchOf({ right, fooling }: Skill, hardness: number, random: Random): Patch {
  const isRight = random.next() < shifted(right, -hardness);
  return { isRight, passes: isRight || random.next() < fooling };
}

function recordOf({ isRight, passes }: Patch, reviewer: Skill, random: Random): RoundRecord {
  const label = passes ? "resolved" : "unresolved";
  if (random.next() < invalidTests) return record({ label, review: "invalid" });
  const sharpness = passes ? 0.75 * reviewer.catches : reviewer.catches;
  const isKilled = random.next() < (isRight ? reviewer.overfits : sharpness);
  const played = record({ label, effect: isKilled ? "killed" : "survived" });
  if (!played.contested || random.next() >= settled) return played;
  const [rejected, kind] = isRight ? ([3, "over-fitted"] as const) : ([0, "true-kill"] as const);
  return { ...played, settlement: { rejected, of: 4, kind } };
}

const skillOf = (id: string): Skill => {
  const skill = skills.find((each) => each.id === id);
  if (skill === undefined) throw new Error(`no contestant ${id}`);
  return skill;
};

export interface SkilledRun {
  readonly issues: number;
  /** Of the issues: two runs of the same issues differ by `luck` alone. */
  readonly seed: string;
  readonly luck: string;
}

function roundsOf({ seed, luck }: SkilledRun, battle: PlannedBattle): readonly Told[] {
  const { battleId, instanceId, first, second, rounds } = battle;
  const hardness = normal(seededRandom(`${seed} ${instanceId}`));
  return Array.from({ length: rounds }, (_, index): Told => {
    const [submitter, reviewer] = index % 2 === 0 ? [first, second] : [second, first];
    const random = seededRandom(`${seed} ${luck} ${battleId} ${index}`);
    const patch = patchOf(skillOf(submitter), hardness, random);
    const made = recordOf(patch, skillOf(reviewer), random);
    const row = round({ battleId, instanceId, submitter, reviewer, round: index + 1, record: made });
    return { row, isRight: patch.isRight };
  });
}

/** Everybody against everybody through the real runner; every round with what it hides. */
export async function skilledRun(of: SkilledRun): Promise<readonly Told[]> {
  const contestants = skills.map(({ id }) => ({ id, submitter: 0, reviewer: 0 }));
  const simulation: Simulation = { world: { ...usualWorld, contestants }, seed: of.seed, issues: of.issues };
  const store: RunStore = openStore(":memory:");
  try {
    planSimulation(store, simulation);
    await playSimulation(store, simulation, {
      play: async (battle) => {
        for (const { row } of roundsOf(of, battle)) store.recordRound(row);
        store.finishBattle(battle.battleId);
      },
    });
    const stored = new Map(store.rounds().map((row) => [`${row.battleId} ${row.round}`, row]));
    return store.battles().flatMap((battle) =>
      roundsOf(of, battle).map(({ row, isRight }): Told => {
        const kept = stored.get(`${row.battleId} ${row.round}`);
        if (kept === undefined) throw new Error("a round that was not recorded");
        return { row: kept, isRight };
      }),
    );
  } finally {
    store.close();
  }
}
