// Guards: an endpoint that fails for good (no quota, no such model, no such key) voided every remaining round.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ModelPlayer } from "../../src/arena/model-player.ts";
import { loadTemplates } from "../../src/arena/prompts.ts";
import { playTournament } from "../../src/arena/tournament.ts";
import { Budget, type Contestant, modelOf, slotsFor } from "../../src/inference/index.ts";
import { diffAnswer } from "../support/http-contestants.ts";
import { type EndpointStep, type ScriptedEndpoint, scriptedEndpoint } from "../support/scripted-endpoint.ts";
import { planned, type ToyArena, toyArena } from "../support/toy-arena.ts";
import { virtualClock } from "../support/virtual-clock.ts";

const declines: EndpointStep = { kind: "answer", text: '```json\n{"tests": []}\n```\n' };
const says = (status: number, message: string): EndpointStep => ({ kind: "status", status, message });

let arena: ToyArena;
let endpoint: ScriptedEndpoint;
let steps: EndpointStep[];
beforeEach(async () => {
  arena = await toyArena([planned({ first: "ann", second: "ann", rounds: 1 })]);
  endpoint = await scriptedEndpoint(() => steps.shift() ?? says(500, "the script is over"));
});
afterEach(async () => {
  await endpoint[Symbol.asyncDispose]();
  await arena[Symbol.asyncDispose]();
});

const signal = new AbortController().signal;

function contestant(over: Partial<Contestant> = {}): Contestant {
  return {
    id: "ann",
    provider: "openai",
    baseUrl: endpoint.baseUrl,
    model: "m-1",
    keyEnv: "ANN_KEY",
    contextTokens: 30_000,
    maxOutputTokens: 1000,
    prices: { inputPerMillion: 1, outputPerMillion: 1 },
    answer: "diff",
    attempts: 2,
    ...over,
  };
}

function play(over: Partial<Contestant> = {}) {
  const ann = contestant(over);
  const clock = virtualClock();
  const random = { next: () => 0.5 };
  const deps = { apiKey: "s3cret", budget: new Budget(), clock, random, slots: slotsFor(clock)(ann) };
  const { store } = arena;
  const player = new ModelPlayer({
    ...{ contestant: ann, templates: loadTemplates(), store, signal },
    model: modelOf(ann, deps),
  });
  const silent = { submit: () => "", review: () => "" };
  return playTournament({
    ...arena.deps(silent),
    ...{ player: () => player, workers: 1, openCase: async () => arena.of, signal },
    onBattle: () => {},
    onUnsound: () => {},
  });
}

const gold = async (): Promise<EndpointStep> => {
  const text = diffAnswer(await arena.files.patch({ "app.py": "old = 1\nfixed = 1\n" }));
  return { kind: "answer", text };
};

describe("an endpoint that fails for good", () => {
  it.each([
    [says(402, "pay first"), "quota-exhausted", /pay first.*top up/],
    [says(429, "insufficient_quota"), "quota-exhausted", /insufficient_quota.*top up/],
    [says(401, "who are you"), "unauthorized", /who are you.*check the key/],
    [says(403, "not this model"), "unauthorized", /not this model.*check the key/],
    [says(404, "no model m-1"), "bad-request", /no model m-1.*check the contestant's model/],
    [says(400, "m-1 is not a model"), "bad-request", /not a model.*check the contestant's model/],
    [says(301, "moved"), "bad-response", /redirected.*baseUrl/],
  ])("ends the run at %j, and says whose it is", async (step, code, words) => {
    steps = [step];
    const fault = await play().catch((error: unknown) => error);
    expect(fault).toMatchObject({ isFault: true, code, message: expect.stringMatching(words) });
    const { host } = new URL(endpoint.baseUrl);
    const whose = `the endpoint of ann (openai at ${host}, model m-1, the key in ANN_KEY)`;
    expect(fault).toMatchObject({ message: expect.stringContaining(whose) });
    expect(String(fault)).not.toContain("s3cret");
    expect(arena.store.rounds()).toEqual([]);
    expect(arena.store.unplayed()).toHaveLength(1);
  });

  it("ends it where no connection can ever come about", async () => {
    const fault = await play({ baseUrl: endpoint.baseUrl.replace("http:", "https:") }).catch(
      (error: unknown) => error,
    );
    expect(fault).toMatchObject({ code: "unreachable", message: expect.stringMatching(/certificate/) });
    expect(arena.store.rounds()).toEqual([]);
  });

  it("ends it in the middle too; the answer that came is not asked for again", async () => {
    steps = [await gold(), says(404, "gone")];
    await expect(play()).rejects.toMatchObject({ code: "bad-request" });
    expect(arena.store.rounds()).toEqual([]);
    steps = [declines];
    await play();
    expect(endpoint.requests).toHaveLength(3);
    expect(arena.store.rounds().map((row) => row.record.label)).toEqual(["resolved"]);
  });

  it("does not where one request is refused by an endpoint that has answered others", async () => {
    steps = [await gold(), says(400, "cannot read this prompt")];
    await play();
    expect(arena.store.rounds()[0]?.record.void).toMatchObject({ cause: "bad-request", side: "reviewer" });
  });

  it("does not while waiting may help", async () => {
    steps = [];
    await play();
    expect(arena.store.rounds()[0]?.record.void).toMatchObject({ cause: "server-error" });
  });
});
