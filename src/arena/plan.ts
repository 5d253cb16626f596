// Writes a run's plan down in an order a crash cannot spoil, or takes the one that is there.

import { UsageError } from "../domain/fault.ts";
import { planBattles, planGrading } from "../domain/pairing.ts";
import { seededRandom } from "../domain/random.ts";
import type { PlannedBattle, RunSettings, RunStore } from "../domain/run.ts";

export interface PlanRequest {
  readonly instanceIds: readonly string[];
  /** Only pairs with one of these contestants, when given. */
  readonly anchors?: readonly string[];
}

/** The battles of a run, the same for the same settings. A lone contestant plays itself, or is graded. */
export function battlesOf(settings: RunSettings, request: PlanRequest): PlannedBattle[] {
  const { contestants, rounds, seed } = settings;
  if (settings.grading === true) return planGrading({ ...request, contestants }, seededRandom(seed));
  return planBattles(
    { ...request, contestants, rounds, selfPlay: contestants.length === 1 },
    seededRandom(seed),
  );
}

/** @throws UsageError when a run was begun on another set than the one that is there now */
export function mustBeSameSet(
  begun: Pick<RunSettings, "set" | "setHash">,
  now: Pick<RunSettings, "set" | "setHash">,
): void {
  if (begun.setHash === now.setHash) return;
  throw new UsageError(
    `the run was begun on the set ${begun.set} with hash ${begun.setHash}; the set is now ${now.set} with hash ` +
      `${now.setHash}: bring back its files as they were, or start a new run in another folder`,
  );
}

/**
 * The stored settings of a run that goes on, or `wanted`, written down: the manifest first, so that a run with
 * settings can always be found and resumed; settings without battles are planned again, alike. @throws UsageError when the stored ones are of another set
 */
export async function planRun(
  run: { readonly store: RunStore; writeManifest(settings: RunSettings): Promise<void> },
  wanted: RunSettings,
  request: PlanRequest,
): Promise<RunSettings> {
  const { store } = run;
  const settings = store.settings ?? wanted;
  mustBeSameSet(settings, wanted);
  if (store.settings === undefined) {
    await run.writeManifest(settings);
    store.saveSettings(settings);
  }
  if (store.battles().length === 0) store.planBattles(battlesOf(settings, request));
  return settings;
}
