// Everybody who may play in a run: the controls, stored answers, and contestants behind models with one budget over all.
import type { TokenCounter } from "../../retriever/index.ts";
import type { RunStore } from "../domain/run.ts";
import {
  type Backend,
  type Budget,
  type Clock,
  type Contestant,
  modelOf,
  slotsFor,
} from "../inference/index.ts";
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
  /** Jitter of a contestant's pauses: uniform in [0, 1). */
  readonly randomOf: (contestant: string) => { next(): number };
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
  const { store, signal, indexes, clock, budget } = deps;
  const accounts = slotsFor(clock);
  const keep = (write: () => void) => keptForSure(write, deps);
  for (const { contestant, apiKey, templates, counter } of deps.ready) {
    const backend = deps.backends.get(contestant.id);
    const model = modelOf(contestant, {
      ...{ apiKey, budget, clock, backend },
      random: deps.randomOf(contestant.id),
      slots: accounts(contestant),
    });
    const own = { contestant, model, templates, counter };
    players.set(
      contestant.id,
      new ModelPlayer({ ...own, indexes, store, signal, keep, runs: deps.session.runs }),
    );
  }
  return players;
}
