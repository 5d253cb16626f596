// Everybody who may play in a run: the controls, stored answers, and contestants behind models with one budget over all.
import type { TokenCounter } from "../../retriever/index.ts";
import type { RunStore } from "../domain/run.ts";
import type { FolderRepository } from "../git/index.ts";
import {
  type Backend,
  type Budget,
  type Clock,
  type Contestant,
  type Endpoints,
  modelOf,
  type RetryPolicy,
} from "../inference/index.ts";
import { AgentPlayer } from "./agents/agent-player.ts";
import { Workplaces } from "./agents/workplace.ts";
import type { Case } from "./case.ts";
import { findMutant } from "./controls/find-mutant.ts";
import { controlPlayer } from "./controls/index.ts";
import type { Indexes } from "./indexes.ts";
import { ModelPlayer } from "./model-player.ts";
import type { Player } from "./player.ts";
import type { PromptTemplates } from "./prompts.ts";
import { keptForSure } from "./running/room.ts";
import type { Session } from "./session.ts";

/** A contestant behind a model with all that was read for it. */
export interface ReadyContestant {
  readonly contestant: Contestant;
  readonly apiKey: string | undefined;
  readonly templates: PromptTemplates;
  readonly counter: TokenCounter;
  /** An agent's own. */
  readonly files?: FolderRepository | undefined;
}

export interface FieldDeps {
  readonly replays: readonly Player[];
  readonly ready: readonly ReadyContestant[];
  /** Draft and target of those that have them, by contestant. */
  readonly backends: ReadonlyMap<string, Backend>;
  readonly store: RunStore;
  readonly session: Session;
  readonly indexes: Indexes;
  /** Over all of them. */
  readonly budget: Budget;
  readonly clock: Clock;
  readonly endpoints: Endpoints;
  /** How long a provider that is down is waited for, among others. */
  readonly policy: Partial<RetryPolicy>;
  /** Jitter of a contestant's pauses: uniform in [0, 1). */
  readonly randomOf: (contestant: string) => { next(): number };
  /** Not to be guessed: what an agent shows in the place of a key. */
  readonly uniqueId: () => string;
  /** What agents bring along and install is kept here. */
  readonly cache: string;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
}

export function fieldPlayers(deps: FieldDeps): Map<string, Player> {
  const players = new Map<string, Player>();
  const mutant = (of: Case, seed: string) => findMutant(of, deps.session.runs, seed);
  for (const name of ["gold", "empty", "mutant", "trivial", "overfit"] as const) {
    players.set(name, controlPlayer(name, mutant));
  }
  for (const replay of deps.replays) players.set(replay.id, replay);
  const { store, signal, indexes, clock, policy, budget } = deps;
  const keep = (write: () => void) => keptForSure(write, deps);
  const workplaces = new Workplaces({ ...deps.session, cache: deps.cache, signal });
  for (const { contestant, apiKey, templates, counter, files } of deps.ready) {
    if (contestant.command !== undefined) {
      const [random, slots] = [deps.randomOf(contestant.id), deps.endpoints.slotsOf(contestant, apiKey)];
      const run = { ...{ apiKey, budget, clock, random, slots, policy, signal }, uniqueId: deps.uniqueId };
      const own = { contestant, files, templates, run };
      const { evidence } = deps.session;
      players.set(contestant.id, new AgentPlayer({ ...own, workplaces, store, evidence }));
      continue;
    }
    const backend = deps.backends.get(contestant.id);
    const model = modelOf(contestant, {
      ...{ apiKey, budget, clock, backend, policy },
      random: deps.randomOf(contestant.id),
      slots: deps.endpoints.slotsOf(contestant, apiKey),
    });
    const own = { contestant, model, templates, counter };
    players.set(
      contestant.id,
      new ModelPlayer({ ...own, indexes, store, signal, keep, runs: deps.session.runs }),
    );
  }
  return players;
}
