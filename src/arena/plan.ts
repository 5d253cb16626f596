// Writes a run's plan down in an order a crash cannot spoil, or takes the one that is there.
import { planBattles } from "../domain/pairing.ts";
import { seededRandom } from "../domain/random.ts";
import type { PlannedBattle, RunSettings, RunStore } from "../domain/run.ts";

export interface PlanRequest {
  readonly instanceIds: readonly string[];
  /** Only pairs with one of these contestants, when given. */
  readonly anchors?: readonly string[];
}

/** The battles of a run, the same for the same settings. A lone contestant plays itself. */
export function battlesOf(settings: RunSettings, request: PlanRequest): PlannedBattle[] {
  const { contestants, rounds, seed } = settings;
  return planBattles(
    { ...request, contestants, rounds, selfPlay: contestants.length === 1 },
    seededRandom(seed),
  );
}

/**
 * The stored settings of a run that goes on, or `wanted`, written down: the manifest first, so that a run with
 * settings can always be found and resumed; settings without battles are planned again, alike.
 */
export async function planRun(
  run: { readonly store: RunStore; writeManifest(settings: RunSettings): Promise<void> },
  wanted: RunSettings,
  request: PlanRequest,
): Promise<RunSettings> {
  const { store } = run;
  const settings = store.settings ?? wanted;
  if (store.settings === undefined) {
    await run.writeManifest(settings);
    store.saveSettings(settings);
  }
  if (store.battles().length === 0) store.planBattles(battlesOf(settings, request));
  return settings;
}
