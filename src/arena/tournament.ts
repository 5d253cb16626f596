// Plays the battles of a run as they are: their cases opened, their canaries watched, their contested kills settled.
import type { Canary } from "../domain/canary.ts";
import type { RoundRow } from "../domain/run.ts";
import { type BattleDeps, playBattle } from "./battle.ts";
import { type CanaryIntervals, CanaryWatch } from "./canary-watch.ts";
import type { Case } from "./case.ts";
import { RoundCommits } from "./round-commits.ts";
import { playSchedule, type ScheduleDeps, type TournamentResult } from "./schedule.ts";
import { settleContested } from "./settle.ts";

export interface TournamentDeps
  extends Omit<BattleDeps, "commits">,
    Omit<ScheduleDeps, "play" | "settle" | "watch"> {
  readonly openCase: (instanceId: string) => Promise<Case>;
  /** When instances have their controls run on this host; never when absent. */
  readonly canaries?: CanaryIntervals;
  readonly onCanary?: (canary: Canary) => void;
  /** A contested kill that a fault kept from being settled: it stays open. */
  readonly onUnsettled: (row: RoundRow, message: string) => void;
}

/** Plays a run's battles as they are. @throws as `playSchedule` */
export function playTournament(deps: TournamentDeps): Promise<TournamentResult> {
  const { canaries: intervals, onCanary = () => {}, settings } = deps;
  const seed = `${settings.seed} canary`;
  const commits = new RoundCommits(deps.store);
  const isStopping = (): boolean => deps.gate?.isStopping === true;
  return playSchedule({
    ...deps,
    ...(intervals === undefined ? {} : { watch: new CanaryWatch({ ...deps, intervals, onCanary, seed }) }),
    play: async (battle, onRound) =>
      playBattle(await deps.openCase(battle.instanceId), battle, { ...deps, commits, onRound, isStopping }),
    settle: (rows) => settleContested({ ...deps, isStopping, repeats: deps.settings.repeats }, rows),
  });
}
