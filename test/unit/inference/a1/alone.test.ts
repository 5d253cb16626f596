// An engine of a pair that is asked by itself: it takes places like any call of the pair's, and gives them back.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/domain/random.ts";
import { meanNllScorer } from "../../../../src/inference/a1/chunk-scorers.ts";
import { pairConfigurationSchema, pairSettingsOf } from "../../../../src/inference/a1/configuration.ts";
import type { CallKey } from "../../../../src/inference/a1/engine.ts";
import { defaultPairSettings, openPair, type PairSettings } from "../../../../src/inference/a1/pair.ts";
import { VirtualTime } from "../../../../src/inference/a1/simulation/virtual-time.ts";
import { type Script, ScriptedEngine } from "../../../support/engine-script.ts";

const never = new AbortController().signal;
const keyOf = (question: string, sample = 0): CallKey => ({ question, sample, turn: 0, attempt: 0 });
const context = { ids: [1, 2, 3, 4], messages: [], answer: "" };
const written = (question: string, sample = 0) => ({
  ...{ key: keyOf(question, sample), context, maxTokens: 10, temperature: 1, seed: 1 },
});

const places = (most: number): PairSettings["lanes"] => {
  const lane = { initial: most, max: most };
  return { draft: lane, score: lane, takeover: lane };
};

function opened(settings: Partial<PairSettings>, script: Partial<Script> = {}) {
  const time = new VirtualTime();
  const engine = (name: string) => new ScriptedEngine({ name, write: () => "0123456789", ...script }, time);
  const [draft, target] = [engine("draft"), engine("target")];
  const deps = { draft, target, scorer: meanNllScorer, clock: time, random: seededRandom("alone") };
  return { time, draft, target, pair: openPair(deps, { ...defaultPairSettings, ...settings }) };
}

describe("an engine asked by itself", () => {
  it("takes places of the pair's lanes, no more than there are, and all are seen", async () => {
    const { time, draft, target, pair } = opened({ lanes: places(3) });
    const { engines } = pair;
    const all = Array.from({ length: 8 }, (_, at) => [
      engines.draft.generate(written(`q${at}`), never),
      engines.target.generate(written(`q${at}`), never),
      engines.target.score({ key: keyOf(`q${at}`), context, from: 2 }, never),
    ]).flat();
    const { questions, lanes } = pair.load();
    expect(questions).toBe(0);
    expect(lanes.map(({ running, queued }) => [running, queued])).toEqual([
      [3, 5],
      [3, 5],
      [3, 5],
    ]);
    await time.run(Promise.all(all));
    expect([draft.mostRunning, target.mostRunning]).toEqual([3, 6]);
    expect(pair.load().lanes.map(({ running, queued }) => running + queued)).toEqual([0, 0, 0]);
  });

  it("takes room of the engine's cache", async () => {
    // Of 40 tokens nine tenths are given away, and each call may come to 4 + 10.
    const { time, draft, pair } = opened({ cacheTokens: { draft: 40 } });
    const all = Array.from({ length: 6 }, (_, at) => pair.engines.draft.generate(written("q", at), never));
    await time.run(Promise.all(all));
    expect(draft.mostRunning).toBe(2);
  });

  it("has its server's pressure watched", async () => {
    let looks = 0;
    const load = () => {
      looks += 1;
      return { running: 0, queued: 1 };
    };
    const { time, pair } = opened({ lanes: places(1) }, { load, msPerToken: 1000 });
    await time.run(pair.engines.draft.generate(written("q"), never));
    expect(looks).toBeGreaterThan(2);
  });

  it("is told to stop, in its place and before it, by its asker or with the pair", async () => {
    const { time, draft, pair } = opened({ lanes: places(1) }, { msPerToken: 1000 });
    const gone = new AbortController();
    const asked = [
      pair.engines.draft.generate(written("a"), gone.signal),
      pair.engines.draft.generate(written("b"), gone.signal),
      pair.engines.draft.generate(written("c"), never),
    ];
    const ends = Promise.all(asked.map((each) => each.then(() => "answered", String)));
    gone.abort(new Error("the asker left"));
    const closing = pair.close();
    const [left, closed] = ["Error: the asker left", "Error: the pair was closed"];
    expect(await time.run(ends)).toEqual([left, left, closed]);
    await closing;
    expect(draft.running).toBe(0);
    expect(pair.load().lanes[0]).toMatchObject({ running: 0, queued: 0 });
  });
});

describe("an engine whose server takes so many calls at once", () => {
  it("begins with as many places and never has more", () => {
    const engine = { kind: "openai", baseUrl: "http://host/v1", model: "m" };
    const lanesOf = (draft: object, target: object, more: object = {}) =>
      pairSettingsOf(
        pairConfigurationSchema.parse({
          ...{ draft: { ...engine, ...draft }, target: { ...engine, ...target } },
          ...more,
        }),
      ).lanes;
    const so = (many: number) => ({ initial: many, max: many });
    const usual = defaultPairSettings.lanes;
    expect(lanesOf({}, {})).toEqual(usual);
    expect(lanesOf({ maxConcurrent: 600 }, {})).toEqual({ ...usual, draft: so(600) });
    expect(lanesOf({}, { maxConcurrent: 8 })).toEqual({ draft: usual.draft, score: so(8), takeover: so(8) });
    expect(lanesOf({ maxConcurrent: 600 }, {}, { lanes: places(5) })).toEqual(places(5));
  });
});
