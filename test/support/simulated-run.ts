// A run of which the judging alone is scripted: its store, draws, plan and workers are real, battles come out by known chances.
import { setImmediate } from "node:timers/promises";
import { playSchedule, type ScheduleDeps, type TournamentResult } from "../../src/arena/index.ts";
import { battlesOf } from "../../src/arena/plan.ts";
import type { AdaptivePairing } from "../../src/domain/adaptive.ts";
import { seededRandom } from "../../src/domain/random.ts";
import type { RoundRecord } from "../../src/domain/record.ts";
import type { PlannedBattle, RoundRow, RunSettings, RunStore } from "../../src/domain/run.ts";
import { type Margin, marginOf } from "../../src/rating/outcome.ts";
import { settings as plainSettings, record, round, usage } from "../unit/report/rows.ts";
import { openIssue, type World } from "./tournaments.ts";

export interface Simulation {
  readonly world: World;
  readonly seed: string;
  readonly issues: number;
  /** Absent: everybody meets everybody. */
  readonly pairing?: AdaptivePairing;
  readonly rounds?: number;
  /** US dollars of one turn; nothing unless said otherwise. */
  readonly costUsd?: (contestant: string) => number;
}

const records: Readonly<Record<Margin, RoundRecord>> = {
  [-2]: record({ label: "unresolved", effect: "killed" }),
  [-1]: record({ label: "unresolved", effect: "survived" }),
  0: record({ label: "unresolved", review: "invalid" }),
  1: record(),
  2: record({ review: "invalid" }),
};

export const issueIds = (issues: number): string[] =>
  Array.from({ length: issues }, (_, number) => `issue-${String(number).padStart(6, "0")}`);

export function settingsOf({ world, seed, pairing, rounds = 2 }: Simulation): RunSettings {
  const contestants = world.contestants.map(({ id }) => id);
  return { ...plainSettings, contestants, seed, rounds, ...(pairing === undefined ? {} : { pairing }) };
}

/** Settings and, where everybody meets everybody, all battles. */
export function planSimulation(store: RunStore, simulation: Simulation): void {
  const settings = settingsOf(simulation);
  store.saveSettings(settings);
  if (simulation.pairing === undefined)
    store.planBattles(battlesOf(settings, { instanceIds: issueIds(simulation.issues) }));
}

/** How a round comes out: the same for the same seed, whenever and beside whatever it is played. */
export function simulatedRounds(simulation: Simulation, battle: PlannedBattle): readonly RoundRow[] {
  const { world, seed, costUsd = () => 0 } = simulation;
  const { battleId, instanceId, first, second, rounds } = battle;
  const random = (what: string) => seededRandom(`${seed} ${what}`);
  const { play } = openIssue(world, Number(instanceId.slice("issue-".length)), random(instanceId));
  const named = (id: string) => {
    const found = world.contestants.find((contestant) => contestant.id === id);
    if (found === undefined) throw new Error(`no contestant ${id}`);
    return found;
  };
  return Array.from({ length: rounds }, (_, index): RoundRow => {
    const [submitter, reviewer] = index % 2 === 0 ? [first, second] : [second, first];
    const played = play(named(submitter), named(reviewer), random(`${battleId} ${index + 1}`));
    if (played.score === undefined) throw new Error("a simulated round without a score");
    return round({
      ...{ battleId, instanceId, submitter, reviewer, round: index + 1, language: played.language },
      record: records[marginOf(played.score)],
      submitterUsage: { ...usage, costUsd: costUsd(submitter) },
      reviewerUsage: { ...usage, costUsd: costUsd(reviewer) },
    });
  });
}

export interface Playing extends Partial<Omit<ScheduleDeps, "store" | "settings">> {
  /** Turns of the event loop that a battle takes: whoever is done first hangs on it. */
  readonly turnsOf?: (battle: PlannedBattle) => number;
}

/** Plays what is unplayed and what is drawn meanwhile, as a session would. */
export function playSimulation(
  store: RunStore,
  simulation: Simulation,
  { turnsOf = () => 0, ...over }: Playing = {},
): Promise<TournamentResult> {
  const { settings } = store;
  if (settings === undefined) throw new Error("expected a planned simulation");
  return playSchedule({
    ...{
      store,
      settings,
      instanceIds: issueIds(simulation.issues),
      workers: 2,
      now: () => 0,
      monotonicMs: () => 0,
    },
    ...{ onRound: () => {}, onBattle: () => {}, onUnsound: () => {}, settle: async () => {} },
    signal: new AbortController().signal,
    play: async (battle, onRound) => {
      for (let turn = turnsOf(battle); turn > 0; turn -= 1) await setImmediate();
      for (const row of simulatedRounds(simulation, battle)) {
        // A battle that was cut off between its rounds goes on.
        store.recordRound(row);
        onRound(row);
      }
      store.finishBattle(battle.battleId);
      return true;
    },
    ...over,
  });
}
