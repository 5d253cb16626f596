// A contestant behind a real socket in the toy arena, playing itself: what becomes of calls, without a real sandbox.
import { approximateCounter } from "../../retriever/index.ts";
import { CaseIndexes } from "../../src/arena/indexes.ts";
import { ModelPlayer } from "../../src/arena/model-player.ts";
import { loadTemplates } from "../../src/arena/prompts.ts";
import { playTournament, type TournamentResult } from "../../src/arena/tournament.ts";
import type { RunSettings } from "../../src/domain/run.ts";
import { type Backend, Budget, type Contestant, Endpoints, modelOf } from "../../src/inference/index.ts";
import {
  type EndpointStep,
  type ScriptedEndpoint,
  type SeenRequest,
  scriptedEndpoint,
} from "./scripted-endpoint.ts";
import { planned, type ToyArena, toyArena } from "./toy-arena.ts";
import { virtualClock } from "./virtual-clock.ts";

const counter = approximateCounter("a test");

export interface Played {
  readonly budget?: Budget;
  readonly settings?: Partial<RunSettings>;
  /** Of a contestant that is a pair. */
  readonly backend?: Backend;
}

export interface HttpArena extends AsyncDisposable {
  readonly toy: ToyArena;
  readonly endpoint: ScriptedEndpoint;
  /** The answer to every request; may be replaced at any time. */
  script: (request: SeenRequest) => EndpointStep;
  /** Plays the unplayed rounds of the one battle; waits cost no time. */
  play(over?: Partial<Contestant>, more?: Played): Promise<TournamentResult>;
}

const signal = new AbortController().signal;

/** One battle of one round: ann submits, and reviews herself. Her key is `s3cret`, kept in ANN_KEY. */
export async function httpArena(): Promise<HttpArena> {
  const toy = await toyArena([planned({ first: "ann", second: "ann", rounds: 1 })]);
  const indexes = new CaseIndexes({ workers: 0 });
  const endpoint = await scriptedEndpoint((request) => arena.script(request));
  const arena: HttpArena = {
    ...{ toy, endpoint },
    script: () => ({ kind: "status", status: 500, message: "there is no script" }),
    play(over = {}, { budget = new Budget(), settings = {}, backend } = {}) {
      const ann: Contestant = { ...contestant(endpoint.baseUrl), ...over };
      const clock = virtualClock();
      const random = { next: () => 0.5 };
      const slots = new Endpoints(clock).slotsOf(ann);
      const model = modelOf(ann, { apiKey: "s3cret", budget, clock, random, slots, backend });
      const { store } = toy;
      const own = { contestant: ann, model, templates: loadTemplates(), counter, indexes };
      const deps = toy.deps({ submit: () => "", review: () => "" }, settings);
      const player = new ModelPlayer({ ...own, store, signal, runs: deps.runs });
      return playTournament({
        ...deps,
        ...{ player: () => player, workers: 1, openCase: async () => toy.of, signal },
        onBattle: () => {},
        onUnsettled: () => {},
        onUnsound: () => {},
      });
    },
    [Symbol.asyncDispose]: async () => {
      await endpoint[Symbol.asyncDispose]();
      await indexes[Symbol.asyncDispose]();
      await toy[Symbol.asyncDispose]();
    },
  };
  return arena;
}

function contestant(baseUrl: string): Contestant {
  return {
    id: "ann",
    provider: "openai",
    baseUrl,
    model: "m-1",
    keyEnv: "ANN_KEY",
    contextTokens: 30_000,
    maxOutputTokens: 1000,
    prices: { inputPerMillion: 1, outputPerMillion: 2 },
    answer: "diff",
    attempts: 2,
  };
}
