// Contestants with their files and keys, read before anything is started: a mistake costs no engine and no run folder.
import type { Contestant } from "../inference/index.ts";
import { type Configuration, configurationOf } from "./configuration.ts";
import { type FieldPlaces, readField } from "./contestants.ts";
import { replayPlayer } from "./controls/index.ts";
import type { ReadyContestant } from "./field-players.ts";
import type { Player } from "./player.ts";
import { loadTemplates } from "./prompts.ts";
import type { SessionOptions } from "./session-options.ts";
import { counterOf } from "./shown.ts";

export interface ReadyField {
  /** In the order written. */
  readonly ids: readonly string[];
  readonly models: readonly Contestant[];
  readonly ready: readonly ReadyContestant[];
  readonly configured: readonly Configuration[];
  readonly replays: readonly Player[];
}

export interface FieldWorld extends Pick<FieldPlaces, "defaultFile"> {
  /** @throws UsageError for a contestant whose key is not there */
  readonly keyOf: (contestant: Contestant) => string | undefined;
}

type Wanted = Pick<SessionOptions, "contestants" | "inline" | "attempts">;

/** @throws UsageError */
export async function readyField(
  { contestants, inline, attempts }: Wanted,
  world: FieldWorld,
): Promise<ReadyField> {
  if (contestants === undefined) return { ids: [], replays: [], models: [], ready: [], configured: [] };
  const { defaultFile, keyOf } = world;
  const field = await readField(contestants, { defaultFile, ...(inline === undefined ? {} : { inline }) });
  const models = field.models.map((model) => (attempts === undefined ? model : { ...model, attempts }));
  const replays = field.refs.flatMap((ref) => (ref.kind === "replay" ? [replayPlayer(ref.file)] : []));
  const ready = await Promise.all(
    models.map(async (contestant) => ({
      ...{ contestant, apiKey: keyOf(contestant), templates: loadTemplates(contestant.prompts) },
      counter: await counterOf(contestant),
    })),
  );
  const configured = ready.map(({ contestant, templates, counter }) =>
    configurationOf(contestant, templates, counter.name),
  );
  return { ids: field.ids, models, ready, configured, replays: await Promise.all(replays) };
}
