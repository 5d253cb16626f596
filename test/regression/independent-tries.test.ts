// Guards: Best@k and pass^k were claimed from samples that depend on each other: same seeds, no temperature, no model.
import { afterEach, expect, it } from "vitest";
import type { PlannedBattle, RoundRow } from "../../src/domain/run.ts";
import { pairConfigurationSchema } from "../../src/inference/a1/configuration.ts";
import { type BoardSource, makeBoard, type Sampling } from "../../src/report/index.ts";
import { type HttpArena, httpArena } from "../support/http-arena.ts";
import { scriptedPair } from "../support/scripted-pair.ts";
import { battle, round, settings } from "../unit/report/rows.ts";

const engine = { kind: "openai", baseUrl: "http://127.0.0.1:1", model: "m" };

let arena: HttpArena | undefined;
afterEach(async () => arena?.[Symbol.asyncDispose]());

/** The seeds ann sends in a run of that seed. */
async function seedsSent(runSeed: string): Promise<unknown[]> {
  arena = await httpArena();
  arena.script = () => ({ kind: "answer", text: '```json\n{"tests": []}\n```\n' });
  await arena.play({ seed: 7, temperature: 1, attempts: 1 }, { settings: { seed: runSeed } });
  const { requests } = arena.endpoint;
  await arena[Symbol.asyncDispose]();
  return requests.map(({ body }) => body.seed);
}

it("two runs of other seeds sample with other seeds, a resumed run with its own", {
  timeout: 60_000,
}, async () => {
  const [one, again, other] = [await seedsSent("one"), await seedsSent("one"), await seedsSent("other")];
  expect(one).toHaveLength(2);
  expect(again).toEqual(one);
  expect(new Set([...one, ...other]).size).toBe(4);
});

/** What a pair is asked in a run of that seed, once its first answer could not be used. */
async function pairAsked(runSeed: string): Promise<{ id: string; seed: number }[]> {
  arena = await httpArena();
  const backend = scriptedPair();
  const a1 = pairConfigurationSchema.parse({ draft: engine, target: engine, samples: 1 });
  await arena.play({ provider: "a1", a1, attempts: 2 }, { settings: { seed: runSeed }, backend });
  await arena[Symbol.asyncDispose]();
  return backend.asked.map(({ id, seed }) => ({ id, seed }));
}

it("a pair draws each answer of a run by its name, repairs included, and another run's by another", {
  timeout: 60_000,
}, async () => {
  const [one, again, other] = [await pairAsked("one"), await pairAsked("one"), await pairAsked("other")];
  expect(one).toHaveLength(4);
  for (const role of ["submitter", "reviewer"])
    for (const attempt of [1, 2])
      expect(
        one.filter(({ id }) => id.includes(`round 1, ${role}, attempt ${attempt}, run one`)),
      ).toHaveLength(1);
  expect(again).toEqual(one);
  expect(new Set([...one, ...other].map(({ seed }) => seed)).size).toBe(8);
});

/** Two tries of alpha on one issue; the metric with k = 2, of one run or of several joined. */
function best(...runs: readonly { sampling: Partial<Sampling>; seed?: string; tries?: number }[]): unknown {
  const sources = runs.map(({ sampling, seed = "s", tries = 2 }): BoardSource => {
    const battles = Array.from(
      { length: tries },
      (_, index): PlannedBattle => battle(index + 1, { instanceId: "one__issue-1" }),
    );
    const rounds = battles.map(({ battleId }): RoundRow => round({ battleId }));
    return {
      ...{ name: seed, sandbox: "docker", calls: [], battles, rounds },
      settings: { ...settings, seed },
      sampling: [{ id: "alpha", ...sampling }],
    };
  });
  const board = makeBoard(sources, { k: 2, resamples: 10 });
  const { metrics = {} } = board.contestants.find(({ id }) => id === "alpha") ?? {};
  return metrics["submitterBest@2"]?.value;
}

it.each([
  ["a control or a replayed file, which has no configuration", { id: "somebody-else" }, undefined],
  ["a model at the provider's own temperature", {}, undefined],
  ["a model without temperature", { temperature: 0 }, undefined],
  ["a model that is sampled", { temperature: 0.7 }, 1],
  ["a model that is sampled with seeds", { temperature: 0.7, seed: 1 }, 1],
])("tries of %s", (_, sampling, value) => {
  expect(best({ sampling })).toBe(value);
});

it("the same samples of two runs that are joined count once", () => {
  const sampling = { temperature: 1, seed: 7 };
  const once = { sampling, tries: 1 };
  expect(best(once, once)).toBeUndefined();
  expect(best(once, { ...once, seed: "t" })).toBe(1);
  expect(best(once, { ...once, sampling: { ...sampling, seed: 8 } })).toBe(1);
  const unseeded = { sampling: { temperature: 1 }, tries: 1 };
  expect(best(unseeded, unseeded)).toBe(1);
});
