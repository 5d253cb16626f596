// A contestant whose budget is used up, or whose endpoint fails for good, leaves alone; the last one ends the run.
import { afterEach, describe, expect, it } from "vitest";
import { ContestantFault, faultOfEndpoint } from "../../../src/arena/run-ending.ts";
import { playTournament, type TournamentDeps } from "../../../src/arena/tournament.ts";
import { Fault } from "../../../src/domain/fault.ts";
import { type Contestant, ModelFault } from "../../../src/inference/index.ts";
import { planned, type ToyArena, toyArena } from "../../support/toy-arena.ts";

let arena: ToyArena;
afterEach(() => arena[Symbol.asyncDispose]());

const pairs = [
  ["ann", "bob"],
  ["ann", "cid"],
  ["bob", "cid"],
] as const;
const battles = ["toy-1", "toy-2"].flatMap((instanceId, issue) =>
  pairs.map(([first, second], index) => {
    const ordinal = issue * pairs.length + index;
    return planned({
      battleId: `${first} ${second} ${issue}`,
      ordinal,
      instanceId,
      first,
      second,
      rounds: 1,
    });
  }),
);

const spent = (id: string) =>
  new ContestantFault(id, { code: "budget-exhausted", message: `the budget of ${id} is used up` });

interface Left {
  readonly told: string[];
  readonly deps: TournamentDeps;
}

/** Who is out of money as soon as it is asked for a patch. */
async function playing(broke: readonly string[], fault: (id: string) => Error = spent): Promise<Left> {
  arena = await toyArena(battles);
  const told: string[] = [];
  const { of } = arena;
  const plain = arena.deps({ submit: () => "", review: () => "" });
  const deps: TournamentDeps = {
    ...plain,
    player: (id) => {
      const player = plain.player(id);
      if (!broke.includes(id)) return player;
      const refuse = async (): Promise<never> => {
        throw fault(id);
      };
      return { id, submit: refuse, review: refuse };
    },
    ...{ workers: 1, openCase: async (instanceId) => ({ ...of, instance: { ...of.instance, instanceId } }) },
    onDropOut: (contestant, reason) => told.push(`${contestant}: ${reason}`),
    ...{ onBattle: () => {}, onUnsettled: () => {}, onUnsound: () => {} },
  };
  return { told, deps };
}

const left = () => arena.store.unplayed().map(({ battleId }) => battleId);

describe("a contestant that cannot go on", () => {
  it("drops out: its battles stay unplayed without a record, others play on", async () => {
    const { told, deps } = await playing(["ann"]);
    expect(await playTournament(deps)).toMatchObject({ played: 2, voidRounds: 0, droppedOut: ["ann"] });
    expect(told).toEqual(["ann: the budget of ann is used up"]);
    expect(left()).toEqual(["ann bob 0", "ann cid 0", "ann bob 1", "ann cid 1"]);
    expect(arena.store.rounds().map(({ battleId }) => battleId)).toEqual(["bob cid 0", "bob cid 1"]);
    expect(arena.store.dropouts()).toMatchObject([{ contestant: "ann", code: "budget-exhausted" }]);
  });

  it("is in again when the run goes on", async () => {
    const { deps } = await playing(["ann"]);
    await playTournament(deps);
    const again = arena.deps({ submit: () => "", review: () => "" });
    expect(await playTournament({ ...deps, ...again })).toMatchObject({ played: 4, droppedOut: [] });
    expect(arena.store.dropouts()).toEqual([]);
    expect(left()).toEqual([]);
  });

  it("ends the run where the plan holds no battle of others", async () => {
    const { told, deps } = await playing(["ann", "bob"]);
    await expect(playTournament(deps)).rejects.toMatchObject({ code: "budget-exhausted", contestant: "bob" });
    expect(told).toEqual(["ann: the budget of ann is used up"]);
    expect(arena.store.rounds()).toEqual([]);
  });

  it("drops out once, however many of its battles are under way", async () => {
    const { told, deps } = await playing(["ann"]);
    expect(await playTournament({ ...deps, workers: 4 })).toMatchObject({ droppedOut: ["ann"] });
    expect(told).toHaveLength(1);
  });

  it("drops out by its hours, and the hours of the run end it for everybody", async () => {
    const { told, deps } = await playing([]);
    const slow = arena.deps({ submit: () => "", review: () => "" });
    const player: TournamentDeps["player"] = (id) => {
      const toy = slow.player(id);
      const seconds = id === "ann" ? 3600 : 1;
      return {
        id,
        submit: async (ask) => ({ ...(await toy.submit(ask)), usage: { ...usage, seconds } }),
        review: async (ask) => ({ ...(await toy.review(ask)), usage: { ...usage, seconds } }),
      };
    };
    const usage = { attempts: 1, inputTokens: 1, outputTokens: 1, costUsd: 0 };
    const hourly = { ...deps, ...slow, player, hours: { perContestant: 1 } };
    expect(await playTournament(hourly)).toMatchObject({ played: 3, droppedOut: ["ann"] });
    expect(told).toEqual([expect.stringContaining("the time of ann, its model calls together")]);
    await expect(playTournament({ ...hourly, hours: { total: 1e-12 } })).rejects.toMatchObject({
      code: "budget-exhausted",
    });
  });

  it("is not told apart by the code: the budget of the run ends it for everybody", async () => {
    const whole = () =>
      new Fault("budget-exhausted", "the budget of the run is used up", { retryable: false });
    const { told, deps } = await playing(["ann"], whole);
    await expect(playTournament(deps)).rejects.toMatchObject({ code: "budget-exhausted" });
    expect(told).toEqual([]);
  });
});

describe("what a model's fault means for a run", () => {
  const contestant: Contestant = {
    ...{ id: "ann", provider: "openai", baseUrl: "http://one/v1", model: "m", answer: "diff", attempts: 1 },
    ...{ contextTokens: 10, maxOutputTokens: 5, prices: { inputPerMillion: 0, outputPerMillion: 0 } },
  };
  const ofRun = (code: ModelFault["code"], options: ConstructorParameters<typeof ModelFault>[2]) =>
    faultOfEndpoint(new ModelFault(code, "words", options), contestant, () => true);

  it.each([
    ["budget-exhausted", { retryable: false, reach: "contestant" }],
    ["unauthorized", { retryable: false }],
    ["server-error", { retryable: true, reach: "contestant" }],
  ] as const)("%s %j: the contestant leaves", (code, options) => {
    expect(ofRun(code, options)).toMatchObject({ code, contestant: "ann" });
  });

  it.each([
    ["budget-exhausted", { retryable: false, reach: "run" }],
    ["server-error", { retryable: true }],
    ["bad-request", { retryable: false }],
  ] as const)("%s %j: not the contestant", (code, options) => {
    expect(ofRun(code, options)).toBeInstanceOf(ModelFault);
  });
});
