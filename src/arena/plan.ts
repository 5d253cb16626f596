// Writes a run's plan down in an order a crash cannot spoil, or takes the one that is there.

import { UsageError } from "../domain/fault.ts";
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

/** @throws UsageError for an adaptive run that could draw nothing, or that no draw could say anything about */
export function mustBeDrawable(
  { pairing, contestants, rounds }: RunSettings,
  { anchors }: PlanRequest,
): void {
  if (pairing === undefined) return;
  const wrong: readonly (readonly [boolean, string])[] = [
    [contestants.length < 2, `two contestants at least, found ${contestants.join(", ") || "none"}`],
    [rounds < 2, `two rounds of a battle at least, one in each direction, found ${rounds}`],
    [anchors !== undefined, "no anchors: who meets whom is drawn"],
  ];
  const expected = wrong.flatMap(([isWrong, text]) => (isWrong ? [text] : []));
  if (expected.length > 0) throw new UsageError(`adaptive pairing: expected ${expected.join("; ")}`);
}

/**
 * The stored settings of a run that goes on, or `wanted`, written down: the manifest first, so that a run with
 * settings can always be found and resumed; settings without battles are planned again, alike. An adaptive run has no plan:
 * its battles are drawn while it is played. @throws UsageError when the stored ones are of another set
 */
export async function planRun(
  run: { readonly store: RunStore; writeManifest(settings: RunSettings): Promise<void> },
  wanted: RunSettings,
  request: PlanRequest,
): Promise<RunSettings> {
  const { store } = run;
  const settings = store.settings ?? wanted;
  mustBeSameSet(settings, wanted);
  mustBeDrawable(settings, request);
  if (store.settings === undefined) {
    await run.writeManifest(settings);
    store.saveSettings(settings);
  }
  if (settings.pairing === undefined && store.battles().length === 0)
    store.planBattles(battlesOf(settings, request));
  return settings;
}
