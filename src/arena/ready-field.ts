// Contestants with their files and keys, read before anything is started: a mistake costs no engine and no run folder.
import { UsageError } from "../domain/fault.ts";
import { type FolderRepository, GitFault, repositoryOfFolder } from "../git/index.ts";
import type { Contestant } from "../inference/index.ts";
import { agentConfiguration, type Configuration, configurationOf } from "./configuration.ts";
import { type FieldPlaces, readField } from "./contestants.ts";
import { replayPlayer } from "./controls/index.ts";
import type { ReadyContestant } from "./field-players.ts";
import type { Player } from "./player.ts";
import { agentTemplates, loadTemplates } from "./prompts.ts";
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
  /** Agents' own files are kept here. */
  readonly cache: string;
}

/** @throws UsageError for a folder that is not there or holds nothing */
async function filesOf({ id, agent }: Contestant, cache: string): Promise<FolderRepository | undefined> {
  if (agent?.files === undefined) return undefined;
  return repositoryOfFolder(agent.files, cache).catch((cause: unknown) => {
    if (!(cause instanceof GitFault) || cause.code !== "folder-unreadable") throw cause;
    throw new UsageError(
      `contestant ${id}: agent.files: expected a folder with the agent's own files; ${cause.message}`,
      { cause },
    );
  });
}

async function readied(contestant: Contestant, { keyOf, cache }: FieldWorld): Promise<ReadyContestant> {
  const isAgent = contestant.command !== undefined;
  return {
    ...{ contestant, apiKey: keyOf(contestant), files: await filesOf(contestant, cache) },
    templates: isAgent ? agentTemplates() : loadTemplates(contestant.prompts),
    counter: await counterOf(contestant),
  };
}

type Wanted = Pick<SessionOptions, "contestants" | "inline" | "attempts">;

/** @throws UsageError */
export async function readyField(
  { contestants, inline, attempts }: Wanted,
  world: FieldWorld,
): Promise<ReadyField> {
  if (contestants === undefined) return { ids: [], replays: [], models: [], ready: [], configured: [] };
  const { defaultFile } = world;
  const field = await readField(contestants, { defaultFile, ...(inline === undefined ? {} : { inline }) });
  const models = field.models.map((model) => (attempts === undefined ? model : { ...model, attempts }));
  const replays = field.refs.flatMap((ref) => (ref.kind === "replay" ? [replayPlayer(ref.file)] : []));
  const ready = await Promise.all(models.map((contestant) => readied(contestant, world)));
  const configured = ready.map(({ contestant, templates, counter, files }) => ({
    ...configurationOf(contestant, templates, counter.name),
    ...agentConfiguration(contestant, files?.commit),
  }));
  return { ids: field.ids, models, ready, configured, replays: await Promise.all(replays) };
}
