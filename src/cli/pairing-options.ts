// What `arena play` says of who meets whom: options of the command line and of a tournament file, as the run keeps them.
import {
  type DrawBounds,
  drawBounds,
  mustBeDrawable,
  type PlanRequest,
  worstCaseOf,
} from "../arena/index.ts";
import { type AdaptivePairing, defaultPairing, pairingModes } from "../domain/adaptive.ts";
import { UsageError } from "../domain/fault.ts";
import type { RunSettings } from "../domain/run.ts";
import type { SetSession } from "../wire.ts";

export type Drawing = Partial<Omit<AdaptivePairing, "stop">>;

export interface PairingOptions {
  readonly pairing?: string;
  readonly stopError?: number;
  readonly drawing?: Drawing;
}

/** Undefined where everybody meets everybody. @throws UsageError */
export function pairingOf({
  pairing = "everybody",
  stopError,
  drawing,
}: PairingOptions): AdaptivePairing | undefined {
  const mode = pairingModes.find((each) => each === pairing);
  if (mode === undefined)
    throw new UsageError(`--pairing: expected ${pairingModes.join(" or ")}, found "${pairing}"`);
  if (mode === "everybody") {
    if (stopError === undefined) return undefined;
    throw new UsageError(
      "--stop-error: expected --pairing adaptive beside it: only drawn pairs may stop early",
    );
  }
  if (stopError !== undefined && !(stopError > 0 && stopError < 1))
    throw new UsageError(`--stop-error: expected a chance between 0 and 1, found ${stopError}`);
  const stop = stopError === undefined ? {} : { stop: { error: stopError } };
  return { ...defaultPairing, ...drawing, ...stop };
}

/** What may still be drawn in a run; undefined where all is planned. @throws UsageError for what cannot be drawn at all */
export function boundsOf(
  settings: RunSettings,
  request: PlanRequest,
  { store, models }: Pick<SetSession, "store" | "models">,
): DrawBounds | undefined {
  mustBeDrawable(settings, request);
  const { pairing, contestants, rounds } = settings;
  if (pairing === undefined) return undefined;
  const opened = new Set(store.openedIssues().map(({ instanceId }) => instanceId));
  const turnUsd = (id: string): number => {
    const model = models.find((each) => each.id === id);
    return model === undefined ? 0 : worstCaseOf(model, 1).usd;
  };
  const bounds = drawBounds({
    ...{ pairing, contestants, rounds },
    instanceIds: request.instanceIds.filter((id) => !opened.has(id)),
    costOf: (one, other) => turnUsd(one) + turnUsd(other),
  });
  // What was played may be all that a proof was lacking.
  return pairing.stop === undefined || opened.size === 0 ? bounds : { ...bounds, least: 0 };
}

/** What is going to be played, in words. */
export function planLine(
  settings: RunSettings,
  { store, instanceIds }: Pick<SetSession, "store" | "instanceIds">,
): string {
  const total = store.battles().length;
  const unplayed = store.unplayed().length;
  const { pairing } = settings;
  if (pairing === undefined) return `${total} battles, ${unplayed} to play`;
  const opened = store.openedIssues().length;
  const begun =
    opened === 0 ? "" : `; ${opened} are open or played, with ${unplayed} of their ${total} battles to play`;
  return `${instanceIds.length} issues, ${pairing.battlesPerIssue} battles drawn for each${begun}`;
}
